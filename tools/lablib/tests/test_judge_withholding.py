"""The judge of the peer that withholds must find what is wrong: each test breaks good evidence in one place."""

import tempfile
import unittest

from lablib.evidence import Evidence
from lablib.scenarios.withholding import FLOODS, GROWTH_KIB, RATE, WITHHOLDS, withholding_peer
from lablib.tests.sample import MILLISECOND, failing, record_of
from lablib.tests.streamed import delayed, steady, write

SENT = 7 * RATE


class WithholdingTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        actions = {WITHHOLDS: 1000, f"{WITHHOLDS} no more": 3000, FLOODS: 4000, f"{FLOODS} no more": 6000}
        medium = {"directions": [{"link": link, "from": sender, "to": receiver, "withheld": 5 if (sender, receiver) == ("c", "a") else 0}
                                 for link in (1, 2) for sender, receiver in (("a", "c"), ("c", "a"), ("a", "b"))]}
        notes = {"stream": {"rate": RATE, "sent": SENT}, "grownKiB": 10}
        write(folder.name, steady(SENT, RATE))
        self.evidence = Evidence(record_of(withholding_peer, actions=actions, notes=notes, medium=medium), {"a": [], "b": []}, [], folder.name)

    def failing(self) -> list[str]:
        return failing(self.evidence)

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(self.failing(), [])

    def test_a_packet_that_is_late(self) -> None:
        for name, since in ((WITHHOLDS, 2000), (FLOODS, 5000)):
            for late, failed in ((20, []), (21, [f"{name}: no packet to the honest peer is late by more than 20 ms"])):
                write(self.folder, delayed(steady(SENT, RATE), since * MILLISECOND, (since + late) * MILLISECOND))
                self.assertEqual(self.failing(), failed)

    def test_lost_doubled_and_disordered_packets(self) -> None:
        good = steady(SENT, RATE)
        for arrivals, what in ((good[1:], "lost"), ([good[0], *good], "duplicated"), ([good[1], good[0], *good[2:]], "outOfOrder")):
            write(self.folder, arrivals)
            self.assertEqual(self.failing(), [f"the honest peer counts no packet {what}"])

    def test_a_stream_that_stood_still(self) -> None:
        write(self.folder, [arrival for arrival in steady(SENT, RATE) if not 1500 * MILLISECOND <= arrival[1] < 2500 * MILLISECOND])
        self.assertEqual(self.failing(), ["the honest peer counts no packet lost", f"{WITHHOLDS}: packets to the honest peer arrive meanwhile"])

    def test_an_agent_that_grows(self) -> None:
        self.evidence.record["notes"]["grownKiB"] = GROWTH_KIB
        self.assertEqual(self.failing(), [f"agent a grows by less than {GROWTH_KIB} KiB"])

    def test_a_peer_that_behaved(self) -> None:
        for each in self.evidence.record["medium"]["directions"]:
            each["withheld"] = 5 - each["withheld"]
        self.assertEqual(self.failing(), ["frames of the other peer did not come"])


if __name__ == "__main__":
    unittest.main()
