"""Where tshark makes another choice, and why that is not relink's. Tests/ReplayTests/TSharkRule.swift has the same thoughts."""
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

MANAGEMENT, CONTROL, DATA, EXTENSION = range(4)
CF_END, CF_END_ACK = 14, 15
BLOCK_ACK_CATEGORY, SPECTRUM_MANAGEMENT_CATEGORY = 3, 0

BODY_KEYS = {"tid", "category", "action", "dialogToken", "bufferSize", "blockAckPolicy", "timeout", "startingSequence", "status"}


@dataclasses.dataclass
class Difference:
    """A value in which relink and tshark differ; None is nothing."""
    key: str
    ours: object
    theirs: object
    frame: Mapping[str, Any]
    row: Mapping[str, str]


@dataclasses.dataclass
class Rule:
    """A choice that explains a difference."""
    name: str
    reason: str
    explains: Callable[[Difference], bool]


def fault(difference: Difference) -> str:
    """Where and why relink could not read on, if it could not."""
    return difference.frame["malformed"] or ""


def belongs_to_fault(difference: Difference) -> bool:
    """Whether the difference is the fault itself, or a value that the fault kept relink from reading: when the header could be
    read, that is what stands behind it."""
    header_was_read = "type" in difference.frame
    return difference.key == "malformed" or (
        difference.ours is None and (not header_was_read or difference.key in BODY_KEYS))


def cut_short(difference: Difference) -> bool:
    """What belongs to something cut short is missing, or the cut itself is no fault for tshark."""
    return "cut short" in fault(difference) and belongs_to_fault(difference)


def other_version(difference: Difference) -> bool:
    """The same for another version."""
    return "version" in fault(difference) and belongs_to_fault(difference)


def transmitter_of_cf_end(difference: Difference) -> bool:
    kind = (difference.frame.get("type"), difference.frame.get("subtype"))
    return difference.key == "ta" and kind in [(CONTROL, CF_END), (CONTROL, CF_END_ACK)] and difference.theirs is None


def other_packets(difference: Difference) -> bool:
    return difference.key == "malformed" and difference.ours is None and "linkType" in difference.frame


def content_of_bodies(difference: Difference) -> bool:
    return (difference.key == "malformed" and difference.ours is None
            and difference.frame.get("type") in (MANAGEMENT, DATA))


def code_of_other_categories(difference: Difference) -> bool:
    return (difference.key in ("action", "dialogToken") and difference.theirs is None
            and difference.frame["category"] not in (BLOCK_ACK_CATEGORY, SPECTRUM_MANAGEMENT_CATEGORY))


def radio_without_columns(difference: Difference) -> bool:
    return (difference.key in ("signal", "frequency") and difference.theirs is None
            and ("ppi.length" in difference.row or "wlancap.length" in difference.row))


RULES = [
    Rule("pcap-has-no-interfaces", "relink calls the only interface of a pcap file 0; tshark gives it no number.",
         lambda difference: (difference.key, difference.ours, difference.theirs) == ("interface", 0, None)),
    Rule("cut-short", "A header or field that is cut short, by the capture too, makes the whole of what it belongs to an error in "
         "relink: half a header helps nobody who has to answer it. tshark shows what stands before the cut, and tells it "
         "elsewhere or as a note.", cut_short),
    Rule("other-version", "A header of another version than 0 may have any layout, so it is an error in relink; tshark reads on as "
         "if it were 0.", other_version),
    Rule("content-of-bodies", "relink checks header, fixed fields and the lengths of elements; tshark also reads what is inside of "
         "elements and above 802.11, and stops at faults there.", content_of_bodies),
    Rule("transmitter-of-cf-end", "The second address of CF-End is both TA and BSSID (IEEE Std 802.11-2020, 9.3.1.6); tshark shows "
         "the BSSID alone.", transmitter_of_cf_end),
    Rule("extension-frame", "Extension frames have a layout of their own each, and no RA (9.3.4); tshark shows a receiver.",
         lambda difference: difference.key == "ra" and difference.frame.get("type") == EXTENSION),
    Rule("codes-of-other-categories", "tshark keeps action code and dialog token of most categories in columns of their own, "
         "which the reference does not have.", code_of_other_categories),
    Rule("other-packets", "relink reads nothing of packets that are not 802.11 frames; tshark finds faults in them.", other_packets),
    Rule("radio-without-columns", "tshark keeps signal and frequency of PPI and AVS headers in columns that the reference does not "
         "have.", radio_without_columns),
]


def explain(difference: Difference) -> Rule | None:
    """The rule that explains the difference, if there is one."""
    return next((rule for rule in RULES if rule.explains(difference)), None)
