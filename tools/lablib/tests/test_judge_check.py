"""The judge of the scenarios `check` and `radio-tests` must find what is wrong: each test breaks good evidence in one place."""

import copy
import unittest
from collections.abc import Callable, Iterable
from typing import Any

from lablib.evidence import Evidence
from lablib.scenarios.check import TESTS, judge_check, judge_radio_tests


def link(verdict: str, way: str | None = None, problem: str | None = None, remedy: str = "", ways: Iterable[dict[str, Any]] = (),
         frequency: int = 2412) -> dict[str, Any]:
    """One radio of a check."""
    told: dict[str, Any] = {"wiphy": "phy0", "verdict": verdict, "frequency": frequency, "ways": list(ways)}
    told |= {"way": way} if way else {}
    return told | ({"problem": {"name": problem, "cause": "why", "remedy": remedy}} if problem else {})


def seen(way: str, problem: str | None = None, heard: Iterable[int] = ()) -> dict[str, Any]:
    """The report on one way to hold a radio."""
    echoes = 0 if problem else 3
    told = {"way": way, "injected": 3, "echoes": echoes, "falseEchoes": 0, "payload": "intact", "frequenciesHeard": list(heard),
            "reportsRetries": True, "reportsRate": True}
    told |= {"problem": {"name": problem}} if problem else {}
    return told | ({"burst": {"injected": 300, "echoes": 300}} if way != "plain" and not problem else {})


