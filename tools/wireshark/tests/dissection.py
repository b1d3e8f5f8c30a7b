"""Writes small captures and has tshark read them with relink.lua."""
import functools
import json
import pathlib
import re
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "tools" / "wireshark" / "relink.lua"
CAPTURES = ROOT / "Tests" / "ReplayTests" / "Captures"
BARE, RADIOTAP = 105, 127
PLAIN_RADIOTAP = bytes.fromhex("0000080000000000")
FCS_RADIOTAP = bytes.fromhex("0000090002000000" "10")
PADDED_RADIOTAP = bytes.fromhex("0000090002000000" "20")
SESSION = "0x8b5d21f093c46e17"
# Its octets, or these and the length it had on the air.
Packet = bytes | tuple[bytes, int]
# Some of them, or a capture file.
Packets = Iterable[Packet] | pathlib.Path


@functools.cache
def has_lua() -> bool:
    """Whether there is a tshark, and it runs Lua scripts."""
    try:
        told = subprocess.run(["tshark", "--version"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        return False
    return re.search(r"with\s+Lua", told) is not None


def other_installed() -> pathlib.Path | None:
    """A copy of relink.lua among tshark's plugins, which it loads first, that says something else; None if there is none."""
    told = subprocess.run(["tshark", "-G", "folders"], capture_output=True, text=True).stdout
    for line in told.splitlines():
        name, _, folder = line.partition(":")
        copy = pathlib.Path(folder.strip()) / SCRIPT.name
        if name.endswith("Lua Plugins") and copy.exists() and copy.read_bytes() != SCRIPT.read_bytes():
            return copy
    return None


@functools.cache
def examples() -> Mapping[str, bytes]:
    """The frames that docs/protocol.md shows, by name."""
    text = (ROOT / "docs" / "protocol.md").read_text()
    blocks = re.findall(r"<!-- ([a-z -]+) -->\n```\n(.*?)\n```", text, re.S)
    return {name: bytes.fromhex("".join(line[4:] for line in block.splitlines())) for name, block in blocks}


@functools.cache
def keyed() -> Mapping[str, bytes]:
    """The frames between devices that share a key which docs/protocol.md shows, by name."""
    text = (ROOT / "docs" / "protocol.md").read_text()
    blocks = re.findall(r"<!-- ([a-z -]+) \(key\) -->\n```\n(.*?)\n```", text, re.S)
    return {name: bytes.fromhex("".join(line[4:] for line in block.splitlines())) for name, block in blocks}


def example(name: str, *changes: tuple[int, bytes]) -> bytes:
    """An example with some octets replaced: pairs of an offset and octets."""
    frame = bytearray(examples()[name])
    for offset, octets in changes:
        frame[offset:offset + len(octets)] = octets
    return bytes(frame)


def fcs(frame: bytes) -> bytes:
    """The frame check sequence of a frame, which is the CRC-32 of zip files."""
    return struct.pack("<I", zlib.crc32(frame))


def capture(packets: Iterable[Packet], link_type: int) -> bytes:
    """A pcap file."""
    content = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link_type)
    for index, packet in enumerate(packets):
        octets, length = packet if isinstance(packet, tuple) else (packet, len(packet))
        content += struct.pack("<IIII", index, 0, len(octets), length) + octets
    return content


def tshark(packets: Packets, *arguments: str, link_type: int = BARE) -> str:
    """The output of tshark. Any complaint of tshark or of the script is an error."""
    if isinstance(packets, pathlib.Path):
        return run(packets, arguments)
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(capture(packets, link_type))
        file.flush()
        return run(file.name, arguments)


def run(path: str | pathlib.Path, arguments: Iterable[str]) -> str:
    """The output of tshark on a capture file."""
    command = ["tshark", "-n", "-X", f"lua_script:{SCRIPT}", "-r", path, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("Running as user")]
    if done.returncode != 0 or complaints:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}: {' '.join(complaints)}")
    return done.stdout


def rows(packets: Packets, *fields: str, link_type: int = BARE, options: tuple[str, ...] = ("-2",)) -> list[tuple[str, ...]]:
    """The values of fields, one tuple of texts for each packet."""
    words = [word for field in fields for word in ("-e", field)]
    lines = tshark(packets, *options, "-T", "fields", *words, link_type=link_type).splitlines()
    return [tuple(line.split("\t")) for line in lines]


def sentences(packets: Packets, link_type: int = BARE) -> list[str]:
    """The Info column of every packet."""
    return [row[0] for row in rows(packets, "_ws.col.Info", link_type=link_type)]


def numbers(packets: Packets, display_filter: str, link_type: int = BARE, options: tuple[str, ...] = ("-2",)) -> list[int]:
    """The numbers of the packets that a display filter finds."""
    words = ("-Y", display_filter, "-T", "fields", "-e", "frame.number")
    return [int(line) for line in tshark(packets, *options, *words, link_type=link_type).split()]


def trees(packets: Packets, link_type: int = BARE) -> list[dict[str, list[str]]]:
    """For every packet all fields `relink.*`, wherever in the tree: the values by the name without `relink.`."""
    layers = json.loads(tshark(packets, "-2", "-T", "json", link_type=link_type), object_pairs_hook=list)
    return [fields(layer) for layer in layers]


def fields(tree: Any) -> dict[str, list[str]]:
    """The values of this project's fields in a JSON tree of pairs, in their order."""
    found: dict[str, list[str]] = {}
    for key, value in tree if isinstance(tree, list) else []:
        is_tree = isinstance(value, list)
        if key.startswith("relink.") and not is_tree:
            found.setdefault(key.removeprefix("relink."), []).append(value)
        if is_tree and all(isinstance(pair, tuple) for pair in value):
            for name, values in fields(value).items():
                found.setdefault(name, []).extend(values)
    return found


PRIMES = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
MASK = (1 << 64) - 1


def payload_check(octets: bytes) -> bytes:
    """The check of a payload frame: the lower half of XXH64 with seed 0 (XXH64 specification 0.1.1)."""
    def rotate(value: int, bits: int) -> int:
        return (value << bits | value >> 64 - bits) & MASK

    def turn(lane: int, word: int) -> int:
        return rotate(lane + word * PRIMES[1] & MASK, 31) * PRIMES[0] & MASK

    rest, value = octets, PRIMES[4]
    if len(octets) >= 32:
        lanes = [PRIMES[0] + PRIMES[1] & MASK, PRIMES[1], 0, -PRIMES[0] & MASK]
        while len(rest) >= 32:
            lanes = [turn(lane, word) for lane, word in zip(lanes, struct.unpack_from("<4Q", rest), strict=True)]
            rest = rest[32:]
        value = sum(rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & MASK
        for lane in lanes:
            value = (value ^ turn(0, lane)) * PRIMES[0] + PRIMES[3] & MASK
    value = value + len(octets) & MASK
    while len(rest) >= 8:
        value = rotate(value ^ turn(0, struct.unpack_from("<Q", rest)[0]), 27) * PRIMES[0] + PRIMES[3] & MASK
        rest = rest[8:]
    if len(rest) >= 4:
        value = rotate(value ^ struct.unpack_from("<I", rest)[0] * PRIMES[0] & MASK, 23) * PRIMES[1] + PRIMES[2] & MASK
        rest = rest[4:]
    for octet in rest:
        value = rotate(value ^ octet * PRIMES[4] & MASK, 11) * PRIMES[0] & MASK
    value = (value ^ value >> 33) * PRIMES[1] & MASK
    value = (value ^ value >> 29) * PRIMES[2] & MASK
    return struct.pack("<I", (value ^ value >> 32) & 0xFFFFFFFF)
