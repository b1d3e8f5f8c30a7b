"""Judges the scenario `failover`: by the receiver's own count of what arrived."""

import os

from . import streams
from .checked import Check
from .guest.contenders import CONTENDERS


def failover(evidence):
    """Nothing lost, nothing doubled, nothing out of order with Relink. How long gaps are, and how others do, is for tools/bench."""
    stream = evidence.record["notes"]["stream"]
    figures = streams.figures(streams.read(os.path.join(evidence.folder, "arrivals.txt")), stream["sent"], stream["cuts"], stream["rate"])
    evidence.record["notes"]["figures"] = figures
    for what in ("lost", "duplicated", "outOfOrder") if CONTENDERS[stream["contender"]].is_relink else ():
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    yield Check("packets arrived before and after each loss", figures["received"] > 0 and bool(stream["cuts"]), str(figures["received"]))
