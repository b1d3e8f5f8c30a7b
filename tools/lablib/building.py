"""Builds with Swift, and shows how far they are."""

import os
import re
import subprocess
import sys
import time
from typing import TextIO

from .paths import ROOT, LabError

# Of what a build printed, what is kept for the message of one that failed.
KEPT = 4000
# Seconds between two lines of progress where there is no terminal.
PAUSE = 10
STEP = re.compile(r"\[(\d+)/(\d+)\] (.*)")


class Progress:
    """Shows the progress of a build: one line that changes on a terminal, else a line now and then."""

    def __init__(self, what: str, stream: TextIO = sys.stderr) -> None:
        self.what, self.stream, self.is_terminal = what, stream, stream.isatty()
        self.start = self.last = time.monotonic()
        print(f"lab: building {what}", file=stream, flush=True)

    def step(self, line: str) -> None:
        """A line of the build's; one that tells no step of it shows nothing."""
        match, at = STEP.match(line), time.monotonic()
        if not match or not self.is_terminal and at < self.last + PAUSE:
            return
        self.last = at
        text = f"lab: building {self.what}: step {match[1]} of {match[2]}, {at - self.start:.0f} s"
        print(f"\r{text}\033[K" if self.is_terminal else text, end="" if self.is_terminal else "\n", file=self.stream, flush=True)

    def end(self) -> None:
        """Says how long it took, where that was noticed."""
        if self.is_terminal or self.last > self.start:
            lead, trail = ("\r", "\033[K") if self.is_terminal else ("", "")
            print(f"{lead}lab: built {self.what} in {time.monotonic() - self.start:.0f} s{trail}", file=self.stream, flush=True)


def swift_build(what: str, *arguments: str) -> None:
    """Runs `swift build`; raises LabError with the end of what it printed when it fails. It ends when this program does."""
    progress, printed = Progress(what), ""
    process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "swift", "build", *arguments], cwd=ROOT, text=True, errors="replace",
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    with process:
        try:
            for line in process.stdout:
                printed = (printed + line)[-KEPT:]
                progress.step(line)
        except BaseException:
            process.terminate()
            raise
    progress.end()
    if process.returncode != 0:
        raise LabError(f"{what} does not build:\n{printed}")


def build(binary: str, what: str) -> str:
    """Builds a program for the guest: it needs no library of Swift there."""
    swift_build(what, "-c", "release", "--static-swift-stdlib", "--product", os.path.basename(binary))
    return binary
