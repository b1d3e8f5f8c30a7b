"""The judge of the attacker must find what is wrong: each test breaks good evidence in one place."""

import os
import tempfile
import unittest
from typing import Any

from lablib.evidence import Evidence
from lablib.scenarios import attacker
from lablib.tests.sample import MILLISECOND, event, failing, good

NOTHING = dict.fromkeys(("unprotected", "notAuthentic", "replayed", "unknownKey", "wrongLink", "withoutCookie", "lateHandshakes",
                         "tooManyHandshakes", "malformed", "foreign", "unknownSender", "stale", "duplicatePayloads", "missed",
                         "otherLink", "ownAddress", "addressTaken"), 0)


# Packets of the stream, 5 ms apart from 900 ms on: a hundred milliseconds of peace, then the phases, 20 ms each.
PACKETS = list(range(260))


def phase(name: str, number: int, causes: set[str]) -> dict[str, Any]:
    """A phase of ten frames to each agent, all refused under the first of the causes."""
    counted = NOTHING | ({sorted(causes)[0]: 10} if causes else {})
    reaching = (10, 10) if causes else (0, 0)
    since = (1000 + 20 * number) * MILLISECOND
    return {"name": name, "monotonicNanoseconds": since, "since": since, "nanoseconds": 20 * MILLISECOND, "sent": 20,
            "isAlone": name != "all kinds, while a link is lost",
            "reaching": {"a": reaching, "b": reaching}, "counted": {node: dict(counted) for node in ("a", "b")}}


def good_attacker(folder: str, acknowledgment: str = "mac") -> Evidence:
    """A run as it should be: link 1 is away from 2000 to 2100, under attack."""
    evidence = good()
    evidence.folder = folder
    names = [attacker.HELD_BACK, attacker.STRANGERS, *attacker.CAUSES, "forged request"]
    phases = [phase(name, number, attacker.CAUSES.get(name, attacker.FORGED)) for number, name in enumerate(names)]
    memory = {node: {"before": {"residentKiB": 38000}, "after": {"residentKiB": 38100}} for node in ("a", "b")}
    cuts = [[2000 * MILLISECOND, 2100 * MILLISECOND]]
    evidence.record |= {"scenario": attacker.attacker.name, "acknowledgment": acknowledgment, "notes": {
        "phases": phases, "memory": memory, "recorded": 2000, "heldBack": 50,
        "stream": {"rate": 200, "size": 100, "sent": len(PACKETS), "cuts": cuts, "contender": "relink-mac"}}}
    evidence.record["actions"] = [{"name": "peace", "monotonicNanoseconds": 900 * MILLISECOND},
                                  {"name": "stop-a", "monotonicNanoseconds": 5000 * MILLISECOND}]
    evidence.frames = []
    session: dict[str, Any] = {"session": "1122334455667788"}
    evidence.events["a"] = [event("established", 100, 1, **session), event("linkLost", 2010, 1), event("interrupted", 2010, 1, **session),
                            event("rebuilt", 2020, 2, **session), event("ended", 5001, 2, **session)]
    evidence.events["b"] = [event("rebuilt", 2020, 2, **session)]
    arrive(folder, PACKETS)
    return evidence


def arrive(folder: str, numbers: list[int]) -> None:
    """Writes what the receiver counted."""
    with open(os.path.join(folder, "arrivals.txt"), "w") as file:
        file.writelines(f"{number} 0 {(900 + 5 * index) * MILLISECOND}\n" for index, number in enumerate(numbers))


class AttackerTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.evidence = good_attacker(self.folder)
        self.notes = self.evidence.record["notes"]

    def failing(self) -> list[str]:
        return failing(self.evidence)

    def phase(self, name: str) -> dict[str, Any]:
        return next(each for each in self.notes["phases"] if each["name"] == name)

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(self.failing(), [])

    def test_a_frame_that_was_accepted(self) -> None:
        self.phase("forged request")["counted"]["b"]["unprotected"] = 9
        self.assertEqual(self.failing(), ["forged request: agent b refuses every frame under its cause"])
        # One that the kernel had no room for never came.
        self.phase("forged request")["counted"]["b"]["missed"] = 1
        self.assertEqual(self.failing(), [])

    def test_a_frame_that_was_counted_twice_or_under_another_cause(self) -> None:
        self.phase("guessed payload")["counted"]["a"]["notAuthentic"] = 11
        self.assertEqual(self.failing(), ["guessed payload: agent a refuses every frame under its cause"])
        self.phase("guessed payload")["counted"]["a"] |= {"notAuthentic": 10, "unknownKey": 1}
        self.assertEqual(self.failing(), ["guessed payload: agent a refuses every frame under its cause"])

    def test_a_cookie_that_answers_a_recorded_request_may_be_counted(self) -> None:
        counted = self.phase("replay")["counted"]
        counted["a"] |= {"lateHandshakes": 10, "replayed": 1}
        self.assertEqual(self.failing(), ["replay: agent a refuses every frame under its cause"])
        counted["b"] |= {"withoutCookie": 1, "lateHandshakes": 9}
        self.assertEqual(self.failing(), [])

    def test_while_a_radio_is_deaf_frames_may_not_come(self) -> None:
        self.phase("all kinds, while a link is lost")["counted"]["a"] = NOTHING | {"unprotected": 5}
        self.assertEqual(self.failing(), [])
        self.phase("all kinds, while a link is lost")["counted"]["a"]["unprotected"] = 4
        self.assertEqual(self.failing(), ["all kinds, while a link is lost: agent a refuses every frame under its cause"])

    def test_a_kind_that_did_not_come(self) -> None:
        self.notes["phases"].remove(self.phase("cut"))
        self.assertEqual(self.failing(), ["every kind of frame came"])

    def test_a_session_that_the_attacker_interrupted(self) -> None:
        for acknowledgment in ("mac", "frame"):
            for told in (event("interrupted", 1500, 1, session="1122334455667788"), event("linkLost", 1500, 1, cause="silence")):
                self.evidence = good_attacker(self.folder, acknowledgment)
                self.evidence.events["b"].append(told)
                self.assertEqual(self.failing(), ["the attacker changes no session, no link and no key"])

    def test_a_session_that_the_attacker_ended_and_a_false_alarm(self) -> None:
        for kind in ("ended", "establishedAnew", "refused", "secured", "handshakeFailed"):
            for acknowledgment in ("mac", "frame"):
                self.evidence = good_attacker(self.folder, acknowledgment)
                self.evidence.events["a"].append(event(kind, 2050, 1))
                self.assertEqual(self.failing(), ["the attacker changes no session, no link and no key"], kind)

    def test_no_loss_under_attack(self) -> None:
        self.evidence.events["a"] = []
        self.evidence.events["b"] = []
        self.assertEqual(self.failing(), ["the session is rebuilt under attack"])

    def test_a_lost_a_doubled_and_a_late_packet(self) -> None:
        start, rest = PACKETS[:100], PACKETS[103:]
        for numbers, what in (([101, 102], "lost"), ([100, 101, 101, 102], "duplicated"), ([100, 102, 101], "outOfOrder")):
            arrive(self.folder, start + numbers + rest)
            self.assertEqual(self.failing(), [f"the receiver counts no packet {what}"])

    def test_a_stream_that_is_slowed_down(self) -> None:
        with open(os.path.join(self.folder, "arrivals.txt")) as file:
            arrived = [line.split() for line in file]
        slow = ["the stream's goodput under attack stays above 80% of before"]
        # What came from 1115 ms until the end of one phase, or of nearly all, comes when they are over.
        for end, later, wrong in ((1120, 1120, slow), (1500, 3000, slow), (0, 0, [])):
            with open(os.path.join(self.folder, "arrivals.txt"), "w") as file:
                for number, sent, at in arrived:
                    print(number, sent, later * MILLISECOND if 1115 <= int(at) // MILLISECOND < end else at, file=file)
            self.assertEqual([check for check in self.failing() if "goodput" in check], wrong)

    def test_an_agent_that_grows(self) -> None:
        self.notes["memory"]["a"]["after"]["residentKiB"] += 1000
        self.assertEqual(self.failing(), ["agent a's resident memory grows by less than 1 MiB"])


if __name__ == "__main__":
    unittest.main()
