"""Tests of the evaluation of a benchmark's runs: rounds, figures, tables, JSON."""

import json
import os
import tempfile
import unittest
from dataclasses import dataclass
from statistics import median
from typing import Any

from lablib.benchmarks import Benchmark, Figure, Row, pooled, rows, table
from lablib.bootstrap import interval
from lablib.evidence import Evidence
from lablib.guest.contenders import CONTENDERS
from lablib.guest.streaming import NETWORKS
from lablib.scenario import OPTIONS, discover
from lablib.scenarios.failover import FAILOVER
from lablib.scenarios.flooded import flooded
from lablib.scenarios.speed import LATENCY, THROUGHPUT

SECOND = 10**9


@dataclass(frozen=True)
class Machine:
    """A machine, as far as its name."""

    name: str = "6.1"


@dataclass
class Played:
    """A run of a contender."""

    contender: str
    number: int
    evidence: Evidence | None
    security: str = "psk"
    machine: Machine = Machine()
    passed: bool = True


def evidence(folder: str = "", **notes: Any) -> Evidence:
    """Evidence with the notes of a run."""
    return Evidence({"acknowledgment": "mac", "notes": notes, "options": {"size": 1400, "rate": 200}}, {}, [], folder)


def flood(received: int = 3000, folder: str = "", **meter: int) -> Evidence:
    """A flood of two seconds, of which 1,000 frames were measured."""
    fate = {"sent": 3000, "received": received, "outOfOrder": 0, "nanoseconds": 2 * SECOND,
            "trafficNanoseconds": {"a": 60_000_000, "b": 40_000_000}}
    return evidence(folder, flood=fate, meter={"frames": 1000, "all": SECOND, **meter})


class RegistryTests(unittest.TestCase):
    def test_benchmarks_name_contenders_that_there_are_and_options_that_can_be_told(self) -> None:
        found = {name: scenario.benchmark for name, scenario in discover().items() if scenario.benchmark}
        self.assertGreaterEqual(len(found), 5)
        for name, benchmark in found.items():
            self.assertEqual(set(benchmark.contenders) - set(CONTENDERS), set(), name)
            self.assertEqual(set(benchmark.options) - set(OPTIONS), {"rounds"}, name)
            keys = [figure.key for figure in benchmark.figures]
            self.assertEqual(len(keys), len(set(keys)), name)

    def test_every_contender_can_be_played(self) -> None:
        self.assertEqual({each.kind for each in CONTENDERS.values()}, {"injector", *NETWORKS})

    def test_one_scenario_is_what_the_demo_shows(self) -> None:
        [shown] = [scenario.demonstration for scenario in discover().values() if scenario.demonstration]
        self.assertEqual(set(shown.contenders) - set(CONTENDERS), set())
        self.assertIs(discover()[shown.beside.name], shown.beside)


