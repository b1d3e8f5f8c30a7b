"""Removes and makes radios of mac80211_hwsim: `hwsim.py unplug NAME`, `hwsim.py plug ADDRESS CHANNELS`. It acts in the network
namespace that it runs in. The numbers are those of the kernel's include/linux/netlink.h, genetlink.h and mac80211_hwsim.h."""

import os
import socket
import struct
import sys

NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 1, 4, 2
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
NEW_RADIO, DEL_RADIO = 4, 5
CHANNELS, RADIO_NAME, PERMANENT_ADDRESS = 9, 17, 22


def attribute(kind: int, value: bytes) -> bytes:
    """One netlink attribute, padded."""
    head = struct.pack("=HH", 4 + len(value), kind)
    return head + value + bytes(-len(value) % 4)


class Netlink:
    """A generic netlink socket that waits for each answer."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.socket.settimeout(10)
        self.socket.bind((0, 0))

    def request(self, family: int, command: int, *attributes: bytes) -> dict[int, bytes]:
        """Sends a command; returns the attributes of the answers before the acknowledgment."""
        body = struct.pack("=BBH", command, 1, 0) + b"".join(attributes)
        head = struct.pack("=IHHII", 16 + len(body), family, NLM_F_REQUEST | NLM_F_ACK, 1, 0)
        self.socket.send(head + body)
        answer: dict[int, bytes] = {}
        while True:
            data = self.socket.recv(65536)
            while data:
                length, kind = struct.unpack_from("=IH", data)
                if kind == NLMSG_ERROR:
                    code = -struct.unpack_from("=i", data, 16)[0]
                    if code > 0:  # a new radio is answered with its number as a negative error
                        raise OSError(code, os.strerror(code))
                    return answer
                answer |= attributes_of(data[20:length])
                data = data[(length + 3) & ~3:]

    def family(self, name: str) -> int:
        """The number of a generic netlink family."""
        found = self.request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, attribute(CTRL_ATTR_FAMILY_NAME, name.encode() + b"\0"))
        return int.from_bytes(found[CTRL_ATTR_FAMILY_ID][:2], sys.byteorder)


def attributes_of(data: bytes) -> dict[int, bytes]:
    """The attributes in some octets, by kind."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3FFF] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


def main(action: str, radio: str, channels: str = "1") -> None:
    """Does what the command line asks for. A new radio gets a name that the kernel chooses, as a card does."""
    netlink = Netlink()
    family = netlink.family("MAC80211_HWSIM")
    if action == "unplug":
        # hwsim takes the name without an ending zero.
        netlink.request(family, DEL_RADIO, attribute(RADIO_NAME, radio.encode()))
    else:
        netlink.request(family, NEW_RADIO, attribute(PERMANENT_ADDRESS, bytes.fromhex(radio.replace(":", ""))),
                        attribute(CHANNELS, struct.pack("=I", int(channels))))


if __name__ == "__main__":
    main(*sys.argv[1:])
