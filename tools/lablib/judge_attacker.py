"""Judges the scenario `attacker`: nothing of his is accepted, each refusal is counted under its cause, and the stream does not notice."""

import os

from . import streams
from .checked import Check

# What each kind of frame must be refused for. The limit on handshakes may come before their own cause.
LIMITED = {"tooManyHandshakes"}
HANDSHAKES = LIMITED | {"lateHandshakes", "notAuthentic"}
AUTHENTICITY = {"unprotected", "notAuthentic", "replayed", "unknownKey", "wrongLink", "withoutCookie", "lateHandshakes", *LIMITED}
READING = {"malformed", "foreign", "unknownSender"}
REPLAYS = {"replayed", "withoutCookie", *HANDSHAKES}
CAUSES = {
    "replay": REPLAYS, "replay, shuffled": REPLAYS, "replay on the other channel": set(),
    "replay on the other link": REPLAYS, "replay on the other link, shuffled": REPLAYS, "reflection": REPLAYS, "recorded": REPLAYS,
    "changed bits": AUTHENTICITY | READING, "warming up": AUTHENTICITY | READING, "all kinds, while a link is lost": AUTHENTICITY | READING,
    "forged handshake request": LIMITED | {"notAuthentic"}, "forged handshake response": HANDSHAKES, "forged handshake cookie": HANDSHAKES,
    "guessed action": {"notAuthentic"}, "guessed payload": {"notAuthentic"}, "guessed, another key ID": {"unknownKey"},
    "cut": {"malformed"}, "another version": {"foreign"}, "rebuild on an own link": {"unknownSender"},
}
FORGED = {"unprotected"}
# What the agents' own traffic never counts.
REFUSED = AUTHENTICITY | {"malformed", "unknownSender"}
# Of sessions, and of keys: whatever is told of these, the attacker did.
TOLD = {"sessionRequested", "established", "interrupted", "rebuildRequested", "rebuilt", "establishedAnew", "refused", "ended",
        "linkLost", "linkDown", "secured", "handshakeFailed", "shared"}
# How long after a loss what it set in motion is told, in nanoseconds.
AFTER_LOSS = 2_000_000_000
GROWTH_KIB = 1024
GOODPUT_SHARE = 0.8


def attacker(evidence):
    """Each phase by itself, then what all of them together left."""
    notes = evidence.record["notes"]
    phases = notes["phases"]
    yield Check("the attacker heard enough", notes["recorded"] > 100, str(notes["recorded"]))
    for phase in phases:
        yield from refused(phase)
    yield Check("every kind of frame came", {phase["name"] for phase in phases} >= set(CAUSES), str([phase["name"] for phase in phases]))
    yield from undisturbed(evidence, phases)
    yield from counted_by_the_receiver(evidence)
    for node, usage in notes["memory"].items():
        before, grown = usage["before"]["residentKiB"], usage["after"]["residentKiB"] - usage["before"]["residentKiB"]
        yield Check(f"agent {node}'s resident memory grows by less than 1 MiB", grown < GROWTH_KIB, f"{before} KiB, {grown:+} KiB")
    yield from carried(notes["goodput"], notes)


def refused(phase):
    """As many refusals as frames that came to the agent, under the causes that belong to the kind, and under no others."""
    causes = CAUSES.get(phase["name"], FORGED)
    for node, (sure, possible) in phase["reaching"].items():
        counted = phase["counted"][node]
        under = sum(counted.get(cause, 0) for cause in causes)
        others = {cause: counted.get(cause, 0) for cause in REFUSED - causes if counted.get(cause, 0)}
        told = {cause: number for cause, number in counted.items() if number}
        yield Check(f"{phase['name']}: agent {node} refuses every frame under its cause",
                    sure - counted["missed"] <= under <= possible and not others, f"{sure} to {possible} frames, counted {told}")


def undisturbed(evidence, phases):
    """No session, no link and no key changes but by the losses of the scenario's own."""
    begin, end = phases[0]["monotonicNanoseconds"], evidence.action("stop-a") or 1 << 62
    cuts = evidence.record["notes"]["stream"]["cuts"]
    told = [f"{node}: {event['event']} of link {event.get('link')}" for node in evidence.events for event in evidence.events[node]
            if event["event"] in TOLD and begin <= event["monotonicNanoseconds"] < end
            and not any(since <= event["monotonicNanoseconds"] <= until + AFTER_LOSS for since, until in cuts)]
    yield Check("the attacker changes no session, no link and no key", not told, "; ".join(told[:8]))
    torn = [f"{node}: {event['event']}" for node in evidence.events for event in evidence.events[node]
            if event["event"] in {"refused", "ended", "establishedAnew"} and begin <= event["monotonicNanoseconds"] < end]
    yield Check("the session lives through the loss under attack", bool(cuts) and not torn, ", ".join(torn))


def counted_by_the_receiver(evidence):
    """The receiver's own count of the stream."""
    stream = evidence.record["notes"]["stream"]
    figures = streams.figures(streams.read(os.path.join(evidence.folder, "arrivals.txt")), stream["sent"], stream["cuts"], stream["rate"])
    evidence.record["notes"]["figures"] = figures
    for what in ("lost", "duplicated", "outOfOrder"):
        yield Check(f"the receiver counts no packet {what}", figures["received"] > 0 and figures[what] == 0, f"{figures[what]} of {figures['sent']}")


def carried(goodput, notes):
    """What got through under the flood, beside what got through while as much was sent to nobody."""
    rates = {name: fate["octets"] * 8e3 / fate["nanoseconds"] for name, fate in goodput.items()}
    share = rates["under"] / rates["beside"]
    notes["told"] = (f"{notes['recorded']} frames recorded, {sum(phase['sent'] for phase in notes['phases']):,} sent; goodput "
                     f"{rates['peace']:.1f} Mbit/s in peace, {rates['beside']:.1f} beside a flood, {rates['under']:.1f} under it; "
                     f"gap of the loss {notes['figures']['gaps'][0]:.0f} ms")
    yield Check("goodput under a flood stays above 80% of that beside it", share > GOODPUT_SHARE, f"{share:.0%}: {notes['told']}")


SCENARIOS = {"attacker": attacker}
