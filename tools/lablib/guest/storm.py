"""Floods a channel with frames of stations that nobody knows: `storm.py INTERFACE`. Prints now and then how many it has sent."""

import errno
import socket
import struct
import sys
import time

RADIOTAP = bytes.fromhex("00000800" "00000000")
BROADCAST = b"\xff" * 6
STATIONS = [bytes.fromhex("0200feed0001"), bytes.fromhex("0200feed0002")]
EVERY = 100
BURST, PAUSE = 2, 0.002


def frames() -> list[bytes]:
    """A beacon, a data frame to somebody else, and a broken action frame of our own organization identifier."""
    beacon = b"\x80\x00\x00\x00" + BROADCAST + STATIONS[0] + STATIONS[0] + b"\x00\x00"
    beacon += bytes(8) + struct.pack("<HH", 100, 1) + b"\x00\x05storm"
    data = b"\x08\x00\x00\x00" + STATIONS[1] + STATIONS[0] + BROADCAST + b"\x00\x00" + bytes(400)
    broken = b"\xd0\x00\x00\x00" + BROADCAST + STATIONS[1] + BROADCAST + b"\x00\x00" + b"\x7f\xd2\x52\x4c\x02\x01\xff"
    return [RADIOTAP + frame for frame in (beacon, data, broken)]


def main(interface: str) -> None:
    """Sends until it is killed."""
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind((interface, 0))
    sent = 0
    kinds = frames()
    while True:
        for _ in range(BURST):
            try:
                sender.send(kinds[sent % len(kinds)])
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                continue
            sent += 1
            if sent % EVERY == 0:
                print(sent, flush=True)
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(sys.argv[1])
