"""The intervals, against what all possible draws give, and against what is known of the mean of normal numbers."""

import itertools
import random
import unittest
from collections.abc import Callable, Sequence
from statistics import mean, median

from lablib.bootstrap import interval


def enumerated(rounds: Sequence[float], statistic: Callable[[Sequence[float]], float]) -> tuple[float, float]:
    """The interval that infinitely many draws would give: every draw of a few rounds is as likely as any other."""
    found = sorted(statistic(draw) for draw in itertools.product(rounds, repeat=len(rounds)))
    return found[int(0.025 * len(found))], found[-1 - int(0.025 * len(found))]


class BootstrapTests(unittest.TestCase):
    def test_it_is_that_of_all_draws(self) -> None:
        # None of these has a step near 2.5%, where so many draws as there are could fall on either side: of four rounds 1 in 256 has no
        # round but the least.
        for rounds in ([1.0, 2.0], [1.0, 2.0, 4.0], [3.0, 1.0, 4.0, 1.5], [10.0, 20.0, 40.0, 80.0, 160.0]):
            for statistic in (max, min, median):
                self.assertEqual(interval(rounds, statistic), enumerated(rounds, statistic), (rounds, statistic))

    def test_of_three_rounds_both_extremes_are_likely_enough(self) -> None:
        # All three draws are the least round with a probability of 1/27, which is more than 2.5%.
        self.assertEqual(interval([1, 5, 9], max), (1, 9))

    def test_of_four_rounds_they_are_not(self) -> None:
        # That is 1/256 here; no more than the second least is drawn with 16/256.
        self.assertEqual(interval([1, 5, 9, 13], max), (5, 13))

    def test_the_mean_of_many_rounds_has_the_interval_of_the_normal_distribution(self) -> None:
        luck = random.Random(7)
        rounds = [luck.gauss(100, 10) for _ in range(400)]
        found = interval(rounds, mean)
        assert found is not None
        spread = (sum((each - mean(rounds)) ** 2 for each in rounds) / len(rounds)) ** 0.5
        for edge, deviations in zip(found, (-1.96, 1.96), strict=True):
            self.assertAlmostEqual(edge, mean(rounds) + deviations * spread / 20, delta=0.1)

    def test_equal_rounds_leave_no_doubt(self) -> None:
        self.assertEqual(interval([7.0] * 5, median), (7.0, 7.0))

    def test_one_round_has_none(self) -> None:
        self.assertIsNone(interval([7.0], median))
        self.assertIsNone(interval([], median))

    def test_the_same_rounds_have_the_same_interval(self) -> None:
        rounds = [float(each * each % 17) for each in range(12)]
        self.assertEqual(interval(rounds, mean), interval(rounds, mean))

    def test_whole_rounds_are_drawn(self) -> None:
        # Within a round everything is the same: what differs are the rounds alone, and ten values of each are no more than one.
        def pooled(rounds: Sequence[list[float]]) -> float:
            return median([value for each in rounds for value in each])

        self.assertEqual(interval([[each] * 11 for each in (1.0, 2.0, 4.0)], pooled), interval([1.0, 2.0, 4.0], median))


if __name__ == "__main__":
    unittest.main()
