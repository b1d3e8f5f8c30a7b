"""The check of replayed recordings."""

import json
import subprocess
import unittest

from lablib.replay import verdict


def done(status, said, error=""):
    return subprocess.CompletedProcess([], status, said if isinstance(said, str) else json.dumps(said), error)


class Replay(unittest.TestCase):
    def test_identical(self):
        self.assertTrue(verdict("a.pcapng", done(0, {"identical": True, "inputs": 3, "outputs": 2})).passed)

    def test_difference(self):
        said = {"identical": False, "inputs": 3, "outputs": 2, "difference": {"output": 3, "recorded": "x", "replayed": "y"}}
        check = verdict("a.pcapng", done(1, said))
        self.assertFalse(check.passed)
        self.assertIn("recorded x, replayed y", check.evidence)

    def test_empty(self):
        self.assertFalse(verdict("a.pcapng", done(0, {"identical": True, "inputs": 0, "outputs": 0})).passed)

    def test_unreadable(self):
        self.assertFalse(verdict("a.pcapng", done(1, "", "relink: no")).passed)


if __name__ == "__main__":
    unittest.main()
