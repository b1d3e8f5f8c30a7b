"""A stream of numbered UDP packets and its receiver: `stream.py send ADDRESS RATE SIZE`, `stream.py receive FILE`.

Both run until SIGTERM, and print a line when they begin. The sender prints how many packets it sent; the receiver writes one line for
each packet that arrived, its number and the monotonic time in nanoseconds: its count is what the verdicts rest on."""

import signal
import socket
import struct
import sys
import time

PORT = 5077


class Ended(Exception):
    """Somebody wants this to end."""


def end(*_):
    raise Ended


def send(address, rate, size):
    """Sends at a steady rate; what was delayed is caught up with. It ends between two packets, so that its count is right."""
    number, is_ended = 0, []
    signal.signal(signal.SIGTERM, lambda *_: is_ended.append(True))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect((address, PORT))
        print("ready", flush=True)
        start = time.monotonic()
        while not is_ended:
            pause = start + number / rate - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            out.send(struct.pack("!Q", number).ljust(size, b"\0"))
            number += 1
    print(number, flush=True)


def receive(path):
    """Notes what arrives."""
    arrivals = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as into:
        into.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        into.bind(("", PORT))
        print("ready", flush=True)
        try:
            while True:
                packet = into.recv(65535)
                arrivals.append((struct.unpack_from("!Q", packet)[0], time.monotonic_ns()))
        except Ended:
            with open(path, "w") as file:
                file.writelines(f"{number} {at}\n" for number, at in arrivals)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    if sys.argv[1] == "send":
        send(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
    else:
        receive(sys.argv[2])
