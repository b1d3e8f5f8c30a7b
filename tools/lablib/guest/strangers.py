"""Frames of a stranger who takes the agents' access points for such as serve somebody: frames of plain 802.11, none of Relink's; all of it pure."""

import struct

from .attacks import BLOCK_ACK, BROADCAST, LINKS, NODES, STRANGER, Frame, address

PROBE_REQUEST, AUTHENTICATION, ASSOCIATION, REASSOCIATION = 0x40, 0xb0, 0x00, 0x20
DEAUTHENTICATION, DISASSOCIATION, ACTION, ACTION_NO_ACK = 0xc0, 0xa0, 0xd0, 0xe0
DATA, NULL, QOS_DATA, QOS_NULL, BLOCK_ACK_REQUEST, PS_POLL = 0x08, 0x48, 0x88, 0xc8, 0x84, 0xa4
TO_DS = 1
# A reason code and an element that no frame of a kernel has, so that a forged one differs from one that an access point sends of itself.
REASON = 0x0bad
ELEMENT = bytes.fromhex("dd0600badd010203")
RATES = bytes.fromhex("010882848b960c121824")
# The SSID of the access points, which their beacons don't show, none, and another one.
SSIDS = (b"relink", b"", b"somebody")
# Ack policies of QoS Control: normal, and Block Ack.
NORMAL, BY_BLOCK_ACK = 0x00, 0x60
# An ARP request in an LLC/SNAP frame.
ARP = bytes.fromhex("aaaa030000000806" "0001080006040001") + STRANGER + bytes([192, 0, 2, 1]) + bytes(6) + bytes([192, 0, 2, 2])
# The session's TID, and one that no session has.
TIDS = (0, 5)
# Action frames of categories that are not those of sessions: spectrum management, QoS, public, radio measurement, HT (channel width, power save, and
# one that the kernel does not know), SA Query, protected dual of public, WNM, VHT (group, operating mode), vendor-specific of another OUI, and one
# that looks as if it was returned, but not by a kernel.
ACTIONS = tuple(bytes.fromhex(text) for text in (
    "0004" "250300060a", "0003" "01", "0400" "480101", "0500" "010000", "0700" "01", "0701" "01", "0703" "00", "0800" "beef", "0900" "480101",
    "0a06" "0100", "1501" + "00" * 24, "1502" "00", "7f00badd01", "8700" "00"))


def mpdu(control: int, flags: int, receiver: bytes, transmitter: bytes, third: bytes, body: bytes) -> bytes:
    """A management or data frame."""
    return bytes([control, flags, 0, 0]) + receiver + transmitter + third + bytes(2) + body


def ssid(name: bytes) -> bytes:
    """An SSID element."""
    return bytes([0, len(name)]) + name


def management(point: bytes, transmitter: bytes) -> list[bytes]:
    """Management frames to an access point, action frames left out."""
    joining = [ssid(name) + RATES for name in SSIDS]
    bodies = [(PROBE_REQUEST, each) for each in joining]
    bodies += [(AUTHENTICATION, struct.pack("<HHH", algorithm, 1, 0)) for algorithm in (0, 1)]
    bodies += [(ASSOCIATION, struct.pack("<HH", 0x11, 1) + each) for each in joining]
    bodies += [(REASSOCIATION, struct.pack("<HH", 0x11, 1) + point + each) for each in joining]
    bodies += [(kind, struct.pack("<H", REASON)) for kind in (DEAUTHENTICATION, DISASSOCIATION)]
    wide = mpdu(PROBE_REQUEST, 0, BROADCAST, transmitter, BROADCAST, joining[1])
    return [wide, *(mpdu(kind, 0, point, transmitter, point, body) for kind, body in bodies)]


def actions(point: bytes, transmitter: bytes) -> list[bytes]:
    """Action frames to an access point: Block Ack ones without a session element, and of other categories."""
    bodies = list(ACTIONS)
    for tid in TIDS:
        parameters = struct.pack("<H", 0x1002 | tid << 2)
        bodies += [BLOCK_ACK + b"\x00\x2a" + parameters + bytes(4) + ELEMENT]
        bodies += [BLOCK_ACK + b"\x01\x2a" + struct.pack("<H", status) + parameters + bytes(2) + ELEMENT for status in (0, 37)]
        bodies += [BLOCK_ACK + b"\x02" + struct.pack("<HH", tid << 12 | role << 11, reason) + ELEMENT
                   for role in (0, 1) for reason in (1, 37, 38, 39)]
    return [mpdu(kind, 0, point, transmitter, point, body) for body in bodies for kind in (ACTION, ACTION_NO_ACK)]


def data(point: bytes, transmitter: bytes) -> list[bytes]:
    """Data frames to the distribution system behind an access point, and such as stations of an IBSS send."""
    frames = [mpdu(DATA, TO_DS, point, transmitter, BROADCAST, ARP), mpdu(NULL, TO_DS, point, transmitter, point, b""),
              mpdu(DATA, 0, point, transmitter, BROADCAST, ARP)]
    for tid in TIDS:
        for policy in (NORMAL, BY_BLOCK_ACK):
            control = bytes([tid | policy, 0])
            frames += [mpdu(QOS_DATA, TO_DS, point, transmitter, BROADCAST, control + ARP),
                       mpdu(QOS_DATA, 0, point, transmitter, BROADCAST, control + ARP),
                       mpdu(QOS_NULL, TO_DS, point, transmitter, point, control)]
    return frames


def control_frames(point: bytes, transmitter: bytes) -> list[bytes]:
    """BlockAckReq and PS-Poll."""
    requests = [bytes([BLOCK_ACK_REQUEST, 0, 0, 0]) + point + transmitter + struct.pack("<HH", tid << 12 | 0x04, 0) for tid in TIDS]
    return [*requests, bytes([PS_POLL, 0]) + struct.pack("<H", 0xc001) + point + transmitter]


def frames() -> dict[str, list[Frame]]:
    """All of them, by kind: to each access point on its channel, from the stranger's own address and as from the peer, whose access point such a
    frame seems to come from. None has the power management bit."""
    found: dict[str, list[Frame]] = {}
    for link in LINKS:
        for node, peer in (NODES, NODES[::-1]):
            point = address(node, link)
            for transmitter in (STRANGER, address(peer, link)):
                for kind in (management, actions, data, control_frames):
                    found.setdefault(kind.__name__, []).extend(Frame(link, each) for each in kind(point, transmitter))
            leave = [mpdu(kind, 0, BROADCAST, point, point, struct.pack("<H", REASON)) for kind in (DEAUTHENTICATION, DISASSOCIATION)]
            found["management"].extend(Frame(link, each) for each in leave)
    return found


# A frame as the witness shows it: type and subtype, transmitter, receiver, and what follows 24 octets.
Key = tuple[int, str, str, bytes]


def key(frame: Frame) -> Key:
    """The fields by which the witness shows a frame."""
    control = frame.mpdu[0]
    return (control & 0x0c) << 2 | control >> 4, frame.transmitter.hex(":"), frame.receiver.hex(":"), frame.mpdu[24:]
