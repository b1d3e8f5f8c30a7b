"""The list of mutants: each names code that is there, once, and a rule of docs/protocol.md."""

import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

from lablib import mutants
from lablib.paths import ROOT


class MutantsTests(unittest.TestCase):
    def setUp(self) -> None:
        self.root = Path(ROOT)
        self.known = mutants.read(self.root)

    def test_there_are_forty_and_each_has_its_place(self) -> None:
        self.assertGreaterEqual(len(self.known), 40)
        self.assertEqual(mutants.faults(self.root, self.known), [])
        self.assertEqual(len({mutant.name for mutant in self.known}), len(self.known))

    def test_each_breaks_a_rule_that_is_written_down(self) -> None:
        protocol = (self.root / "docs" / "protocol.md").read_text()
        for mutant in self.known:
            self.assertIn(mutant.rule.split("-")[0], protocol, mutant.name)

    def test_code_that_is_gone_is_named(self) -> None:
        gone = replace(self.known[0], code="this code is not there")
        self.assertIn(gone.name, mutants.faults(self.root, [gone])[0])

    def test_each_chooses_itself(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder)
            gone = target / mutants.CORE / "Gone.swift"
            mutants.write(gone, b"of a copy of before")
            mutants.copy(self.root, target, self.known)
            for mutant in self.known:
                self.assertIn(f"isMutant({mutant.number})", (target / mutants.CORE / mutant.file).read_text())
            self.assertFalse(gone.exists())
            self.assertTrue((target / "Package.swift").exists())


if __name__ == "__main__":
    unittest.main()
