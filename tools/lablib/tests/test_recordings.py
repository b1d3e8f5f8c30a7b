"""Recordings of every scenario are there, and the programs that people use read them without a complaint."""

import glob
import os
import subprocess
import tempfile
import unittest

from lablib import fixtures
from lablib.scenario import ACKNOWLEDGMENTS, discover

PATHS = sorted(glob.glob(os.path.join(fixtures.RECORDINGS, "*.pcapng")))
# What they say that is no complaint.
CHATTER = ("Running as user", "reading from file", "Warning: interface names might be incorrect")


def complaints(*command: str) -> list[str]:
    """What a program prints to standard error, and its exit status unless that is 0."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    lines = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith(CHATTER)]
    return lines + ([f"exit status {done.returncode}"] if done.returncode else [])


class Recordings(unittest.TestCase):
    def test_every_scenario_has_one(self) -> None:
        names = [os.path.basename(path) for path in PATHS if "-psk-" not in path]
        for scenario in discover().values():
            start = fixtures.name_of(scenario, ACKNOWLEDGMENTS[0], "open") + "-"
            self.assertEqual(any(name.startswith(start) for name in names), scenario.is_kept, scenario.name)

    def test_protected_ones_have_their_keys(self) -> None:
        kept = [(scenario, kind) for scenario in discover().values() for kind in scenario.kept_protected]
        self.assertTrue(kept)
        for scenario, kind in kept:
            start = fixtures.name_of(scenario, kind, "psk") + "-"
            paths = [path for path in PATHS if os.path.basename(path).startswith(start)]
            self.assertGreaterEqual(len(paths), 2)
            for path in paths:
                self.assertTrue(os.path.exists(path.removesuffix(".pcapng") + ".keys"), path)

    def test_capinfos(self) -> None:
        self.assertEqual(complaints("capinfos", "-M", *PATHS), [])

    def test_tcpdump_and_editcap(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            again = os.path.join(folder, "again.pcapng")
            for path in PATHS:
                self.assertEqual(complaints("tcpdump", "-n", "-e", "-r", path), [], path)
                self.assertEqual(complaints("editcap", path, again), [], path)

    def test_tshark(self) -> None:
        # It takes long to start: a few, and all kinds of them.
        for path in sorted(PATHS, key=os.path.getsize)[::12]:
            self.assertEqual(complaints("tshark", "-n", "-r", path), [], path)

    def test_cut(self) -> None:
        """A file that is cut inside a block is read up to there; the programs say that, and no more."""
        with tempfile.TemporaryDirectory() as folder:
            cut = os.path.join(folder, "cut.pcapng")
            with open(PATHS[0], "rb") as file, open(cut, "wb") as target:
                target.write(file.read()[:-6])
            said = complaints("tshark", "-n", "-r", cut)
            self.assertTrue(any("cut short" in line for line in said), said)

    def test_blocks_are_cut_between(self) -> None:
        with open(PATHS[0], "rb") as file:
            content = file.read()
        self.assertEqual(fixtures.start_of(content, len(content)), content)
        start = fixtures.start_of(content, len(content) - 1)
        self.assertTrue(content.startswith(start) and 0 < len(start) < len(content) - 4)
        self.assertEqual(fixtures.start_of(content[:-6], len(content)), start)


if __name__ == "__main__":
    unittest.main()
