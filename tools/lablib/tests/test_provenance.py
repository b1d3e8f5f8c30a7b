"""Tests of the provenance that a measurement records."""

import os
import subprocess
import tempfile
import unittest
from unittest import mock

from lablib import provenance
from lablib.paths import ROOT


class ProvenanceTests(unittest.TestCase):
    def checkout(self) -> str:
        """A checkout with one commit."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.git(folder.name, "init", "-q")
        self.git(folder.name, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "First")
        return folder.name

    def git(self, folder: str, *arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()

    def test_the_commit_and_whether_the_checkout_differs_from_it(self) -> None:
        folder = self.checkout()
        with mock.patch.object(provenance, "ROOT", folder):
            said = provenance.provenance(["tools/bench"])
            self.assertEqual((said["commit"], said["isDirty"]), (self.git(folder, "rev-parse", "HEAD"), False))
            with open(os.path.join(folder, "new"), "w"):
                pass
            self.assertEqual(provenance.provenance(["tools/bench"])["isDirty"], True)

    def test_what_is_no_checkout_has_no_commit(self) -> None:
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(provenance, "ROOT", folder):
            said = provenance.provenance(["tools/bench"])
            self.assertEqual((said["commit"], said["isDirty"]), (None, None))

    def test_the_command_line_can_be_given_to_a_shell(self) -> None:
        said = provenance.provenance([os.path.join(ROOT, "tools", "bench"), "failover", "--out", "a b"])
        self.assertEqual(said["command"], "tools/bench failover --out 'a b'")

    def test_the_host_is_named(self) -> None:
        host = provenance.provenance(["tools/bench"])["host"]
        self.assertEqual(host["kernel"], os.uname().release)
        self.assertEqual((host["processors"], len(host["loadAverage"])), (len(os.sched_getaffinity(0)), 3))

    def test_processors_by_their_names(self) -> None:
        self.assertEqual(provenance.processor_model("processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7B13\nstepping\t: 0\n"), "AMD EPYC 7B13")
        self.assertEqual(provenance.processor_model("processor\t: 0\nBogoMIPS\t: 108.00\nModel\t\t: Raspberry Pi 4 Model B\n"),
                         "Raspberry Pi 4 Model B")
        self.assertEqual(provenance.processor_model("processor\t: 0\n"), "unknown")


if __name__ == "__main__":
    unittest.main()
