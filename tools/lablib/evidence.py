"""What a run left behind: the record, both agents' events, and the witness's capture as tshark decodes it."""

import json
import os
import struct
import subprocess
from dataclasses import dataclass
from typing import Any

from .guest.air import FREQUENCIES
from .guest.config import node_with
from .guest.control import Event
from .paths import LabError

BLOCK_ACK, VENDOR_SPECIFIC = 3, 127
ADDBA_REQUEST, ADDBA_RESPONSE, DELBA = 0, 1, 2
ACK = 0x1d
BLOCK_ACK_REQUEST = 0x18
REBUILD_MARK = 1 << 2
SHARING_MARK = 1 << 3
OUI = bytes.fromhex("d2524c")
FIELDS = ("frame.number", "frame.time_epoch", "radiotap.channel.freq", "wlan.fc.type_subtype", "wlan.ta", "wlan.ra",
          "wlan.fixed.category_code", "wlan.fixed.action_code", "wlan.fixed.status_code", "_ws.malformed")


def request_acknowledged(rebuilt: Event) -> int:
    """When the request of a rebuild was acknowledged: its event comes when the peer's agent has confirmed the rebuild."""
    since: int = rebuilt["monotonicNanoseconds"]
    waited: int = rebuilt.get("confirmedMicroseconds", 0) - rebuilt.get("elapsedMicroseconds", 0)
    return since - 1000 * max(0, waited)


@dataclass
class Frame:
    """One frame of the witness. What it is says tshark, without a plugin; `body` is what tshark leaves undecoded."""

    number: int
    nanoseconds: int = 0  # on the guest's monotonic clock
    frequency: int = 0
    subtype: int = 0
    transmitter: str = ""
    receiver: str = ""
    category: int | None = None
    action: int | None = None
    status: int | None = None
    malformed: str = ""
    body: bytes = b""

    @property
    def link(self) -> int | None:
        """The link whose channel the frame was on."""
        return next((link for link, frequency in FREQUENCIES.items() if frequency == self.frequency), None)

    def sender(self) -> str | None:
        """The node that sent the frame."""
        return node_with(self.transmitter, self.link) if self.link else None

    @property
    def element(self) -> bytes:
        """The session element's octets from its type on; empty when there is none."""
        start = self.body.find(bytes([0xdd]))
        while start >= 0:
            length = self.body[start + 1] if start + 1 < len(self.body) else 0
            if self.body[start + 2:start + 5] == OUI:
                return self.body[start + 5:start + 2 + length]
            start = self.body.find(bytes([0xdd]), start + 1)
        return b""

    @property
    def is_rebuild(self) -> bool:
        """Whether the session element has the rebuild mark."""
        return len(self.element) > 2 and bool(self.element[2] & REBUILD_MARK)

    @property
    def is_sharing(self) -> bool:
        """Whether the session element has the sharing mark."""
        return len(self.element) > 2 and bool(self.element[2] & SHARING_MARK)

    @property
    def transmission(self) -> bytes:
        """The number of the transmission that the session element names."""
        return self.element[5:9]

    @property
    def session(self) -> str:
        """The session that the session element names, as events write it."""
        return self.element[9:17][::-1].hex()

    @property
    def acknowledged_transmission(self) -> bytes:
        """The number that a session acknowledgment answers; empty when the frame is none."""
        own = self.body[1:]
        return own[5:9] if self.category == VENDOR_SPECIFIC and own[:5] == OUI + b"\x03\x01" else b""

    def __str__(self) -> str:
        names: dict[int | None, str] = {ADDBA_REQUEST: "ADDBA Request", ADDBA_RESPONSE: "ADDBA Response", DELBA: "DELBA"}
        name = names.get(self.action, "action") if self.category == BLOCK_ACK else "frame"
        mark = " with rebuild mark" if self.is_rebuild else " with sharing mark" if self.is_sharing else ""
        return f"#{self.number} {name}{mark} {self.transmitter} at {self.frequency} MHz"


