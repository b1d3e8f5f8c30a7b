"""Numbered packets to many hosts with many priorities: `spread.py RATE SIZE TOS[,TOS...] ADDRESS...` sends RATE rounds a second, each of one
packet to every address with every value of the field TOS, until SIGTERM; prints how many rounds it sent. Receivers are those of
`stream receive udp`; the number of a packet is that of the round times the number of priorities, plus that of its priority."""

import contextlib
import signal
import socket
import struct
import sys
import time
from types import FrameType

PORT = 5077


class Ended(Exception):
    """SIGTERM came."""


def end(_number: int, _frame: FrameType | None) -> None:
    raise Ended


def main(rate: float, size: int, priorities: list[int], addresses: list[str]) -> None:
    """Sends until it is told to end; a round is whole or was not begun."""
    sockets = []
    for address in addresses:
        for index, priority in enumerate(priorities):
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, priority)
            sender.connect((address, PORT))
            sockets.append((index, sender))
    rounds, start = 0, time.monotonic()
    signal.signal(signal.SIGTERM, end)
    with contextlib.suppress(Ended):
        while True:
            time.sleep(max(0, start + rounds / rate - time.monotonic()))
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            for index, sender in sockets:
                sender.send(struct.pack("=Qq", rounds * len(priorities) + index, time.monotonic_ns()).ljust(size, b"\0"))
            rounds += 1
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    print(rounds, flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), [int(each) for each in sys.argv[3].split(",")], sys.argv[4:])
