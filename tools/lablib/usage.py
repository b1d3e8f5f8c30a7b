"""Measurements that the lab's kernel made of programs (preload/meter.c): processor time, and system calls by their names."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .guest.marks import LABELS

HEADER = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"
# User-mode Linux has no vDSO, so what reads a clock without a system call elsewhere makes one there.
CLOCK_READS = frozenset({"clock_gettime", "gettimeofday", "time"})


@dataclass(frozen=True)
class Used:
    """The usage of one program: its own time, that of the kernel for it, and the number of times that it made each system call."""

    program: int
    kernel: int
    calls: Mapping[str, int]

    @property
    def nanoseconds(self) -> int:
        """Both."""
        return self.program + self.kernel

    @property
    def clock_reads(self) -> int:
        """The number of times that it read a clock."""
        return sum(count for name, count in self.calls.items() if name in CLOCK_READS)

    @property
    def call_count(self) -> int:
        """All other system calls."""
        return sum(self.calls.values()) - self.clock_reads


@dataclass(frozen=True)
class Usage:
    """The usage of all programs together, and of each that has a name; those that did nothing are left out."""

    nanoseconds: int
    programs: Mapping[str, Used]


def call_names(text: str) -> dict[int, str]:
    """The names of system calls in the text of asm/unistd_64.h."""
    return {int(number): name for name, number in re.findall(r"^#define __NR_(\w+) (\d+)$", text, re.MULTILINE)}


def read(said: Mapping[str, Any], names: Mapping[int, str]) -> Usage:
    """Reads the content of meter.json. A call whose name is not known is called by its number."""
    programs = {}
    for label, each in zip(LABELS, said["programs"], strict=False):
        calls = {names.get(int(number), number): count for number, count in each["calls"].items()}
        if calls:
            programs[label] = Used(each["programNanoseconds"], each["kernelNanoseconds"], calls)
    return Usage(said["nanoseconds"] - said["idleNanoseconds"], programs)


def load(folder: str) -> Usage | None:
    """The measurements of a run; `None` where the kernel can't measure, which is any but User-mode Linux."""
    path = os.path.join(folder, "meter.json")
    if not os.path.exists(path):
        return None
    with open(path) as file, open(HEADER) as header:
        return read(json.load(file), call_names(header.read()))
