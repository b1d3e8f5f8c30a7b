"""The arithmetic of streams: gaps, losses, copies, order, latency."""

import unittest

from lablib import streams
from lablib.streams import MILLISECOND, Arrival, Figures


def arrivals(*pairs: tuple[int, float]) -> list[Arrival]:
    """Arrivals by number and milliseconds; each was sent 2 ms before."""
    return [(number, int((at - 2) * MILLISECOND), int(at * MILLISECOND)) for number, at in pairs]


class FiguresTests(unittest.TestCase):
    CUTS = [(1000 * MILLISECOND, 2000 * MILLISECOND)]

    def figures(self, *pairs: tuple[int, float], sent: int = 4, cuts: list[tuple[int, int]] | None = None) -> Figures:
        return streams.figures(arrivals(*pairs), sent, cuts or self.CUTS, 200)

    def test_a_gap_is_the_longest_pause_less_the_usual_one(self) -> None:
        told = self.figures((0, 990), (1, 995), (2, 1040), (3, 1045))
        self.assertEqual((told["gaps"], told["lost"], told["duplicated"], told["outOfOrder"]), ([40.0], 0, 0, 0))

    def test_what_comes_before_a_loss_or_after_its_end_is_not_its_gap(self) -> None:
        cuts = [(1000 * MILLISECOND, 1010 * MILLISECOND)]
        told = self.figures((0, 900), (1, 995), (2, 1000.5), (3, 1005), (4, 1011), (5, 2500), cuts=cuts)
        self.assertEqual(told["gaps"], [1.0])

    def test_the_time_before_a_loss_is_measured_alike(self) -> None:
        cuts = [(1000 * MILLISECOND, 1010 * MILLISECOND)]
        told = self.figures((0, 800), (1, 940), (2, 945), (3, 975), (4, 985), (5, 1085), (6, 1090), cuts=cuts)
        self.assertEqual((told["calm"], told["gaps"]), ([25.0], [95.0]))

    def test_a_pause_that_outlasts_the_loss_counts(self) -> None:
        cuts = [(1000 * MILLISECOND, 1010 * MILLISECOND)]
        self.assertEqual(self.figures((0, 995), (1, 1005), (2, 1090), cuts=cuts)["gaps"], [80.0])

    def test_a_rate_counts_what_came_from_the_one_time_until_the_other(self) -> None:
        came = arrivals((0, 999), (1, 1000), (2, 1005), (3, 1010))
        self.assertEqual(streams.rate(came, 1000 * MILLISECOND, 1010 * MILLISECOND), 200)

    def test_each_loss_has_its_own_gap(self) -> None:
        cuts = [(1000 * MILLISECOND, 1008 * MILLISECOND), (1200 * MILLISECOND, 1299 * MILLISECOND)]
        told = self.figures((0, 995), (1, 1010), (2, 1195), (3, 1300), cuts=cuts)
        self.assertEqual(told["gaps"], [10.0, 100.0])

    def test_a_stream_that_never_goes_on_has_a_gap_to_the_end(self) -> None:
        self.assertEqual(self.figures((0, 995))["gaps"], [995.0])

    def test_lost_doubled_and_disordered_packets_are_counted(self) -> None:
        told = self.figures((0, 995), (2, 1000), (1, 1001), (1, 1002))
        self.assertEqual((told["sent"], told["received"], told["lost"], told["duplicated"], told["outOfOrder"]), (4, 4, 1, 1, 1))


class LatencyTests(unittest.TestCase):
    def test_median_and_99th_percentile(self) -> None:
        told = streams.latency([(number, 0, number * 1000) for number in range(1, 201)])
        self.assertEqual(told, {"median": 100.0, "percentile99": 198.0, "packets": 200})

    def test_nothing_arrived(self) -> None:
        self.assertIsNone(streams.latency([]))


if __name__ == "__main__":
    unittest.main()
