"""A signal ends a program after what it has begun is undone; what it has ignored from the start stays so."""

import signal
import subprocess
import sys
import unittest

from lablib.paths import LIBRARY
from lablib.tests.signals import heed_signals

PROGRAM = """
import sys, time
sys.path.insert(0, sys.argv[1])
from lablib import ending

def main():
    try:
        print("begun", flush=True)
        time.sleep(60)
    finally:
        print("undone", flush=True)
    return 0

ending.run(main)
"""


def setUpModule() -> None:
    heed_signals()


class EndingTests(unittest.TestCase):
    def start(self, *before: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen([*before, sys.executable, "-B", "-c", PROGRAM, LIBRARY.removesuffix("/lablib")], stdout=subprocess.PIPE,
                                   text=True)
        assert process.stdout is not None
        self.assertEqual(process.stdout.readline(), "begun\n")
        return process

    def test_each_signal_ends_it_with_its_status_when_all_is_undone(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            process = self.start()
            process.send_signal(number)
            process.send_signal(number)
            self.assertEqual(process.communicate()[0], "undone\n")
            self.assertEqual(process.returncode, 128 + number)

    def test_a_signal_that_was_ignored_from_the_start_does_nothing(self) -> None:
        process = self.start("nohup")
        process.send_signal(signal.SIGHUP)
        # Signals of one process are delivered in order of their numbers: had SIGHUP ended it, SIGTERM could not.
        process.terminate()
        self.assertEqual(process.communicate()[0], "undone\n")
        self.assertEqual(process.returncode, 128 + signal.SIGTERM)
