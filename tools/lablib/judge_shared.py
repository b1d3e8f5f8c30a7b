"""Judges the scenario `shared`: links come and go under sessions that live on two, and nothing is interrupted."""

import os

from . import standstill, streams
from .checked import Check
from .evidence import ADDBA_REQUEST
from .guest.config import INITIATOR, RECEIVER, link_address

FOREVER = 1 << 62
BOTH = [1, 2]
# What a session goes through that is held for lost and goes on; and what it must not come to, whatever happens.
REBUILT = {"interrupted", "rebuildRequested", "rebuilt"}
INTERRUPTED = REBUILT | {"establishedAnew", "refused", "ended"}
QOS_DATA = 0x28
# How long an agent says nothing, in nanoseconds, when it stands still.
STANDSTILL = 50_000_000


def shared(evidence):
    """The sessions were shared, lost each link in turn and got it back; the stream did not notice."""
    stop = evidence.action("stop-a") or FOREVER
    session = next((event["session"] for event in evidence.events[INITIATOR] if event["event"] == "established"
                    and (event["role"], event["tid"]) == ("initiator", 0)), None)
    told = [event for event in evidence.events[INITIATOR] if event.get("session") == session]
    yield from told_by_initiator(evidence, told, stop)
    there = [event for event in evidence.events[RECEIVER] if event["event"] == "shared" and event.get("session") == session]
    yield Check("the receiver holds the session for shared at the start and after each return",
                follows(there, [0, *returns(evidence)]), text(there))
    sets = [event for node in evidence.events for event in evidence.events[node] if event["event"] == "shared"]
    yield Check("shared means links 1 and 2", bool(sets) and all(event.get("links") == BOTH for event in sets), text(sets))
    still = standstills(evidence)
    torn = [f"{node}: {event['event']}" for node in evidence.events for event in evidence.events[node]
            if event["event"] in INTERRUPTED and event["monotonicNanoseconds"] < stop
            and not (event["event"] in REBUILT and within(still, event["monotonicNanoseconds"]))]
    yield Check("nothing was interrupted, rebuilt or ended", not torn, ", ".join(torn))
    yield from requests_on_the_air(evidence, stop, still)
    yield from carried_by_the_other(evidence)
    yield from counted_by_the_receiver(evidence)


def told_by_initiator(evidence, told, stop):
    """What the initiator told of its session."""
    losses = [event for event in told if event["event"] == "sharedLinkLost"]
    kinds = [event["event"] for event in told if event["monotonicNanoseconds"] < stop and event["event"] != "sessionRequested"]
    if evidence.acknowledgment == "mac":
        cycle = ["shareRequested", "shared"]
        yield Check("the initiator's events tell the story", kinds == ["established", *cycle, *2 * ["sharedLinkLost", *cycle]],
                    ", ".join(kinds))
        yield Check("it lost link 1, then link 2", [event["link"] for event in losses] == BOTH, text(losses))
    else:
        # An agent that was slow to answer may have been held for lost, and found again, besides.
        yield Check("the initiator was established once, and lives shared in the end",
                    kinds.count("established") == 1 and kinds[-1:] == ["shared"], ", ".join(kinds))
        missing = [link for link in BOTH if not follows([event for event in losses if event["link"] == link],
                                                        [evidence.action(f"loss {link}")])]
        yield Check("it lost link 1 and link 2", not missing, text(losses))


def standstills(evidence):
    """When an agent stood still, as the witness heard it: asked again and again on both links, it said nothing on either. With
    `frame`, an emulated processor that stops for a while loses both links at once; from then until a moment after it goes on, spans."""
    if evidence.acknowledgment != "frame" or evidence.record.get("core") != "emulated":
        return []
    heard = standstill.heard(evidence)
    spans = []
    for node in (INITIATOR, RECEIVER):
        own = [at for at, sender, _ in heard if sender == node]
        for since, until in zip(own, own[1:]):
            asked = standstill.asked(heard, node, since, until)
            if until - since >= STANDSTILL and all(asked.count(link) >= standstill.ASKED for link in BOTH):
                spans.append((since, until + STANDSTILL))
    return spans


def within(spans, instant):
    """Whether an instant lies in one of the spans."""
    return any(since <= instant < until for since, until in spans)


def requests_on_the_air(evidence, stop, still):
    """One acknowledged request with the sharing mark for each time a session was shared, no other session frame about it."""
    frames = [frame for frame in evidence.session_frames(0, stop) if frame.is_sharing]
    answers = [frame for frame in frames if frame.action != ADDBA_REQUEST]
    yield Check("on the air: no response to a sharing request", not answers, ", ".join(map(str, answers)))
    unmarked = [frame for frame in evidence.session_frames(0, stop) if frame.is_rebuild and not within(still, frame.nanoseconds)]
    yield Check("on the air: no rebuild mark", not unmarked, ", ".join(map(str, unmarked)))
    for node in (INITIATOR, RECEIVER):
        own = [event for event in evidence.events[node] if event.get("role") == "initiator"]
        for session in dict.fromkeys(event["session"] for event in own if event["event"] == "shared"):
            kind = "shared" if evidence.acknowledgment == "mac" else "shareRequested"
            wanted = sum(event["event"] == kind and event["session"] == session for event in own)
            heard = [frame for frame in frames if frame.session == session and frame.sender() == node]
            yield Check(f"on the air: one ADDBA Request with the sharing mark for each time agent {node}'s session was shared",
                        len(heard) == wanted, f"{len(heard)} heard, {wanted} told; {', '.join(map(str, heard))}")
            times = [event["monotonicNanoseconds"] for event in own if event["event"] == "shared" and event["session"] == session]
            acknowledged = sum(evidence.is_acknowledged(frame) for frame in heard)
            yield Check(f"on the air: an acknowledgment for each of agent {node}'s", acknowledged >= len(times),
                        f"{acknowledged} of {len(heard)}")


def carried_by_the_other(evidence):
    """While a link was deaf, payloads left on the other one."""
    for link in BOTH:
        since, until = evidence.action(f"loss {link}"), evidence.action(f"back {link}")
        other = link_address(INITIATOR, 3 - link)
        count = sum(frame.subtype == QOS_DATA and frame.transmitter == other and since <= frame.nanoseconds < until
                    for frame in evidence.frames)
        yield Check(f"on the air: payloads on link {3 - link} while link {link} was deaf", count > 0, str(count))


def counted_by_the_receiver(evidence):
    """The receiver's own count of the stream."""
    stream = evidence.record["notes"]["stream"]
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    figures = streams.figures(arrivals, stream["sent"], stream["cuts"], stream["rate"])
    evidence.record["notes"]["figures"] = figures
    for what in ("lost", "duplicated", "outOfOrder"):
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    last = arrivals[-1][2] if arrivals else 0
    yield Check("the stream lasted over all of it", last > evidence.action("back 2"), f"{figures['received']} received")


def returns(evidence):
    """When the links came back."""
    return [evidence.action(f"back {link}") for link in BOTH]


def follows(events, instants):
    """Whether one of the events comes after each of the instants, and before the next one."""
    ends = [*instants[1:], FOREVER]
    return all(any(since <= event["monotonicNanoseconds"] < until for event in events) for since, until in zip(instants, ends))


def text(events):
    """Events in few words."""
    return ", ".join(f"{event['event']} {event.get('link')} {event.get('links', '')}" for event in events) or "none"


SCENARIOS = {"shared": shared}
