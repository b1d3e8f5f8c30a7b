"""What an attacker without the key can send: made of frames that he recorded, all of it pure. docs/protocol.md has the frames."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from . import config

HEAD = struct.Struct("<QBH")
OUI = bytes.fromhex("d2524c")
BROADCAST = b"\xff" * 6
ACTION, QOS_DATA, PROTECTED = 0xd0, 0x88, 0x40
MANAGEMENT_HEADER, DATA_HEADER, GCMP_HEADER, TAG = 24, 26, 8, 16
BLOCK_ACK, VENDOR_SPECIFIC = b"\x03", b"\x7f"
REBUILD, SHARING, ACKNOWLEDGE, FROM_RECEIVER = 4, 8, 16, 32
NAMES = {2: "heartbeat", 3: "session acknowledgment", 4: "block acknowledgment"}
HANDSHAKES = {1: "handshake request", 2: "handshake response", 3: "handshake cookie"}
FLIPPED_OCTETS = 200
NODES, LINKS = (config.INITIATOR, config.RECEIVER), (1, 2)
DIRECTIONS = [(sender, receiver, link) for sender, receiver in (NODES, NODES[::-1]) for link in LINKS]
# An address of the attacker's own.
STRANGER = bytes.fromhex("0200bad00001")
# What an announcement says that its device supports: rebuild, sharing, a radio that acknowledges, protection.
SUPPORTED = 0x0f


@dataclass(frozen=True)
class Frame:
    """A frame: which link's channel it is for, the MPDU, and when it was heard."""

    link: int
    mpdu: bytes
    at: int = 0

    @property
    def receiver(self) -> bytes:
        """Address 1."""
        return self.mpdu[4:10]

    @property
    def transmitter(self) -> bytes:
        """Address 2."""
        return self.mpdu[10:16]

    @property
    def kind(self) -> str | None:
        """What it is; `None` when it is not of this protocol."""
        body = self.mpdu[MANAGEMENT_HEADER:]
        if self.mpdu[:1] == bytes([QOS_DATA]):
            return "payload"
        if self.mpdu[:1] != bytes([ACTION]):
            return None
        if body[:4] == VENDOR_SPECIFIC + OUI:
            return HANDSHAKES.get(body[6]) if body[4] == 6 else NAMES.get(body[4])
        element = self.session_element
        if body[:1] != BLOCK_ACK or not element:
            return None
        about = "sharing" if element[2] & SHARING else "rebuild" if element[2] & REBUILD else "session"
        return f"{about} {('request', 'response', 'end')[body[1]]}"

    @property
    def session_element(self) -> bytes:
        """The session element's octets from its type on; empty when there is none."""
        start = self.mpdu.find(OUI + b"\x01", MANAGEMENT_HEADER)
        return self.mpdu[start + 3:] if start >= 0 else b""

    @property
    def session(self) -> bytes:
        """The session that it names."""
        return self.session_element[9:17]


def read(path: str) -> list[Frame]:
    """The frames of a file of the program `attacker`."""
    with open(path, "rb") as file:
        content = file.read()
    frames, offset = [], 0
    while offset + HEAD.size <= len(content):
        at, link, length = HEAD.unpack_from(content, offset)
        offset += HEAD.size
        frames.append(Frame(link, content[offset:offset + length], at))
        offset += length
    return frames


def write(path: str, frames: Iterable[Frame]) -> None:
    """Writes frames for the program."""
    with open(path, "wb") as file:
        for frame in frames:
            file.write(HEAD.pack(frame.at, frame.link, len(frame.mpdu)) + frame.mpdu)


def address(node: str, link: int) -> bytes:
    """The address of a node's radio, as it travels."""
    return bytes.fromhex(config.link_address(node, link).replace(":", ""))


OWNERS = {address(node, link): (node, link) for node in NODES for link in LINKS}
NOBODY = "", 0


def recorded(frames: Iterable[Frame], deaf: Sequence[tuple[int, int, int]] = ()) -> tuple[list[Frame], list[Frame]]:
    """What the agents said to each other: what both heard, so that it can be said again, and what only the attacker heard, on a
    link while it was deaf (link, since, until)."""
    # A radio of hwsim may hear the channel that it was on before, too.
    both = [frame for frame in frames if frame.kind and all(OWNERS.get(each, NOBODY)[1] == frame.link
                                                            for each in (frame.receiver, frame.transmitter))]
    alone = [frame for frame in both if any(link == frame.link and since <= frame.at <= until for link, since, until in deaf)]
    return [frame for frame in both if frame not in alone], alone


