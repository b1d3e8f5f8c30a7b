"""Links whose radios acknowledge, and whose heartbeats pass, while payloads or block acknowledgments do not get through."""

import os
from collections.abc import Callable
from typing import Any

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.control import Event
from ..guest.faults import FAULTS, NO_BLOCK_ACKNOWLEDGMENTS, Fault, mend, strike
from ..guest.stage import Stage
from ..guest.streaming import carry
from ..guest.waiting import Timeout, wait_until
from ..judging import NODES, Checks
from ..scenario import scenario

A, B = config.INITIATOR, config.RECEIVER
BOTH = [1, 2]
RATE = 200
# Every second packet is long, but fits into the MTU.
SHORT, LONG_PACKET = 100, 1200
# The duration of a fault, and of the time afterwards when all is well, in seconds; a bar is over by then.
LASTS, WELL = 1.3, 1.3
# In how many seconds a link is in one state again.
SETTLING = 1_000_000_000
# Both links, so that what is sent in vain again and again takes time.
AIR = [{"bitsPerSecond": 24_000_000}]
# The longest pause of payloads where another link is good, in milliseconds.
PAUSES = {"mac": 150, "frame": 250}
# The most times that a link is lost while it is both silent and without block acknowledgments.
MOST_LOSSES = 2
NOT_DELIVERED = "payloadsNotDelivered"
LINK_EVENTS = {"linkAlive", "linkSuspect", "linkLost"}
ENDINGS = {"ended", "establishedAnew"}
# A link with a fault, from when to when.
Span = dict[str, Any]


def among_faults(stage: Stage, link_of: Callable[[int], int], is_well: Callable[[], bool]) -> None:
    """A stream of short and long packets goes on, while one link after the other has each of the faults. `link_of` chooses the link from
    the fault's number."""
    stage.know_neighbours()
    spans: list[Span] = []

    def each() -> None:
        stage.pause(0.5)
        for number, fault in enumerate(FAULTS):
            link = link_of(number)
            at = strike(stage, fault, link)
            stage.pause(LASTS)
            spans.append({"fault": fault.name, "link": link, "at": at, "until": mend(stage, fault, link)})
            stage.pause(WELL)
            try:
                wait_until(is_well, 20, "the session is as before the fault", step=0.1)
            except Timeout as timeout:
                spans[-1]["error"] = str(timeout)
        stage.pause(0.2)

    sent = carry(stage, config.host_address(B), f"{stage.folder}/arrivals.txt", RATE, stage.is_quiet, each, size=SHORT, patience=60,
                 other=LONG_PACKET)
    stage.note("stream", {"rate": RATE, "sent": sent})
    stage.note("faults", spans)
    stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
    stage.finish()


def own_session(stage: Stage) -> dict[str, Any]:
    """Agent a's session in its status."""
    sessions: list[dict[str, Any]] = stage.initiator.status().get("sessions", [])
    return next((each for each in sessions if (each["role"], each["tid"]) == ("initiator", 0)), {})


def is_unbarred(stage: Stage) -> bool:
    """Both links serve the session."""
    stage.collect()
    return own_session(stage).get("state") == "live" and not own_session(stage).get("failingLinks")


@scenario("payloads-lost", "on the link of a session payloads or their acknowledgments do not get through, while radios acknowledge and heartbeats "
          "pass; it moves to the other link", 200, heard=None, medium=AIR, records=False, securities=("psk",))
def payloads_lost(stage: Stage) -> None:
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
    stage.establish()
    among_faults(stage, lambda number: stage.session_link(), lambda: is_unbarred(stage))


@payloads_lost.judge
def judge_payloads_lost(evidence: Evidence) -> Checks:
    """Each fault moves the session once, and the stream does not miss it."""
    yield from stream(evidence)
    yield from torn(evidence, ENDINGS)
    for span, fault in faults(evidence):
        told = of_initiator(evidence, span, "interrupted")
        yield Check(f"{fault.name}: the session leaves link {span['link']}, once", [event.get("link") for event in told] == [span["link"]],
                    words(told))
        yield from caused(fault, told)
        moved = of_initiator(evidence, span, "rebuilt")
        yield Check(f"{fault.name}: it is rebuilt on the other link", [event.get("link") for event in moved] == [3 - span["link"]], words(moved))
        yield from settled_soon(evidence, span, fault)


@scenario("shared-payloads-lost", "on one link of a shared session payloads or their acknowledgments do not get through, while radios acknowledge "
          "and heartbeats pass; it goes on on the other link", 200, heard=None, medium=AIR, records=False, securities=("psk", "open"))
