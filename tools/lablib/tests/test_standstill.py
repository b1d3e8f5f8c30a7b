import unittest
from types import SimpleNamespace

from lablib.judge import Check
from lablib.standstill import spoiled, stood_still


def event(kind, link, milliseconds, cause=None):
    return {"event": kind, "link": link, "monotonicNanoseconds": milliseconds * 1_000_000, "cause": cause}


LOST = event("linkLost", 2, 100, "transmissionsNotAcknowledged")


def run(events=(LOST, event("linkAlive", 2, 112)), acknowledgment="frame", core="emulated", contender=None, failed="the story"):
    return SimpleNamespace(
        passed=failed is None, contender=contender, acknowledgment=acknowledgment, checks=[Check(failed or "the story", failed is None, "")],
        evidence=SimpleNamespace(record={"core": core}, events={"a": list(events), "b": []}))


class Standstill(unittest.TestCase):
    def test_a_link_that_answers_a_moment_later(self):
        self.assertTrue(stood_still([LOST, event("linkAlive", 2, 112)]))

    def test_a_link_that_was_really_lost(self):
        self.assertFalse(stood_still([LOST]))
        self.assertFalse(stood_still([LOST, event("linkAlive", 2, 300)]))
        self.assertFalse(stood_still([LOST, event("linkAlive", 1, 112)]))
        self.assertFalse(stood_still([event("linkAlive", 2, 112)]))
        self.assertFalse(stood_still([event("linkLost", 2, 100, "interfaceDown"), event("linkAlive", 2, 112)]))

    def test_which_runs_prove_nothing(self):
        self.assertTrue(spoiled(run()))
        self.assertFalse(spoiled(run(failed=None)))
        self.assertFalse(spoiled(run(acknowledgment="mac")))
        self.assertFalse(spoiled(run(core="real")))
        self.assertFalse(spoiled(run(contender="relink-frame")))
        self.assertFalse(spoiled(run(events=[LOST])))
        self.assertFalse(spoiled(run(failed="nothing of the stream is lost")))


if __name__ == "__main__":
    unittest.main()
