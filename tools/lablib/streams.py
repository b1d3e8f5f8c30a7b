"""What a stream of numbered packets shows: how many were lost, doubled or overtaken, how long each loss of a link interrupted
it, how long packets took."""

MILLISECOND = 1_000_000


def read(path):
    """Arrivals as (number, sent, arrived), in the order of arrival; times are nanoseconds."""
    with open(path) as file:
        return [tuple(map(int, line.split())) for line in file]


def figures(arrivals, sent, cuts, rate):
    """The figures of one stream. `gaps` are the longest pauses between two arrivals around each cut, in milliseconds, less the
    time between two packets that were sent. A cut is a pair: when the link was lost, and when it served again."""
    numbers = [number for number, _, _ in arrivals]
    times = [at for _, _, at in arrivals]
    usual = 1e9 / rate
    gaps = []
    for cut, until in cuts:
        around = [at for at in times if cut - 100 * MILLISECOND <= at <= until]
        pauses = [later - earlier for earlier, later in zip(around, around[1:]) if later > cut]
        gaps.append(max(0.0, max(pauses, default=until - cut) - usual) / MILLISECOND)
    return {
        "sent": sent, "received": len(numbers), "lost": sent - len(set(numbers)), "duplicated": len(numbers) - len(set(numbers)),
        "outOfOrder": sum(later < earlier for earlier, later in zip(numbers, numbers[1:])),
        "gaps": [round(gap, 2) for gap in gaps],
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
