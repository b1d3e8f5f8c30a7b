"""The judge of scans must find what is wrong: each test breaks good evidence in one place."""

import os
import tempfile
import unittest
from typing import Any

from lablib.evidence import Evidence, Frame
from lablib.guest.config import link_address
from lablib.scenarios.scanned import scanned
from lablib.tests.sample import MILLISECOND, event, failing, record_of

PACKETS = range(100)
CHANNEL = "on the air: nothing on another channel"


class ScannedTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.arrive(folder.name, *PACKETS)
        names = ("beside", "beside ap-force", "elsewhere", "elsewhere ap-force")
        scans = [{"name": name, "refused": "", "since": (100 + 50 * at) * MILLISECOND, "until": (140 + 50 * at) * MILLISECOND}
                 for at, name in enumerate(names)]
        record = record_of(scanned, options={"rate": 200}, notes={
            "scans": scans, "stream": {"rate": 200, "size": 100, "sent": len(PACKETS)}, "isAnchored": True})
        told = [event("established", 10, 1, session="1" * 16)]
        self.evidence = Evidence(record, {"a": [*told], "b": [*told]}, [self.frame(120, 2412)], folder.name)
        self.notes: dict[str, Any] = record["notes"]

    @staticmethod
    def arrive(folder: str, *numbers: int) -> None:
        """Writes which packets arrived."""
        with open(os.path.join(folder, "arrivals.txt"), "w") as file:
            file.writelines(f"{number} {5 * at * MILLISECOND} {5 * at * MILLISECOND}\n" for at, number in enumerate(numbers))

    @staticmethod
    def frame(at: int, frequency: int) -> Frame:
        """A frame of agent a's radio of link 1."""
        return Frame(1, at * MILLISECOND, frequency, 13, link_address("a", 1), link_address("b", 1))

    def test_a_good_run_passes_and_tells_its_gaps(self) -> None:
        self.assertEqual(failing(self.evidence), [])
        self.assertIn("beside: 0.0 s, gap 0 ms", self.notes["told"])

    def test_a_packet_that_is_lost_doubled_or_late(self) -> None:
        for what, numbers in (("lost", PACKETS[1:]), ("duplicated", [*PACKETS, 99]), ("outOfOrder", [1, 0, *PACKETS[2:]])):
            self.arrive(self.evidence.folder, *numbers)
            self.assertEqual(failing(self.evidence), [f"the receiver counts no packet {what}"])

    def test_a_scan_that_the_kernel_refused_or_that_was_not_made(self) -> None:
        self.notes["scans"][0]["refused"] = "command failed: Device or resource busy (-16)"
        self.assertEqual(failing(self.evidence), ["a station scanned in each place, in each way"])
        self.notes["scans"].pop(0)
        self.assertEqual(failing(self.evidence), ["a station scanned in each place, in each way"])

    def test_a_frame_on_another_channel(self) -> None:
        self.evidence.frames.append(self.frame(120, 2437))
        self.assertEqual(failing(self.evidence), [CHANNEL])

    def test_without_an_anchor_a_frame_on_another_channel_before_the_agent_can_notice(self) -> None:
        self.evidence.frames.append(self.frame(120, 2437))
        self.evidence.events["a"].append(event("linkDown", 130, 1))
        self.assertEqual(failing(self.evidence), [CHANNEL])
        self.notes["isAnchored"] = False
        self.assertEqual(failing(self.evidence), [])
        for late in (131, 90):
            self.evidence.frames[-1].nanoseconds = late * MILLISECOND
            self.assertEqual(failing(self.evidence), [CHANNEL])

    def test_without_an_anchor_a_loss_that_the_agent_never_notices(self) -> None:
        self.notes["isAnchored"] = False
        self.evidence.frames.append(self.frame(120, 2437))
        self.evidence.events["a"].append(event("linkDown", 130, 2))
        self.assertEqual(failing(self.evidence), [CHANNEL])


if __name__ == "__main__":
    unittest.main()
