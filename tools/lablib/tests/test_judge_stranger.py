"""The judge of a stranger must find what is wrong: each test breaks good evidence in one place."""

import os
import tempfile
import unittest
from typing import Any

from lablib.evidence import ACK, BLOCK_ACK, DELBA, VENDOR_SPECIFIC, Evidence, Frame
from lablib.guest import strangers
from lablib.guest.attacks import OUI, STRANGER
from lablib.guest.attacks import Frame as Sent
from lablib.guest.config import link_address
from lablib.scenarios.stranger import RETURNED_HT, TRIAL, stranger
from lablib.tests.sample import MILLISECOND, event, failing, record_of

PACKETS = range(50)
EACH = [frame for frames in strangers.frames().values() for frame in frames]
SECONDS = 20
BEACON_BODY = bytes(8) + bytes.fromhex("e803" "1104" "0000" "0102824b")
SILENT = "nothing leaves an agent's radio but its own frames, beacons and ACKs"
UNHARMED = "the stranger changes no session, no link and no key"
HIDDEN = "access points show no SSID, and that they are private"
ACKNOWLEDGED = "radios that acknowledge do, for the stranger, too"


def sent(frame: Sent, at: int) -> Frame:
    """A frame of the stranger, as the witness has it."""
    subtype, transmitter, receiver, body = strangers.key(frame)
    return Frame(0, at * MILLISECOND, {1: 2412, 2: 2462}[frame.link], subtype, transmitter, receiver, body=body)


def of_agent(subtype: int, to: str = link_address("b", 1), body: bytes = b"", category: int | None = None, action: int | None = None) -> Frame:
    """A frame of agent a on link 1."""
    return Frame(0, 5000 * MILLISECOND, 2412, subtype, link_address("a", 1), to, category, action, body=body)


class StrangerTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.arrive(folder.name, *PACKETS)
        record = record_of(stranger, actions={"stranger": 1000, "gone": 21000, "stop-a": 22000}, notes={
            "sent": 2 * len(EACH), "stream": {"rate": 25, "size": 100, "sent": len(PACKETS)}, "isAnchored": True})
        told = [event("established", 500, 1, session="1" * 16)]
        beacons = [of_agent(8, "ff:ff:ff:ff:ff:ff", BEACON_BODY) for _ in range(SECONDS - 2)]
        own = [of_agent(0x28), of_agent(13, body=bytes([VENDOR_SPECIFIC]) + OUI + b"\x02\x01", category=VENDOR_SPECIFIC),
               of_agent(0x24, "02:12:34:56:78:9a")]
        acks = [Frame(0, 5000 * MILLISECOND, 2412, ACK, "", STRANGER.hex(":"))]
        frames = [sent(frame, 1000 + at * 19000 // len(EACH)) for at, frame in enumerate(EACH)]
        self.evidence = Evidence(record, {"a": [*told], "b": [*told]}, [*frames, *own, *acks, *beacons, *frames], folder.name)
        self.notes: dict[str, Any] = record["notes"]

    @staticmethod
    def arrive(folder: str, *numbers: int) -> None:
        """Writes which packets arrived."""
        with open(os.path.join(folder, "arrivals.txt"), "w") as file:
            file.writelines(f"{number} {40 * at * MILLISECOND} {40 * at * MILLISECOND}\n" for at, number in enumerate(numbers))

    def with_frame(self, frame: Frame) -> list[str]:
        """The checks that fail when the witness has one frame more."""
        self.evidence.frames.insert(len(EACH), frame)
        try:
            return failing(self.evidence)
        finally:
            self.evidence.frames.pop(len(EACH))

    def test_a_good_run_passes(self) -> None:
        self.assertEqual(failing(self.evidence), [])

    def test_answers_that_no_access_point_may_give(self) -> None:
        for subtype in (0x05, 0x0b, 0x01, 0x03, 0x0a, 0x0c, 0x20):
            self.assertEqual(self.with_frame(of_agent(subtype, STRANGER.hex(":"))), [SILENT], hex(subtype))
            self.assertEqual(self.with_frame(of_agent(subtype)), [SILENT], hex(subtype))

    def test_action_frames_that_the_agent_did_not_send(self) -> None:
        for category in (BLOCK_ACK, 8, 10, VENDOR_SPECIFIC):
            self.assertEqual(self.with_frame(of_agent(13, body=bytes([category, 1]), category=category, action=1)), [SILENT], category)

    def test_the_two_answers_that_the_kernel_cannot_be_kept_from(self) -> None:
        for category, action in ((BLOCK_ACK, DELBA), (RETURNED_HT, 3)):
            frame = of_agent(13, body=bytes([category, action]), category=category, action=action)
            self.assertEqual(self.with_frame(frame), [])
            frame.receiver = STRANGER.hex(":")
            self.assertEqual(self.with_frame(frame), [SILENT])

    def test_data_of_the_host_through_the_access_point(self) -> None:
        self.assertEqual(self.with_frame(of_agent(0x20, "ff:ff:ff:ff:ff:ff")), [SILENT])
        self.assertEqual(self.with_frame(of_agent(0x28, "33:33:00:00:00:16")), [SILENT])
        self.assertEqual(self.with_frame(of_agent(0x28, "8a:46:2b:78:7a:50")), [SILENT])
        self.assertEqual(self.with_frame(of_agent(0x28, "8a:46:2b:78:7a:50", body=TRIAL)), [])

    def test_an_access_point_that_says_what_the_stranger_said(self) -> None:
        self.assertEqual(self.with_frame(sent(EACH[0], 6000)), ["the witness has each frame of the stranger"])

    def test_a_stranger_who_did_not_send_all_of_it(self) -> None:
        self.notes["sent"] = len(EACH) - 1
        del self.evidence.frames[:len(EACH) + 1]
        self.assertEqual(failing(self.evidence), ["the witness has each frame of the stranger"])

    def test_a_beacon_that_shows_an_ssid_or_is_open(self) -> None:
        shown = BEACON_BODY[:12] + b"\x00\x06relink"
        public = BEACON_BODY[:10] + b"\x01" + BEACON_BODY[11:]
        for body in (shown, public):
            self.assertEqual(self.with_frame(of_agent(8, "ff:ff:ff:ff:ff:ff", body)), [HIDDEN])

    def test_too_many_beacons_or_none(self) -> None:
        self.evidence.frames[len(EACH):len(EACH)] = [of_agent(8, "ff:ff:ff:ff:ff:ff", BEACON_BODY)] * 5
        self.assertEqual(failing(self.evidence), ["each sends one beacon in 1,000 time units"])
        self.evidence.frames = [frame for frame in self.evidence.frames if frame.subtype != 8]
        self.assertEqual(failing(self.evidence), [HIDDEN])
        self.notes["isAnchored"] = False
        self.assertEqual(failing(self.evidence), [])

    def test_radios_that_do_not_do_what_they_are_said_to(self) -> None:
        self.evidence.record["acknowledgment"] = "frame"
        self.assertEqual(failing(self.evidence), [ACKNOWLEDGED])
        self.evidence.frames = [frame for frame in self.evidence.frames if frame.subtype != ACK]
        self.assertEqual(failing(self.evidence), [])
        self.evidence.record["acknowledgment"] = "mac"
        self.assertEqual(failing(self.evidence), [ACKNOWLEDGED])

    def test_a_session_or_a_link_that_is_harmed(self) -> None:
        for kind in ("ended", "refused", "linkLost", "linkSuspect", "interrupted", "sessionRequested"):
            self.evidence.events["b"].insert(0, event(kind, 9000, 1, cause="peerRequest"))
            self.assertEqual(failing(self.evidence), [UNHARMED], kind)
            self.evidence.events["b"].pop(0)

    def test_keys_that_are_renewed_when_they_are_old_and_before(self) -> None:
        for at, failed in ((700, []), (-3_600_000, []), (-3_500_000, [UNHARMED])):
            run = self.evidence.events["a"]
            run[:0] = [event("secured", at, 1), *([event("secured", 2000, 1)] if at < 0 else [])]
            self.assertEqual(failing(self.evidence), failed, at)
            del run[:2 if at < 0 else 1]

    def test_a_packet_that_is_lost_doubled_or_late(self) -> None:
        for what, numbers in (("lost", PACKETS[1:]), ("duplicated", [*PACKETS, 49]), ("outOfOrder", [1, 0, *PACKETS[2:]])):
            self.arrive(self.evidence.folder, *numbers)
            self.assertEqual(failing(self.evidence), [f"the receiver counts no packet {what}"])


class FramesTests(unittest.TestCase):
    def test_none_is_of_this_protocol(self) -> None:
        self.assertFalse([frame for frame in EACH if OUI in frame.mpdu])

    def test_all_kinds_go_to_each_access_point_as_the_stranger_and_as_the_peer(self) -> None:
        kinds = {(frame.link, frame.receiver, frame.transmitter == STRANGER): set[int]() for frame in EACH if frame.receiver != b"\xff" * 6}
        for frame in EACH:
            if (place := (frame.link, frame.receiver, frame.transmitter == STRANGER)) in kinds:
                kinds[place].add(frame.mpdu[0])
        self.assertEqual(len(kinds), 8)
        for found in kinds.values():
            self.assertEqual(found, {0x40, 0xb0, 0x00, 0x20, 0xc0, 0xa0, 0xd0, 0xe0, 0x08, 0x48, 0x88, 0xc8, 0x84, 0xa4})

    def test_none_has_the_power_management_bit(self) -> None:
        self.assertFalse([frame for frame in EACH if frame.mpdu[1] & 0x10])


if __name__ == "__main__":
    unittest.main()
