"""Emulated processors that stood still: with `frame` an agent on one is held for lost meanwhile. The witness tells: it said nothing. For
scenarios without a witness, and for silence, which is a matter of heartbeats, tells programs/pulse.c."""

import os
import re

from .guest.config import INITIATOR, RECEIVER

# How often an agent was asked in vain, at least, and within how long it answered when it went on, in nanoseconds; a link that was
# really lost comes back when the scenario heals it, later.
ASKED = 3
MOST = 150_000_000
CAUSE = "transmissionsNotAcknowledged"
# What becomes of data does not depend on who stands still.
DATA = re.compile(r"\b(lost|doubled|order|missing|replay|accepted)\b")


def heard(evidence):
    """What the witness heard of the agents: when, of whom, on which link."""
    return [(frame.nanoseconds, frame.sender(), frame.link) for frame in evidence.frames if frame.sender()]


def asked(heard, node, since, until):
    """On which links others sent between two instants, for each frame."""
    return [link for at, sender, link in heard if sender != node and since < at < until]


def spoiled(run):
    """Whether a run failed for no other reason than may be that: agents that acknowledge in frames on emulated cores, one of which stood
    still, and no failed check about data."""
    if run.passed or run.contender or run.acknowledgment != "frame" or not run.evidence:
        return False
    if run.evidence.record.get("core") != "emulated" or any(DATA.search(check.name) for check in run.checks if not check.passed):
        return False
    frames = heard(run.evidence)
    return any(stood_still(frames, peer, run.evidence.events[node]) for node, peer in ((INITIATOR, RECEIVER), (RECEIVER, INITIATOR)))


def stood_still(frames, peer, events):
    """Whether events tell of a link that was held for lost and answered a moment later, and the peer said nothing on any link from the
    first doubt on, though it was asked again and again."""
    suspected, lost = {}, {}
    for event in events:
        link, at = event.get("link"), event["monotonicNanoseconds"]
        if event["event"] == "linkSuspect":
            suspected[link] = at
        elif event["event"] == "linkLost" and event.get("cause") == CAUSE and link in suspected:
            lost[link] = (suspected.pop(link), at)
        elif event["event"] == "linkAlive" and link in lost:
            since, until = lost.pop(link)
            is_silent = not any(sender == peer and since < instant < until for instant, sender, _ in frames)
            if at - until < MOST and is_silent and asked(frames, peer, since, until).count(link) >= ASKED:
                return True
    return False


def stalls(folder):
    """When a core stood still, as programs/pulse.c noted it: pairs of monotonic nanoseconds, in order."""
    with open(os.path.join(folder, "stalls.txt")) as file:
        return sorted(tuple(map(int, line.split()[1:])) for line in file)
