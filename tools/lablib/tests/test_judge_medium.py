"""The judge of the medium must find a medium that does not do what it is told: each test breaks good evidence in one place."""

import unittest
from collections.abc import Callable, Iterable
from typing import Any

from lablib.evidence import Evidence
from lablib.scenarios.medium import medium
from lablib.tests.sample import failing, record_of

MILLISECOND = 1_000_000
COUNT, MANY, SOME = 40, 600, 400
Phase = dict[str, Any]
Counters = dict[str, Any]


def phase(count: int = COUNT, arrivals: Iterable[int] | None = None, acknowledged: bool = True, tries: int = 1, late: int = 0, told: int = 0,
          before: Counters | None = None, after: Counters | None = None) -> Phase:
    """A phase in which these numbers arrived, `late` after they were sent, and were reported `told` apart."""
    arrivals = range(count) if arrivals is None else arrivals
    sent = {str(number): number * MILLISECOND for number in range(count)}
    return {
        "sent": {number: [at, at] for number, at in sent.items()}, "count": count, "before": before, "after": after,
        "reports": {number: [at + (int(number) + 1) * told + 1, acknowledged, tries - 1] for number, at in sent.items()},
        "arrivals": [[number, again > 0, sent[str(number)] + late] for number in arrivals for again in range(tries)],
    }


def counters(frames: int, lost: int, acknowledgments: int, acknowledgments_lost: int) -> Counters:
    """What the medium counts of link 1."""
    rest: dict[str, Any] = {"link": 1, "refused": 0}
    return {"directions": [
        rest | {"from": "a", "to": "b", "frames": frames, "lost": lost, "delivered": frames - lost, "acknowledgments": 0,
                "acknowledgmentsLost": 0},
        rest | {"from": "b", "to": "a", "frames": 0, "lost": 0, "delivered": 0, "acknowledgments": acknowledgments,
                "acknowledgmentsLost": acknowledgments_lost}]}


def good(acknowledgment: str = "mac") -> Evidence:
    """A run as it should be."""
    mac = acknowledgment == "mac"
    tenth = phase(SOME, [number for number in range(SOME) if number % 10], before=counters(COUNT, 3, 0, 0),
                  after=counters(COUNT + SOME, 43, 360 if mac else 0, 40 if mac else 0))
    for index, report in enumerate(tenth["reports"].values()):
        report[1] = mac and index < 320
    phases = {
        "well": phase(acknowledged=mac), "well again": phase(acknowledged=mac), "frames lost": phase(arrivals=(), acknowledged=False),
        "short": phase(arrivals=(), acknowledged=False), "not handed over": phase(arrivals=(), acknowledged=mac),
        "long enough": phase(acknowledged=mac),
        "acknowledgments lost": phase(acknowledged=False), "cut back": phase(acknowledged=False),
        "retried": phase(acknowledged=False, tries=3), "a tenth": tenth, "slow": phase(acknowledged=mac, told=5 * MILLISECOND),
        "held back": phase(MANY, acknowledged=mac), "too many": phase(MANY, range(100), acknowledged=mac),
        "delayed": phase(acknowledged=mac, late=101 * MILLISECOND),
    }
    phases["too many"]["reports"] = dict(list(phases["too many"]["reports"].items())[:100])
    return Evidence(record_of(medium, acknowledgment, notes={"phases": phases}), {"a": [], "b": []}, [])


class MediumTests(unittest.TestCase):
    def broken(self, name: str, change: Callable[[Phase], object]) -> list[str]:
        """What the judge finds when one phase is changed."""
        evidence = good()
        change(evidence.record["notes"]["phases"][name])
        return failing(evidence)

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(failing(good()), [])
        self.assertEqual(failing(good("frame")), [])

    def test_finds_what_arrives_too_seldom_too_often_or_in_disorder(self) -> None:
        for name in ("well", "well again", "long enough", "acknowledgments lost", "cut back", "retried", "delayed", "slow"):
            for change in (lambda it: it["arrivals"].pop(), lambda it: it["arrivals"].append(it["arrivals"][-1]),
                           lambda it: it["arrivals"].reverse()):
                self.assertEqual(len(self.broken(name, change)), 1, name)

    def test_finds_a_retry_that_does_not_say_so(self) -> None:
        self.assertEqual(len(self.broken("retried", lambda it: it["arrivals"].__setitem__(1, [0, False, 0]))), 1)

    def test_finds_wrong_reports(self) -> None:
        def turn(it: Phase) -> None:
            it["reports"]["7"][1] = not it["reports"]["7"][1]

        for name in ("well", "well again", "long enough", "acknowledgments lost", "cut back", "retried", "delayed", "slow", "frames lost", "short",
                     "not handed over", "a tenth", "too many"):
            self.assertEqual(len(self.broken(name, turn)), 1, name)
            if name != "too many":  # hwsim reports nothing of what it drops
                self.assertTrue(self.broken(name, lambda it: it["reports"].pop("7")), name)

    def test_finds_frames_that_should_have_been_lost(self) -> None:
        for name in ("frames lost", "short", "not handed over"):
            self.assertEqual(self.broken(name, lambda it: it["arrivals"].append([1, False, 0])), [f"{name}: none arrived"])

    def test_finds_a_medium_that_miscounts(self) -> None:
        for index, field in ((0, "frames"), (0, "delivered"), (1, "acknowledgments"), (1, "acknowledgmentsLost")):
            def change(it: Phase, index: int = index, field: str = field) -> None:
                it["after"]["directions"][index][field] += 1

            self.assertEqual(len(self.broken("a tenth", change)), 1, field)

    def test_finds_what_is_faster_than_the_air(self) -> None:
        self.assertEqual(len(self.broken("slow", lambda it: it["reports"]["9"].__setitem__(0, 49 * MILLISECOND))), 1)
        self.assertEqual(len(self.broken("delayed", lambda it: it["arrivals"][3].__setitem__(2, 102 * MILLISECOND))), 1)

    def test_finds_a_queue_without_a_bound_or_a_report(self) -> None:
        self.assertEqual(len(self.broken("too many", lambda it: it.update(arrivals=[[n, False, 0] for n in range(MANY)]))), 1)
        self.assertEqual(len(self.broken("too many", lambda it: it["arrivals"].append([5, False, 0]))), 1)
        self.assertEqual(len(self.broken("held back", lambda it: it["reports"]["7"].__setitem__(0, 208 * MILLISECOND))), 1)


if __name__ == "__main__":
    unittest.main()
