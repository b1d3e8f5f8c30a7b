"""Somebody without the key receives everything and sends at will, while a stream goes on and loses a link."""

import os
import time
from random import Random
from typing import Any

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest import attacks
from ..guest.attacking import FLOOD, Attack, among, under_stream
from ..guest.network import Network
from ..guest.stage import Stage
from ..guest.streaming import SIZE, contender_of, lose
from ..judging import Checks
from ..scenario import scenario

# Time that the agents are warmed up, and that the stream has peace, in seconds.
WARMING, PEACE = 1, 2
# Of each kind of recorded frame, how many have all their bits changed; with --thorough every recorded one.
FLIPPED = 1
# Number of recorded frames that have their bits changed in one phase: all at once would not fit into the guest.
BATCH = 100
# Number of announced devices that do not exist.
STRANGERS_ANNOUNCED = 1000
# Causes that each kind of frame must be refused for. The limit on handshakes may come before their own cause.
LIMITED = {"tooManyHandshakes"}
HANDSHAKES = LIMITED | {"lateHandshakes", "notAuthentic"}
AUTHENTICITY = {"unprotected", "notAuthentic", "replayed", "unknownKey", "wrongLink", "withoutCookie", "lateHandshakes", *LIMITED}
ANNOUNCED = {"otherLink", "ownAddress", "addressTaken"}
READING = {"malformed", "foreign", "unknownSender", *ANNOUNCED}
REPLAYS = {"replayed", "withoutCookie", *HANDSHAKES}
CAUSES: dict[str, set[str]] = {
    "replay": REPLAYS, "replay, shuffled": REPLAYS, "replay on the other channel": set(),
    "replay on the other link": REPLAYS, "replay on the other link, shuffled": REPLAYS, "reflection": REPLAYS, "recorded": REPLAYS,
    "changed bits": AUTHENTICITY | READING, "warming up": AUTHENTICITY | READING, "all kinds, while a link is lost": AUTHENTICITY | READING,
    "forged handshake request": LIMITED | {"notAuthentic"}, "forged handshake response": HANDSHAKES, "forged handshake cookie": HANDSHAKES,
    "guessed action": {"notAuthentic"}, "guessed payload": {"notAuthentic"}, "guessed, another key ID": {"unknownKey"},
    "forged announcement": ANNOUNCED, "cut": {"malformed", "unprotected"}, "another version": {"foreign"},
    "rebuild on an own link": {"unknownSender"},
}
FORGED = {"unprotected"}
# Frames that the attacker alone heard are authentic, and new to who gets them late: they need not be refused, and change nothing.
HELD_BACK = "held back"
# An announcement is a hint: some strangers are given a try.
STRANGERS = "announced strangers"
# Causes that the agents' own traffic never counts.
REFUSED = AUTHENTICITY | {"malformed", "unknownSender", *ANNOUNCED}
# Of sessions, and of keys: whatever is told of these, the attacker did.
TOLD = {"sessionRequested", "established", "interrupted", "rebuildRequested", "rebuilt", "establishedAnew", "refused", "ended",
        "linkLost", "linkDown", "secured", "handshakeFailed", "shared"}
# Events that the scenario's own loss of a link causes, or an agent that is held for lost because it is slow.
LOSS = {"linkLost", "interrupted", "rebuildRequested", "rebuilt"}
# Time after a loss in which its consequences are told, in nanoseconds.
AFTER_LOSS = 2_000_000_000
GROWTH_KIB = 1024
GOODPUT_SHARE = 0.8


@scenario("attacker", "somebody without the key replays, changes, forges and floods, while a stream loses a link (--seconds for each flood, "
          "--thorough)", 1500, 1, heard=None, records=False, needs_key=True)
def attacker(stage: Stage) -> None:
    luck = attacks.seeded(stage.options["seed"])
    contender = contender_of(stage)
    with among(stage, contender) as (radios, network, heard, deaf):
        frames, alone = attacks.recorded(heard, deaf)
        forger = attacks.Forger(frames, luck)
        kinds = {**forger.forgeries(), "recorded": frames}
        attack = Attack(stage, radios)
        # Authentic, and new to who gets them: but what they say is over.
        attack.play("held back", alone)
        # Buffers, caches and the agents' own memory reach their size.
        attack.play("warming up", attacks.mixed(kinds, luck), FLOOD, WARMING)
        before = {node: agent.usage() for node, agent in stage.agents.items()}
        cuts: list[tuple[int, int]] = []
        sent = under_stream(stage, network, lambda: cuts.extend(play_all(stage, network, attack, frames, kinds, forger, luck)))
        stage.note("memory", {node: {"before": before[node], "after": agent.usage()} for node, agent in stage.agents.items()})
        stage.note("stream", {"contender": contender.name, "rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": cuts})
        stage.note("phases", attack.phases)
        stage.note("recorded", len(frames))
        stage.note("heldBack", len(alone))


