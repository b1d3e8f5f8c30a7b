"""The 95% interval of a figure that was measured in rounds, by the percentile bootstrap over the rounds (Efron and Tibshirani, An
Introduction to the Bootstrap, chapter 13). What was measured within a round is not independent, so whole rounds are drawn."""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

Round = TypeVar("Round")
SAMPLES = 4000
LOW, HIGH = 0.025, 0.975


def interval(rounds: Sequence[Round], statistic: Callable[[Sequence[Round]], float]) -> tuple[float, float] | None:
    """The interval of a statistic; `None` for fewer than two rounds, which say nothing of it. The same rounds have the same interval."""
    if len(rounds) < 2:
        return None
    draw = random.Random(len(rounds))
    found = sorted(statistic(draw.choices(rounds, k=len(rounds))) for _ in range(SAMPLES))
    return found[int(LOW * SAMPLES)], found[-1 - int((1 - HIGH) * SAMPLES)]
