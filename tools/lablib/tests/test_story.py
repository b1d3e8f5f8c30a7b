"""The page of a report and the dissector, held against what the events and the witness say."""

import copy
import os
import tempfile
import unittest

from lablib import fixtures, story
from lablib.evidence import witness
from lablib.scenarios.loss import up_but_dead

SHOWN = {"failovers": [{"declared": 100.0, "requested": 100.25, "acknowledged": 104.2504, "firstNew": 104.5, "drained": 106.0}]}
MEASURED = {"rebuildMicroseconds": 4000, "liveAfterDetectionMicroseconds": 4250}


class Page(unittest.TestCase):
    def test_the_same_times(self) -> None:
        self.assertTrue(story.failover_agrees(SHOWN, MEASURED).passed)

    def test_other_times_another_failover_or_none(self) -> None:
        for name in MEASURED:
            self.assertIn(name, story.failover_agrees(SHOWN, MEASURED | {name: 4100}).evidence)
        self.assertFalse(story.failover_agrees({"failovers": []}, MEASURED).passed)
        self.assertFalse(story.failover_agrees({"failovers": SHOWN["failovers"] * 2}, MEASURED).passed)

    def test_nothing_of_what_came_behind_it(self) -> None:
        for name in ("firstNew", "drained"):
            failover = dict(SHOWN["failovers"][0])
            del failover[name]
            self.assertIn(name, story.failover_agrees({"failovers": [failover]}, MEASURED).evidence)

    def test_what_a_page_shows_is_read_from_it(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            page = os.path.join(folder, "report.html")
            with open(page, "w") as file:
                file.write('<body><script type="application/json" id="data">{"failovers": []}</script>')
            self.assertEqual(story.content(page), {"failovers": []})


class Dissector(unittest.TestCase):
    def test_it_finds_the_rebuild_frames_and_nothing_else(self) -> None:
        for kind in up_but_dead.captured:
            capture = os.path.join(fixtures.FOLDER, fixtures.name_of(up_but_dead, kind, "open") + ".pcap")
            frames = witness(capture, 0)
            check = story.dissector_agrees(capture, frames)
            self.assertTrue(check.passed, check.evidence)
            changed = copy.deepcopy(frames)
            for frame in changed:
                frame.body = b""
            self.assertFalse(story.dissector_agrees(capture, changed).passed)
            self.assertFalse(story.dissector_agrees(capture, frames[:-1] + [f for f in frames if f.is_rebuild]).passed)


if __name__ == "__main__":
    unittest.main()
