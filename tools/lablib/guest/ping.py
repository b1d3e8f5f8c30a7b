"""Sends ICMP echo requests as fast as asked for, and tells the fate of each: `ping.py ADDRESS COUNT INTERVAL_MS`.

Prints one JSON object at the end. Busybox's ping waits a second between two requests, in which a loss would hide."""

import json
import os
import select
import socket
import struct
import sys
import time
from itertools import pairwise
from typing import Any

ECHO_REPLY, ECHO_REQUEST = 0, 8
PATIENCE = 5
# What ping sends, and what fills the interface's MTU of 1390 with an IPv4 header of 20 octets and ICMP's of 8.
SIZES = (56, 1362)


def checksum(octets: bytes) -> int:
    """The checksum of the Internet (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def request(identifier: int, number: int) -> bytes:
    """An echo request, a short or a long one in turn."""
    data = bytes(SIZES[number % len(SIZES)])
    header = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, identifier, number)
    return struct.pack("!BBHHH", ECHO_REQUEST, 0, checksum(header + data), identifier, number) + data


def ping(address: str, count: int, interval: float) -> dict[str, Any]:
    """Sends `count` requests `interval` seconds apart, and waits for what is missing."""
    identifier = os.getpid() & 0xffff
    sent: list[int] = []
    replies: list[tuple[int, int]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as link:
        due = time.monotonic()
        while len(sent) < count or (len({number for number, _ in replies}) < count and time.monotonic() < due + PATIENCE):
            if len(sent) < count and time.monotonic() >= due:
                sent.append(time.monotonic_ns())
                link.sendto(request(identifier, len(sent) - 1), (address, 0))
                due += interval
            wait = due - time.monotonic() if len(sent) < count else 0.05
            if select.select([link], [], [], max(wait, 0))[0]:
                packet = link.recv(2048)
                kind, _, _, owner, number = struct.unpack_from("!BBHHH", packet, (packet[0] & 0xf) * 4)
                if kind == ECHO_REPLY and owner == identifier:
                    replies.append((number, time.monotonic_ns()))
    return report(sent, replies)


def report(sent: list[int], replies: list[tuple[int, int]]) -> dict[str, Any]:
    """What became of the requests."""
    order = [number for number, _ in replies]
    times = [at for _, at in replies]
    return {
        "sent": len(sent), "lost": sorted(set(range(len(sent))) - set(order)),
        "doubled": sorted({number for number in order if order.count(number) > 1}), "inOrder": order == sorted(order),
        "firstNanoseconds": sent[0], "lastNanoseconds": sent[-1],
        "longestGapNanoseconds": max((later - earlier for earlier, later in pairwise(times)), default=0),
        "longestRoundTripNanoseconds": max((at - sent[number] for number, at in replies), default=0),
        "medianRoundTripNanoseconds": sorted(at - sent[number] for number, at in replies)[len(replies) // 2] if replies else 0,
    }


if __name__ == "__main__":
    print(json.dumps(ping(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) / 1000)), flush=True)
