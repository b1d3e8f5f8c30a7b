"""Evidence of streams, for tests that break it in one place."""

import os
from collections.abc import Iterable

from lablib.streams import Arrival

MILLISECOND = 1_000_000


def steady(sent: int, rate: int, start: int = 0, took: int = MILLISECOND) -> list[Arrival]:
    """Every packet of a stream, each of which took as long; all in nanoseconds."""
    return [(number, start + number * 10**9 // rate, start + number * 10**9 // rate + took) for number in range(sent)]


def delayed(arrivals: Iterable[Arrival], since: int, until: int) -> list[Arrival]:
    """The same, but what was sent from one time to another arrives at the latter."""
    return [(number, sent, max(at, until) if since <= sent < until else at) for number, sent, at in arrivals]


def write(folder: str, arrivals: Iterable[Arrival], name: str = "arrivals.txt") -> None:
    """Writes what a receiver counted."""
    with open(os.path.join(folder, name), "w") as file:
        file.writelines(f"{number} {sent} {at}\n" for number, sent, at in arrivals)