class RowTests(unittest.TestCase):
    BENCHMARK = Benchmark(
        contenders=("relink-mac", "injector-mac"), result=lambda evidence: evidence.record["notes"] or None, options={"rounds": 3},
        compared=lambda own, base: {"share": own["speed"] / base["speed"]},
        figures=(Figure("speed", "speed"), Figure("share", "share", 0, "%", scale=100),
                 Figure("middle", "gaps", 1, " ms", statistic=pooled(median), of="gaps"),
                 Figure("lost", "lost", statistic=sum, has_interval=False)))

    def measured(self) -> list[Row]:
        runs = [Played(name, number, evidence(speed=speed, lost=1, gaps=[speed / 100, speed / 10]))
                for number, both in enumerate(((300, 1000), (600, 750), (450, 1500)), 1)
                for name, speed in zip(("relink-mac", "injector-mac"), both, strict=True)]
        return rows(self.BENCHMARK, runs)

    def test_a_contender_has_a_row_in_the_order_of_its_first_run(self) -> None:
        self.assertEqual([row.contender.name for row in self.measured()], ["relink-mac", "injector-mac"])
        self.assertEqual([sorted(row.rounds) for row in self.measured()], [[1, 2, 3], [1, 2, 3]])

    def test_figures_are_medians_of_the_rounds_with_their_interval(self) -> None:
        speed = self.measured()[0].figures(self.BENCHMARK)["speed"]
        self.assertEqual((speed.value, speed.interval), (450, interval([300, 600, 450], median)))

    def test_a_round_is_compared_with_the_injector_in_the_same_round(self) -> None:
        relink, injector = self.measured()
        self.assertEqual([each["share"] for each in relink.rounds.values()], [0.3, 0.8, 0.3])
        self.assertEqual(relink.figures(self.BENCHMARK)["share"].value, 0.3)
        self.assertNotIn("share", injector.figures(self.BENCHMARK))

    def test_values_within_rounds_are_pooled(self) -> None:
        found = self.measured()[0].figures(self.BENCHMARK)["middle"]
        self.assertEqual(found.value, median([3, 30, 6, 60, 4.5, 45]))
        self.assertEqual(found.interval, interval([[3, 30], [6, 60], [4.5, 45]], pooled(median)))

    def test_sums_have_no_interval(self) -> None:
        lost = self.measured()[0].figures(self.BENCHMARK)["lost"]
        self.assertEqual((lost.value, lost.interval), (3, None))

    def test_like_is_compared_with_like(self) -> None:
        injector = Played("injector-mac", 1, evidence(speed=1000))
        for other in (Played("relink-mac", 1, evidence(speed=500), security="open"), Played("relink-frame", 1, evidence(speed=500)),
                      Played("relink-mac", 2, evidence(speed=500)), Played("relink-mac", 1, evidence(speed=500), machine=Machine("6.12"))):
            [row, _] = rows(self.BENCHMARK, [other, injector])
            self.assertNotIn("share", row.figures(self.BENCHMARK), str(other))
        [row, _] = rows(self.BENCHMARK, [Played("relink-mac", 1, evidence(speed=500)), injector])
        self.assertEqual(row.figures(self.BENCHMARK)["share"].value, 0.5)

    def test_a_run_that_broke_off_has_no_round_and_did_not_pass(self) -> None:
        runs = [Played("relink-mac", 1, evidence(speed=500)), Played("relink-mac", 2, None, passed=False)]
        [row] = rows(self.BENCHMARK, runs)
        self.assertEqual((list(row.rounds), row.passed), ([1], False))
        self.assertIn("(FAILED)", table(self.BENCHMARK, [row]))

    def test_the_table_is_markdown(self) -> None:
        lines = table(self.BENCHMARK, self.measured()).splitlines()
        self.assertEqual(len({len(line) for line in lines}), 1)
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        self.assertEqual(cells[0], ["", "speed", "share", "gaps", "lost"])
        self.assertTrue(all(set(cell) <= {"-", ":"} for cell in cells[1]))
        self.assertEqual(cells[2], ["Relink, MAC acknowledgment, with a key", "450 (300 to 600)", "30% (30 to 80)", "18.0 ms (16.5 to 33.0)", "3"])
        self.assertEqual([cells[3][0], cells[3][2]], ["batching injector, MAC acknowledgment, with a key", "–"])

    def test_the_machine_is_named_where_there_are_several(self) -> None:
        runs = [Played("bonding", 1, evidence(speed=1), security="open", machine=Machine(name)) for name in ("6.1", "6.12")]
        titles = [line.split("|")[1].strip() for line in table(self.BENCHMARK, rows(self.BENCHMARK, runs)).splitlines()]
        self.assertEqual(titles[2:], [f"bonding, active-backup, ARP every 100 ms, {name}" for name in ("6.1", "6.12")])

    def test_json_has_each_round_and_each_figure(self) -> None:
        said = json.loads(json.dumps(self.measured()[0].json(self.BENCHMARK)))
        self.assertEqual({key: said[key] for key in ("contender", "radios", "security", "machine", "passed")},
                         {"contender": "relink-mac", "radios": "mac", "security": "psk", "machine": "6.1", "passed": True})
        self.assertEqual(said["figures"]["speed"], {"value": 450, "interval95": [300, 600]})
        self.assertEqual(said["figures"]["lost"], {"value": 3})
        self.assertEqual([(each["round"], each["speed"], each["share"]) for each in said["rounds"]], [(1, 300, 0.3), (2, 600, 0.8), (3, 450, 0.3)])


