"""The judge of scenarios with traffic must find what is wrong: each test breaks good evidence in one place."""

import os
import tempfile
import unittest
from typing import Any

from lablib.evidence import Evidence
from lablib.scenario import Scenario
from lablib.scenarios.failover import demo, failover
from lablib.scenarios.flooded import flooded
from lablib.scenarios.speed import latency, throughput
from lablib.scenarios.tcp import tcp_copy, tcp_losses
from lablib.tests.sample import MILLISECOND, failing, good, record_of

SUM = {"octets": 4096, "checksum": "00ff"}


def played(scenario: Scenario, **notes: Any) -> Evidence:
    """A run without anything on the air."""
    return Evidence(record_of(scenario, options={"rate": 200, "size": 1400, "losses": None}, notes=notes), {}, [])


class CopyTests(unittest.TestCase):
    def good(self, cuts: int = 20) -> Evidence:
        return played(tcp_losses, wanted=20, cuts=[[0, 1]] * cuts, sender={**SUM, "answered": dict(SUM)},
                      receiver={**SUM, "longestStallNanoseconds": 400 * MILLISECOND, "stallsOver250Milliseconds": 1,
                                "nanoseconds": 8000 * MILLISECOND})

    def test_a_good_run_passes_and_tells_its_stall(self) -> None:
        evidence = self.good()
        self.assertEqual(failing(evidence), [])
        self.assertIn("longest stall 400 ms, 1 over 250 ms", evidence.record["notes"]["told"])

    def test_a_wrong_checksum_fails(self) -> None:
        evidence = self.good()
        evidence.record["notes"]["receiver"]["checksum"] = "00fe"
        self.assertEqual(failing(evidence), ["all octets arrived with the right checksum"])

    def test_missing_octets_fail(self) -> None:
        evidence = self.good()
        evidence.record["notes"]["receiver"]["octets"] -= 1
        self.assertEqual(failing(evidence), ["all octets arrived with the right checksum"])

    def test_an_answer_that_did_not_come_back_fails(self) -> None:
        evidence = self.good()
        evidence.record["notes"]["sender"]["answered"] = {"octets": 0, "checksum": "0000"}
        self.assertEqual(failing(evidence), ["the connection lived to its end: the receiver's answer came back over it"])

    def test_too_few_losses_fail(self) -> None:
        self.assertEqual(failing(self.good(cuts=19)), ["its link was lost 20 times or more"])

    def test_a_copy_needs_a_loss(self) -> None:
        evidence = self.good(cuts=0)
        evidence.record["scenario"] = tcp_copy.name
        self.assertEqual(failing(evidence), ["its link was lost 1 times or more"])


class StreamTests(unittest.TestCase):
    """`failover`, `demo` and `latency`, which read what arrived from a file."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def arrived(self, evidence: Evidence, *numbers: int) -> Evidence:
        evidence.folder = self.folder
        with open(os.path.join(self.folder, "arrivals.txt"), "w") as file:
            file.writelines(f"{number} {at * MILLISECOND} {(at + 1) * MILLISECOND}\n" for at, number in enumerate(numbers))
        return evidence

    def failover(self, contender: str, *numbers: int) -> Evidence:
        stream = {"contender": contender, "rate": 200, "size": 100, "sent": 4, "cuts": [[1, 3 * MILLISECOND]]}
        return self.arrived(played(failover, stream=stream), *numbers)

    def test_relink_may_lose_double_and_disorder_nothing(self) -> None:
        self.assertEqual(failing(self.failover("relink-mac", 0, 1, 2, 3)), [])
        self.assertEqual(failing(self.failover("relink-mac", 0, 1, 3)), ["the receiver counts no packet lost"])
        self.assertEqual(failing(self.failover("relink-frame", 0, 1, 2, 3, 3)), ["the receiver counts no packet duplicated"])
        self.assertEqual(failing(self.failover("relink-mac", 0, 2, 1, 3)), ["the receiver counts no packet outOfOrder"])

    def test_others_are_measured(self) -> None:
        self.assertEqual(failing(self.failover("bonding", 0, 3, 3)), [])
        self.assertEqual(failing(self.failover("bonding")), ["packets arrived before and after each loss"])

    def test_the_demo_is_judged_by_its_dialogues_and_by_its_stream(self) -> None:
        evidence = self.arrived(good(), 0, 1, 2, 3)
        evidence.record |= {"scenario": demo.name, "notes": self.failover("relink-mac", 0, 1, 2, 3).record["notes"]}
        self.assertEqual(failing(evidence), [])
        del evidence.frames[5]
        self.arrived(evidence, 0, 1, 3)
        self.assertEqual(failing(evidence), ["on the air: an ACK of the radio for each", "the receiver counts no packet lost"])

    def test_latency_needs_every_packet_once(self) -> None:
        self.assertEqual(failing(self.arrived(played(latency, sent=3), 0, 1, 2)), [])
        self.assertEqual(failing(self.arrived(played(latency, sent=3), 0, 2)), ["every packet arrived once"])
        self.assertEqual(failing(self.arrived(played(latency, sent=3), 0, 1, 2, 2)), ["every packet arrived once"])


class FloodTests(unittest.TestCase):
    """`throughput` and `flooded`."""

    def flood(self, received: int) -> Evidence:
        return played(throughput, flood={"sent": 3000, "received": received})

    def test_what_was_sent_gets_through(self) -> None:
        self.assertEqual(failing(self.flood(3000)), [])
        self.assertEqual(failing(self.flood(0)), ["packets got through"])
        self.assertEqual(failing(self.flood(3001)), ["no more arrived than were sent"])

    def test_nothing_got_through_a_flood(self) -> None:
        wrong = ["octets got through each time", "goodput under a flood stays above 80% of that beside it"]
        measured: tuple[tuple[dict[str, list[int]], list[str]], ...] = (
            ({"under": [1, 1]}, []), ({"under": [1, 0]}, wrong), ({"under": []}, wrong), ({}, wrong))
        for under, told in measured:
            self.assertEqual(failing(played(flooded, bitsPerSecond={"peace": [1, 1], "beside": [1, 1], **under})), told)

    def test_too_little_got_through_a_flood(self) -> None:
        wrong = ["goodput under a flood stays above 80% of that beside it"]
        for processor, beside, told in (("host", 310, wrong), ("host", 290, []), ("emulated", 310, [])):
            evidence = played(flooded, bitsPerSecond={"peace": [400], "beside": [1, beside, 900], "under": [1, 240, 900]})
            evidence.record["processor"] = processor
            self.assertEqual(failing(evidence), told)


if __name__ == "__main__":
    unittest.main()
