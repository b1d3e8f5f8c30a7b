"""What a stream of numbered packets shows: how many were lost, doubled or overtaken, how long each loss of a link interrupted
it, how long packets took."""

MILLISECOND = 1_000_000
# How long before a loss nothing but the machine makes pauses: the one before is over.
CALM = 50 * MILLISECOND


def read(path):
    """Arrivals as (number, sent, arrived), in the order of arrival; times are nanoseconds."""
    with open(path) as file:
        return [tuple(map(int, line.split())) for line in file]


def figures(arrivals, sent, cuts, rate):
    """The figures of one stream. `gaps` are the longest pauses between two arrivals around each cut, in milliseconds, less the
    time between two packets that were sent; `calm` are those of the time just before it. A cut is a pair: when the link was lost,
    and when the stream went on without it."""
    numbers = [number for number, _, _ in arrivals]
    times = [at for _, _, at in arrivals]
    usual = 1e9 / rate

    pauses = list(zip(times, times[1:]))

    def longest(some, otherwise):
        return max(0.0, max((later - earlier for earlier, later in some), default=otherwise) - usual) / MILLISECOND

    # A gap may have begun before the loss, and end later than the stream goes on; calm is what was over before.
    gaps = [longest((p for p in pauses if p[1] > cut and p[0] <= until), until - cut) for cut, until in cuts]
    calm = [longest((p for p in pauses if cut - CALM < p[1] <= cut), 0) for cut, _ in cuts]
    return {
        "sent": sent, "received": len(numbers), "lost": sent - len(set(numbers)), "duplicated": len(numbers) - len(set(numbers)),
        "outOfOrder": sum(later < earlier for earlier, later in zip(numbers, numbers[1:])),
        "gaps": [round(gap, 2) for gap in gaps],
        "calm": [round(pause, 2) for pause in calm],
    }


def rate(arrivals, since, until):
    """How many packets a second arrived from one time to another, in nanoseconds."""
    return sum(since <= at < until for _, _, at in arrivals) * 1e9 / (until - since)


def latency(arrivals):
    """How long packets took, in microseconds: the median, and what 99 of 100 did not exceed."""
    took = sorted((at - sent) / 1000 for _, sent, at in arrivals)
    if not took:
        return None
    return {"median": round(percentile(took, 50), 1), "percentile99": round(percentile(took, 99), 1), "packets": len(took)}


def percentile(ordered, share):
    """The nearest-rank percentile of sorted values."""
    return ordered[max(0, -(-share * len(ordered) // 100) - 1)]
