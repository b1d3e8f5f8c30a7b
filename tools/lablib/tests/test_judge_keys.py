"""The judge of keys must find what is wrong: each test breaks good evidence in one place."""

import unittest
from typing import Any

from lablib.evidence import Evidence
from lablib.scenarios import keys
from lablib.tests.sample import MILLISECOND, event, failing, good


def line(words: str) -> str:
    """What an agent logs."""
    return f"warning relink: no keys with b (02:52:4c:00:00:0b) on link 1: {words}; do this\nnotice relink: ready\n"


def good_keys() -> Evidence:
    """A run as it should be."""
    evidence = good()
    said: dict[str, dict[str, Any]] = {case: {node: line(words) for node, words in each.items()} for case, each in keys.SAID.items()}
    said["unknownPeer"]["b"] += line(keys.SILENT)
    end = {"status": 78, "said": "x.toml:4: key_file: relink.key is open to others (mode 644); run: chmod 600 relink.key"}
    said["readable"] = {node: dict(end) for node in ("a", "b")}
    evidence.record |= {"scenario": keys.keys.name, "notes": {"said": said}}
    evidence.record["actions"] = [{"name": "stop-b", "monotonicNanoseconds": 900 * MILLISECOND}]
    evidence.events = {node: [event("established", 500, 1)] for node in ("a", "b")}
    return evidence


class KeysTests(unittest.TestCase):
    def setUp(self) -> None:
        self.evidence = good_keys()
        self.said = self.evidence.record["notes"]["said"]

    def failing(self) -> list[str]:
        return failing(self.evidence)

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(self.failing(), [])

    def test_an_agent_that_says_nothing(self) -> None:
        for case, each in keys.SAID.items():
            for node, words in each.items():
                self.evidence = good_keys()
                self.evidence.record["notes"]["said"][case][node] = "notice relink: ready\n"
                self.assertEqual(self.failing(), [f'{case}: agent {node} says "{words}"'])

    def test_an_agent_that_says_something_else_besides(self) -> None:
        self.said["wrongKey"]["a"] += line(keys.SILENT)
        self.assertEqual(self.failing(), ["wrongKey: agent a says nothing else"])

    def test_an_agent_that_starts_with_a_key_that_others_may_read(self) -> None:
        self.said["readable"]["b"]["status"] = 0
        self.assertEqual(self.failing(), ["readable: agent b does not start, and says what to do"])
        self.said["readable"]["b"] = {"status": 78, "said": "no"}
        self.assertEqual(self.failing(), ["readable: agent b does not start, and says what to do"])

    def test_a_session_with_the_wrong_key_and_none_with_the_right_one(self) -> None:
        self.evidence.events["a"].append(event("established", 600, 1))
        self.evidence.events["b"] = []
        self.assertEqual(self.failing(), [f"in the end agent {node} has a session, and had none before" for node in ("a", "b")])


if __name__ == "__main__":
    unittest.main()
