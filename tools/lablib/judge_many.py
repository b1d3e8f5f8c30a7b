"""Judges the scenario `many`."""

from collections import Counter

from .checked import Check
from .guest.many import absent

LOSSES = {"linkLost", "interrupted", "ended"}
# Of a core, for ends of 20 sessions with 4 peers; docs/lab.md has what was measured.
QUIET_SHARE = {"real": 0.05, "emulated": 0.15}
FAULTY_SHARE = {"real": 0.25, "emulated": 0.50}
GROWTH_KIB = 2048
FOREVER = 1 << 62


def many(evidence):
    """All sessions are live at both ends, they are those of the start, and nobody grows."""
    notes = evidence.record["notes"]
    start, end = notes["sessions at the start"], notes["sessions at the end"]
    wanted = notes["wanted"]
    missing = absent(wanted, end)
    yield Check(f"all {len(wanted)} sessions are live at both ends", not missing,
                "; ".join(f"{a} to {b}, TID {t}" for a, b, t in missing[:5])
                or f"{notes['seconds to settle at the end']:.0f} s after the last fault")
    held = sum(map(len, end.values()))
    yield Check("there are no others", held == 2 * len(wanted), f"{held} ends of sessions")
    kept, known = identifiers(start), identifiers(end)
    yield Check("they are the sessions of the start, rebuilt and not established anew", kept == known, f"{len(kept - known)} are not")
    yield from failed(evidence)
    yield from frugal(notes)


def identifiers(sessions):
    """The identifiers of all sessions."""
    return {session["session"] for listed in sessions.values() for session in listed}


def failed(evidence):
    """The links did fail, sessions were interrupted by it and by nothing else, and the witness saw every rebuild asked for."""
    points = evidence.record["notes"]["usage"]
    since, until, end = (points[name]["monotonicNanoseconds"] for name in ("quiet", "faults", "end"))
    # An agent tells how its own end ends its sessions. The last one has none by then; it tells how the end of the one before ended its own.
    stopped = {node: evidence.action(f"stop-{node}") or FOREVER for node in evidence.events}
    *_, before, last = sorted(stopped, key=stopped.get)
    stopped[last] = stopped[before]
    cut_off = [node for node, events in evidence.events.items()
               if not any(event["monotonicNanoseconds"] >= stopped[node] for event in events)]
    yield Check("every agent was followed to its end", not cut_off, ", ".join(cut_off))
    faults = sum(action["name"] == "fault" for action in evidence.record["actions"])
    told = Counter(event["event"] for events in evidence.events.values() for event in events
                   if until <= event["monotonicNanoseconds"] < end)
    yield Check("links failed and sessions were rebuilt", bool(faults and told["interrupted"] and told["rebuilt"]),
                f"{faults} faults; " + ", ".join(f"{name} {told[name]}" for name in ("linkLost", "interrupted", "rebuildRequested",
                                                                                     "rebuilt", "establishedAnew", "ended")))
    early = [f"{node}: {event['event']} {event.get('cause')}" for node, events in evidence.events.items() for event in events
             if event["event"] in LOSSES and since <= event["monotonicNanoseconds"] < until]
    yield Check("nothing was held for lost before links failed", not early, f"{len(early)}: " + "; ".join(early[:3]))
    asked = {frame.session for frame in evidence.frames if frame.is_rebuild}
    rebuilt = {event["session"] for events in evidence.events.values() for event in events if event["event"] == "rebuilt"}
    yield Check("on the air: a request with the rebuild mark for every session that was rebuilt", rebuilt <= asked,
                f"{len(rebuilt)} rebuilt, {len(rebuilt - asked)} without")


def frugal(notes):
    """Processor time while nothing happens and while links fail, and the memory after it all."""
    points, core = notes["usage"], notes["core"]
    for name, since, until, limit in (("while nothing happens", "quiet", "faults", QUIET_SHARE[core]),
                                      ("while links fail", "faults", "healed", FAULTY_SHARE[core]),
                                      ("afterwards", "quiet again", "end", QUIET_SHARE[core])):
        shares = share(points[since], points[until])
        yield Check(f"each agent takes less than {limit:.0%} of a core {name}", max(shares.values()) < limit, spread(shares, "{:.1%}"))
    anonymous, resident = ({node: usage[kind] for node, usage in points["quiet"]["agents"].items()}
                           for kind in ("anonymousKiB", "residentKiB"))
    grown = {node: usage["anonymousKiB"] - anonymous[node] for node, usage in points["end"]["agents"].items()}
    yield Check(f"no agent grows by {GROWTH_KIB} KiB", max(grown.values()) < GROWTH_KIB,
                f"{spread(anonymous, '{} KiB')} before, of {spread(resident, '{} KiB')} with the pages of files; {spread(grown, '{:+} KiB')}")


def share(since, until):
    """Each agent's share of a core between two points."""
    span = until["monotonicNanoseconds"] - since["monotonicNanoseconds"]
    return {node: (used["processorNanoseconds"] - since["agents"][node]["processorNanoseconds"]) / span
            for node, used in until["agents"].items()}


def spread(values, form):
    """The least and the most of the agents' values."""
    return f"{form.format(min(values.values()))} to {form.format(max(values.values()))}"
