"""The judge of the streams through a lossy medium must find what is wrong: each test breaks good evidence in one place."""

import os
import tempfile
import unittest
from collections.abc import Iterable
from typing import Any

from lablib.evidence import Evidence
from lablib.scenario import Scenario
from lablib.scenarios.lossy import lossy, random_losses
from lablib.tests.sample import failing, record_of


def direction(link: int, sender: str, receiver: str, **fields: int) -> dict[str, Any]:
    """One direction as the medium counts it."""
    return {"link": link, "from": sender, "to": receiver, "frames": 1000, "delivered": 890, "lost": 104, "refused": 6,
            "acknowledgments": 890, "acknowledgmentsLost": 85} | fields


class LossyTests(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def evidence(self, scenario: Scenario, acknowledgment: str = "mac", numbers: Iterable[int] = range(50)) -> Evidence:
        """A run as it should be, or with other arrivals."""
        with open(os.path.join(self.folder.name, "arrivals.txt"), "w") as file:
            file.writelines(f"{number} 0 {at * 5_000_000}\n" for at, number in enumerate(numbers))
        ends = [(link, *names) for link in (1, 2) for names in (("a", "b"), ("b", "a"))]
        medium = {"seed": 1, "strangers": 0, "radios": [], "directions": [direction(*end) for end in ends]}
        notes = {"hostDropped": 0, "stream": {"rate": 200, "size": 100, "sent": 50}}
        record = record_of(scenario, acknowledgment, {"loss 0": 1}, notes=notes, medium=medium)
        return Evidence(record, {"a": [], "b": []}, [], self.folder.name)

    def test_good_evidence_passes(self) -> None:
        for scenario in (lossy, random_losses):
            for acknowledgment in ("mac", "frame"):
                self.assertEqual(failing(self.evidence(scenario, acknowledgment)), [])

    def test_finds_lost_doubled_and_disordered_packets(self) -> None:
        for scenario in (lossy, random_losses):
            for numbers, what in ([*range(20), *range(21, 50)], "lost"), ([*range(50), 49], "duplicated"), (
                    [1, 0, *range(2, 50)], "outOfOrder"):
                self.assertEqual(failing(self.evidence(scenario, numbers=numbers)), [f"the receiver counts no packet {what}"])

    def test_finds_a_medium_that_loses_nothing_or_too_much(self) -> None:
        for field, counts in (("lost", "frames"), ("acknowledgmentsLost", "acknowledgments")):
            for lost in (0, 40, 160):
                evidence = self.evidence(lossy)
                evidence.record["medium"]["directions"][2][field] = lost
                self.assertEqual(failing(evidence), [f"link 2 from a to b: a tenth of the {counts} got lost"])
        evidence = self.evidence(lossy)
        evidence.record["medium"]["directions"][0] |= {"frames": 8, "lost": 0}
        self.assertEqual(len(failing(evidence)), 1)

    def test_radios_that_do_not_acknowledge_lose_no_acknowledgments(self) -> None:
        evidence = self.evidence(lossy, "frame")
        for each in evidence.record["medium"]["directions"]:
            each |= {"acknowledgments": 0, "acknowledgmentsLost": 0}
        self.assertEqual(failing(evidence), [])
        evidence.record["acknowledgment"] = "mac"
        self.assertEqual(len(failing(evidence)), 4)

    def test_finds_traffic_beside_the_medium(self) -> None:
        for scenario in (lossy, random_losses):
            evidence = self.evidence(scenario)
            evidence.record["medium"]["strangers"] = 3
            self.assertEqual(failing(evidence), ["everything went through the medium"])

    def test_finds_what_the_host_dropped_before_the_agent_had_it(self) -> None:
        evidence = self.evidence(lossy)
        evidence.record["notes"]["hostDropped"] = 5
        self.assertEqual(failing(evidence), ["the sender's host handed over all packets"])

    def test_finds_that_no_link_was_cut(self) -> None:
        evidence = self.evidence(random_losses)
        evidence.record["actions"] = []
        self.assertEqual(failing(evidence), ["links were cut"])
        evidence = self.evidence(random_losses)
        evidence.record["medium"]["directions"][1]["lost"] = 0
        self.assertEqual(failing(evidence), ["frames got lost in each direction"])


if __name__ == "__main__":
    unittest.main()