@dataclass
class Evidence:
    """All that one run left behind."""

    record: dict[str, Any]
    events: dict[str, list[Event]]
    frames: list[Frame]
    folder: str = ""

    @property
    def acknowledgment(self) -> str:
        """`mac` or `frame`."""
        return str(self.record["acknowledgment"])

    def action(self, name: str) -> int | None:
        """When something was done (monotonic ns); `None` when it was not."""
        return next((a["monotonicNanoseconds"] for a in self.record["actions"] if a["name"] == name), None)

    def done(self, name: str) -> int:
        """When something was done that every run of the scenario does."""
        at = self.action(name)
        if at is None:
            raise LabError(f"the record does not have the action {name!r}")
        return at

    def event(self, node: str, kind: str, since: int = 0) -> Event | None:
        """The first event of a kind that a node told of."""
        return next((e for e in self.events[node] if e["event"] == kind and e["monotonicNanoseconds"] >= since), None)

    def session_events(self, node: str, since: int = 0, until: int = 1 << 62) -> list[str]:
        """The kinds of a node's session events between two instants."""
        return [e["event"] for e in self.events[node] if "session" in e and since <= e["monotonicNanoseconds"] <= until]

    def session_frames(self, since: int, until: int) -> list[Frame]:
        """Block Ack action frames between two instants."""
        return [f for f in self.frames if f.category == BLOCK_ACK and since <= f.nanoseconds <= until]

    def is_acknowledged(self, frame: Frame) -> bool:
        """Whether the witness saw the acknowledgment: an ACK to its sender before that sends again (frames of others may cross it),
        or the session acknowledgment that names it."""
        later = [f for f in self.frames if f.number > frame.number and f.frequency == frame.frequency]
        if self.acknowledgment == "mac":
            for each in later:
                if each.subtype == ACK and each.receiver == frame.transmitter:
                    return True
                if each.transmitter == frame.transmitter:
                    return False
            return False
        return any(f.acknowledged_transmission == frame.transmission and f.receiver == frame.transmitter for f in later)


def load(folder: str) -> Evidence:
    """Reads the evidence of one run."""
    with open(os.path.join(folder, "record.json")) as file:
        record = json.load(file)
    events = {node: lines(os.path.join(folder, f"{node}.events.jsonl")) for node in record["nodes"]}
    capture = os.path.join(folder, "air.pcap")
    # A run that broke off may have none.
    frames = witness(capture, record["wallMinusMonotonicNanoseconds"]) if os.path.exists(capture) else []
    return Evidence(record, events, frames, folder)


def lines(path: str) -> list[Event]:
    """The JSON objects of a file of lines; none when there is no file."""
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]


def witness(path: str, offset: int) -> list[Frame]:
    """The frames of a capture. `offset` is what its clock is ahead of the monotonic one, in nanoseconds."""
    # Frames are judged one by one: a TCP segment that came twice, over two links, is no malformed frame.
    # Numbers in a stream can look like DCE/RPC.
    alone = ("-o", "tcp.desegment_tcp_streams:FALSE", "--disable-protocol", "dcerpc")
    command = ["tshark", "-r", path, *alone, "-T", "fields", *(word for field in FIELDS for word in ("-e", field))]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"tshark can't read {path}: {done.stderr.strip()}")
    bodies = mpdu_bodies(path)
    return [frame(row.split("\t"), body, offset) for row, body in zip(done.stdout.splitlines(), bodies, strict=True)]


def frame(row: list[str], body: bytes, offset: int) -> Frame:
    """One row of tshark's fields."""

    def number(text: str) -> int | None:
        return int(text.split(",")[0], 0) if text else None

    seconds, _, fraction = row[1].partition(".")
    return Frame(
        number=int(row[0]), nanoseconds=int(seconds) * 10**9 + int(fraction.ljust(9, "0")) - offset,
        frequency=number(row[2]) or 0, subtype=number(row[3]) or 0, transmitter=row[4], receiver=row[5],
        category=number(row[6]), action=number(row[7]), status=number(row[8]), malformed=row[9], body=body)


def mpdu_bodies(path: str) -> list[bytes]:
    """What follows the 24 octets of a management header, per packet of a little-endian pcap file with radiotap."""
    with open(path, "rb") as file:
        content = file.read()
    bodies, offset = [], 24
    while offset < len(content):
        length = struct.unpack_from("<I", content, offset + 8)[0]
        packet = content[offset + 16:offset + 16 + length]
        bodies.append(packet[struct.unpack_from("<H", packet, 2)[0] + 24:])
        offset += 16 + length
    return bodies
