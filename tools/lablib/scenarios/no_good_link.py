"""No link delivers: long frames, data or block acknowledgments fail on every one, while radios acknowledge and heartbeats pass."""

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.control import Event
from ..guest.faults import (
    LONG,
    LONG_FRAMES,
    NO_BLOCK_ACKNOWLEDGMENTS,
    NO_DATA,
    NO_LONG_FRAMES,
    Fault,
    mend,
    strike,
)
from ..guest.stage import Stage
from ..guest.streaming import carry
from ..judging import Checks
from ..scenario import scenario
from .progress import AIR, ENDINGS, LONG_PACKET, NOT_DELIVERED, SHORT, Span, own_session, torn

A, B = config.INITIATOR, config.RECEIVER
RATE = 100
LASTS, WELL = 2.6, 1.5
# Faults that only long packets suffer from, and those that stop everything.
LONG_ONLY, ALL = (LONG_FRAMES, NO_LONG_FRAMES), (NO_DATA, NO_BLOCK_ACKNOWLEDGMENTS)
FAULTS: tuple[Fault, ...] = (*LONG_ONLY, *ALL)
# The payloads that a session holds at most (`limits.queued_payloads`).
MOST_QUEUED = 1024
GROWTH_KIB = 1024
# The most events of one kind and cause that an agent may report while a fault lasts: on each link four at once, and then one a second. How long a
# short packet may wait while long ones fail.
MOST_EVENTS, MOST_WAIT = 14, 2_300_000_000
# Payloads that are counted as lost and are not: those of the hosts themselves, and one that arrived after all.
MOST_OTHERS = 4
SECOND = 1_000_000_000


@scenario("no-link-delivers", "long frames, then data, then block acknowledgments fail on all links, while radios acknowledge and heartbeats pass; "
          "the session stays, what waits is bounded", 200, heard=None, medium=AIR, records=False, securities=("psk",))
def no_link_delivers(stage: Stage) -> None:
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
    stage.establish()
    stage.know_neighbours()
    spans: list[Span] = []

    def each() -> None:
        stage.pause(0.5)
        for fault in FAULTS:
            before = stage.initiator.usage()
            at = strike(stage, fault)
            stage.pause(LASTS)
            session, after = own_session(stage), stage.initiator.usage()
            spans.append({"fault": fault.name, "at": at, "until": mend(stage, fault), "session": session,
                          "grownKiB": after["anonymousKiB"] - before["anonymousKiB"]})
            stage.pause(WELL)

    sent = carry(stage, config.host_address(B), f"{stage.folder}/arrivals.txt", RATE, stage.is_quiet, each, size=SHORT, patience=60,
                 other=LONG_PACKET)
    stage.note("stream", {"rate": RATE, "sent": sent})
    stage.note("faults", spans)
    stage.note("droppedPayloads", stage.initiator.status()["discarded"]["droppedPayloads"])
    stage.finish()


@no_link_delivers.judge
def judge_no_link_delivers(evidence: Evidence) -> Checks:
    """The session stays, and what can be delivered is; the rest is given up and told, or arrives afterwards."""
    yield from torn(evidence, ENDINGS)
    notes = evidence.record["notes"]
    spans: list[Span] = notes["faults"]
    for span, fault in zip(spans, FAULTS, strict=True):
        yield from bounded(span, fault)
        told = [event for event in evidence.events[A] if span["at"] <= event["monotonicNanoseconds"] < span["until"]]
        kinds = Counter(f"{event['event']} {event.get('cause', '')}".strip() for event in told)
        yield Check(f"{fault.name}: {MOST_EVENTS} events of one kind and cause at most", max(kinds.values(), default=0) <= MOST_EVENTS,
                    ", ".join(f"{kind}: {count}" for kind, count in kinds.most_common(3)))
        none = [event for event in told if event["event"] == "noLinkDelivers"]
        yield Check(f"{fault.name}: told once that no link delivers", len(none) == 1 and none[0].get("cause") == NOT_DELIVERED, str(none))
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    yield from counted(evidence, arrivals, spans)


def bounded(span: Span, fault: Fault) -> Checks:
    """What status said at the end of a fault: the links, and nothing that grows."""
    session = span["session"]
    yield Check(f"{fault.name}: status names the links that fail", sorted(session.get("failingLinks") or []) == [1, 2], str(session))
    yield Check(f"{fault.name}: no more than {MOST_QUEUED} payloads wait", session.get("queued", 0) <= MOST_QUEUED, str(session.get("queued")))
    yield Check(f"{fault.name}: the agent grows by less than {GROWTH_KIB} KiB", span["grownKiB"] < GROWTH_KIB, f"{span['grownKiB']} KiB")


def counted(evidence: Evidence, arrivals: Sequence[streams.Arrival], spans: list[Span]) -> Checks:
    """The receiver's own count: what is lost are long packets of a time when those failed, and the initiator said how many."""
    notes = evidence.record["notes"]
    figures = streams.figures(arrivals, notes["stream"]["sent"], [], RATE)
    numbers = {number for number, _, _ in arrivals}
    lost = [number for number in range(figures["sent"]) if number not in numbers]
    notes["figures"] = figures
    start = min((sent - number * SECOND // RATE for number, sent, _ in arrivals), default=0)
    windows = [(span["at"] - SECOND, span["until"]) for span in spans[:len(LONG_ONLY)]]
    # The queue's discipline drops single packets of what waits for too long, also behind what an outage left, and counts them.
    dropped = notes["droppedPayloads"]
    others = [number for number in lost if number % 2 == 0
              or not any(since <= start + number * SECOND // RATE < until for since, until in windows)]
    yield Check("what is lost are long packets of the times when those failed, and what the queue dropped", len(others) <= dropped,
                f"{len(others)} others of {len(lost)}, {dropped} dropped: {others[:5]}")
    for what in ("duplicated", "outOfOrder"):
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    given_up: list[Event] = [event for event in evidence.events[A] if event["event"] == "payloadsGivenUp"]
    short = [event for event in given_up if event.get("cause") != NOT_DELIVERED or event.get("length", 0) < LONG]
    yield Check("given up are long payloads, because they do not get through", bool(given_up) and not short, str(short or given_up)[:200])
    said = sum(event.get("framesLost", 0) for event in given_up)
    yield Check("events and status count all that is lost", len(lost) <= said + dropped <= len(lost) + MOST_OTHERS,
                f"{said} given up, {dropped} dropped, {len(lost)} lost")
    waits = waiting(arrivals, spans)
    for fault, wait in waits.items():
        yield Check(f"{fault}: short packets arrive within {MOST_WAIT / SECOND} s", wait <= MOST_WAIT, f"{wait / 1e6:.0f} ms")
    longest = {fault: f"{wait / 1e6:.0f}" for fault, wait in waits.items()}
    notes["told"] = f"{len(lost)} lost, {said} given up, {dropped} dropped; short packets waited at most (ms): {longest}"
    last = arrivals[-1][2] if arrivals else 0
    yield Check("the stream lasted over all of it", last > spans[-1]["until"], f"{figures['received']} received")


def waiting(arrivals: Sequence[streams.Arrival], spans: list[dict[str, Any]]) -> dict[str, int]:
    """How long a short packet waited at most, while long ones failed."""
    return {span["fault"]: max((arrived - sent for number, sent, arrived in arrivals
                                if number % 2 == 0 and span["at"] <= sent < span["until"]), default=0) for span in spans[:len(LONG_ONLY)]}
