"""Judges the streams through a medium that loses frames and acknowledgments: by the receiver's own count, and by the medium's."""

import os

from . import streams
from .checked import Check
from .luck import is_plausible

# What the scenarios ask the medium to lose, of frames and of acknowledgments.
SHARE = 0.1


def lossy(evidence):
    """Everything that was handed over arrives once and in order, although the medium lost what it was to lose."""
    yield from stream(evidence)
    for direction in evidence.record["medium"]["directions"]:
        yield from as_asked(direction, evidence.acknowledgment == "mac")


def random_losses(evidence):
    """The same, although links come and go."""
    yield from stream(evidence)
    cuts = [action for action in evidence.record["actions"] if action["name"].startswith("loss ")]
    directions = evidence.record["medium"]["directions"]
    yield Check("links were cut", bool(cuts), str(len(cuts)))
    yield Check("frames got lost in each direction", all(direction["lost"] for direction in directions),
                ", ".join(f"{where(each)}: {each['lost']} of {each['frames']}" for each in directions))


def stream(evidence):
    """The receiver's count of the packets, and that there was a medium at all."""
    notes = evidence.record["notes"]
    figures = streams.figures(streams.read(os.path.join(evidence.folder, "arrivals.txt")), notes["stream"]["sent"], [],
                              notes["stream"]["rate"])
    notes["figures"] = figures
    for what in ("lost", "duplicated", "outOfOrder"):
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    dropped = notes["hostDropped"]
    yield Check("the sender's host handed over all packets", dropped == 0, f"its interface dropped {dropped}")
    yield Check("packets were sent", figures["sent"] > 0, str(figures["sent"]))
    medium = evidence.record["medium"]
    yield Check("everything went through the medium", bool(medium) and medium["strangers"] == 0, str(medium and medium["strangers"]))


def as_asked(direction, acknowledges):
    """A direction lost as much as it was to lose, of frames and of acknowledgments."""
    kinds = [("frames", direction["frames"], direction["lost"])]
    if acknowledges:
        kinds.append(("acknowledgments", direction["acknowledgments"], direction["acknowledgmentsLost"]))
    for what, all_of_them, lost in kinds:
        yield Check(f"{where(direction)}: a tenth of the {what} got lost", is_plausible(lost, all_of_them, SHARE), f"{lost} of {all_of_them}")


def where(direction):
    """A direction in words."""
    return f"link {direction['link']} from {direction['from']} to {direction['to']}"


SCENARIOS = {"lossy": lossy, "random-losses": random_losses}
