"""Judges a run by the agents' events and by the witness: neither is believed alone. What scenarios have in common stands here; what one
alone must show stands beside it, in its file."""

from collections.abc import Callable, Iterator
from typing import Any

from .checked import Check
from .evidence import ADDBA_REQUEST, ADDBA_RESPONSE, Evidence, Frame
from .guest.air import FREQUENCIES
from .guest.config import INITIATOR, RECEIVER, node_with
from .paths import LabError
from .scenario import SCENARIOS

FOREVER = 1 << 62
BEACON = 8
NODES = (INITIATOR, RECEIVER)
LOSSES = {"linkLost", "interrupted", "ended"}
# The outcomes of which each session must have reached one in the end.
ENDS = {"rebuilt", "establishedAnew", "established", "ended"}

Checks = Iterator[Check]


def judge(evidence: Evidence) -> list[Check]:
    """All checks of a run."""
    if evidence.record["error"]:
        return [Check("the scenario was played to its end", False, evidence.record["error"])]
    judged = SCENARIOS[evidence.record["scenario"]].judged
    try:
        own = list(judged(evidence)) if judged else [Check("the scenario has a judge", False)]
    except LabError as error:
        own = [Check("the evidence is complete", False, str(error))]
    return [*everywhere(evidence), *own]


def everywhere(evidence: Evidence) -> Checks:
    """Checks that must hold in every scenario."""
    record = evidence.record
    malformed = [f"frame {frame.number}: {frame.malformed}" for frame in evidence.frames if frame.malformed]
    failed = [f"{exit['name']}: status {exit['status']}" for exit in record["exits"] if exit["status"] != 0]
    yield Check("the witness lost no frame", record["witnessDropped"] == 0, f"{record['witnessDropped']} dropped")
    yield Check("nothing on the air is malformed", not malformed, "; ".join(malformed[:3]))
    yield Check("the agents end with status 0", bool(record["exits"]) and not failed, "; ".join(failed))
    yield Check("interfaces are as before", record["before"] == record["after"], difference(record["before"], record["after"]))


def difference(before: dict[str, list[str]], after: dict[str, list[str]]) -> str:
    """The changes, in few words."""
    changed = [f"{node}: {line}" for node in before for line in set(before[node]) ^ set(after[node])]
    return "; ".join(sorted(changed)[:4])


def once(evidence: Evidence, seen: list[Any]) -> list[Any]:
    """The items seen, in order. An emulated processor may stand still, so that something is asked for again: there each counts once."""
    return list(dict.fromkeys(seen)) if evidence.record["processor"] == "emulated" else seen


def established(evidence: Evidence) -> Checks:
    """Establishment on link 1: request, ACK, response, ACK, and both ends know."""
    here, there = evidence.event(INITIATOR, "established"), evidence.event(RECEIVER, "established")
    if not here or not there:
        yield Check("both agents hold the session for established", False, f"initiator: {here}, receiver: {there}")
        return
    yield Check("both agents hold the same session for established", here["session"] == there["session"]
                and here.get("link") == there.get("link") == 1, f"{here['session']} and {there['session']}")
    frames = evidence.session_frames(0, max(here["monotonicNanoseconds"], there["monotonicNanoseconds"]))
    seen = once(evidence, [(frame.action, frame.sender(), frame.link) for frame in frames])
    yield Check("on the air: ADDBA Request, then ADDBA Response, on link 1",
                seen == [(ADDBA_REQUEST, INITIATOR, 1), (ADDBA_RESPONSE, RECEIVER, 1)], text(frames))
    yield of_session(frames, here["session"])
    yield acknowledged(evidence, frames)


