"""Sends numbered frames through a monitor interface and tells what the radio reports of each, or tells which of them arrive:
`air_probe.py send INTERFACE RECEIVER TRANSMITTER COUNT GAP_MS SEND_BUFFER` and `air_probe.py listen INTERFACE TRANSMITTER`.

The sender prints one JSON object when the reports are in, or none has come for PATIENCE; the listener prints a line when it begins, and
one JSON object at SIGTERM. Times are monotonic, in nanoseconds."""

import json
import select
import signal
import socket
import struct
import sys
import time
from typing import Any, NoReturn

RADIOTAP = bytes.fromhex("00000800" "00000000")
# An action frame of no organization that exists, filled up so that the time on the air is worth counting.
HEAD, BODY = b"\xd0\x00\x00\x00", b"\x7f\x02\x00\x00"
LENGTH = 96
BROADCAST = b"\xff" * 6
PATIENCE = 3
# Radiotap's first fields: the length and alignment of each.
FIELDS = ((8, 8), (1, 1), (1, 1), (4, 2), (2, 1), (1, 1), (1, 1), (2, 2), (2, 2), (2, 2), (1, 1), (1, 1), (1, 1), (1, 1), (2, 2), (2, 2),
          (1, 1), (1, 1))
TX_FLAGS, DATA_RETRIES = 15, 17
TX_FLAG_FAIL = 1
SO_SNDBUFFORCE = 32


def radiotap(packet: bytes) -> tuple[dict[int, int], bytes]:
    """The values of a radiotap header by their bits, and the frame behind it."""
    length, present = struct.unpack_from("<HI", packet, 2)
    offset, word = 8, present
    while word >> 31:
        word = struct.unpack_from("<I", packet, offset)[0]
        offset += 4
    values: dict[int, int] = {}
    for bit, (size, alignment) in enumerate(FIELDS):
        if present >> bit & 1:
            offset += -offset % alignment
            values[bit] = int.from_bytes(packet[offset:offset + size], "little")
            offset += size
    return values, packet[length:]


def numbered(frame: bytes, transmitter: bytes) -> int | None:
    """The number in a frame of ours; `None` when it is another's."""
    is_ours = len(frame) >= 32 and frame[10:16] == transmitter and frame[24:28] == BODY
    return int.from_bytes(frame[28:32], "big") if is_ours else None


def opened(interface: str, buffer: int | None = None) -> socket.socket:
    """A socket on a monitor interface. `buffer`: how many octets it may have sent that no radio has reported, if not the usual."""
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
    if buffer:
        opened.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, buffer)
    opened.bind((interface, 0))
    return opened


def send(interface: str, receiver: bytes, transmitter: bytes, count: int, gap: float, buffer: int) -> dict[str, Any]:
    """Sends frames, each `gap` seconds after the last, and waits for the reports. Where the socket has no room, it waits: of each frame
    it tells when it began to send it, and when it was done."""
    sent: dict[int, list[int]] = {}
    reports: dict[int, list[Any]] = {}
    with opened(interface, buffer) as radio:
        due = time.monotonic()
        last = due
        while len(reports) < count and time.monotonic() < max(due, last) + PATIENCE:
            if len(sent) < count and time.monotonic() >= due:
                frame = HEAD + receiver + transmitter + BROADCAST + b"\0\0" + BODY + struct.pack("!I", len(sent))
                before = time.monotonic_ns()
                radio.send(RADIOTAP + frame.ljust(LENGTH, b"\0"))
                sent[len(sent)] = [before, time.monotonic_ns()]
                due += gap
            wait = max(0, due - time.monotonic()) if len(sent) < count else 0.1
            if select.select([radio], [], [], wait)[0]:
                values, frame = radiotap(radio.recv(65535))
                number = numbered(frame, transmitter)
                if number is not None and TX_FLAGS in values:
                    last = time.monotonic()
                    reports[number] = [time.monotonic_ns(), not values[TX_FLAGS] & TX_FLAG_FAIL, values.get(DATA_RETRIES)]
    return {"sent": sent, "reports": reports}


class Ended(Exception):
    """Somebody wants this to end."""


def end(*_: object) -> NoReturn:
    raise Ended


def listen(interface: str, transmitter: bytes) -> list[list[Any]]:
    """Notes the numbers of frames that arrive, whether each has the Retry bit, and when it came."""
    arrivals: list[list[Any]] = []
    try:
        with opened(interface) as radio:
            print("ready", flush=True)
            while True:
                values, frame = radiotap(radio.recv(65535))
                number = numbered(frame, transmitter)
                if number is not None and TX_FLAGS not in values:
                    arrivals.append([number, bool(frame[1] & 8), time.monotonic_ns()])
    except Ended:
        return arrivals


def octets(address: str) -> bytes:
    """The octets of an address."""
    return bytes.fromhex(address.replace(":", ""))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    if sys.argv[1] == "send":
        print(json.dumps(send(sys.argv[2], octets(sys.argv[3]), octets(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6]) / 1000,
                              int(sys.argv[7]))))
    else:
        print(json.dumps(listen(sys.argv[2], octets(sys.argv[3]))))
