"""Holds the objects of `relink decode --json` against tshark's rows, value by value."""
import collections
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .rules import Difference, explain


def number(text: str) -> int:
    """A number as tshark prints it, decimal or hexadecimal; the first of several."""
    return int(text.split(",")[0], 0)


def text(value: str) -> str:
    """The first of several values."""
    return value.split(",")[0]


def frequency(value: str) -> int:
    """The centre frequency in MHz of a channel's number, as Prism headers have it."""
    channel = number(value)
    return 2484 if channel == 14 else (2407 if channel < 14 else 5000) + 5 * channel


# Each key with the columns that say the same, and how to read them. Of several columns the first that is there counts.
COLUMNS: dict[str, tuple[list[str], Callable[[str], object]]] = {
    "interface": (["frame.interface_id"], number),
    "length": (["frame.len"], number),
    "type": (["wlan.fc.type_subtype"], lambda value: number(value) >> 4 & 3),
    "subtype": (["wlan.fc.type_subtype"], lambda value: number(value) & 15),
    "ra": (["wlan.ra"], text),
    "ta": (["wlan.ta"], text),
    "da": (["wlan.da"], text),
    "sa": (["wlan.sa"], text),
    "bssid": (["wlan.bssid"], text),
    "sequence": (["wlan.seq"], number),
    "fragment": (["wlan.frag"], number),
    "tid": (["wlan.qos.tid", "wlan.fixed.baparams.tid", "wlan.fixed.delba.param.tid", "wlan.ba.basic.tidinfo"], number),
    "category": (["wlan.fixed.category_code"], number),
    "action": (["wlan.fixed.action_code"], number),
    "dialogToken": (["wlan.fixed.dialog_token"], number),
    "bufferSize": (["wlan.fixed.baparams.buffersize"], number),
    "blockAckPolicy": (["wlan.fixed.baparams.policy"], number),
    "timeout": (["wlan.fixed.batimeout"], number),
    "startingSequence": (["wlan.fixed.ssc.sequence"], number),
    "status": (["wlan.fixed.status_code"], number),
    "signal": (["radiotap.dbm_antsignal"], number),
    "frequency": (["radiotap.channel.freq", "prism.did.channel"], number),
    "txFlags": (["radiotap.txflags"], number),
}

# Columns that are read in another way than the others of their key.
READERS: dict[str, Callable[[str], object]] = {"prism.did.channel": frequency}


class Comparison:
    """All that was compared so far."""

    def __init__(self) -> None:
        self.frames = 0
        self.values = 0
        self.unexplained: list[str] = []
        self.explained: collections.Counter[str] = collections.Counter()

    def compare(self, name: str, frames: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, str]]) -> None:
        """Compares the frames of one capture."""
        if len(frames) != len(rows):
            self.unexplained.append(f"{name}: {len(frames)} frames in relink, {len(rows)} in tshark")
        for index, (frame, row) in enumerate(zip(frames, rows, strict=False)):
            if frame["number"] != index + 1:
                self.unexplained.append(f"{name}: frame {frame['number']} stands in line {index + 1}")
            self.frames += 1
            for difference in self.differences(frame, row):
                rule = explain(difference)
                if rule:
                    self.explained[rule.name] += 1
                else:
                    self.unexplained.append(
                        f"{name}, frame {frame['number']}: {difference.key}: {say(difference.ours)} in relink, "
                        f"{say(difference.theirs)} in tshark")

    def differences(self, frame: Mapping[str, Any], row: Mapping[str, str]) -> Iterator[Difference]:
        """The values of one frame that differ."""
        for key, (columns, read) in COLUMNS.items():
            column = next((column for column in columns if column in row), None)
            theirs = None if column is None else READERS.get(column, read)(row[column])
            self.values += 1
            if frame.get(key) != theirs:
                yield Difference(key, frame.get(key), theirs, frame, row)
        self.values += 1
        is_malformed = "[Malformed Packet" in row.get("_ws.malformed", "")
        if (frame["malformed"] is not None) != is_malformed:
            yield Difference("malformed", frame["malformed"], row.get("_ws.malformed"), frame, row)


def say(value: object) -> object:
    """A value for people."""
    return "nothing" if value is None else value
