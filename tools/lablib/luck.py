"""What can be luck and what can't."""

import math

# So many standard deviations are no luck: one count in two million is beyond.
DEVIATIONS = 5


def is_plausible(lost: int, draws: int, share: float) -> bool:
    """Whether so many losses, and at least one, can come of so many draws that each lose with this probability."""
    return lost > 0 and abs(lost - draws * share) <= DEVIATIONS * math.sqrt(draws * share * (1 - share))
