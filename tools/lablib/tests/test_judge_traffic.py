"""The judge of scenarios with traffic must find what is wrong: each test breaks good evidence in one place."""

import os
import tempfile
import unittest
from typing import Any

from lablib.benchmarks import BENCHMARKS, results, table
from lablib.evidence import Evidence
from lablib.guest.contenders import CONTENDERS
from lablib.guest.streaming import NETWORKS
from lablib.scenario import Scenario, discover
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


class BenchmarkTests(unittest.TestCase):
    def run_of(self, contender: str, evidence: Evidence, number: int = 1) -> Any:
        return type("Run", (), {"contender": contender, "acknowledgment": CONTENDERS[contender].radios, "number": number, "passed": True,
                                "evidence": evidence})

    def flood(self, received: int = 3000, **meter: int) -> Evidence:
        return played(throughput, flood={"sent": 3000, "received": received, "nanoseconds": 2 * 10**9, "processorNanoseconds": 3 * 10**8},
                      meter={"all": 3 * 10**9, **meter})

    def test_every_contender_can_be_played(self) -> None:
        self.assertEqual({each.kind for each in CONTENDERS.values()}, {"injector", *NETWORKS})
        self.assertEqual(set(BENCHMARKS) - set(discover()), set())

    def test_nothing_got_through(self) -> None:
        self.assertEqual(failing(self.flood(0)), ["packets got through"])

    def test_more_got_through_than_was_sent(self) -> None:
        self.assertEqual(failing(self.flood(3001)), ["no more arrived than were sent"])

    def test_throughput(self) -> None:
        runs = [self.run_of("relink-mac", self.flood(a=15 * 10**8, b=9 * 10**8)), self.run_of("injector-mac", self.flood(0))]
        told = results(throughput.name, runs)
        self.assertEqual(len(told), 1)
        self.assertEqual((told[0]["framesPerSecond"], told[0]["megabitsPerSecond"], told[0]["processorMicrosecondsPerFrame"]), (1500, 16.8, 1000.0))
        self.assertEqual(told[0]["agentMicrosecondsPerFrame"], {"a": 500.0, "b": 300.0})
        self.assertIn("500.0 + 300.0", table(throughput.name, told))

    def test_of_several_rounds_the_medians_are_told_and_shares_are_those_of_the_same_round(self) -> None:
        runs = [self.run_of(name, self.flood(received, a=1, b=1), number) for number, both in enumerate(((600, 2000), (1200, 1500), (900, 3000)))
                for name, received in zip(("relink-mac", "injector-mac"), both, strict=True)]
        runs.append(self.run_of("relink-frame", self.flood(a=1, b=1)))
        runs[0].evidence.record["notes"]["tcp"] = {"bitsPerSecond": 7 * 10**6, "retransmits": 0}
        told = results(throughput.name, runs)
        self.assertEqual([each["contender"] for each in told], ["relink-mac", "injector-mac", "relink-frame"])
        self.assertEqual([each["framesPerSecond"] for each in told], [450, 1000, 1500])
        self.assertEqual(told[0]["framesPerSecondOfRounds"], [300, 600, 450])
        self.assertEqual((told[0]["shareOfInjector"], told[0]["shareOfInjectorOfRounds"]), (0.3, [0.3, 0.8, 0.3]))
        # Protected frames are compared with protected ones, of which there are none here.
        told = results(throughput.name, runs + [self.run_of("relink-protected", self.flood(a=1, b=1))])
        self.assertNotIn("shareOfInjector", told[3])
        runs += [self.run_of("relink-protected", self.flood(300, a=1, b=1)), self.run_of("injector-protected", self.flood(600))]
        told = results(throughput.name, runs)
        self.assertEqual([each.get("shareOfInjector") for each in told], [0.3, None, None, 0.5, None])
        # Only the first round asks iperf3.
        self.assertEqual(told[0]["iperf3TCP"]["bitsPerSecond"], 7 * 10**6)
        # Nobody injected on radios of that kind.
        self.assertNotIn("shareOfInjector", told[2])
        self.assertIn("30%", table(throughput.name, told))

    def test_what_gets_through_a_flood_is_compared_within_each_round(self) -> None:
        def all_of(*megabits: int) -> list[int]:
            return [each * 10**6 for each in megabits]

        measured = {"peace": all_of(40, 80, 50), "beside": all_of(20, 40, 30), "under": all_of(10, 36, 24)}
        told = results(flooded.name, [self.run_of("relink-mac", played(flooded, bitsPerSecond=measured))])
        self.assertEqual((told[0]["shareOfBeside"], told[0]["shareOfPeace"], told[0]["rounds"]), (0.8, 0.45, 3))
        self.assertEqual(told[0]["megabitsPerSecond"], {"peace": 50, "beside": 30, "under": 24})
        self.assertIn("80%", table(flooded.name, told))

    def test_nothing_got_through_a_flood(self) -> None:
        wrong = ["octets got through each time", "goodput under a flood stays above 80% of that beside it"]
        for under, told in (({"under": [1, 1]}, []), ({"under": [1, 0]}, wrong), ({"under": []}, wrong), ({}, wrong)):
            self.assertEqual(failing(played(flooded, bitsPerSecond={"peace": [1, 1], "beside": [1, 1], **under})), told)

    def test_too_little_got_through_a_flood(self) -> None:
        wrong = ["goodput under a flood stays above 80% of that beside it"]
        for processor, beside, told in (("host", 310, wrong), ("host", 290, []), ("emulated", 310, [])):
            evidence = played(flooded, bitsPerSecond={"peace": [400], "beside": [1, beside, 900], "under": [1, 240, 900]})
            evidence.record["processor"] = processor
            self.assertEqual(failing(evidence), told)

    def test_latency_is_compared_with_the_injector_on_the_same_radios(self) -> None:
        def run(name: str, median: float) -> Any:
            return self.run_of(name, played(latency, latency={"median": median, "percentile99": 2 * median, "packets": 10}, sent=0))

        runs = [run("relink-mac", 900.0), run("relink-frame", 1900.0), run("injector-mac", 100.0)]
        for each in runs:
            each.evidence.record["scenario"] = latency.name
        told = results(latency.name, runs)
        self.assertEqual([each.get("addedMedianMicroseconds") for each in told], [800.0, None, None])
        self.assertEqual(told[0]["addedPercentile99Microseconds"], 1600.0)


if __name__ == "__main__":
    unittest.main()
