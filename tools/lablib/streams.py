"""What a stream of numbered packets shows: how many were lost, doubled or overtaken, how long each loss of a link interrupted
it, how long packets took."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, TypedDict

MILLISECOND = 1_000_000
# How long before a loss nothing but the machine makes pauses: the one before is over.
CALM = 50 * MILLISECOND

# A packet's number, when it was sent, and when it arrived; when a link was lost, and when the stream went on without it.
Arrival = tuple[int, int, int]
Cut = Sequence[int]
Counted = Literal["lost", "duplicated", "outOfOrder"]
# The counts of a stream's receiver that must be 0.
COUNTED: tuple[Counted, ...] = ("lost", "duplicated", "outOfOrder")


class Figures(TypedDict):
    """The figures of one stream."""

    sent: int
    received: int
    lost: int
    duplicated: int
    outOfOrder: int
    gaps: list[float]
    calm: list[float]


class Latency(TypedDict):
    """The latency of packets, in microseconds."""

    median: float
    percentile99: float
    packets: int


def read(path: str) -> list[Arrival]:
    """Arrivals as (number, sent, arrived), in the order of arrival; times are nanoseconds."""
    with open(path) as file:
        return [(int(number), int(sent), int(arrived)) for number, sent, arrived in map(str.split, file)]


def figures(arrivals: Sequence[Arrival], sent: int, cuts: Iterable[Cut], rate: float) -> Figures:
    """The figures of one stream. `gaps` are the longest pauses between two arrivals around each cut, in milliseconds, less the
    time between two packets that were sent; `calm` are those of the time just before it. A cut is a pair: when the link was lost,
    and when the stream went on without it."""
    numbers = [number for number, _, _ in arrivals]
    times = [at for _, _, at in arrivals]
    usual = 1e9 / rate

    pauses = list(pairwise(times))

    def longest(some: Iterable[tuple[int, int]], otherwise: int) -> float:
        return max(0.0, max((later - earlier for earlier, later in some), default=otherwise) - usual) / MILLISECOND

    # A gap may have begun before the loss, and end later than the stream goes on; calm is what was over before.
    gaps = [longest((p for p in pauses if p[1] > cut and p[0] <= until), until - cut) for cut, until in cuts]
    calm = [longest((p for p in pauses if cut - CALM < p[1] <= cut), 0) for cut, _ in cuts]
    return {
        "sent": sent, "received": len(numbers), "lost": sent - len(set(numbers)), "duplicated": len(numbers) - len(set(numbers)),
        "outOfOrder": sum(later < earlier for earlier, later in pairwise(numbers)),
        "gaps": [round(gap, 2) for gap in gaps],
        "calm": [round(pause, 2) for pause in calm],
    }


def rate(arrivals: Iterable[Arrival], since: int, until: int) -> float:
    """How many packets a second arrived from one time to another, in nanoseconds."""
    return sum(since <= at < until for _, _, at in arrivals) * 1e9 / (until - since)


def latency(arrivals: Iterable[Arrival]) -> Latency | None:
    """How long packets took, in microseconds: the median, and what 99 of 100 did not exceed."""
    took = sorted((at - sent) / 1000 for _, sent, at in arrivals)
    if not took:
        return None
    return {"median": round(percentile(took, 50), 1), "percentile99": round(percentile(took, 99), 1), "packets": len(took)}


def percentile(ordered: Sequence[float], share: int) -> float:
    """The nearest-rank percentile of sorted values."""
    return ordered[max(0, -(-share * len(ordered) // 100) - 1)]
