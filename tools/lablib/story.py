"""The page that `relink report` makes of a run, held against the agents' events; and the rebuild frames that the dissector finds."""

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from .checked import Check
from .evidence import ADDBA_REQUEST, Frame
from .paths import ROOT, LabError

DISSECTOR = os.path.join(ROOT, "tools", "wireshark", "relink.lua")
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
# The page has milliseconds as floating-point numbers, the summary whole microseconds.
ROUNDING = 1


def make(relink: str, recordings: Sequence[str], page: str, title: str) -> dict[str, Any]:
    """Makes the page of one or both agents' recordings, with the keys beside the first if they are there; returns what it shows."""
    keys = recordings[0].removesuffix(".pcapng") + ".keys"
    command = [relink, "report", *recordings, "-o", page, "--title", title, *(["--keys", keys] if os.path.exists(keys) else [])]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"no report of {' and '.join(recordings)}: {done.stderr.strip()}")
    return content(page)


def content(page: str) -> dict[str, Any]:
    """What a page shows: its failovers, bands, and how many frames."""
    with open(page) as file:
        data = DATA.search(file.read())
    if data is None:
        raise LabError(f"{page} is no page of relink report")
    shown: dict[str, Any] = json.loads(data[1])
    return shown


def failover_agrees(shown: Mapping[str, Any], measured: Mapping[str, float]) -> Check:
    """A check that the page has one failover, with the times in microseconds that were measured from the agents' events, and with
    what came behind it."""
    what = "the report's failover is that of the summary"
    if len(shown["failovers"]) != 1:
        return Check(what, False, f"{len(shown['failovers'])} failovers on the page")
    failover = shown["failovers"][0]
    if missing := [name for name in ("firstNew", "drained") if failover.get(name) is None]:
        return Check(what, False, f"the page does not have {' and '.join(missing)}")
    times = {"rebuildMicroseconds": failover["acknowledged"] - failover["requested"],
             "liveAfterDetectionMicroseconds": failover["acknowledged"] - failover["declared"]}
    differ = {name: (time * 1000, measured[name]) for name, time in times.items() if abs(time * 1000 - measured[name]) > ROUNDING}
    return Check(what, not differ, "; ".join(f"{name}: page {ours:.1f}, summary {theirs}" for name, (ours, theirs) in differ.items()))


def dissector_agrees(capture: str, frames: Sequence[Frame]) -> Check:
    """A check that the dissector's `relink.rebuild` finds the rebuild requests of the witness and nothing else."""
    done = subprocess.run(["tshark", "-X", f"lua_script:{DISSECTOR}", "-r", capture, "-Y", "relink.rebuild", "-T", "fields", "-e", "frame.number"],
                          capture_output=True, text=True)
    found = [int(number) for number in done.stdout.split()]
    wanted = [frame.number for frame in frames if frame.action == ADDBA_REQUEST and frame.is_rebuild]
    return Check("relink.rebuild finds the rebuild frames", done.returncode == 0 and bool(wanted) and found == wanted,
                 f"the dissector {found}, the witness {wanted} {done.stderr.strip() if done.returncode else ''}")
