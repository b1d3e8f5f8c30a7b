"""The judge of an agent that is killed again and again must find what is wrong: each test breaks good evidence in one place."""

import unittest
from typing import Any

from lablib.evidence import Evidence
from lablib.scenarios.killed import BESIDE, EARLY_EVERY, ELSEWHERE, killed
from lablib.tests.sample import event, failing, record_of

KILLS = 8
BEFORE = ["wlan0: up", f"{BESIDE}: down", f"{ELSEWHERE}: up", "Interface wlan0, addr 02:00:00:00:00:00, type managed"]
CLEAN = "after each kill the interfaces are as before"


def good() -> Evidence:
    """A run as it should be, with a kill each second."""
    whole = [number for number in range(KILLS + 1) if number == KILLS or number % EARLY_EVERY != EARLY_EVERY - 1]
    record = record_of(killed, actions={f"start {number}": 1000 * number for number in whole})
    record["options"] = {"losses": KILLS}
    record["notes"]["snapshots"] = {"before": [*BEFORE], "left": [[*BEFORE] for _ in range(KILLS)],
                                    "working": [[*BEFORE, "relink1: up"] for _ in whole]}
    told = [event("established", 1000 * number + 50, 1, session=f"{number:016x}") for number in whole]
    return Evidence(record, {"a": [*told], "b": [*told]}, [])


class KilledTests(unittest.TestCase):
    def setUp(self) -> None:
        self.run_ = good()
        self.snapshots: dict[str, Any] = self.run_.record["notes"]["snapshots"]

    def test_a_good_run_passes(self) -> None:
        self.assertEqual(failing(self.run_), [])

    def test_an_interface_that_is_left_over(self) -> None:
        self.snapshots["left"][3].append("relink1: down")
        self.assertEqual(failing(self.run_), [CLEAN])

    def test_an_interface_of_others_that_goes_with_the_agent(self) -> None:
        self.snapshots["left"][5].remove(f"{BESIDE}: down")
        self.assertEqual(failing(self.run_), [CLEAN])

    def test_fewer_kills_than_asked_for(self) -> None:
        self.snapshots["left"].pop()
        self.assertEqual(failing(self.run_), [CLEAN])

    def test_an_interface_of_others_that_the_agent_changes(self) -> None:
        for line in (f"{BESIDE}: down", f"{ELSEWHERE}: up"):
            run = good()
            run.record["notes"]["snapshots"]["working"][1].remove(line)
            self.assertEqual(failing(run), ["while the agent works, interfaces of others are as before"])

    def test_interfaces_of_others_that_were_never_there(self) -> None:
        for each in (self.snapshots["before"], *self.snapshots["left"]):
            each.remove(f"{BESIDE}: down")
        self.assertEqual(failing(self.run_), ["there are interfaces of others"])

    def test_an_agent_that_holds_no_radio(self) -> None:
        self.snapshots["working"][2].remove("relink1: up")
        self.assertEqual(failing(self.run_), ["while it works it has interfaces of its own"])

    def test_a_start_that_establishes_nothing(self) -> None:
        for node in "ab":
            run = good()
            del run.events[node][2]
            self.assertEqual(failing(run), ["each start establishes another session, the same at both ends"])

    def test_a_session_that_the_receiver_alone_tells_of(self) -> None:
        self.run_.events["b"].insert(3, event("established", 3010, 1, session="f" * 16))
        self.assertEqual(failing(self.run_), [])

    def test_a_start_without_kills(self) -> None:
        self.run_.record["actions"].pop()
        self.assertIn("it works between one kill and the next", failing(self.run_))


if __name__ == "__main__":
    unittest.main()
