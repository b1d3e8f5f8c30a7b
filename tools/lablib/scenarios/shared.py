"""A session on two links, each of which goes deaf in turn and comes back, while a stream goes on."""

import os
import time

from .. import streams
from ..checked import Check
from ..evidence import ADDBA_REQUEST, Evidence
from ..guest import config
from ..guest.config import INITIATOR, RECEIVER, link_address
from ..guest.control import Event
from ..guest.losing import lose
from ..guest.stage import Stage
from ..guest.streaming import SIZE, carry
from ..judging import FOREVER, Checks
from ..scenario import scenario

A, B = config.INITIATOR, config.RECEIVER
RATE = 200
BOTH = [1, 2]
# Events that no session may have.
INTERRUPTED = {"interrupted", "rebuildRequested", "rebuilt", "establishedAnew", "refused", "ended"}
QOS_DATA = 0x28


@scenario("shared", "sessions shared over two links; each goes deaf in turn and comes back while a stream goes on: nothing is interrupted", 200,
          securities=("psk", "open"))
def shared(stage: Stage) -> None:
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
        agent.configure('[session]\nsharing = "always"')
    stage.establish()
    both_shared(stage, 0)
    stage.know_neighbours()
    cuts = []

    def losses() -> None:
        time.sleep(1)
        for link in (1, 2):
            at = lose(stage, link, f"loss {link}")
            stage.wait(stage.initiator, "sharedLinkLost", since=at, link=link, role="initiator")
            time.sleep(0.5)
            back = stage.act(f"back {link}", f"link {link} hears again", stage.air.hear, A, link)
            both_shared(stage, back)
            cuts.append((at, back))
            time.sleep(0.5)

    sent = carry(stage, config.host_address(B), f"{stage.folder}/arrivals.txt", RATE, stage.is_quiet, losses)
    stage.note("stream", {"rate": RATE, "size": SIZE, "sent": sent, "cuts": cuts})
    stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
    stage.finish()


@shared.judge
def judge_shared(evidence: Evidence) -> Checks:
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
    torn = [f"{node}: {event['event']}" for node in evidence.events for event in evidence.events[node]
            if event["event"] in INTERRUPTED and event["monotonicNanoseconds"] < stop]
    yield Check("nothing was interrupted, rebuilt or ended", not torn, ", ".join(torn))
    yield from requests_on_the_air(evidence, stop)
    yield from carried_by_the_other(evidence)
    yield from counted_by_the_receiver(evidence)


def both_shared(stage: Stage, since: int) -> None:
    """Both ends of agent a's session hold it for shared."""
    stage.wait(stage.initiator, "shared", since=since, role="initiator", tid=0)
    stage.wait(stage.receiver, "shared", since=since, role="receiver", tid=0)


def told_by_initiator(evidence: Evidence, told: list[Event], stop: int) -> Checks:
    """Events that the initiator told of its session."""
    losses = [event for event in told if event["event"] == "sharedLinkLost"]
    kinds = [event["event"] for event in told if event["monotonicNanoseconds"] < stop and event["event"] != "sessionRequested"]
    cycle = ["shareRequested", "shared"]
    yield Check("the initiator's events tell the story", kinds == ["established", *cycle, *2 * ["sharedLinkLost", *cycle]], ", ".join(kinds))
    yield Check("it lost link 1, then link 2", [event["link"] for event in losses] == BOTH, text(losses))


def requests_on_the_air(evidence: Evidence, stop: int) -> Checks:
    """One acknowledged request with the sharing mark for each time a session was shared, no other session frame about it."""
    frames = [frame for frame in evidence.session_frames(0, stop) if frame.is_sharing]
    answers = [frame for frame in frames if frame.action != ADDBA_REQUEST]
    yield Check("on the air: no response to a sharing request", not answers, ", ".join(map(str, answers)))
    unmarked = [frame for frame in evidence.session_frames(0, stop) if frame.is_rebuild]
    yield Check("on the air: no rebuild mark", not unmarked, ", ".join(map(str, unmarked)))
    for node in (INITIATOR, RECEIVER):
        own = [event for event in evidence.events[node] if event.get("role") == "initiator"]
        for session in dict.fromkeys(event["session"] for event in own if event["event"] == "shared"):
            wanted = sum(event["event"] == "shared" and event["session"] == session for event in own)
            heard = [frame for frame in frames if frame.session == session and frame.sender() == node]
            yield Check(f"on the air: one ADDBA Request with the sharing mark for each time agent {node}'s session was shared",
                        len(heard) == wanted, f"{len(heard)} heard, {wanted} told; {', '.join(map(str, heard))}")
            times = [event["monotonicNanoseconds"] for event in own if event["event"] == "shared" and event["session"] == session]
            acknowledged = sum(evidence.is_acknowledged(frame) for frame in heard)
            yield Check(f"on the air: an acknowledgment for each of agent {node}'s", acknowledged >= len(times),
                        f"{acknowledged} of {len(heard)}")


def carried_by_the_other(evidence: Evidence) -> Checks:
    """While a link was deaf, payloads left on the other one."""
    for link in BOTH:
        since, until = evidence.done(f"loss {link}"), evidence.done(f"back {link}")
        other = link_address(INITIATOR, 3 - link)
        count = sum(frame.subtype == QOS_DATA and frame.transmitter == other and since <= frame.nanoseconds < until
                    for frame in evidence.frames)
        yield Check(f"on the air: payloads on link {3 - link} while link {link} was deaf", count > 0, str(count))


def counted_by_the_receiver(evidence: Evidence) -> Checks:
    """The receiver's own count of the stream."""
    stream = evidence.record["notes"]["stream"]
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    figures = streams.figures(arrivals, stream["sent"], stream["cuts"], stream["rate"])
    evidence.record["notes"]["figures"] = figures
    for what in streams.COUNTED:
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    last = arrivals[-1][2] if arrivals else 0
    yield Check("the stream lasted over all of it", last > evidence.done("back 2"), f"{figures['received']} received")


def returns(evidence: Evidence) -> list[int]:
    """When the links came back."""
    return [evidence.done(f"back {link}") for link in BOTH]


def follows(events: list[Event], instants: list[int]) -> bool:
    """True if one of the events comes after each of the instants, and before the next one."""
    ends = [*instants[1:], FOREVER]
    return all(any(since <= event["monotonicNanoseconds"] < until for event in events) for since, until in zip(instants, ends, strict=True))


def text(events: list[Event]) -> str:
    """Events in few words."""
    return ", ".join(f"{event['event']} {event.get('link')} {event.get('links', '')}" for event in events) or "none"
