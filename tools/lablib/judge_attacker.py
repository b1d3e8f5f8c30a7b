"""Judges the scenario `attacker`: nothing of his is accepted, each refusal is counted under its cause, and the stream does not notice."""

import os
import statistics

from . import standstill, streams
from .checked import Check

# What each kind of frame must be refused for. The limit on handshakes may come before their own cause.
LIMITED = {"tooManyHandshakes"}
HANDSHAKES = LIMITED | {"lateHandshakes", "notAuthentic"}
AUTHENTICITY = {"unprotected", "notAuthentic", "replayed", "unknownKey", "wrongLink", "withoutCookie", "lateHandshakes", *LIMITED}
ANNOUNCED = {"otherLink", "ownAddress", "addressTaken"}
READING = {"malformed", "foreign", "unknownSender", *ANNOUNCED}
REPLAYS = {"replayed", "withoutCookie", *HANDSHAKES}
CAUSES = {
    "replay": REPLAYS, "replay, shuffled": REPLAYS, "replay on the other channel": set(),
    "replay on the other link": REPLAYS, "replay on the other link, shuffled": REPLAYS, "reflection": REPLAYS, "recorded": REPLAYS,
    "changed bits": AUTHENTICITY | READING, "warming up": AUTHENTICITY | READING, "all kinds, while a link is lost": AUTHENTICITY | READING,
    "forged handshake request": LIMITED | {"notAuthentic"}, "forged handshake response": HANDSHAKES, "forged handshake cookie": HANDSHAKES,
    "guessed action": {"notAuthentic"}, "guessed payload": {"notAuthentic"}, "guessed, another key ID": {"unknownKey"},
    "forged announcement": ANNOUNCED, "cut": {"malformed", "unprotected"}, "another version": {"foreign"}, "rebuild on an own link": {"unknownSender"},
}
FORGED = {"unprotected"}
# Frames that the attacker alone heard are authentic, and new to who gets them late: they need not be refused, and change nothing.
HELD_BACK = "held back"
# An announcement is a hint: some strangers are given a try.
STRANGERS = "announced strangers"
# What the agents' own traffic never counts.
REFUSED = AUTHENTICITY | {"malformed", "unknownSender", *ANNOUNCED}
# Of sessions, and of keys: whatever is told of these, the attacker did.
TOLD = {"sessionRequested", "established", "interrupted", "rebuildRequested", "rebuilt", "establishedAnew", "refused", "ended",
        "linkLost", "linkDown", "secured", "handshakeFailed", "shared"}
# What the scenario's own loss of a link causes, or an agent that is held for lost because it is slow.
LOSS = {"linkLost", "interrupted", "rebuildRequested", "rebuilt"}
# How long after a loss what it set in motion is told, in nanoseconds.
AFTER_LOSS = 2_000_000_000
# For how long after it stood still an emulated processor may cause the same.
AFTER_STALL = 500_000_000
GROWTH_KIB = 1024
GOODPUT_SHARE = 0.8


def attacker(evidence):
    """Each phase by itself, then what all of them together left."""
    notes = evidence.record["notes"]
    phases = notes["phases"]
    yield Check("the attacker heard enough", notes["recorded"] > 100, str(notes["recorded"]))
    for phase in phases:
        if phase["name"] not in (HELD_BACK, STRANGERS):
            yield from refused(phase)
    names = {phase["name"] for phase in phases}
    yield Check("every kind of frame came", names >= {HELD_BACK, STRANGERS, *CAUSES} and notes["heldBack"] > 10,
                f"{', '.join(sorted(names))}; {notes['heldBack']} held back")
    yield from undisturbed(evidence, phases)
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    yield from counted_by_the_receiver(evidence, arrivals)
    yield goes_on(evidence, arrivals)
    for node, usage in notes["memory"].items():
        before, grown = usage["before"]["residentKiB"], usage["after"]["residentKiB"] - usage["before"]["residentKiB"]
        yield Check(f"agent {node}'s resident memory grows by less than 1 MiB", grown < GROWTH_KIB, f"{before} KiB, {grown:+} KiB")
    before, median, least = notes["goodput"]
    notes["told"] = (f"{notes['recorded']:,} frames recorded, {sum(phase['sent'] for phase in phases):,} sent; of the stream's {before:.1f} packets "
                     f"a second {median:.1f} in the median of all attacks, {least:.1f} at least; gap of the loss {notes['figures']['gaps'][0]:.0f} ms")