def carried(frame: Frame) -> Frame:
    """The same frame on the other link, under the addresses that the two devices have there."""
    link = 3 - frame.link
    receiver, transmitter = (address(OWNERS[each][0], link) for each in (frame.receiver, frame.transmitter))
    return Frame(link, frame.mpdu[:4] + receiver + transmitter + frame.mpdu[16:])


def reflected(frame: Frame) -> Frame:
    """The same frame back to its sender."""
    return Frame(frame.link, frame.mpdu[:4] + frame.transmitter + frame.receiver + frame.mpdu[16:])


def replays(frames: list[Frame], luck: Random) -> dict[str, list[Frame]]:
    """Every recorded frame again: in order and shuffled, as it is, on the other link's channel, under that link's addresses, and
    back to its sender."""
    shuffled = luck.sample(frames, len(frames))
    elsewhere = [Frame(3 - frame.link, frame.mpdu) for frame in frames]
    return {"replay": frames, "replay, shuffled": shuffled, "replay on the other channel": elsewhere,
            "replay on the other link": [carried(frame) for frame in frames],
            "replay on the other link, shuffled": [carried(frame) for frame in shuffled],
            "reflection": [reflected(frame) for frame in frames]}


def samples(frames: Sequence[Frame], most: int) -> list[Frame]:
    """At most so many of each kind, the newest of them."""
    chosen: dict[str | None, list[Frame]] = {}
    for frame in reversed(frames):
        if len(chosen.setdefault(frame.kind, [])) < most:
            chosen[frame.kind].append(frame)
    return [frame for each in chosen.values() for frame in each]


