"""The judge of the run in which no link delivers must find what is wrong: each test breaks good evidence in one place."""

import tempfile
import unittest
from typing import Any

from lablib.evidence import Evidence
from lablib.guest.control import Event
from lablib.scenarios.no_good_link import FAULTS, MOST_EVENTS, RATE, no_link_delivers
from lablib.tests.sample import MILLISECOND, event, failing, record_of
from lablib.tests.streamed import delayed, steady, write

SESSION: dict[str, Any] = {"session": "1122334455667788", "tid": 0, "role": "initiator"}
FIRST, EVERY, LASTS = 1000, 4000, 2600
CAUSE = "payloadsNotDelivered"
# Long packets that are given up.
LOST = (121, 131)
OTHERS = "what is lost are long packets of the times when those failed, and what the queue dropped"


class NoGoodLinkTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.sent = RATE * (FIRST + EVERY * len(FAULTS)) // 1000
        spans: list[dict[str, Any]] = [
            {"fault": fault.name, "at": (FIRST + EVERY * number) * MILLISECOND, "until": (FIRST + EVERY * number + LASTS) * MILLISECOND,
             "session": {"failingLinks": [2, 1], "queued": 200}, "grownKiB": 100} for number, fault in enumerate(FAULTS)]
        told: list[Event] = [event("established", 10, 1, **SESSION),
                             event("payloadsGivenUp", 2300, framesLost=2, length=1242, cause=CAUSE, **SESSION)]
        told += [event("noLinkDelivers", span["at"] // MILLISECOND + 300, 1, cause=CAUSE, **SESSION) for span in spans]
        self.arrive(LOST)
        notes = {"stream": {"rate": RATE, "sent": self.sent}, "faults": spans, "droppedPayloads": 0}
        self.evidence = Evidence(record_of(no_link_delivers, actions={"stop-a": 30000}, notes=notes), {"a": told, "b": []}, [], self.folder)
        self.spans = spans

    def arrive(self, lost: tuple[int, ...]) -> None:
        """All but some packets arrive; those of the last fault when it is over."""
        arrivals = delayed(steady(self.sent, RATE), (FIRST + 3 * EVERY) * MILLISECOND, (FIRST + 3 * EVERY + LASTS) * MILLISECOND)
        write(self.folder, [arrival for arrival in arrivals if arrival[0] not in lost])

    def failing(self) -> list[str]:
        return failing(self.evidence)

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(self.failing(), [])

    def test_a_session_that_ended(self) -> None:
        self.evidence.events["b"].append(event("ended", 2000, cause="retentionLimit", session="ff"))
        self.assertEqual(self.failing(), ["no session was ended or establishedAnew"])

    def test_what_grows(self) -> None:
        self.spans[2]["session"]["queued"] = 1025
        self.spans[3]["grownKiB"] = 1024
        self.assertEqual(self.failing(), ["no data handed over: no more than 1024 payloads wait",
                                          "block acknowledgments: the agent grows by less than 1024 KiB"])

    def test_a_status_without_the_links(self) -> None:
        for links in (None, [], [1]):
            self.spans[0]["session"]["failingLinks"] = links
            self.assertEqual(self.failing(), ["long frames: status names the links that fail"])

    def test_an_event_that_does_not_come_or_comes_twice(self) -> None:
        own = self.evidence.events["a"].pop()
        self.assertEqual(self.failing(), ["block acknowledgments: told once that no link delivers"])
        self.evidence.events["a"] += [own, own]
        self.assertEqual(self.failing(), ["block acknowledgments: told once that no link delivers"])

    def test_events_without_end(self) -> None:
        self.evidence.events["a"] += [event("linkSuspect", 9100 + number, 1) for number in range(MOST_EVENTS)]
        self.assertEqual(self.failing(), [])
        self.evidence.events["a"].append(event("linkSuspect", 9200, 1))
        self.assertEqual(self.failing(), [f"no data handed over: {MOST_EVENTS} events of one kind and cause at most"])

    def test_a_short_packet_lost(self) -> None:
        self.arrive((*LOST, 140))
        both = [OTHERS, "events and status count all that is lost"]
        self.assertEqual(self.failing(), both)
        self.evidence.record["notes"]["droppedPayloads"] = 1
        self.assertEqual(self.failing(), [])

    def test_a_packet_lost_when_all_was_well(self) -> None:
        self.arrive((LOST[0], 1391))
        self.assertEqual(self.failing(), [OTHERS])

    def test_a_loss_that_was_not_told_or_has_another_cause(self) -> None:
        for count in (1, 7):
            self.evidence.events["a"][1]["framesLost"] = count
            self.assertEqual(self.failing(), ["events and status count all that is lost"])
        for change in ({"length": 140}, {"cause": None}):
            self.evidence.events["a"][1] |= {"framesLost": 2, "length": 1242, "cause": CAUSE} | change
            self.assertEqual(self.failing(), ["given up are long payloads, because they do not get through"])

    def test_short_packets_that_wait_for_long_ones(self) -> None:
        arrivals = delayed(steady(self.sent, RATE), FIRST * MILLISECOND, (FIRST + 2400) * MILLISECOND)
        write(self.folder, [arrival for arrival in arrivals if arrival[0] not in LOST])
        self.assertEqual(self.failing(), ["long frames: short packets arrive within 2.3 s"])

    def test_doubled_and_disordered_packets(self) -> None:
        good = [arrival for arrival in steady(self.sent, RATE) if arrival[0] not in LOST]
        for arrivals, what in (([good[0], *good], "duplicated"), ([good[1], good[0], *good[2:]], "outOfOrder")):
            write(self.folder, arrivals)
            self.assertEqual(self.failing(), [f"the receiver counts no packet {what}"])


if __name__ == "__main__":
    unittest.main()
