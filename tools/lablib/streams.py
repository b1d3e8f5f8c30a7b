"""What a stream of numbered packets shows: how many were lost, doubled or overtaken, how long each loss of a link interrupted
it, how long packets took."""

MILLISECOND = 1_000_000
WINDOW = 1_500 * MILLISECOND
FOREVER = 1 << 62


def read(path):
    """Arrivals as (number, sent, arrived), in the order of arrival; times are nanoseconds."""
    with open(path) as file:
        return [tuple(map(int, line.split())) for line in file]


def figures(arrivals, sent, cuts, rate, window=WINDOW):
    """The figures of one stream. `gaps` are the longest pauses between two arrivals around each cut, in milliseconds, less the
    time between two packets that were sent. What counts is what arrives within `window` nanoseconds of a cut and before the next."""
    numbers = [number for number, _, _ in arrivals]
    times = [at for _, _, at in arrivals]
    usual = 1e9 / rate
    gaps = []
    for cut, following in zip(cuts, [*cuts[1:], FOREVER]):
        around = [at for at in times if cut - 100 * MILLISECOND <= at <= min(cut + window, following)]
        pauses = [later - earlier for earlier, later in zip(around, around[1:]) if later > cut]
        gaps.append(max(0.0, max(pauses, default=window) - usual) / MILLISECOND)
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
