"""The judges of rates and of radios that are said to sleep find broken evidence."""

import os
import tempfile
import unittest
from collections.abc import Callable
from typing import Any

from lablib.checked import Check
from lablib.evidence import Evidence
from lablib.scenarios import asleep, rates

MILLISECOND = 1_000_000
STEP = 5 * MILLISECOND


def failed(checks: list[Check]) -> list[str]:
    """The names of the checks that do not hold."""
    return [check.name for check in checks if not check.passed]


class HighestTests(unittest.TestCase):
    def test_nine_of_ten_suffice(self) -> None:
        self.assertEqual(failed(list(rates.at_the_highest(["MCS 15"] * 9 + ["MCS 14"], 10, rates.HT))), [])

    def test_less_does_not_nor_a_frame_too_few(self) -> None:
        checks = list(rates.at_the_highest([*["MCS 15"] * 8, "MCS 14", "no HT"], 10, rates.HT))
        self.assertEqual(failed(checks), ["at least 90% of the long frames have MCS 15"])
        self.assertEqual(failed(list(rates.at_the_highest(["MCS 15"] * 9, 10, rates.HT))), ["each packet was received as a frame"])
        self.assertEqual(len(failed(list(rates.at_the_highest([], 10, rates.HT)))), 2)

    def test_ht_is_not_vht(self) -> None:
        found = [rates.modulation("15", "", ""), rates.modulation("", "0x8", "4"), rates.modulation("", "8", "2"), rates.modulation("", "", "")]
        self.assertEqual(found, ["MCS 15", "VHT MCS 8x4", "VHT MCS 8x2", "no HT"])
        checks = list(rates.at_the_highest(found[:1] * 10, 10, rates.VHT))
        self.assertEqual(failed(checks), ["at least 90% of the long frames have VHT MCS 8x4"])


class AsleepTests(unittest.TestCase):
    def judge(self, change: Callable[[dict[str, Any], list[int]], None] = lambda record, times: None) -> list[str]:
        """The checks that fail on evidence that holds, but for what is changed of the record and of the times of arrival."""
        times = [index * STEP for index in range(8000)]
        station = {"frames": 1}
        links = [{"id": link, "counters": {"sleeping": 200}} for link in (1, 2)]
        record: dict[str, Any] = {
            "actions": [{"name": name, "monotonicNanoseconds": at * 10**9} for name, at in (("one", 1), ("both", 15), ("flood", 30))],
            "notes": {"stream": {"sent": len(times), "rate": 200, "size": 100},
                      "before": {"peers": [{"links": [{"id": 1, "station": station}, {"id": 2, "station": station}]}]},
                      "status": {node: {"links": links, "peers": [{"links": [{"id": 1, "unreported": 0}]}]} for node in ("a", "b")}}}
        change(record, times)
        event = {"event": "established", "session": "1", "monotonicNanoseconds": 0, "role": "initiator"}
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "arrivals.txt"), "w") as file:
                file.writelines(f"{number} {at} {at}\n" for number, at in enumerate(times) if at >= 0)
            evidence = Evidence(record, {"a": [event], "b": [event]}, [], folder)
            return failed(list(asleep.judge_asleep(evidence)))

    def test_good_evidence(self) -> None:
        self.assertEqual(self.judge(), [])

    def test_a_pause(self) -> None:
        def change(record: dict[str, Any], times: list[int]) -> None:
            times[3100:] = [at + 200 * MILLISECOND for at in times[3100:]]
        self.assertEqual(self.judge(change), ["after both, no pause of the stream exceeds 150 ms"])

    def test_a_lost_packet(self) -> None:
        def change(record: dict[str, Any], times: list[int]) -> None:
            times[5] = -1
        self.assertEqual(self.judge(change), ["the receiver counts no packet lost"])

    def test_a_frame_that_was_held_back(self) -> None:
        def change(record: dict[str, Any], times: list[int]) -> None:
            record["notes"]["status"]["b"]["peers"][0]["links"][0]["unreported"] = 1
        self.assertEqual(self.judge(change), ["the kernel holds back no frame of agent b: each was reported"])

    def test_no_station_and_nothing_counted(self) -> None:
        def change(record: dict[str, Any], times: list[int]) -> None:
            record["notes"]["before"]["peers"][0]["links"][1] = {"id": 2}
            record["notes"]["status"]["b"]["links"] = [{"id": 1, "counters": {"sleeping": 0}}]
        self.assertEqual(self.judge(change), ["the peer was a station of each access point", "agent b counts frames that say so on both links"])


if __name__ == "__main__":
    unittest.main()