class ResultTests(unittest.TestCase):
    """Tests of the results that the benchmarks' own files compute from their runs."""

    def test_throughput_where_the_kernels_own_accounts_are_exact(self) -> None:
        result = THROUGHPUT.result(flood(a=500_000_000, b=300_000_000))
        assert result is not None
        self.assertEqual((result["framesPerSecond"], result["megabitsPerSecond"], result["lost"]), (1500, 16.8, 0))
        self.assertEqual((result["microseconds"], result["microsecondsOfA"], result["microsecondsOfB"]), (1000, 500, 300))
        self.assertNotIn("callsOfA", result)
        # The injector is its own traffic.
        result = THROUGHPUT.result(flood())
        assert result is not None
        self.assertEqual((result["microsecondsOfA"], result["microsecondsOfB"]), (60, 40))

    def test_throughput_where_the_kernel_is_a_program(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            programs = [{"programNanoseconds": 100_000_000 * each, "kernelNanoseconds": 10_000_000, "calls": {"0": 1000 * each, "228": 500}}
                        for each in range(4)]
            with open(os.path.join(folder, "meter.json"), "w") as file:
                json.dump({"nanoseconds": 3 * SECOND, "idleNanoseconds": SECOND, "programs": [{**programs[0], "calls": {}}, *programs[1:]]}, file)
            result = THROUGHPUT.result(flood(folder=folder, a=1, b=1))
        assert result is not None
        self.assertEqual(result["microseconds"], 2000)
        # Of the first program nothing was seen, so end a is the one that sends; b is an agent.
        self.assertEqual((result["microsecondsOfA"], result["programMicrosecondsOfA"]), (210, 200))
        self.assertEqual((result["microsecondsOfB"], result["programMicrosecondsOfB"]), (110, 100))
        self.assertEqual((result["callsOfA"], result["clockReadsOfA"], result["callsOfB"]), (2, 0.5, 1))
        self.assertEqual(result["callsByNameOfA"], {"read": 2, "clock_gettime": 0.5})

    def test_throughput_of_nothing(self) -> None:
        self.assertIsNone(THROUGHPUT.result(flood(0)))
        self.assertIsNone(THROUGHPUT.result(evidence()))

    def test_failover_has_the_gaps_of_all_losses(self) -> None:
        def run(number: int, *gaps: float) -> Played:
            figures = {"gaps": list(gaps), "calm": [0.5] * len(gaps), "sent": 100, "received": 99, "lost": 1, "duplicated": 0, "outOfOrder": 0}
            return Played("bonding", number, evidence(figures=figures), security="open")

        [row] = rows(FAILOVER, [run(1, 5, 7), run(2, 6, 100), run(3, 4, 8)])
        found = {key: each.value for key, each in row.figures(FAILOVER).items()}
        self.assertEqual(found, {"losses": 6, "medianGap": 6.5, "highGap": 100, "leastGap": 4, "longestGap": 100, "medianCalm": 0.5,
                                 "sent": 300, "lost": 3, "duplicated": 0, "outOfOrder": 0})
        self.assertIsNone(FAILOVER.result(evidence()))

    def test_latency_is_compared_with_the_injector(self) -> None:
        def run(name: str, middle: float) -> Played:
            return Played(name, 1, evidence(latency={"median": middle, "percentile99": 2 * middle, "packets": 10}))

        found = rows(LATENCY, [run("relink-mac", 900.0), run("relink-frame", 1900.0), run("injector-mac", 100.0)])
        self.assertEqual([row.rounds[1].get("addedMedian") for row in found], [800.0, None, None])
        self.assertEqual(found[0].rounds[1]["addedPercentile99"], 1600.0)

    def test_what_gets_through_a_flood_is_compared_within_each_turn(self) -> None:
        assert flooded.benchmark is not None
        measured = {name: [each * 10**6 for each in all_] for name, all_ in
                    (("peace", (40, 80, 50)), ("beside", (20, 40, 30)), ("under", (10, 36, 24)))}
        self.assertEqual(flooded.benchmark.result(evidence(bitsPerSecond=measured)),
                         {"peace": 50, "beside": 30, "under": 24, "shareOfBeside": 0.8, "shareOfPeace": 0.45})
        self.assertIsNone(flooded.benchmark.result(evidence(bitsPerSecond={**measured, "beside": [0, 1, 1]})))
        self.assertIsNone(flooded.benchmark.result(evidence()))


if __name__ == "__main__":
    unittest.main()
