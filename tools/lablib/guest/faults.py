"""Faults of a link that acknowledgments of radios and heartbeats do not show, as settings of the medium."""

from dataclasses import dataclass
from typing import Any

from . import config
from .stage import Stage

A, B = config.INITIATOR, config.RECEIVER
KINDS = ["data", "blockAcknowledgment", "heartbeat", "sessionAcknowledgment", "management", "control"]
WELL: dict[str, Any] = {"loss": 0, "handsOver": True, "kinds": KINDS, "longerThan": 0}
# Frames with more bytes than these are long.
LONG = 1000


@dataclass(frozen=True)
class Fault:
    """What becomes of some frames from one node to the other. With `is_silent`, nothing but missing block acknowledgments shows it; without these a
    link may also be silent, since a peer that sends them need not send heartbeats."""

    name: str
    what: str
    settings: dict[str, Any]
    sender: str = A
    receiver: str = B
    is_silent: bool = False


DATA = Fault("data", "data frames are lost, all others pass", {"loss": 1, "kinds": ["data"]})
LONG_FRAMES = Fault("long frames", f"frames over {LONG} bytes are lost, shorter ones pass", {"loss": 1, "longerThan": LONG})
NOTHING = Fault("nothing handed over", "the receiver's radio acknowledges, and its host gets nothing", {"handsOver": False})
NO_DATA = Fault("no data handed over", "the receiver's radio acknowledges data frames, and its host gets none of them",
                {"handsOver": False, "kinds": ["data"]}, is_silent=True)
NO_LONG_FRAMES = Fault("no long frames handed over", f"the receiver's radio acknowledges frames over {LONG} bytes, and its host gets none of them",
                       {"handsOver": False, "longerThan": LONG}, is_silent=True)
NO_BLOCK_ACKNOWLEDGMENTS = Fault("block acknowledgments", "block acknowledgments are withheld",
                                 {"handsOver": False, "kinds": ["blockAcknowledgment"]}, sender=B, receiver=A)
FAULTS = (DATA, LONG_FRAMES, NOTHING, NO_DATA, NO_LONG_FRAMES, NO_BLOCK_ACKNOWLEDGMENTS)


def strike(stage: Stage, fault: Fault, link: int | None = None) -> int:
    """A fault begins on a link, or on all; returns when."""
    where = f"on link {link}" if link else "on all links"
    return stage.act(fault.name, f"{where}, from {fault.sender} to {fault.receiver}: {fault.what}",
                     lambda: stage.medium.set(link, fault.sender, fault.receiver, **fault.settings))


def mend(stage: Stage, fault: Fault, link: int | None = None) -> int:
    """It is over; returns when."""
    return stage.act(f"end of {fault.name}", f"link {link} is well again" if link else "all links are well again",
                     lambda: stage.medium.set(link, **WELL))
