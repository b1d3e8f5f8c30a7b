"""The judge of the device with many sessions must find what is wrong: each test breaks good evidence in one place."""

import tempfile
import unittest
from typing import Any

from lablib.evidence import Evidence
from lablib.guest import config
from lablib.scenarios.hub import CAST, HUB, PRIORITIES, SESSIONS, hub
from lablib.tests.sample import MILLISECOND, event, failing, record_of
from lablib.tests.streamed import steady, write

ROUNDS = 5
LOSSES: list[dict[str, Any]] = [
    {"name": "deaf", "link": 1, "at": 1000 * MILLISECOND, "until": 4000 * MILLISECOND},
    {"name": "interface down", "link": 2, "at": 5000 * MILLISECOND, "until": 8000 * MILLISECOND}]


def name_of(initiator: str, receiver: str, tid: int) -> str:
    """A session's identifier."""
    return f"{initiator}{receiver}{tid}"


def listed() -> dict[str, list[dict[str, Any]]]:
    """The sessions in everybody's status."""
    sessions: dict[str, list[dict[str, Any]]] = {node: [] for node in CAST.nodes}
    for initiator, receiver, tid in CAST.listed():
        common = {"session": name_of(initiator, receiver, tid), "tid": tid, "state": "live", "resumptionPosition": ROUNDS}
        sessions[initiator].append({"role": "initiator", "peer": config.mld_address(receiver), **common})
        sessions[receiver].append({"role": "receiver", "peer": config.mld_address(initiator), **common})
    return sessions


class HubTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        told = [event("rebuilt", loss["at"] // MILLISECOND + 40, 2, session=name_of(*each), role="initiator", tid=each[2])
                for loss in LOSSES for each in CAST.listed()]
        notes = {"losses": LOSSES, "stream": {"rounds": ROUNDS}, "sessions at the start": listed(), "sessions at the end": listed()}
        for peer in CAST.nodes[1:]:
            write(self.folder, steady(ROUNDS * len(PRIORITIES), 80), f"arrivals-{peer}.txt")
        self.evidence = Evidence(record_of(hub, actions={"stop-a": 9000}, notes=notes), {HUB: told, "b": []}, [], self.folder)

    def failing(self) -> list[str]:
        return failing(self.evidence)

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(self.failing(), [])

    def test_packets_of_one_priority_that_overtake_those_of_another(self) -> None:
        arrivals = steady(ROUNDS * len(PRIORITIES), 80)
        write(self.folder, [arrivals[1], arrivals[0], *arrivals[2:]], "arrivals-c.txt")
        self.assertEqual(self.failing(), [])

    def test_a_session_that_was_not_rebuilt(self) -> None:
        del self.evidence.events[HUB][5]
        self.assertEqual(self.failing(), [f"deaf: all {SESSIONS} sessions were rebuilt"])

    def test_a_rebuild_of_a_session_of_the_other_end_counts_for_none(self) -> None:
        self.evidence.events[HUB][-1]["role"] = "receiver"
        self.assertEqual(self.failing(), [f"interface down: all {SESSIONS} sessions were rebuilt"])

    def test_a_rebuild_that_comes_late(self) -> None:
        self.evidence.events[HUB][0]["monotonicNanoseconds"] = 3100 * MILLISECOND
        self.assertEqual(self.failing(), ["deaf: within 2 s"])

    def test_sessions_that_were_dropped(self) -> None:
        for node in (HUB, "b"):
            for kind in ("ended", "establishedAnew", "payloadsGivenUp", "refused"):
                self.evidence.events[node].append(event(kind, 6000, session="ff", cause="retentionLimit"))
                self.assertEqual(self.failing(), ["no session was dropped, refused or established anew"])
                self.evidence.events[node].pop()

    def test_a_session_that_is_not_live_or_another_one(self) -> None:
        sessions = self.evidence.record["notes"]["sessions at the end"]
        sessions["c"][0]["state"] = "interrupted"
        self.assertEqual(self.failing(), [f"all {SESSIONS} sessions live at both ends"])
        sessions["c"][0] |= {"state": "live", "session": "new"}
        next(each for each in sessions[HUB] if each["session"] == name_of(HUB, "c", 0))["session"] = "new"
        self.assertEqual(self.failing(), ["they are the sessions of the start"])

    def test_a_session_that_carried_nothing(self) -> None:
        self.evidence.record["notes"]["sessions at the end"][HUB][3]["resumptionPosition"] = 0
        self.assertEqual(self.failing(), ["every session carried packets"])

    def test_a_lost_and_a_doubled_packet(self) -> None:
        good = steady(ROUNDS * len(PRIORITIES), 80)
        for arrivals, what in ((good[1:], "lost"), ([good[0], *good], "duplicated"), ([*good[8:], *good[:8]], "outOfOrder")):
            write(self.folder, arrivals, "arrivals-n.txt")
            self.assertEqual(self.failing(), [f"the receivers count no packet {what}"])


if __name__ == "__main__":
    unittest.main()
