"""The check of replayed recordings."""

import json
import os
import subprocess
import tempfile
import unittest

from lablib.replay import replayed, verdict


def done(status: int, said: str | dict[str, object], error: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], status, said if isinstance(said, str) else json.dumps(said), error)


class Replay(unittest.TestCase):
    def test_identical(self) -> None:
        self.assertTrue(verdict("a.pcapng", done(0, {"identical": True, "inputs": 3, "outputs": 2})).passed)

    def test_difference(self) -> None:
        said = {"identical": False, "inputs": 3, "outputs": 2, "difference": {"output": 3, "recorded": "x", "replayed": "y"}}
        check = verdict("a.pcapng", done(1, said))
        self.assertFalse(check.passed)
        self.assertIn("recorded x, replayed y", check.evidence)

    def test_empty(self) -> None:
        self.assertFalse(verdict("a.pcapng", done(0, {"identical": True, "inputs": 0, "outputs": 0})).passed)

    def test_unreadable(self) -> None:
        self.assertFalse(verdict("a.pcapng", done(1, "", "relink: no")).passed)

    def test_keys_beside_a_recording_are_used(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            relink = os.path.join(folder, "relink")
            with open(relink, "w") as file:
                file.write('#!/bin/sh\necho "$*" >&2\nexit 1\n')
            os.chmod(relink, 0o755)
            for name in ("a.pcapng", "a.keys", "b.pcapng"):
                with open(os.path.join(folder, name), "w"):
                    pass
            said = [check.evidence for check in replayed(folder, relink)]
        self.assertEqual(said, [f"replay {folder}/a.pcapng --json --keys {folder}/a.keys", f"replay {folder}/b.pcapng --json"])


if __name__ == "__main__":
    unittest.main()