def run(status: int, *links: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One `relink check`."""
    return {"status": status, "printed": {"links": list(links)}, "error": "", "left": False} | more


def radio(channels: int, programs: Iterable[int] = ()) -> dict[str, Any]:
    """One radio of `relink links`."""
    listed = [{"channel": 1, "restrictions": []}, {"channel": 36, "restrictions": ["noInitiatingRadiation"]}]
    return {"wiphy": "phy0", "driver": "mac80211_hwsim", "activeMonitor": True, "accessPoint": True, "ibss": True,
            "bands": [{"band": "2.4", "channels": listed}],
            "combinations": [{"channels": channels}],
            "interfaces": [{"name": "wlan0", "programs": [{"name": "wpa_supplicant", "process": p} for p in programs]}]}


def good(kind: str = "mac", channels: int = 1) -> Evidence:
    """Evidence of the scenario as it should be."""
    trial = [seen("ap"), seen("active", None if channels == 1 else "noReport"), seen("plain")]
    fine, plain = link("mac", "ap", ways=trial), link("frame", "plain", ways=[seen("plain")])
    held = link("unusable", problem="radioHeld", remedy="stop wpa_supplicant (kill 9)")
    unanchored = (run(0, link("mac", "active", ways=trial[1:2])) if channels == 1 else
                  run(1, link("unusable", problem="macAcknowledgmentImpossible", remedy="set acknowledgment = x")))
    configured = fine if kind == "mac" else plain
    runs = {
        "links": {"status": 0, "printed": {"radios": [radio(channels), radio(channels)]}},
        "links while held": {"printed": {"radios": [radio(channels, [9])]}},
        "links of nobody": {"printed": {"radios": [radio(channels), radio(channels)]}, "error": ""},
        "every radio": run(0, fine, fine), "configured": run(0, configured, configured), "permitted": run(0, fine), "released": run(0, fine),
        "plain": run(0, plain), "mac wanted": run(0, fine), "no anchor": unanchored,
        "forbidden": run(1, link("unusable", problem="channelNoInitiatingRadiation", remedy="iw reg set CC")),
        "radar": run(1, link("unusable", problem="channelRadar", remedy="a channel without radar detection")),
        "held": run(1, held, holder=9, interface="wlan0", changed=[]),
        "rfkill": run(1, link("unusable", problem="radioBlocked", remedy="rfkill unblock wifi")),
        "agent": run(1, link("unusable", problem="radioHeld", remedy="stop the agent that runs on relink1")),
        "heard": run(0, link("mac", "ap", ways=[seen("ap", heard=[2412])]),
                     link("mac", "ap", ways=[seen("ap"), seen("plain", heard=[2462])], frequency=2462)),
        "SIGTERM": {"status": 143, "left": False}, "SIGINT": {"status": 130, "left": False},
        "nobody": {"status": 77, "printed": None, "error": "lacks CAP_NET_ADMIN and CAP_NET_RAW", "left": False},
    }
    status = {"links": [{"acknowledgment": "mac", "way": "ap"}] * 2}
    return Evidence({"acknowledgment": kind, "channels": channels, "notes": {"runs": runs, "status": status}}, {}, [])


class CheckTests(unittest.TestCase):
    def failing(self, evidence: Evidence) -> list[str]:
        return [check.name for check in judge_check(evidence) if not check.passed]

    def broken(self, change: Callable[[dict[str, Any], dict[str, Any]], object], kind: str = "mac", channels: int = 1) -> list[str]:
        evidence = copy.deepcopy(good(kind, channels))
        change(evidence.record["notes"]["runs"], evidence.record["notes"])
        return self.failing(evidence)

    def with_run(self, name: str, /, **changes: object) -> list[str]:
        """The checks that fail when one `relink check` ended in another way."""
        return self.broken(lambda runs, _: runs[name].update(changes))

    def with_link(self, name: str, /, **changes: object) -> list[str]:
        """The checks that fail when one reports something else of its first link."""
        return self.broken(lambda runs, _: runs[name]["printed"]["links"][0].update(changes))

    def with_problem(self, name: str, /, **changes: object) -> list[str]:
        """The checks that fail when one reports something else of its first link's problem."""
        return self.broken(lambda runs, _: runs[name]["printed"]["links"][0]["problem"].update(changes))

    def test_good_evidence_passes(self) -> None:
        for kind, channels in (("mac", 1), ("mac", 2), ("frame", 2)):
            self.assertEqual(self.failing(good(kind, channels)), [])

    def test_a_wrong_verdict_fails(self) -> None:
        for name in ("every radio", "configured", "permitted", "released"):
            self.assertTrue(self.with_link(name, verdict="frame"), name)

    def test_a_wrong_status_fails(self) -> None:
        for name in ("every radio", "forbidden", "radar", "held", "rfkill", "agent", "SIGTERM", "SIGINT", "nobody"):
            self.assertTrue(self.with_run(name, status=3), name)

    def test_a_missing_remedy_fails(self) -> None:
        for name in ("forbidden", "radar", "held", "rfkill", "agent"):
            self.assertTrue(self.with_problem(name, remedy=""), name)

    def test_another_problem_fails(self) -> None:
        for name in ("forbidden", "radar", "held", "rfkill", "agent"):
            self.assertTrue(self.with_problem(name, name="closed"), name)

    def test_false_echoes_fail(self) -> None:
        self.assertTrue(self.broken(lambda runs, _: runs["every radio"]["printed"]["links"][0]["ways"][0].update(falseEchoes=1)))

    def test_an_active_monitor_with_channel_contexts_that_works_fails(self) -> None:
        self.assertTrue(self.broken(
            lambda runs, _: runs["every radio"]["printed"]["links"][0]["ways"][1].update(echoes=1), "frame", 2))

    def test_an_access_point_that_forgets_part_of_a_burst_fails(self) -> None:
        self.assertTrue(self.broken(
            lambda runs, _: runs["every radio"]["printed"]["links"][0]["ways"][0]["burst"].update(echoes=299)))

    def test_another_way_without_an_anchor_fails(self) -> None:
        self.assertTrue(self.with_link("no anchor", way="ap"))

    def test_what_is_left_behind_fails(self) -> None:
        for name in ("every radio", "SIGTERM"):
            self.assertEqual(self.with_run(name, left=True), ["nothing is left behind"])

    def test_a_disturbed_interface_fails(self) -> None:
        self.assertEqual(self.broken(lambda runs, _: runs["held"].update(changed=["wlan0"])), ["held: the interface is as it was"])

    def test_an_agent_that_chooses_otherwise_fails(self) -> None:
        self.assertEqual(self.broken(lambda _, notes: notes["status"]["links"].pop()),
                         ["an agent that may choose chooses what the check says"])

    def test_another_channel_heard_fails(self) -> None:
        self.assertTrue(self.broken(
            lambda runs, _: runs["heard"]["printed"]["links"][0]["ways"][0].update(frequenciesHeard=[2417])))

    def test_a_program_not_named_fails(self) -> None:
        self.assertTrue(self.broken(lambda runs, _: runs["links while held"]["printed"]["radios"][0]["interfaces"][0].update(programs=[])))


class RadioTestsTests(unittest.TestCase):
    def failing(self, text: str) -> list[str]:
        return [c.name for c in judge_radio_tests(Evidence({"notes": {"tests": text}}, {}, [])) if not c.passed]

    def test_all_passed(self) -> None:
        self.assertEqual(self.failing(f"\x1b[92m✔\x1b[0m Test run with {TESTS} tests in 1 suite passed after 8 seconds."), [])

    def test_none_run_or_some_failed_or_skipped(self) -> None:
        for text in ("", "Test run with 3 tests in 1 suite passed after 1 seconds.",
                     f"Test run with {TESTS} tests in 1 suite failed after 1 seconds with 1 issue.",
                     f'➜ Test "a" skipped: "b"\nTest run with {TESTS} tests in 1 suite passed after 0.001 seconds.'):
            self.assertTrue(self.failing(text), text)


if __name__ == "__main__":
    unittest.main()
