"""Small captures out of the lab's, with tshark's decode beside them, for the replay tests."""

import glob
import os
import shutil
import struct
import subprocess
from collections.abc import Collection, Sequence

from .evidence import BLOCK_ACK, BLOCK_ACK_REQUEST, Frame, witness
from .paths import ROOT, LabError
from .scenario import ACKNOWLEDGMENTS, Scenario

FOLDER = os.path.join(ROOT, "Tests", "ReplayTests", "Captures")
RECORDINGS = os.path.join(ROOT, "Tests", "ReplayTests", "Recordings")
# A fixture is in every clone, so it may not have more octets.
LIMIT = 30 << 10
# Recordings up to so many octets are kept whole, of longer ones so many.
SHORT, LONGEST = 32 << 10, 384 << 10
# How many frames before and behind an interesting one are kept, so that its acknowledgment and some ordinary frames are there.
AROUND = 4
ASSOCIATION = {0, 1, 11}
BLOCK_ACK_CONTROL = {BLOCK_ACK_REQUEST, 0x19}
# The columns that the captures of other people have too, in their order. The last one is named as tshark -o gives it a value.
COLUMNS = """frame.number frame.interface_id frame.time_epoch frame.cap_len frame.len radiotap.length radiotap.present.word
radiotap.present.fcs radiotap.flags radiotap.flags.fcs radiotap.flags.badfcs radiotap.mactime radiotap.datarate
radiotap.channel.freq radiotap.dbm_antsignal radiotap.antenna radiotap.rxflags radiotap.txflags wlan.fc.type_subtype wlan.fc
wlan.fc.retry wlan.fc.protected wlan.duration wlan.ra wlan.ta wlan.da wlan.sa wlan.bssid wlan.seq wlan.frag wlan.fcs wlan.qos.tid
wlan.qos.ack wlan.qos.amsdupresent wlan.fixed.category_code wlan.fixed.action_code wlan.fixed.dialog_token wlan.fixed.status_code
wlan.fixed.reason_code wlan.fixed.baparams.amsdu wlan.fixed.baparams.policy wlan.fixed.baparams.tid
wlan.fixed.baparams.buffersize wlan.fixed.batimeout wlan.fixed.ssc.fragment wlan.fixed.ssc.sequence
wlan.fixed.delba.param.initiator wlan.fixed.delba.param.tid wlan.ba.control wlan.ba.control.ba_type wlan.ba.basic.tidinfo
wlan.ba.bm wlan.ext_tag.number ppi.length ppi.dlt prism.did.channel wlancap.length _ws.malformed wlan.fcs.status""".split()
NAMES = {"wlan.fcs.status": "fcs.status(check_checksum)"}


def name_of(scenario: Scenario, acknowledgment: str, security: str) -> str:
    """The base name of the files of a scenario's run."""
    return f"{scenario.name}-{acknowledgment}" + ("-psk" if security == "psk" else "")


def interesting(frames: Sequence[Frame]) -> set[int]:
    """The indices of the frames that a fixture is about, and of those around them."""
    kept: set[int] = set()
    for index, frame in enumerate(frames):
        if frame.category == BLOCK_ACK or frame.subtype in ASSOCIATION | BLOCK_ACK_CONTROL:
            kept.update(range(max(0, index - AROUND), min(len(frames), index + AROUND + 1)))
    return kept


def trim(source: str, target: str, kept: Collection[int]) -> None:
    """Copies the packets with these indices from a little-endian pcap file to another one."""
    with open(source, "rb") as file:
        content = file.read()
    with open(target, "wb") as file:
        file.write(content[:24])
        offset, index = 24, 0
        while offset < len(content):
            end = offset + 16 + struct.unpack_from("<I", content, offset + 8)[0]
            if index in kept:
                file.write(content[offset:end])
            offset, index = end, index + 1


def decode(capture: str) -> str:
    """tshark's decode of a capture as a table: a row for each frame, several occurrences of a field joined by commas."""
    command = ["tshark", "-r", capture, "-o", "wlan.check_checksum:TRUE", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a",
               "-E", "aggregator=,", *(word for name in COLUMNS for word in ("-e", name))]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"tshark can't read {capture}: {done.stderr.strip()}")
    return "\t".join(NAMES.get(name, name) for name in COLUMNS) + "\n" + done.stdout


def record(capture: str, name: str) -> tuple[int, int]:
    """Makes a fixture of the witness's capture of a run; returns how many frames and octets it has."""
    kept = interesting(witness(capture, 0))
    if not kept:
        raise LabError(f"{capture} has nothing in it that a fixture is about")
    os.makedirs(FOLDER, exist_ok=True)
    target = os.path.join(FOLDER, name + ".pcap")
    trim(capture, target, kept)
    if os.path.getsize(target) > LIMIT:
        raise LabError(f"{target} is longer than {LIMIT} octets")
    with open(target + ".tsv", "w") as file:
        file.write(decode(target))
    return len(kept), os.path.getsize(target)


def keep_recordings(folder: str, name: str, acknowledgment: str) -> int:
    """Keeps what the agents of a run recorded, and the keys beside it; returns how many octets. Of longer recordings the start, of
    the initiator alone, and with one kind of acknowledgment."""
    is_first_kind = acknowledgment == ACKNOWLEDGMENTS[0]
    os.makedirs(RECORDINGS, exist_ok=True)
    total = 0
    for source in sorted(glob.glob(os.path.join(folder, "*.pcapng"))):
        if os.path.getsize(source) > SHORT and not (is_first_kind and os.path.basename(source) == "a.pcapng"):
            continue
        with open(source, "rb") as file:
            content = start_of(file.read(), LONGEST)
        with open(os.path.join(RECORDINGS, f"{name}-{os.path.basename(source)}"), "wb") as file:
            file.write(content)
        total += len(content)
        keys = source.removesuffix(".pcapng") + ".keys"
        if os.path.exists(keys):
            shutil.copyfile(keys, os.path.join(RECORDINGS, f"{name}-{os.path.basename(keys)}"))
    return total


def start_of(pcapng: bytes, limit: int) -> bytes:
    """The blocks of a little-endian pcapng file that have `limit` octets at most."""
    offset = 0
    while offset < len(pcapng):
        end = offset + int.from_bytes(pcapng[offset + 4:offset + 8], "little")
        if end > min(limit, len(pcapng)):
            break
        offset = end
    return pcapng[:offset]