@attacker.judge
def judge_attacker(evidence: Evidence) -> Checks:
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
    before, least = notes["goodput"]
    notes["told"] = (f"{notes['recorded']:,} frames recorded, {sum(phase['sent'] for phase in phases):,} sent; of the stream's {before:.1f} packets "
                     f"a second {least:.1f} at least; gap of the loss {notes['figures']['gaps'][0]:.0f} ms")


def play_all(stage: Stage, network: Network, attack: Attack, frames: list[attacks.Frame], kinds: dict[str, list[attacks.Frame]],
             forger: attacks.Forger, luck: Random) -> list[tuple[int, int]]:
    """All phases while the stream goes on, after a while of peace; returns the losses of links, of which the attacker caused none."""
    stage.act("peace", "the stream in peace", time.sleep, PEACE)
    for name, each in attacks.replays(frames, luck).items():
        attack.play(name, each)
    chosen = frames if stage.options["thorough"] else attacks.samples(frames, FLIPPED)
    for start in range(0, len(chosen), BATCH):
        attack.play("changed bits", [flipped for frame in chosen[start:start + BATCH] for flipped in attacks.flips(frame)], FLOOD)
    seconds = stage.options["seconds"]
    for name, each in kinds.items():
        attack.play(name, each, FLOOD, seconds)
    # Some of them are taken for a try: an announcement is a hint.
    attack.play("announced strangers", forger.strangers(STRANGERS_ANNOUNCED), FLOOD, seconds)
    cuts: list[tuple[int, int]] = []
    attack.play("all kinds, while a link is lost", attacks.mixed(kinds, luck), FLOOD, 4,
                lambda: cuts.append(lose(stage, network, "under attack", luck)))
    return cuts


def refused(phase: dict[str, Any]) -> Checks:
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


def undisturbed(evidence: Evidence, phases: list[dict[str, Any]]) -> Checks:
    """No session, no link and no key changes but by the losses of the scenario's own."""
    begin, end = phases[0]["monotonicNanoseconds"], evidence.action("stop-a") or 1 << 62
    cuts = evidence.record["notes"]["stream"]["cuts"]
    told = [(node, event) for node in evidence.events for event in evidence.events[node]
            if event["event"] in TOLD and begin <= event["monotonicNanoseconds"] < end]
    spans = [(since, until + AFTER_LOSS) for since, until in cuts]
    torn = [f"{node}: {event['event']} of link {event.get('link')}, {event.get('cause', 'no cause')}" for node, event in told
            if event["event"] not in LOSS or not any(since <= event["monotonicNanoseconds"] <= until for since, until in spans)]
    yield Check("the attacker changes no session, no link and no key", not torn,
                "; ".join(torn[:8]))
    rebuilt = [event for node, event in told if event["event"] == "rebuilt" and any(event["monotonicNanoseconds"] >= since for since, _ in cuts)]
    yield Check("the session is rebuilt under attack", bool(cuts) and bool(rebuilt), str(cuts))


def counted_by_the_receiver(evidence: Evidence, arrivals: list[streams.Arrival]) -> Checks:
    """The receiver's own count of the stream."""
    stream = evidence.record["notes"]["stream"]
    figures = streams.figures(arrivals, stream["sent"], stream["cuts"], stream["rate"])
    evidence.record["notes"]["figures"] = figures
    for what in streams.COUNTED:
        yield Check(f"the receiver counts no packet {what}", figures["received"] > 0 and figures[what] == 0, f"{figures[what]} of {figures['sent']}")


def goes_on(evidence: Evidence, arrivals: list[streams.Arrival]) -> Check:
    """The part of the stream that arrived in each phase while it lasted, beside the part that arrived in peace before."""
    notes, peace = evidence.record["notes"], evidence.done("peace")
    phases = [phase for phase in notes["phases"] if phase["monotonicNanoseconds"] > peace]
    before = streams.rate(arrivals, peace, phases[0]["monotonicNanoseconds"])
    under = [(streams.rate(arrivals, phase["since"], phase["since"] + phase["nanoseconds"]), phase["name"]) for phase in phases]
    (least, name) = min(under)
    notes["goodput"] = before, least
    return Check("the stream's goodput under attack stays above 80% of before", least > GOODPUT_SHARE * before > 0,
                 f"{before:.1f} packets a second before, {least:.1f} at least: {name}")