def refused(phase):
    """As many refusals as frames that came to the agent, under the causes that belong to the kind, and under no others."""
    causes = CAUSES.get(phase["name"], FORGED)
    for node, (sure, possible) in phase["reaching"].items():
        counted = phase["counted"][node]
        # The other one answers a recorded request with a cookie, which nobody waits for here.
        answers = sum(phase["counted"][other]["withoutCookie"] for other in phase["counted"] if other != node)
        least = (sure if phase["isAlone"] else sure // 2) - counted["missed"]
        under = sum(counted.get(cause, 0) for cause in causes)
        others = {cause: counted.get(cause, 0) for cause in REFUSED - causes if counted.get(cause, 0)}
        told = {cause: number for cause, number in counted.items() if number}
        yield Check(f"{phase['name']}: agent {node} refuses every frame under its cause", least <= under <= possible + answers and not others,
                    f"{least} to {possible} frames, {answers} answers, counted {told}")


def undisturbed(evidence, phases):
    """No session, no link and no key changes but by the losses of the scenario's own."""
    begin, end = phases[0]["monotonicNanoseconds"], evidence.action("stop-a") or 1 << 62
    cuts = evidence.record["notes"]["stream"]["cuts"]
    told = [(node, event) for node in evidence.events for event in evidence.events[node]
            if event["event"] in TOLD and begin <= event["monotonicNanoseconds"] < end]
    # With `frame`, an emulated processor that stops for a while is held for a loss.
    spans = [(0, end)] if evidence.acknowledgment == "frame" else [(since, until + AFTER_LOSS) for since, until in cuts]
    # So is a link that was silent because it stood still, whoever acknowledges.
    stalls = standstill.stalls(evidence.folder) if evidence.record["core"] == "emulated" else []
    spans += [(since, until + AFTER_STALL) for since, until in stalls]
    torn = [f"{node}: {event['event']} of link {event.get('link')}, {event.get('cause', 'no cause')}" for node, event in told
            if event["event"] not in LOSS or not any(since <= event["monotonicNanoseconds"] <= until for since, until in spans)]
    longest = max((until - since for since, until in stalls), default=0)
    yield Check("the attacker changes no session, no link and no key", not torn,
                "; ".join([*torn[:8], f"{len(stalls)} times a core stood still, {longest / 1e6:.0f} ms at most"]))
    rebuilt = [event for node, event in told if event["event"] == "rebuilt" and any(event["monotonicNanoseconds"] >= since for since, _ in cuts)]
    yield Check("the session is rebuilt under attack", bool(cuts) and bool(rebuilt), str(cuts))


def counted_by_the_receiver(evidence, arrivals):
    """The receiver's own count of the stream."""
    stream = evidence.record["notes"]["stream"]
    figures = streams.figures(arrivals, stream["sent"], stream["cuts"], stream["rate"])
    evidence.record["notes"]["figures"] = figures
    for what in ("lost", "duplicated", "outOfOrder"):
        yield Check(f"the receiver counts no packet {what}", figures["received"] > 0 and figures[what] == 0, f"{figures[what]} of {figures['sent']}")


def goes_on(evidence, arrivals):
    """What of the stream arrived in each phase while it lasted, beside what arrived in peace before. An emulated processor may stand
    still for a good part of a single phase, so that there the median of all is judged, and the least is told."""
    notes, peace = evidence.record["notes"], evidence.action("peace")
    phases = [phase for phase in notes["phases"] if phase["monotonicNanoseconds"] > peace]
    before = streams.rate(arrivals, peace, phases[0]["monotonicNanoseconds"])
    under = [(streams.rate(arrivals, phase["since"], phase["since"] + phase["nanoseconds"]), phase["name"]) for phase in phases]
    (least, name), median = min(under), statistics.median(rate for rate, _ in under)
    notes["goodput"] = before, median, least
    judged = least if evidence.record["core"] == "real" else median
    return Check("the stream's goodput under attack stays above 80% of before", judged > GOODPUT_SHARE * before > 0,
                 f"{before:.1f} packets a second before, {median:.1f} in the median, {least:.1f} at least: {name}")


def flooded(evidence):
    """Something got through each time. Under the flood it is more than 80% of what got through beside one to nobody, in the medians; an
    emulated processor has so much else to do that this is told there, and not judged."""
    notes = evidence.record["notes"]
    measured = notes["bitsPerSecond"]
    yield Check("octets got through each time", len(measured) == 3 and all(each and min(each) > 0 for each in measured.values()), str(measured))
    peace, beside, under = (statistics.median(measured.get(name) or [0]) / 1e6 for name in ("peace", "beside", "under"))
    notes["told"] = f"goodput {peace:.1f} Mbit/s in peace, {beside:.1f} beside a flood, {under:.1f} under it"
    if evidence.record["core"] == "real":
        yield Check("goodput under a flood stays above 80% of that beside it", under > GOODPUT_SHARE * beside, str(measured))


SCENARIOS = {"attacker": attacker, "flooded": flooded}
