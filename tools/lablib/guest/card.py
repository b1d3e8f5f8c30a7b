"""Properties of a radio (a card, as the kernel's wiphy): driver, chip, firmware, channels it may transmit on, if it can be dealt to a namespace."""

import array
import fcntl
import glob
import os
import re
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from .config import HIGHEST_NUMBER

Json = dict[str, Any]

SYSFS = "/sys/class/ieee80211"
# From the kernel's include/uapi/linux/sockios.h and ethtool.h; struct ethtool_drvinfo has the firmware's version behind two names of 32 bytes.
SIOCETHTOOL, ETHTOOL_GDRVINFO = 0x8946, 3
DRVINFO_SIZE, FIRMWARE_AT, NAME_SIZE = 196, 68, 32
# Name in the output of `iw phy` of the command that a driver offers whose radio can be moved.
MOVABLE = re.compile(r"^\s*\* set_wiphy_netns$", re.MULTILINE)
# The channels that links get if nobody asks for others: those that do not overlap at 2.4 GHz, then those of the lowest 5 GHz band.
PREFERRED = (2412, 2462, 2437, 5180, 5200, 5220, 5240)
# The part of an address that is kept: the manufacturer's.
ADDRESS = re.compile(r"\b((?:[0-9a-fA-F]{2}[:-]){2}[0-9a-fA-F]{2})(?:[:-][0-9a-fA-F]{2}){3}\b")
# udev's name of an interface that is known by its address.
NAMED_BY_ADDRESS = re.compile(r"\b([a-z]+x)([0-9a-f]{6})[0-9a-f]{6}\b")


class CardError(RuntimeError):
    """Cards can't be had as asked for. `reasons` has a cause with its remedy for each that is in the way."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = list(reasons)


def can_move(information: str) -> bool:
    """True if a radio can be moved to another network namespace, from the output of `iw phy NAME info`."""
    return MOVABLE.search(information) is not None


def read(path: str) -> str | None:
    """The text of a small file; `None` where there is none."""
    try:
        with open(path, errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None


def chip(phy: str, sysfs: str = SYSFS) -> Json | None:
    """The chip's IDs on its bus (USB, PCI, SDIO), with what USB devices say of themselves; `None` where the radio has no such device."""
    device = os.path.realpath(os.path.join(sysfs, phy, "device"))
    # The radio's device may be a part of the one that has the IDs: an interface of a USB device.
    for folder in (device, os.path.dirname(device)):
        if vendor := read(os.path.join(folder, "idVendor")):
            found = {"bus": "usb", "id": f"{vendor}:{read(os.path.join(folder, 'idProduct'))}"}
            texts = {name: read(os.path.join(folder, name)) for name in ("manufacturer", "product")}
            return found | {name: text for name, text in texts.items() if text}
        vendor, product = read(os.path.join(folder, "vendor")), read(os.path.join(folder, "device"))
        if vendor and product:
            bus = os.path.basename(os.path.realpath(os.path.join(folder, "subsystem")))
            return {"bus": bus, "id": f"{vendor.removeprefix('0x')}:{product.removeprefix('0x')}"}
    return None


def interfaces(phy: str) -> list[str]:
    """The names of a radio's interfaces in this network namespace."""
    found = [os.path.basename(os.path.dirname(path)) for path in glob.glob("/sys/class/net/*/phy80211")
             if os.path.basename(os.path.realpath(path)) == phy]
    return sorted(found)


def firmware(interface: str) -> str | None:
    """The version of the firmware, as `ethtool -i` prints it; `None` where the driver says nothing."""
    information = array.array("B", struct.pack("I", ETHTOOL_GDRVINFO) + bytes(DRVINFO_SIZE - 4))
    request = struct.pack("16sP16x", interface.encode(), information.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            fcntl.ioctl(any_socket, SIOCETHTOOL, request)
        except OSError:
            return None
    text = information.tobytes()[FIRMWARE_AT:FIRMWARE_AT + NAME_SIZE].split(b"\0")[0].decode(errors="replace")
    return text if text not in ("", "N/A") else None


def channels(radio: Mapping[str, Any]) -> dict[int, list[str]]:
    """Why each frequency (MHz) may not be used, from what `relink links --json` says of a radio; an empty list where it may."""
    return {each["frequency"]: each["restrictions"] for band in radio["bands"] for each in band["channels"]}


def frequency(radio: Mapping[str, Any], channel: int) -> int | None:
    """The centre frequency of a channel that is named by its number (at 2.4 or 5 GHz, as with `relink check`) or by that frequency; `None`
    where the radio has none such."""
    if channel > HIGHEST_NUMBER:
        return channel if channel in channels(radio) else None
    named = (each for band in radio["bands"] if band["band"] != "6" for each in band["channels"] if each["channel"] == channel)
    return next((each["frequency"] for each in named), None)


def choose(links: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], asked: Sequence[int] | None) -> list[int]:
    """A frequency for each link, whose two ends' radios are given as `relink links --json` has them: what is asked for, or the first ones
    of PREFERRED, and then of all, that both may use and no other link does. Raises CardError."""
    chosen: list[int] = []
    reasons: list[str] = []
    for number, ends in enumerate(links, 1):
        if asked is not None:
            found, faults = asked_for(ends, asked[number - 1])
            reasons += faults
        else:
            both = set.intersection(*({mhz for mhz, why in channels(radio).items() if not why} for radio in ends))
            found = next((mhz for mhz in (*PREFERRED, *sorted(both)) if mhz in both and mhz not in chosen), None)
            if found is None:
                reasons.append(f"{ends[0]['wiphy']} and {ends[1]['wiphy']} (link {number}) may both transmit on no channel that no other link uses; "
                               "set the country you are in (iw reg set CC; needs wireless-regdb), or pair other radios")
        chosen += [found] if found is not None else []
    if reasons:
        raise CardError(reasons)
    return chosen


def asked_for(ends: tuple[Mapping[str, Any], Mapping[str, Any]], channel: int) -> tuple[int | None, list[str]]:
    """The frequency of a channel that was asked for, and what is against it."""
    reasons = []
    for radio in ends:
        mhz = frequency(radio, channel)
        if mhz is None:
            reasons.append(f"{radio['wiphy']} has no channel {channel}; relink links lists its channels")
        elif why := channels(radio)[mhz]:
            reasons.append(f"{radio['wiphy']} may not transmit on channel {channel} ({', '.join(why)}); choose another one (--channels), or "
                           "set the country you are in (iw reg set CC; needs wireless-regdb)")
    return frequency(ends[0], channel), reasons


def masked(value: Any) -> Any:
    """The same without MAC addresses but for the manufacturer's part, also in names of interfaces that are made of them."""
    if isinstance(value, str):
        return NAMED_BY_ADDRESS.sub(r"\1\2…", ADDRESS.sub(r"\1:…", value))
    if isinstance(value, Mapping):
        return {key: masked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each) for each in value]
    return value
