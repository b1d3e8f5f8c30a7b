"""Writes small captures and has tshark read them with relink.lua."""
import functools
import json
import pathlib
import re
import struct
import subprocess
import tempfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "tools" / "wireshark" / "relink.lua"
CAPTURES = ROOT / "Tests" / "ReplayTests" / "Captures"
BARE, RADIOTAP = 105, 127
PLAIN_RADIOTAP = bytes.fromhex("0000080000000000")
FCS_RADIOTAP = bytes.fromhex("0000090002000000" "10")
PADDED_RADIOTAP = bytes.fromhex("0000090002000000" "20")
SESSION = "0x8b5d21f093c46e17"


@functools.cache
def has_lua():
    """Whether there is a tshark, and it runs Lua scripts."""
    try:
        told = subprocess.run(["tshark", "--version"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        return False
    return re.search(r"with\s+Lua", told) is not None


@functools.cache
def examples():
    """The frames that docs/protocol.md shows, by name."""
    text = (ROOT / "docs" / "protocol.md").read_text()
    blocks = re.findall(r"<!-- ([a-z -]+) -->\n```\n(.*?)\n```", text, re.S)
    return {name: bytes.fromhex("".join(line[4:] for line in block.splitlines())) for name, block in blocks}


@functools.cache
def keyed():
    """The frames between devices that share a key which docs/protocol.md shows, by name."""
    text = (ROOT / "docs" / "protocol.md").read_text()
    blocks = re.findall(r"<!-- ([a-z -]+) \(key\) -->\n```\n(.*?)\n```", text, re.S)
    return {name: bytes.fromhex("".join(line[4:] for line in block.splitlines())) for name, block in blocks}


def example(name, *changes):
    """An example with some octets replaced: pairs of an offset and octets."""
    frame = bytearray(examples()[name])
    for offset, octets in changes:
        frame[offset:offset + len(octets)] = octets
    return bytes(frame)


def fcs(frame):
    """The frame check sequence of a frame, which is the CRC-32 of zip files."""
    return struct.pack("<I", zlib.crc32(frame))


def capture(packets, link_type):
    """A pcap file. A packet is its octets, or these and the length it had on the air."""
    content = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link_type)
    for index, packet in enumerate(packets):
        octets, length = packet if isinstance(packet, tuple) else (packet, len(packet))
        content += struct.pack("<IIII", index, 0, len(octets), length) + octets
    return content


def tshark(packets, *arguments, link_type=BARE):
    """What tshark prints of packets, or of a capture file. Whatever it or the script complains of is an error."""
    if isinstance(packets, pathlib.Path):
        return run(packets, arguments)
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(capture(packets, link_type))
        file.flush()
        return run(file.name, arguments)


def run(path, arguments):
    """What tshark prints of a capture file."""
    command = ["tshark", "-n", "-X", f"lua_script:{SCRIPT}", "-r", path, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("Running as user")]
    if done.returncode != 0 or complaints:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}: {' '.join(complaints)}")
    return done.stdout


def rows(packets, *fields, link_type=BARE, options=("-2",)):
    """The values of fields, one tuple of texts for each packet."""
    words = [word for field in fields for word in ("-e", field)]
    lines = tshark(packets, *options, "-T", "fields", *words, link_type=link_type).splitlines()
    return [tuple(line.split("\t")) for line in lines]


def sentences(packets, link_type=BARE):
    """The Info column of every packet."""
    return [row[0] for row in rows(packets, "_ws.col.Info", link_type=link_type)]


def numbers(packets, display_filter, link_type=BARE, options=("-2",)):
    """The numbers of the packets that a display filter finds."""
    words = ("-Y", display_filter, "-T", "fields", "-e", "frame.number")
    return [int(line) for line in tshark(packets, *options, *words, link_type=link_type).split()]


def trees(packets, link_type=BARE):
    """For every packet all fields `relink.*`, wherever in the tree: the values by the name without `relink.`."""
    layers = json.loads(tshark(packets, "-2", "-T", "json", link_type=link_type), object_pairs_hook=list)
    return [fields(layer) for layer in layers]


def fields(tree):
    """The values of this project's fields in a JSON tree of pairs, in their order."""
    found = {}
    for key, value in tree if isinstance(tree, list) else []:
        is_tree = isinstance(value, list)
        if key.startswith("relink.") and not is_tree:
            found.setdefault(key.removeprefix("relink."), []).append(value)
        if is_tree and all(isinstance(pair, tuple) for pair in value):
            for name, values in fields(value).items():
                found.setdefault(name, []).extend(values)
    return found