def rebuilt(evidence: Evidence) -> Checks:
    """Rebuild on link 2: one request, its acknowledgment, nothing else."""
    loss, stop = evidence.done("loss"), evidence.action("stop-a") or FOREVER
    session = (evidence.event(INITIATOR, "established") or {}).get("session")
    for node in NODES:
        event = evidence.event(node, "rebuilt", since=loss)
        yield Check(f"agent {node} holds the same session for rebuilt on link 2",
                    event is not None and event["session"] == session and event["link"] == 2, str(event))
    frames = evidence.session_frames(loss, stop)
    seen = once(evidence, [(frame.action, frame.sender(), frame.link, frame.is_rebuild) for frame in frames])
    yield Check("on the air: one ADDBA Request with the rebuild mark on link 2, no response",
                seen == [(ADDBA_REQUEST, INITIATOR, 2, True)], text(frames))
    yield of_session(frames, session)
    yield acknowledged(evidence, frames[-1:])
    order = once(evidence, evidence.session_events(INITIATOR))
    yield Check("the initiator's events tell the story",
                order == ["sessionRequested", "established", "interrupted", "rebuildRequested", "rebuilt", "ended"], ", ".join(order))
    yield undisturbed(evidence, 0, loss)
    told = [event for event in evidence.events[RECEIVER] if "session" in event and loss <= event["monotonicNanoseconds"] <= stop]
    kinds = [event["event"] for event in told]
    after = told[kinds.index("rebuilt") + 1:] if "rebuilt" in kinds else []
    # An agent's events carry the time when its turn began: what it received during one, the initiator's leaving, may seem to be before that.
    ends = [event for event in after if event["event"] in LOSSES and event.get("cause") != "peerLeaving"]
    yield Check("the session stays live at the receiver", not ends, ", ".join(kinds))


def acknowledged(evidence: Evidence, frames: list[Frame]) -> Check:
    """Every one of these frames was acknowledged on the air."""
    missing = [frame for frame in frames if not evidence.is_acknowledged(frame)]
    if evidence.record["processor"] == "emulated":
        received = {(frame.action, frame.sender()) for frame in frames if frame not in missing}
        missing = [frame for frame in missing if (frame.action, frame.sender()) not in received]
    kind = "an ACK of the radio" if evidence.acknowledgment == "mac" else "a session acknowledgment of the agent"
    return Check(f"on the air: {kind} for each", bool(frames) and not missing, text(missing or frames))


def of_session(frames: list[Frame], session: str | None) -> Check:
    """The frames name the session that the events tell of."""
    return Check("the frames name the session of the events", all(frame.session == session for frame in frames),
                 f"{session}; {', '.join(frame.session for frame in frames)}")


def undisturbed(evidence: Evidence, since: int, until: int) -> Check:
    """No loss was told before there was one."""
    told = [f"{node}: {event['event']} of link {event.get('link')}" for node in evidence.events
            for event in evidence.events[node]
            if event["event"] in LOSSES and since <= event["monotonicNanoseconds"] < until]
    return Check("nothing was held for lost that was not", not told, "; ".join(told))


def link_lost(evidence: Evidence) -> Checks:
    """The scenarios in which link 1 is lost, once, and the session is rebuilt on link 2."""
    yield from established(evidence)
    yield from rebuilt(evidence)


def text(frames: list[Frame]) -> str:
    """Frames in few words."""
    return ", ".join(str(frame) for frame in frames[:8]) or "no session frame"


def on_another_channel(evidence: Evidence) -> list[Frame]:
    """The frames that bear the address of a node's radio and were on another channel than its link's; but for beacons, of access points that
    somebody else started."""
    return [frame for frame in evidence.frames if frame.subtype != BEACON
            for link, frequency in FREQUENCIES.items()
            if node_with(frame.transmitter, link) and frame.frequency != frequency]


def on_own_channel(evidence: Evidence) -> Check:
    """Whatever bears the address of a node's radio goes out on the channel of that radio's link."""
    strays = on_another_channel(evidence)
    return Check("on the air: nothing on another channel", not strays, ", ".join(map(str, strays[:5])))