def shared_payloads_lost(stage: Stage) -> None:
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
        agent.configure('[session]\nsharing = "always"')
    stage.establish()
    stage.wait(stage.initiator, "shared", role="initiator", tid=0)
    among_faults(stage, lambda number: 1 + number % 2, lambda: own_session(stage).get("links") == BOTH)


@shared_payloads_lost.judge
def judge_shared_payloads_lost(evidence: Evidence) -> Checks:
    """Each fault takes its link out of the set once, and the stream does not miss it."""
    yield from stream(evidence)
    yield from torn(evidence, ENDINGS)
    session = next((event["session"] for event in evidence.events[A] if event["event"] == "established"
                    and (event["role"], event["tid"]) == ("initiator", 0)), None)
    yield from torn(evidence, {"interrupted"}, session)
    for span, fault in faults(evidence):
        told = of_initiator(evidence, span, "sharedLinkLost")
        lost = [event.get("link") for event in told]
        yield Check(f"{fault.name}: the session lives on both links again", "error" not in span, span.get("error", ""))
        yield from caused(fault, told)
        if fault is NO_BLOCK_ACKNOWLEDGMENTS:
            # Those of what went out there come on the other link as well, and the link may be held for silent beside that.
            yield Check(f"{fault.name}: the session loses link {span['link']}, if any", set(lost) <= {span["link"]} and len(lost) <= MOST_LOSSES,
                        words(told))
            continue
        yield Check(f"{fault.name}: the session loses link {span['link']}, once", lost == [span["link"]], words(told))
        yield from settled_soon(evidence, span, fault)


def faults(evidence: Evidence) -> list[tuple[Span, Fault]]:
    """What was done, and what it was."""
    return list(zip(evidence.record["notes"]["faults"], FAULTS, strict=True))


def of_initiator(evidence: Evidence, span: Span, kind: str) -> list[Event]:
    """What the initiator told of its session while a link had a fault."""
    return [event for event in evidence.events[A] if event["event"] == kind and (event["role"], event["tid"]) == ("initiator", 0)
            and span["at"] <= event["monotonicNanoseconds"] < span["until"]]


def caused(fault: Fault, told: list[Event]) -> Checks:
    """What nothing but the payloads shows has their cause."""
    if fault.is_silent:
        yield Check(f"{fault.name}: because payloads do not get through", all(event.get("cause") == NOT_DELIVERED for event in told), words(told))


def torn(evidence: Evidence, kinds: set[str], session: str | None = None) -> Checks:
    """No session, or not this one, suffered one of these before the agents were told to end."""
    stop = evidence.done("stop-a")
    told = [f"{node}: {event['event']} {event.get('cause', '')}" for node in NODES for event in evidence.events[node]
            if event["event"] in kinds and session in (None, event.get("session")) and event["monotonicNanoseconds"] < stop]
    yield Check(f"no session was {' or '.join(sorted(kinds))}", not told, ", ".join(told[:5]))


def settled_soon(evidence: Evidence, span: Span, fault: Fault) -> Checks:
    """A second after a fault began its link has the state that it keeps as long as the fault lasts."""
    late = [f"{node}: {event['event']}" for node in NODES for event in evidence.events[node] if event["event"] in LINK_EVENTS
            and event.get("link") == span["link"] and span["at"] + SETTLING <= event["monotonicNanoseconds"] < span["until"]]
    yield Check(f"{fault.name}: the link is in one state after a second", not late, f"{len(late)}: {', '.join(late[:5])}")


def stream(evidence: Evidence) -> Checks:
    """The receiver's own count, and how long payloads paused when each fault began."""
    notes, limit = evidence.record["notes"], PAUSES[evidence.acknowledgment]
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    spans = [span for span, _ in faults(evidence)]
    figures = streams.figures(arrivals, notes["stream"]["sent"], [(span["at"], span["until"]) for span in spans], notes["stream"]["rate"])
    notes["figures"] = figures
    pauses = dict(zip([span["fault"] for span in spans], figures["gaps"], strict=True))
    notes["told"] = f"pauses in ms: {', '.join(f'{fault} {pause:.0f}' for fault, pause in pauses.items())}; {figures['lost']} lost"
    for what in streams.COUNTED:
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    for fault, pause in pauses.items():
        yield Check(f"{fault}: payloads pause for {limit} ms at most", pause <= limit, f"{pause:.1f} ms")
    last = arrivals[-1][2] if arrivals else 0
    yield Check("the stream lasted over all of it", bool(spans) and last > spans[-1]["until"], f"{figures['received']} received")


def words(events: list[Event]) -> str:
    """Events in few words."""
    return ", ".join(f"{event['event']} {event.get('link')} {event.get('cause', '')}" for event in events) or "none"
