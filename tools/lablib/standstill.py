"""Runs in which an emulated processor stood still, where that is held for a loss."""

import re

# Where no radio acknowledges, an agent that stands still for so long as its peer probes is silent to it: no program can tell that from
# a link that died. An agent that goes on answers at once; a link that was really lost comes back when the scenario heals it, later.
MOST_NANOSECONDS = 150_000_000
CAUSE = "transmissionsNotAcknowledged"
# What becomes of data does not depend on who stands still.
DATA = re.compile(r"\b(lost|doubled|order|missing|replay|accepted)\b")


def spoiled(run):
    """Whether a run failed for no other reason than may be that: agents that acknowledge in frames on emulated cores, one of which held
    a link for lost that answered a moment later, and no failed check about data."""
    if run.passed or run.contender or run.acknowledgment != "frame" or not run.evidence:
        return False
    if run.evidence.record.get("core") != "emulated" or any(DATA.search(check.name) for check in run.checks if not check.passed):
        return False
    return any(stood_still(events) for events in run.evidence.events.values())


def stood_still(events):
    """Whether a link that was held for lost answered a moment later."""
    lost = {}
    for event in events:
        link, at = event.get("link"), event["monotonicNanoseconds"]
        if event["event"] == "linkLost" and event.get("cause") == CAUSE:
            lost[link] = at
        elif event["event"] == "linkAlive" and at - lost.pop(link, at - MOST_NANOSECONDS) < MOST_NANOSECONDS:
            return True
    return False
