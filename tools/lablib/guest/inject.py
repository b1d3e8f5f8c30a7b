"""Sends one frame through a monitor interface: `inject.py INTERFACE HEX`, the MPDU without FCS."""

import socket
import sys

RADIOTAP = bytes.fromhex("00000800" "00000000")

if __name__ == "__main__":
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((sys.argv[1], 0))
        sender.send(RADIOTAP + bytes.fromhex(sys.argv[2]))
