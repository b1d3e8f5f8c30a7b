"""The judges of payloads that do not get through must find what is wrong: each test breaks good evidence in one place."""

import tempfile
import unittest
from typing import Any

from lablib.evidence import Evidence
from lablib.guest.control import Event
from lablib.guest.faults import FAULTS
from lablib.scenario import Scenario
from lablib.scenarios import fade as fading
from lablib.scenarios.progress import RATE, payloads_lost, shared_payloads_lost
from lablib.tests.sample import MILLISECOND, event, failing, record_of
from lablib.tests.streamed import delayed, steady, write

SESSION: dict[str, Any] = {"session": "1122334455667788", "tid": 0, "role": "initiator"}
# In milliseconds: a fault lasts from 1000 to 2500, the next one begins 2000 later.
FIRST, EVERY, LASTS = 1000, 2000, 1500


def spans() -> list[dict[str, Any]]:
    """All the faults, on link 1 and link 2 by turns."""
    return [{"fault": fault.name, "link": 1 + number % 2, "at": (FIRST + EVERY * number) * MILLISECOND,
             "until": (FIRST + EVERY * number + LASTS) * MILLISECOND} for number, fault in enumerate(FAULTS)]


class ProgressTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.sent = RATE * (FIRST + EVERY * len(FAULTS)) // 1000

    def evidence(self, scenario: Scenario, acknowledgment: str = "mac", pause: int = 100) -> Evidence:
        """A run as it should be: each fault is noticed after 100 ms."""
        arrivals = steady(self.sent, RATE)
        told: list[Event] = [event("established", 10, 1, **SESSION)]
        for span in spans():
            arrivals = delayed(arrivals, span["at"], span["at"] + pause * MILLISECOND)
            at, link = span["at"] // MILLISECOND + pause, span["link"]
            if scenario is payloads_lost:
                told += [event("interrupted", at, link, cause="payloadsNotDelivered", **SESSION), event("rebuilt", at + 1, 3 - link, **SESSION)]
            else:
                told.append(event("sharedLinkLost", at, link, cause="payloadsNotDelivered", **SESSION))
        write(self.folder, arrivals)
        notes = {"stream": {"rate": RATE, "sent": self.sent}, "faults": spans()}
        record = record_of(scenario, acknowledgment, {"stop-a": 20000}, notes=notes)
        return Evidence(record, {"a": told, "b": []}, [], self.folder)

    def test_good_evidence_passes(self) -> None:
        for scenario in (payloads_lost, shared_payloads_lost):
            for acknowledgment, pause in (("mac", 140), ("frame", 240)):
                self.assertEqual(failing(self.evidence(scenario, acknowledgment, pause)), [])

    def test_payloads_that_pause_for_too_long(self) -> None:
        for acknowledgment, pause, limit in (("mac", 170, 150), ("frame", 270, 250)):
            self.assertEqual(failing(self.evidence(payloads_lost, acknowledgment, pause)),
                             [f"{fault.name}: payloads pause for {limit} ms at most" for fault in FAULTS])

    def test_lost_doubled_and_disordered_packets(self) -> None:
        good = steady(self.sent, RATE)
        for arrivals, what in (([*good[:50], *good[51:]], "lost"), ([good[0], *good], "duplicated"), ([good[1], good[0], *good[2:]], "outOfOrder")):
            evidence = self.evidence(shared_payloads_lost)
            write(self.folder, arrivals)
            self.assertEqual(failing(evidence), [f"the receiver counts no packet {what}"])

    def test_a_stream_that_ended_early(self) -> None:
        evidence = self.evidence(payloads_lost)
        evidence.record["notes"]["stream"]["sent"] = 300
        write(self.folder, steady(300, RATE))
        self.assertIn("the stream lasted over all of it", failing(evidence))

    def test_a_session_that_does_not_move_or_moves_twice(self) -> None:
        evidence = self.evidence(payloads_lost)
        kept = [told for told in evidence.events["a"] if told["monotonicNanoseconds"] != (FIRST + 100) * MILLISECOND]
        evidence.events["a"] = kept
        self.assertEqual(failing(evidence), ["data: the session leaves link 1, once"])
        evidence = self.evidence(payloads_lost)
        evidence.events["a"] += [event("interrupted", FIRST + 400, 2, cause="silence", **SESSION), event("rebuilt", FIRST + 401, 1, **SESSION)]
        self.assertEqual(failing(evidence), ["data: the session leaves link 1, once", "data: it is rebuilt on the other link"])

    def test_a_shared_session_that_loses_the_wrong_link_or_none(self) -> None:
        evidence = self.evidence(shared_payloads_lost)
        evidence.events["a"][2]["link"] = 1
        self.assertEqual(failing(evidence), ["long frames: the session loses link 2, once"])
        evidence = self.evidence(shared_payloads_lost)
        del evidence.events["a"][1]
        self.assertEqual(failing(evidence), ["data: the session loses link 1, once"])

    def test_a_shared_session_keeps_a_link_whose_block_acknowledgments_come_on_the_other(self) -> None:
        evidence = self.evidence(shared_payloads_lost)
        last = evidence.events["a"].pop()
        self.assertEqual(failing(evidence), [])
        for losses, wrong in (([last, last], []), ([last] * 3, ["any"]), ([last | {"link": 1}], ["any"])):
            evidence.events["a"] += losses
            self.assertEqual(failing(evidence), [f"{FAULTS[-1].name}: the session loses link 2, if {which}" for which in wrong])
            del evidence.events["a"][-len(losses):]

    def test_another_cause_where_nothing_but_payloads_can_show_it(self) -> None:
        for number, fault in enumerate(FAULTS):
            evidence = self.evidence(shared_payloads_lost)
            evidence.events["a"][1 + number]["cause"] = "silence"
            self.assertEqual(failing(evidence), [f"{fault.name}: because payloads do not get through"] if fault.is_silent else [])

    def test_a_link_that_flaps(self) -> None:
        for node in ("a", "b"):
            evidence = self.evidence(payloads_lost)
            evidence.events[node].append(event("linkSuspect", FIRST + 900, 1))
            self.assertEqual(failing(evidence), [])
            evidence.events[node].append(event("linkSuspect", FIRST + 1000, 1))
            self.assertEqual(failing(evidence), ["data: the link is in one state after a second"])

    def test_a_session_that_ended_or_was_interrupted(self) -> None:
        evidence = self.evidence(payloads_lost)
        evidence.events["b"].append(event("ended", 5000, 1, cause="retentionLimit", session="ff"))
        self.assertEqual(failing(evidence), ["no session was ended or establishedAnew"])
        evidence = self.evidence(shared_payloads_lost)
        evidence.events["b"].append(event("interrupted", 5000, 1, session="ff"))
        self.assertEqual(failing(evidence), [])
        evidence.events["b"][0]["session"] = SESSION["session"]
        self.assertEqual(failing(evidence), ["no session was interrupted"])

    def test_a_shared_session_that_does_not_get_its_link_back(self) -> None:
        evidence = self.evidence(shared_payloads_lost)
        evidence.record["notes"]["faults"][3]["error"] = "after 20 s"
        self.assertEqual(failing(evidence), ["no data handed over: the session lives on both links again"])


class FadeTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def evidence(self, moves: int = 1) -> Evidence:
        """A run as it should be, or with more failovers in the second fade."""
        fades = [{"link": 1, "at": at * MILLISECOND, "until": (at + 1000) * MILLISECOND} for at in range(1000, 1000 + 2000 * fading.FADES, 2000)]
        told = [event("interrupted", 3100 + 10 * number, 1, **SESSION) for number in range(moves)]
        sent = fading.RATE * (2 + 2 * fading.FADES)
        write(self.folder, steady(sent, fading.RATE))
        record = record_of(fading.fade, actions={"stop-a": 60000}, notes={"stream": {"rate": fading.RATE, "sent": sent}, "fades": fades})
        return Evidence(record, {"a": told, "b": []}, [], self.folder)

    def test_good_evidence_passes(self) -> None:
        for moves in (0, 1):
            self.assertEqual(failing(self.evidence(moves)), [])

    def test_two_failovers_in_a_fade(self) -> None:
        self.assertEqual(failing(self.evidence(2)), ["each fade costs one failover at most"])

    def test_a_lost_packet_an_end_and_a_fade_too_few(self) -> None:
        evidence = self.evidence()
        write(self.folder, steady(evidence.record["notes"]["stream"]["sent"], fading.RATE)[1:])
        self.assertEqual(failing(evidence), ["the receiver counts no packet lost"])
        evidence = self.evidence()
        evidence.events["b"] = [event("ended", 2000, 1, cause="silence", session="ff")]
        self.assertEqual(failing(evidence), ["no session was ended or establishedAnew"])
        evidence = self.evidence()
        del evidence.record["notes"]["fades"][-1]
        self.assertEqual(failing(evidence), ["there were fades"])


if __name__ == "__main__":
    unittest.main()