def flips(frame: Frame) -> Iterator[Frame]:
    """The frame as often as it has bits in its first 200 octets, another one changed each time."""
    for bit in range(min(len(frame.mpdu), FLIPPED_OCTETS) * 8):
        octets = bytearray(frame.mpdu)
        octets[bit // 8] ^= 1 << bit % 8
        yield Frame(frame.link, bytes(octets))


def action(receiver: bytes, transmitter: bytes, link: int, body: bytes) -> Frame:
    """An action frame."""
    return Frame(link, bytes([ACTION, 0, 0, 0]) + receiver + transmitter + BROADCAST + bytes(2) + body)


def gcmp(number: int, key: int = 0) -> bytes:
    """A GCMP header."""
    octets = number.to_bytes(6, "little")
    return octets[:2] + bytes([0, key << 6 | 0x20]) + octets[2:]


class Forger:
    """Makes frames of what was overheard: the session, its members, how far packet numbers may have come."""

    def __init__(self, frames: list[Frame], luck: Random) -> None:
        self.frames, self.luck = frames, luck
        self.session = next(frame.session for frame in frames if frame.kind == "session request")
        self.number = 1 << 20

    def next_number(self) -> int:
        """A packet number that was not used yet."""
        self.number += self.luck.randrange(1, 4)
        return self.number

    def element(self, flags: int = 0, reason: int = 0, session: bytes | None = None, rebuild: int = 0, fields: bytes = b"") -> bytes:
        """A session element."""
        number = struct.pack("<I", self.luck.getrandbits(32))
        body = OUI + bytes([1, 1, flags, reason, 0]) + number + (session or self.session) + struct.pack("<I", rebuild) + fields
        return bytes([0xdd, len(body)]) + body

    @staticmethod
    def multi_link(node: str, link: int) -> bytes:
        """The Basic Multi-Link element of a node."""
        return bytes.fromhex("ff0b6b100008" + config.mld_address(node).replace(":", "")) + bytes([link])

    def request(self, node: str, link: int, **element: Any) -> bytes:
        """The body of an ADDBA Request."""
        return BLOCK_ACK + bytes.fromhex("002a0010000000 00".replace(" ", "")) + self.multi_link(node, link) + self.element(**element)

    def response(self, node: str, link: int, status: int, **element: Any) -> bytes:
        """The body of an ADDBA Response."""
        return (BLOCK_ACK + b"\x01\x2a" + struct.pack("<H", status) + bytes.fromhex("00100000")
                + self.multi_link(node, link) + self.element(**element))

    def end(self, node: str, reason: int, **element: Any) -> bytes:
        """The body of a DELBA of a node, which is the session's initiator or its receiver."""
        return BLOCK_ACK + b"\x02" + struct.pack("<HH", 0x0800 if node == config.INITIATOR else 0, reason) + self.element(**element)

    def bodies(self, node: str, link: int) -> dict[str, list[bytes]]:
        """What a node could say to harm the session, by kind."""
        position = b"\x01\x08" + struct.pack("<II", 1 << 30, (1 << 30) + 5)
        role = 0 if node == config.INITIATOR else 1
        anew, high = self.luck.randbytes(8), 1 << 31
        own = VENDOR_SPECIFIC + OUI
        return {
            "request": [self.request(node, link, flags=ACKNOWLEDGE | 3, session=anew),
                        self.request(node, link, flags=REBUILD | ACKNOWLEDGE, rebuild=high, fields=position),
                        self.request(node, link, flags=REBUILD | FROM_RECEIVER, rebuild=high, fields=position),
                        self.request(node, link, flags=SHARING, rebuild=high, fields=b"\x02\x02\x06\x00")],
            "response": [self.response(node, link, 0, flags=3), self.response(node, link, 0, flags=ACKNOWLEDGE)],
            "refusal": [self.response(node, link, 37, flags=flags, reason=reason, rebuild=rebuild)
                        for flags in (0, REBUILD, SHARING, REBUILD | FROM_RECEIVER) for reason in (1, 2, 3) for rebuild in (0, 1)],
            "session end": [self.end(node, reason) for reason in (36, 37, 38, 39)],
            "heartbeat": [own + bytes([2, 1, 7]) + struct.pack("<IHB", high, 1, len(entries)) + b"".join(entries)
                          for entries in ([], [self.session + struct.pack("<IBH", 9, role, 0)],
                                          [self.luck.randbytes(8) + struct.pack("<IBH", 0, 3 - role, 6)])],
            "session acknowledgment": [own + b"\x03\x01" + struct.pack("<I", self.luck.getrandbits(32))],
            "block acknowledgment": [own + b"\x04\x01" + self.session + struct.pack("<IB", 1 << 30, 1) + b"\xff"],
        }

    def announcement(self, device: bytes, transmitter: bytes, link: int, named: int | None = None) -> Frame:
        """A device's announcement on a link, to all; `named` when it names another link."""
        body = VENDOR_SPECIFIC + OUI + b"\x09\x01" + bytes.fromhex("ff0b6b100008") + device + bytes([named or link])
        return action(BROADCAST, transmitter, link, body + b"\xdd\x09" + OUI + b"\x0a\x01" + struct.pack("<BBH", SUPPORTED, 0, 977))

    def announcements(self) -> list[Frame]:
        """Announcements that both agents must refuse: of themselves, of each other at a radio of the attacker's, of nobody at
        theirs, and such that name another link."""
        made = []
        for node, _, link in DIRECTIONS:
            own = bytes.fromhex(config.mld_address(node).replace(":", ""))
            made += [self.announcement(own, STRANGER, link), self.announcement(own, STRANGER, link, 3 - link),
                     self.announcement(own, address(node, 3 - link), link), self.announcement(STRANGER, address(node, link), link)]
        return made

    def strangers(self, count: int) -> list[Frame]:
        """Announcements of so many devices that do not exist, which support everything."""
        return [self.announcement(b"\x02\x00" + self.luck.randbytes(4), b"\x02\x01" + self.luck.randbytes(4), 1 + index % 2)
                for index in range(count)]

    def all_bodies(self) -> Iterator[tuple[str, bytes, bytes, int, bytes]]:
        """All of them in all directions: (kind, receiver, transmitter, link, body)."""
        for sender, receiver, link in DIRECTIONS:
            for kind, bodies in self.bodies(sender, link).items():
                for body in bodies:
                    yield kind, address(receiver, link), address(sender, link), link, body

    def protection(self, key: int = 0) -> bytes:
        """A protection element whose tag is a guess."""
        return b"\xdd\x1d" + OUI + b"\x07\x01" + gcmp(self.next_number(), key) + self.luck.randbytes(TAG)

    def unprotected(self) -> dict[str, list[Frame]]:
        """Action frames without protection, by kind."""
        made: dict[str, list[Frame]] = {}
        for kind, receiver, transmitter, link, body in self.all_bodies():
            made.setdefault(f"forged {kind}", []).append(action(receiver, transmitter, link, body))
        made["forged payload"] = [Frame(link, bytes([QOS_DATA, 0, 0, 0]) + address(receiver, link) + address(sender, link) + BROADCAST
                                        + bytes(4) + bytes.fromhex("aaaa0300000088b50501") + self.luck.randbytes(80))
                                  for sender, receiver, link in DIRECTIONS]
        return made

    def guessed(self, key: int = 0) -> tuple[list[Frame], list[Frame]]:
        """Frames that are protected with a guess."""
        actions = [action(receiver, transmitter, link, body + self.protection(key))
                   for _, receiver, transmitter, link, body in self.all_bodies()]
        payloads = [Frame(link, bytes([QOS_DATA, PROTECTED, 0, 0]) + address(receiver, link) + address(sender, link) + BROADCAST
                          + bytes(4) + gcmp(self.next_number(), key) + self.luck.randbytes(100))
                    for sender, receiver, link in DIRECTIONS for _ in range(8)]
        return actions, payloads

    def handshakes(self) -> dict[str, list[Frame]]:
        """Handshake messages that are guesses, by kind."""
        lengths = {1: 65, 2: 66, 3: 32}
        return {f"forged {name}": [action(address(receiver, link), address(sender, link), link, VENDOR_SPECIFIC + OUI + bytes([6, 1, kind])
                                          + self.luck.randbytes(lengths[kind])) for sender, receiver, link in DIRECTIONS for _ in range(8)]
                for kind, name in HANDSHAKES.items()}

    def cut(self) -> list[Frame]:
        """Recorded action frames with too little in them, so that they can't be read."""
        return [action(address(receiver, link), address(sender, link), link, body)
                for sender, receiver, link in DIRECTIONS for body in (b"", BLOCK_ACK, b"\x03\x00\x2a", VENDOR_SPECIFIC + OUI + b"\x06")]

    def other_version(self) -> list[Frame]:
        """Handshake messages of another version."""
        return [action(address(receiver, link), address(sender, link), link, VENDOR_SPECIFIC + OUI + b"\x06\x02\x01" + self.luck.randbytes(65))
                for sender, receiver, link in DIRECTIONS]

    def own_link(self) -> list[Frame]:
        """Requests to rebuild the session on a link of the attacker's own: bare, protected with a guess, and with the protection
        of a request that was overheard."""
        seen = [frame for frame in self.frames if frame.kind and frame.kind.endswith("request") and frame.session == self.session]
        made = [Frame(frame.link, frame.mpdu[:10] + STRANGER + frame.mpdu[16:]) for frame in seen]
        for _, receiver, link in DIRECTIONS:
            for node in NODES:
                body = self.request(node, link, flags=REBUILD | ACKNOWLEDGE, rebuild=1 << 31,
                                    fields=b"\x01\x08" + struct.pack("<II", 0, 1 << 30))
                made += [action(address(receiver, link), STRANGER, link, rest) for rest in (body, body + self.protection())]
        return made

    def forgeries(self) -> dict[str, list[Frame]]:
        """Everything that is forged, by kind."""
        actions, payloads = self.guessed()
        unknown = [frame for frames in self.guessed(key=1) for frame in frames]
        return {**self.unprotected(), "guessed action": actions, "guessed payload": payloads, "guessed, another key ID": unknown,
                **self.handshakes(), "forged announcement": self.announcements(), "cut": self.cut(),
                "another version": self.other_version(), "rebuild on an own link": self.own_link()}


def reaching(frames: Sequence[Frame], count: int | None = None) -> dict[str, tuple[int, int]]:
    """How many of the first `count` frames, said again and again, come to each node that must refuse them: those to the address
    that its radio has on that link, and those to groups. Two numbers for each node: those that surely come, and those that may,
    since the kernel has the last word on frames whose frame control was changed."""
    count = len(frames) if count is None else count
    turns, rest = divmod(count, len(frames)) if frames else (0, 0)
    sure, possible = dict.fromkeys(NODES, 0), dict.fromkeys(NODES, 0)
    for index, frame in enumerate(frames):
        times = turns + (index < rest)
        for node in NODES:
            if frame.receiver == address(node, frame.link) or frame.mpdu[4] & 1:
                possible[node] += times
                if frame.mpdu[0] in (ACTION, QOS_DATA) and not frame.mpdu[1] & ~PROTECTED:
                    sure[node] += times
    return {node: (sure[node], possible[node]) for node in NODES}


def mixed(kinds: dict[str, list[Frame]], luck: Random, most: int = 40) -> list[Frame]:
    """Some of each kind, shuffled."""
    frames = [frame for each in kinds.values() for frame in luck.sample(each, min(most, len(each)))]
    return luck.sample(frames, len(frames))


def seeded(seed: int) -> Random:
    """Where an attacker's randomness comes from."""
    return Random(seed)