def settled(evidence: Evidence) -> Checks:
    """Every session of every agent ended in rebuilt, established (anew), or ended with a reason."""
    for node in evidence.events:
        last: dict[str, str] = {}
        causeless = []
        for event in evidence.events[node]:
            if "session" in event and event["event"] not in ("refused", "payloadsGivenUp"):
                last[event["session"]] = event["event"]
            if event["event"] == "ended" and "cause" not in event:
                causeless.append(event["session"])
        # A request that was not answered before the agent was told to end was never a session.
        open_ = [f"{session}: {kind}" for session, kind in last.items() if kind not in ENDS and kind != "sessionRequested"]
        yield Check(f"agent {node}: every session was rebuilt, established anew, or ended with a reason",
                    bool(last) and not open_ and not causeless, "; ".join(open_ + causeless))


def sessions(evidence: Evidence, node: str, kind: str = "established") -> list[str]:
    """The sessions that a node told of."""
    return [event["session"] for event in evidence.events[node] if event["event"] == kind]


def same_session(evidence: Evidence) -> Check:
    """One and the same session at both ends."""
    here, there = sessions(evidence, INITIATOR)[:1], sessions(evidence, RECEIVER)[:1]
    return Check("both agents hold the same session for established", bool(here) and here == there, f"{here} and {there}")


def rebuilt_on(evidence: Evidence, link: int, since: int, until: int = FOREVER, requests: int | None = 1) -> Checks:
    """The session that lived before lives again on this link at both ends, by one request on the air that was acknowledged; `requests`
    says how many where both ends may ask (`None`: one or more)."""
    session = next(iter(sessions(evidence, INITIATOR)), None)
    for node in NODES:
        told = [e for e in evidence.events[node] if e["event"] == "rebuilt" and since <= e["monotonicNanoseconds"] <= until]
        yield Check(f"agent {node} holds the same session for rebuilt on link {link}",
                    bool(told) and told[-1]["session"] == session and told[-1]["link"] == link, str(told[-1:]))
    asked = [frame for frame in evidence.session_frames(since, until) if frame.action == ADDBA_REQUEST and frame.is_rebuild
             and frame.link == link and frame.session == session and frame.sender() in NODES]
    yield Check(f"on the air: a rebuild request of {' or '.join(NODES)} on link {link}, acknowledged",
                any(evidence.is_acknowledged(frame) for frame in asked), ", ".join(map(str, asked)) or "none")
    if requests is not None:
        yield Check(f"on the air: no more than {requests} of them", len(asked) <= requests, ", ".join(map(str, asked)))
    responses = [frame for frame in evidence.session_frames(since, until) if frame.action == ADDBA_RESPONSE]
    yield Check("on the air: no response", not responses, ", ".join(map(str, responses)))


def anew(evidence: Evidence, since: int, link: int | None = None) -> Checks:
    """Another session at both ends."""
    first = sessions(evidence, INITIATOR)[:1]
    here = next((e for e in evidence.events[INITIATOR] if e["event"] == "establishedAnew"
                 and e["monotonicNanoseconds"] >= since), None)
    there = [e["session"] for e in evidence.events[RECEIVER] if e["event"] in ("established", "establishedAnew")
             and e["monotonicNanoseconds"] >= since]
    yield Check("a new session was established at both ends", here is not None and here["session"] not in first
                and here["session"] in there and link in (None, here["link"]), f"{here}, {there}")


def alive_again(evidence: Evidence, link: int, since: int) -> Checks:
    """The link serves again at both ends."""
    for node in NODES:
        told = [e for e in evidence.events[node] if e["event"] == "linkAlive" and e["link"] == link
                and e["monotonicNanoseconds"] >= since]
        yield Check(f"agent {node}: link {link} serves again", bool(told), "")


def simply_rebuilt(link: int, comes_back: int | None = None, requests: int | None = 1) -> Callable[[Evidence], Checks]:
    """The judge of a scenario in which one loss is rebuilt on one link; `comes_back` is a link that serves again later."""

    def judge(evidence: Evidence) -> Checks:
        loss = evidence.done("loss")
        yield same_session(evidence)
        yield from rebuilt_on(evidence, link, loss, requests=requests)
        if comes_back:
            yield from alive_again(evidence, comes_back, loss)
        yield from settled(evidence)

    return judge
