"""What the attacker makes of recorded frames: nothing is left out, and what is counted is what comes to an agent."""

import os
import random
import tempfile
import unittest
from typing import Any

from lablib.guest import attacks
from lablib.guest.attacks import Forger, Frame, address

SESSION = bytes(range(8))
ELEMENT = b"\xdd\x18" + attacks.OUI + bytes([1, 1, 1, 0, 0, 1, 0, 0, 0]) + SESSION + bytes(4)
OWN = attacks.VENDOR_SPECIFIC + attacks.OUI


def frame(body: bytes, sender: str = "a", receiver: str = "b", link: int = 1, at: int = 0) -> Frame:
    """An action frame of an agent."""
    return Frame(link, attacks.action(address(receiver, link), address(sender, link), link, body).mpdu, at)


def request(flags: int = 1, **fields: Any) -> Frame:
    """An ADDBA Request."""
    element = bytearray(ELEMENT)
    element[7] = flags
    return frame(attacks.BLOCK_ACK + b"\x00" + bytes(7) + bytes(element), **fields)


def payload(sender: str = "a", receiver: str = "b", link: int = 1) -> Frame:
    """A protected payload."""
    return Frame(link, b"\x88\x40" + bytes(2) + address(receiver, link) + address(sender, link) + b"\xff" * 6 + bytes(60))


class FrameTests(unittest.TestCase):
    def test_kinds(self) -> None:
        kinds = {"session request": request(), "rebuild request": request(5), "sharing request": request(9),
                 "session end": frame(attacks.BLOCK_ACK + b"\x02" + bytes(4) + ELEMENT), "heartbeat": frame(OWN + b"\x02\x01"),
                 "block acknowledgment": frame(OWN + b"\x04\x01"), "handshake cookie": frame(OWN + b"\x06\x01\x03"), "payload": payload(),
                 None: frame(b"\x04\x00")}
        self.assertEqual({each.kind for each in kinds.values()}, set(kinds))
        for kind, each in kinds.items():
            self.assertEqual(each.kind, kind)
        self.assertEqual(request().session, SESSION)

    def test_a_file_keeps_frames(self) -> None:
        frames = [request(at=5), payload(link=2)]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "frames")
            attacks.write(path, frames)
            self.assertEqual(attacks.read(path), frames)

    def test_what_both_heard_and_what_the_attacker_heard_alone(self) -> None:
        alone, other, elsewhere = request(at=50), request(at=50, link=2), Frame(2, request(at=10).mpdu, 10)
        stranger = Frame(1, request().mpdu[:10] + attacks.STRANGER + request().mpdu[16:])
        frames = [request(at=10), alone, other, elsewhere, stranger, frame(b"\x04\x00")]
        self.assertEqual(attacks.recorded(frames, [(1, 40, 60)]), ([frames[0], other], [alone]))


class AttackTests(unittest.TestCase):
    def setUp(self) -> None:
        self.luck = random.Random(1)
        self.frames = [request(), payload(), payload("b", "a", 2), frame(OWN + b"\x02\x01", "b", "a")]

    def test_replays_have_every_frame(self) -> None:
        made = attacks.replays(self.frames, self.luck)
        for each in made.values():
            self.assertEqual(len(each), len(self.frames))
        self.assertCountEqual(made["replay, shuffled"], self.frames)
        # On the other channel nobody has the address; under the other link's addresses all come.
        self.assertEqual(attacks.reaching(made["replay on the other channel"]), {"a": (0, 0), "b": (0, 0)})
        self.assertEqual(attacks.reaching(made["replay on the other link"]), {"a": (2, 2), "b": (2, 2)})
        self.assertEqual(attacks.reaching(made["reflection"]), {"a": (2, 2), "b": (2, 2)})

    def test_every_bit_is_changed_once(self) -> None:
        flipped = list(attacks.flips(self.frames[0]))
        self.assertEqual(len({each.mpdu for each in flipped}), len(self.frames[0].mpdu) * 8)
        long = Frame(1, payload().mpdu + bytes(300))
        self.assertEqual(len(list(attacks.flips(long))), 1600)

    def test_what_comes_to_an_agent(self) -> None:
        to_group = Frame(1, b"\xd0\x00" + bytes(2) + b"\xff" * 6 + address("a", 1) + bytes(20))
        other_control = Frame(1, b"\xd0\x80" + request().mpdu[2:])
        frames = [request(), to_group, other_control, Frame(1, request().mpdu[:4] + attacks.STRANGER + request().mpdu[10:])]
        self.assertEqual(attacks.reaching(frames), {"a": (1, 1), "b": (2, 3)})
        self.assertEqual(attacks.reaching(frames, 5), {"a": (1, 1), "b": (3, 4)})

    def test_forgeries_come_to_both_agents(self) -> None:
        for kind, frames in Forger(self.frames, self.luck).forgeries().items():
            with self.subTest(kind):
                reaching = attacks.reaching(frames)
                self.assertTrue(all(sure > 0 and sure == possible for sure, possible in reaching.values()), reaching)
                bare = kind.startswith("forged") or kind in ("cut", "another version")
                strangers, owners = {attacks.STRANGER}, set(attacks.OWNERS)
                transmitters = {"rebuild on an own link": strangers, "forged announcement": strangers | owners}.get(kind, owners)
                self.assertEqual(transmitters, {each.transmitter for each in frames})
                if bare:
                    self.assertFalse(any(each.mpdu[-31:-24] == b"\xdd\x1d" + attacks.OUI + b"\x07\x01" for each in frames))

    def test_strangers_are_many_devices_that_come_to_both(self) -> None:
        made = Forger(self.frames, self.luck).strangers(100)
        self.assertEqual(len({each.mpdu[34:40] for each in made}), 100)
        self.assertFalse(any(each.mpdu[34] & 1 or each.transmitter[0] & 1 for each in made))
        self.assertEqual({node: possible for node, (_, possible) in attacks.reaching(made).items()}, {"a": 100, "b": 100})

    def test_a_forged_request_names_the_session_that_was_overheard(self) -> None:
        made = Forger(self.frames, self.luck).unprotected()["forged request"]
        self.assertEqual({each.kind for each in made}, {"session request", "rebuild request", "sharing request"})
        self.assertEqual({each.session for each in made if each.kind != "session request"}, {SESSION})


if __name__ == "__main__":
    unittest.main()
