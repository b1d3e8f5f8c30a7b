"""What a stream of numbered packets shows: how many were lost, doubled or overtaken, and how long each loss of a link interrupted it."""

MILLISECOND = 1_000_000
WINDOW = 1_500 * MILLISECOND


def read(path):
    """Arrivals as (number, nanoseconds), in the order of arrival."""
    with open(path) as file:
        return [tuple(map(int, line.split())) for line in file]


def figures(arrivals, sent, cuts, rate):
    """The figures of one stream. `gaps` are the longest pauses between two arrivals around each cut, in milliseconds, less the
    time between two packets that were sent."""
    numbers = [number for number, _ in arrivals]
    times = [at for _, at in arrivals]
    usual = 1e9 / rate
    gaps = []
    for cut in cuts:
        around = [at for at in times if cut - 100 * MILLISECOND <= at <= cut + WINDOW]
        pauses = [later - earlier for earlier, later in zip(around, around[1:]) if later > cut]
        gaps.append(max(0.0, max(pauses, default=WINDOW) - usual) / MILLISECOND)
    return {
        "sent": sent, "received": len(numbers), "lost": sent - len(set(numbers)), "duplicated": len(numbers) - len(set(numbers)),
        "outOfOrder": sum(later < earlier for earlier, later in zip(numbers, numbers[1:])),
        "gaps": [round(gap, 2) for gap in gaps],
    }
