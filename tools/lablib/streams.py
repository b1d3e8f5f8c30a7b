"""What a stream of numbered packets shows: how many were lost, doubled or overtaken, how long each loss of a link interrupted
it, how long packets took."""

MILLISECOND = 1_000_000


def read(path):
    """Arrivals as (number, sent, arrived), in the order of arrival; times are nanoseconds."""
    with open(path) as file:
        return [tuple(map(int, line.split())) for line in file]


def figures(arrivals, sent, cuts, rate):
    """The figures of one stream. `gaps` are the longest pauses between two arrivals around each cut, in milliseconds, less the
    time between two packets that were sent; `calm` are those of as long a time before it. A cut is a pair: when the link was lost,
    and when the stream went on without it."""
    numbers = [number for number, _, _ in arrivals]
    times = [at for _, _, at in arrivals]
    usual = 1e9 / rate

    def longest(since, until):
        """The longest pause that lasted into this time, or began in it."""
        pauses = [later - earlier for earlier, later in zip(times, times[1:]) if later > since and earlier <= until]
        return max(0.0, max(pauses, default=until - since) - usual) / MILLISECOND

    gaps = [longest(cut, until) for cut, until in cuts]
    calm = [longest(2 * cut - until, cut) for cut, until in cuts]
    return {
        "sent": sent, "received": len(numbers), "lost": sent - len(set(numbers)), "duplicated": len(numbers) - len(set(numbers)),
        "outOfOrder": sum(later < earlier for earlier, later in zip(numbers, numbers[1:])),
        "gaps": [round(gap, 2) for gap in gaps],
        "calm": [round(pause, 2) for pause in calm],
    }


def latency(arrivals):
    """How long packets took, in microseconds: the median, and what 99 of 100 did not exceed."""
    took = sorted((at - sent) / 1000 for _, sent, at in arrivals)
    if not took:
        return None
    return {"median": round(percentile(took, 50), 1), "percentile99": round(percentile(took, 99), 1), "packets": len(took)}


def percentile(ordered, share):
    """The nearest-rank percentile of sorted values."""
    return ordered[max(0, -(-share * len(ordered) // 100) - 1)]
