"""The judge of radios of other kinds must find a check that reports something else than what works."""

import copy
import unittest
from typing import Any

from lablib import judging
from lablib.evidence import Evidence
from lablib.scenarios.wiphys import mlo_radios
from lablib.tests.sample import good


def evidence() -> Evidence:
    """A run as it should be: frames acknowledge, the check says so, the session is rebuilt."""
    run = good()
    checked: dict[str, Any] = {"status": 0, "error": "", "printed": {"links": [{"link": link, "verdict": "mac"} for link in (1, 2)]}}
    status = {"links": [{"id": link, "acknowledgment": "mac"} for link in (1, 2)]}
    run.record |= {"scenario": mlo_radios.name, "notes": {
        "checked": {node: copy.deepcopy(checked) for node in "ab"}, "status": {node: copy.deepcopy(status) for node in "ab"}}}
    return run


class WiphyTests(unittest.TestCase):
    def failing(self, run: Evidence) -> list[str]:
        return [check.name for check in judging.judge(run) if not check.passed]

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(self.failing(evidence()), [])

    def test_a_verdict_that_is_not_what_the_agent_has_fails(self) -> None:
        run = evidence()
        run.record["notes"]["status"]["b"]["links"][1]["acknowledgment"] = "frame"
        self.assertEqual(self.failing(run), ["agent b has what the check reported"])

    def test_a_radio_that_is_not_usable_or_missing_fails(self) -> None:
        run = evidence()
        run.record["notes"]["checked"]["a"]["printed"]["links"][0]["verdict"] = "unusable"
        self.assertIn("relink check finds each radio of agent a usable", self.failing(run))
        run = evidence()
        run.record["notes"]["checked"]["a"]["printed"]["links"].pop()
        self.assertIn("relink check finds each radio of agent a usable", self.failing(run))

    def test_a_session_that_is_not_rebuilt_fails(self) -> None:
        run = evidence()
        run.events["b"] = [event for event in run.events["b"] if event["event"] != "rebuilt"]
        self.assertIn("agent b holds the same session for rebuilt on link 2", self.failing(run))
