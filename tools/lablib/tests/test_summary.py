"""The figures of the demo."""

import unittest
from typing import Any

from lablib.evidence import Evidence
from lablib.guest.contenders import CONTENDERS
from lablib.machines import HostMachine
from lablib.runs import Run
from lablib.scenario import OPTIONS, discover
from lablib.scenarios.failover import demo, failover
from lablib.summary import has_figures, is_complete, summarise, table
from lablib.tests.sample import event, good

FIGURES = {"gaps": [8.0], "lost": 0, "duplicated": 0}


def run(evidence: Evidence | None, contender: str | None = None) -> Run:
    """A run that left this behind."""
    played = Run(failover if contender else demo, HostMachine(), "mac", 1, "", OPTIONS, contender=contender)
    played.evidence = evidence
    return played


def shown(rebuilt: int = 252, **figures: Any) -> Evidence:
    """A run of the demo: the link is lost at 200 ms, that is known at 250, and the session lives again at `rebuilt`."""
    evidence = good()
    evidence.events["a"] = [each if each["event"] != "rebuilt" else event("rebuilt", rebuilt, 2, session=each["session"])
                            for each in evidence.events["a"]]
    evidence.record["notes"]["figures"] = {**FIGURES, **figures}
    return evidence


def peer(*gaps: float) -> Evidence:
    """The evidence that a contender left behind."""
    evidence = good()
    evidence.record |= {"notes": {"figures": {"gaps": list(gaps), "lost": 40, "duplicated": 1}}, "options": {"losses": len(gaps)}}
    return evidence


class SummaryTests(unittest.TestCase):
    def summary(self) -> dict[str, Any]:
        runs = [run(shown(252)), run(shown(251, gaps=[6.0])), run(shown(256, gaps=[7.5], lost=2))]
        return summarise(runs, [run(peer(380.0, 420.0, 400.0), "bonding")], True)

    def test_times_are_medians_with_their_spread(self) -> None:
        summary = self.summary()
        self.assertEqual([summary["rebuild"][key] for key in ("microseconds", "microsecondsMinimum", "microsecondsMaximum")], [2000, 1000, 6000])
        # Asked at 100 ms, known to the receiver at 104.
        self.assertEqual(summary["establish"]["microseconds"], 4000)
        self.assertEqual(summary["rebuildToEstablishRatio"], 0.5)
        self.assertEqual(summary["detectionMicroseconds"], 50_000)
        self.assertEqual(summary["liveAfterDetectionMicroseconds"], 2000)
        self.assertEqual(summary["firstRun"], {"establishMicroseconds": 4000, "rebuildMicroseconds": 2000, "detectionMicroseconds": 50_000,
                                               "liveAfterDetectionMicroseconds": 2000})

    def test_frames_are_those_that_the_witness_heard_in_the_first_run(self) -> None:
        summary = self.summary()
        self.assertEqual({key: summary["establish"][key] for key in ("frames", "acknowledgments", "link")},
                         {"frames": 2, "acknowledgments": 2, "link": 1})
        self.assertEqual({key: summary["rebuild"][key] for key in ("frames", "acknowledgments", "link")},
                         {"frames": 1, "acknowledgments": 1, "link": 2})

    def test_packets_are_those_of_all_runs(self) -> None:
        summary = self.summary()
        self.assertEqual((summary["gapMilliseconds"], summary["lost"], summary["duplicated"]), (7.5, 2, 0))
        self.assertEqual(summary["peers"], {"bonding": {"gapMilliseconds": 400.0, "lost": 40, "duplicated": 1}})
        self.assertEqual((summary["runs"], summary["peerLosses"]), (3, 3))

    def test_without_peers_there_are_none(self) -> None:
        summary = summarise([run(shown())], [], False)
        self.assertEqual((summary["peers"], summary["peerLosses"], summary["passed"]), ({}, 0, False))

    def test_the_table_shows_them(self) -> None:
        lines = {line.split("  ")[0]: line.split() for line in table(self.summary()).splitlines() if line}
        self.assertEqual(lines["rebuild"][1:], ["2", "1", "1", "2,000", "(1,000", "to", "6,000)"])
        self.assertEqual(lines["Relink (mac)"][-4:], ["3", "2", "0", "7.5"])
        self.assertEqual(lines[CONTENDERS["bonding"].title][-4:], ["3", "40", "1", "400.0"])

    def test_a_run_that_broke_off_is_not_complete(self) -> None:
        self.assertTrue(is_complete(run(shown())))
        self.assertFalse(is_complete(run(None)))
        unmeasured, unbuilt = shown(), shown()
        del unmeasured.record["notes"]["figures"]
        unbuilt.events["a"] = [each for each in unbuilt.events["a"] if each["event"] != "rebuilt"]
        self.assertFalse(is_complete(run(unmeasured)))
        self.assertFalse(is_complete(run(unbuilt)))
        self.assertFalse(has_figures(run(unmeasured)))


class CommandTests(unittest.TestCase):
    """Tests of the command that plays a run again."""

    def test_it_names_the_contender_and_what_differs(self) -> None:
        self.assertEqual(Run(failover, HostMachine(), "mac", 3, "", OPTIONS | {"losses": 2, "seed": 5, "rounds": 10}, "open", "bonding").command(),
                         f"tools/bench {failover.name} --contenders bonding --rounds 1 --security open --host --seed 7 --losses 2")

    def test_any_other_run_is_the_labs(self) -> None:
        name = next(name for name, scenario in discover().items() if not scenario.benchmark)
        command = Run(discover()[name], HostMachine(), "mac", 1, "", OPTIONS).command()
        self.assertEqual(command.split()[:4], ["tools/lab", name, "--acknowledgment", "mac"])


if __name__ == "__main__":
    unittest.main()
