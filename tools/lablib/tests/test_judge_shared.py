"""The judge of sharing must find what is wrong: each test breaks good evidence in one place."""

import os
import tempfile
import unittest
from typing import Any

from lablib.evidence import ADDBA_REQUEST, ADDBA_RESPONSE, Evidence, Frame
from lablib.guest.config import link_address
from lablib.guest.control import Event
from lablib.scenarios import shared as scenario
from lablib.scenarios.shared import QOS_DATA
from lablib.tests.sample import MILLISECOND, event, failing, frame, good, in_frames

SESSION: dict[str, Any] = {"session": "1122334455667788", "tid": 0}
LOSSES = {1: (200, 300), 2: (400, 500)}


def sharing(number: int, at: int, link: int, action: int = ADDBA_REQUEST, node: str = "a") -> Frame:
    """A frame with the sharing mark."""
    made = frame(number, at, node, link, action)
    made.body = made.body.replace(b"\x01\x01\x01", b"\x01\x01\x0a", 1)
    return made


def data(number: int, at: int, link: int, sender: str = "a", receiver: str = "b") -> Frame:
    """A payload."""
    return Frame(number, at * MILLISECOND, {1: 2412, 2: 2462}[link], QOS_DATA, link_address(sender, link), link_address(receiver, link))


def shared(at: int, role: str, link: int = 1) -> Event:
    """The event."""
    return event("shared", at, link, role=role, links=[1, 2], **SESSION)


def good_shared(folder: str, acknowledgment: str = "mac") -> Evidence:
    """A run as it should be: shared at 110; link 1 is away from 200 to 300, link 2 from 400 to 500."""
    evidence = good()
    evidence.folder = folder
    cuts = [[at * MILLISECOND for at in times] for times in LOSSES.values()]
    evidence.record |= {"scenario": scenario.shared.name, "acknowledgment": acknowledgment,
                        "notes": {"stream": {"rate": 200, "size": 100, "sent": 4, "cuts": cuts}}}
    evidence.record["actions"] = [{"name": f"{name} {link}", "monotonicNanoseconds": at * MILLISECOND} for link, times in LOSSES.items()
                                  for name, at in zip(("loss", "back"), times, strict=True)]
    evidence.record["actions"].append({"name": "stop-a", "monotonicNanoseconds": 600 * MILLISECOND})
    own = dict(SESSION, role="initiator")
    evidence.events["a"] = [event("sessionRequested", 100, 1, **own), event("established", 103, 1, **own)]
    evidence.events["b"] = [event("established", 104, 1, role="receiver", **SESSION), shared(110, "receiver")]
    evidence.frames = [frame(1, 101, "a", 1, ADDBA_REQUEST), frame(2, 101, "a", 1), frame(3, 102, "b", 1, ADDBA_RESPONSE),
                       frame(4, 102, "b", 1), sharing(5, 110, 1), frame(6, 110, "a", 1)]
    evidence.events["a"] += [event("shareRequested", 110, 1, links=[1, 2], **own), shared(111, "initiator")]
    for link, (loss, back) in LOSSES.items():
        other, number = 3 - link, len(evidence.frames)
        evidence.frames += [data(number + 1, loss + 20, other), sharing(number + 2, back + 10, other), frame(number + 3, back + 10, "a", other)]
        evidence.events["a"] += [event("sharedLinkLost", loss + 10, link, links=[other], **own),
                                 event("shareRequested", back + 10, other, links=[1, 2], **own), shared(back + 11, "initiator", other)]
        evidence.events["b"].append(shared(back + 11, "receiver", other))
    evidence.events["a"].append(event("ended", 601, 1, cause="userRequest", **own))
    evidence.events["b"].append(event("ended", 602, 1, cause="peerLeaving", role="receiver", **SESSION))
    arrive(folder, [0, 1, 2, 3])
    return evidence


def arrive(folder: str, numbers: list[int], last: int = 550) -> None:
    """Writes what the receiver counted."""
    with open(os.path.join(folder, "arrivals.txt"), "w") as file:
        file.writelines(f"{number} 0 {(last - len(numbers) + index) * MILLISECOND}\n" for index, number in enumerate(numbers))


class SharedTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.evidence = good_shared(self.folder)

    def failing(self) -> list[str]:
        return failing(self.evidence)

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(self.failing(), [])
        in_frames(self.evidence)
        self.assertEqual(self.failing(), [])

    def test_a_lost_a_doubled_and_a_late_packet(self) -> None:
        for numbers, what in (([0, 1, 3], "lost"), ([0, 1, 2, 2, 3], "duplicated"), ([0, 2, 1, 3], "outOfOrder")):
            arrive(self.folder, numbers)
            self.assertEqual(self.failing(), [f"the receiver counts no packet {what}"])

    def test_a_stream_that_ended_early(self) -> None:
        arrive(self.folder, [0, 1, 2, 3], last=490)
        self.assertEqual(self.failing(), ["the stream lasted over all of it"])

    def test_an_interruption_at_either_end(self) -> None:
        for node, role in (("a", "initiator"), ("b", "receiver")):
            self.evidence = good_shared(self.folder)
            self.evidence.events[node].append(event("interrupted", 450, 1, role=role, session="ff"))
            self.assertEqual(self.failing(), ["nothing was interrupted, rebuilt or ended"])

    def test_a_session_of_the_other_that_was_established_first(self) -> None:
        self.evidence.events["a"].insert(0, event("established", 99, 1, role="receiver", session="ff", tid=0))
        self.assertEqual(self.failing(), [])

    def test_a_loss_that_was_not_told(self) -> None:
        self.evidence.events["a"] = [told for told in self.evidence.events["a"]
                                     if (told["event"], told.get("link")) != ("sharedLinkLost", 2)]
        self.assertEqual(self.failing(), ["the initiator's events tell the story", "it lost link 1, then link 2"])

    def test_a_receiver_that_was_not_told(self) -> None:
        del self.evidence.events["b"][2]
        self.assertEqual(self.failing(), ["the receiver holds the session for shared at the start and after each return"])

    def test_shared_on_one_link(self) -> None:
        self.evidence.events["a"][3]["links"] = [1]
        self.assertEqual(self.failing(), ["shared means links 1 and 2"])

    def test_a_request_too_many_and_one_too_few(self) -> None:
        name = "on the air: one ADDBA Request with the sharing mark for each time agent a's session was shared"
        self.evidence.frames.append(sharing(99, 520, 1))
        self.assertEqual(self.failing(), [name])
        self.evidence = good_shared(self.folder)
        self.evidence.frames = [each for each in self.evidence.frames if each.number != 5]
        self.assertEqual(self.failing(), [name, "on the air: an acknowledgment for each of agent a's"])

    def test_a_request_without_its_acknowledgment(self) -> None:
        self.evidence.frames = [each for each in self.evidence.frames if each.number != 6]
        self.assertEqual(self.failing(), ["on the air: an acknowledgment for each of agent a's"])

    def test_a_response_and_a_rebuild_mark(self) -> None:
        self.evidence.frames.append(sharing(98, 520, 1, ADDBA_RESPONSE, "b"))
        self.assertEqual(self.failing(), ["on the air: no response to a sharing request"])
        self.evidence = good_shared(self.folder)
        self.evidence.frames.append(frame(98, 520, "a", 2, ADDBA_REQUEST, rebuild=True))
        self.assertEqual(self.failing(), ["on the air: no rebuild mark"])

    def test_no_payload_on_the_link_that_was_left(self) -> None:
        self.evidence.frames = [each for each in self.evidence.frames if each.subtype != QOS_DATA or each.link != 2]
        self.assertEqual(self.failing(), ["on the air: payloads on link 2 while link 1 was deaf"])

    def test_what_was_found_lost_and_again_besides(self) -> None:
        own = dict(SESSION, role="initiator")
        for change in (lambda evidence: evidence, in_frames):
            self.evidence = good_shared(self.folder)
            self.evidence.events["a"][4:4] = [event("sharedLinkLost", 150, 2, links=[1], **own), event("shareRequested", 160, 1, **own),
                                              shared(161, "initiator")]
            self.evidence.frames += [sharing(99, 160, 1), frame(100, 160, "a", 1)]
            change(self.evidence)
            self.assertEqual(self.failing(), ["the initiator's events tell the story", "it lost link 1, then link 2"])


if __name__ == "__main__":
    unittest.main()
