import unittest
from types import SimpleNamespace

from lablib.judge import Check
from lablib.standstill import spoiled, stood_still

MILLISECOND = 1_000_000


def event(kind, link, milliseconds, cause=None):
    return {"event": kind, "link": link, "monotonicNanoseconds": milliseconds * MILLISECOND, "cause": cause}


SUSPECT, LOST, ALIVE = event("linkSuspect", 2, 100), event("linkLost", 2, 126, "transmissionsNotAcknowledged"), event("linkAlive", 2, 138)
STORY = (SUSPECT, LOST, ALIVE)
# What the witness heard: agent a asks on link 2.
ASKS = [(at * MILLISECOND, "a", 2) for at in (101, 109, 117)]


def run(events=STORY, acknowledgment="frame", core="emulated", contender=None, failed="the story", heard=ASKS):
    frames = [SimpleNamespace(nanoseconds=at, link=link, sender=lambda sender=sender: sender) for at, sender, link in heard]
    return SimpleNamespace(
        passed=failed is None, contender=contender, acknowledgment=acknowledgment, checks=[Check(failed or "the story", failed is None, "")],
        evidence=SimpleNamespace(record={"core": core}, events={"a": list(events), "b": []}, frames=frames))


class Standstill(unittest.TestCase):
    def test_an_agent_that_said_nothing_and_answers_a_moment_later(self):
        self.assertTrue(stood_still(ASKS, "b", STORY))

    def test_an_agent_that_said_something(self):
        for link in (1, 2):
            self.assertFalse(stood_still([*ASKS, (120 * MILLISECOND, "b", link)], "b", STORY))
        self.assertTrue(stood_still([*ASKS, (90 * MILLISECOND, "b", 2), (130 * MILLISECOND, "b", 2)], "b", STORY))

    def test_an_agent_that_was_hardly_asked(self):
        self.assertFalse(stood_still(ASKS[1:], "b", STORY))
        self.assertFalse(stood_still([(at, sender, 1) for at, sender, _ in ASKS], "b", STORY))

    def test_a_link_that_was_really_lost(self):
        for events in ([SUSPECT, LOST], [SUSPECT, LOST, event("linkAlive", 2, 300)], [SUSPECT, LOST, event("linkAlive", 1, 138)], [ALIVE],
                       [SUSPECT, event("linkLost", 2, 126, "interfaceDown"), ALIVE]):
            self.assertFalse(stood_still(ASKS, "b", events))

    def test_which_runs_prove_nothing(self):
        self.assertTrue(spoiled(run()))
        self.assertFalse(spoiled(run(failed=None)))
        self.assertFalse(spoiled(run(acknowledgment="mac")))
        self.assertFalse(spoiled(run(core="real")))
        self.assertFalse(spoiled(run(contender="relink-frame")))
        self.assertFalse(spoiled(run(heard=[])))
        self.assertFalse(spoiled(run(failed="nothing of the stream is lost")))


if __name__ == "__main__":
    unittest.main()
