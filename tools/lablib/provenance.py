"""The provenance of a measurement: the host's processor, the checkout's commit, the command line."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from .paths import ROOT


def processor_model(text: str) -> str:
    """The name of the processor in the text of /proc/cpuinfo; what the kernel says of it where it has no name."""
    match = re.search(r"^(?:model name|Model|cpu model|uarch)\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1].strip() if match else "unknown"


def git(*arguments: str) -> str | None:
    """The output of git in the checkout; `None` where it is none."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def provenance(command: Sequence[str] = tuple(sys.argv)) -> dict[str, Any]:
    """All of it. `isDirty` is whether the checkout differs from its commit."""
    with open("/proc/cpuinfo") as file:
        model = processor_model(file.read())
    changes = git("status", "--porcelain")
    name = os.path.relpath(os.path.abspath(command[0]), ROOT)
    return {"date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "commit": git("rev-parse", "HEAD"),
            "isDirty": None if changes is None else bool(changes), "command": shlex.join([name, *command[1:]]),
            "host": {"processor": model, "processors": len(os.sched_getaffinity(0)), "kernel": os.uname().release,
                     "loadAverage": list(os.getloadavg())}}
