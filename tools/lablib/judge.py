"""Judges a run by the agents' events and by the witness: neither is believed alone."""

from . import judge_check, judge_discovery, judge_failover, judge_lossy, judge_many, judge_medium, judge_shared, judge_table, judge_traffic
from .checked import Check
from .evidence import ADDBA_REQUEST, ADDBA_RESPONSE, BLOCK_ACK, BLOCK_ACK_REQUEST, DELBA
from .guest.config import HOST_INTERFACE, INITIATOR, RECEIVER, host_address, mld_address

FOREVER = 1 << 62
UNKNOWN_SESSION = "unknownSession"
LOSSES = {"linkLost", "interrupted", "ended"}
GROWTH_KIB = 64
# An emulated core does a fraction of a real one's work, so the goal of 1% can be judged on real ones only.
PROCESSOR_SHARE = {"real": 0.01, "emulated": 0.02}


def judge(evidence):
    """All checks of a run."""
    if evidence.record["error"]:
        return [Check("the scenario was played to its end", False, evidence.record["error"])]
    return [*everywhere(evidence), *SCENARIOS[evidence.record["scenario"]](evidence)]


def everywhere(evidence):
    """What must hold whatever the scenario."""
    record = evidence.record
    malformed = [f"frame {frame.number}: {frame.malformed}" for frame in evidence.frames if frame.malformed]
    failed = [f"{exit['name']}: status {exit['status']}" for exit in record["exits"] if exit["status"] != 0]
    yield Check("the witness lost no frame", record["witnessDropped"] == 0, f"{record['witnessDropped']} dropped")
    yield Check("nothing on the air is malformed", not malformed, "; ".join(malformed[:3]))
    yield Check("the agents end with status 0", bool(record["exits"]) and not failed, "; ".join(failed))
    yield Check("interfaces are as before", record["before"] == record["after"], difference(record["before"], record["after"]))


def difference(before, after):
    """What changed, in few words."""
    changed = [f"{node}: {line}" for node in before for line in set(before[node]) ^ set(after[node])]
    return "; ".join(sorted(changed)[:4])


def established(evidence):
    """Establishment on link 1: request, ACK, response, ACK, and both ends know."""
    here, there = evidence.event(INITIATOR, "established"), evidence.event(RECEIVER, "established")
    if not here or not there:
        yield Check("both agents hold the session for established", False, f"initiator: {here}, receiver: {there}")
        return
    yield Check("both agents hold the same session for established", here["session"] == there["session"]
                and here.get("link") == there.get("link") == 1, f"{here['session']} and {there['session']}")
    end = max(here["monotonicNanoseconds"], there["monotonicNanoseconds"])
    frames = evidence.session_frames(0, end)
    seen = [(frame.action, frame.sender(), frame.link) for frame in frames]
    wanted = [(ADDBA_REQUEST, INITIATOR, 1), (ADDBA_RESPONSE, RECEIVER, 1)]
    if evidence.acknowledgment == "frame":
        # An agent that was slow to answer may have been asked twice; then the events say so.
        asked = evidence.session_events(INITIATOR, 0, end).count("sessionRequested")
        requests = seen.count(wanted[0])
        yield Check("as many requests on the air as the initiator told of", requests == asked, f"{requests}, told {asked}")
        seen = list(dict.fromkeys(seen))
    yield Check("on the air: ADDBA Request, then ADDBA Response, on link 1", seen == wanted, text(frames))
    yield of_session(frames, here["session"])
    yield acknowledged(evidence, frames)


def rebuilt(evidence):
    """Rebuild on link 2: one request, its acknowledgment, nothing else."""
    loss, stop = evidence.action("loss"), evidence.action("stop-a") or FOREVER
    session = (evidence.event(INITIATOR, "established") or {}).get("session")
    for node in (INITIATOR, RECEIVER):
        event = evidence.event(node, "rebuilt", since=loss)
        yield Check(f"agent {node} holds the same session for rebuilt on link 2",
                    bool(event) and event["session"] == session and event["link"] == 2, str(event))
    frames = evidence.session_frames(loss, stop)
    requests = [event for event in evidence.events[INITIATOR] if event["event"] == "rebuildRequested"]
    wanted = [(ADDBA_REQUEST, INITIATOR, 2, True)] * (1 if evidence.acknowledgment == "mac" else len(requests))
    seen = [(frame.action, frame.sender(), frame.link, frame.is_rebuild) for frame in frames]
    yield Check("on the air: one ADDBA Request with the rebuild mark on link 2, no response", seen == wanted and frames != [],
                text(frames))
    yield of_session(frames, session)
    yield acknowledged(evidence, frames[-1:])
    order = evidence.session_events(INITIATOR)
    asked = ["rebuildRequested"] * len(requests)
    yield Check("the initiator's events tell the story",
                order == ["sessionRequested"] * order.count("sessionRequested")
                + ["established", "interrupted", *asked, "rebuilt", "ended"], ", ".join(order))
    yield undisturbed(evidence, 0, loss)
    told = evidence.session_events(RECEIVER, loss, stop)
    after = told[told.index("rebuilt") + 1:] if "rebuilt" in told else []
    yield Check("the session stays live at the receiver", not LOSSES & set(after), ", ".join(told))


def acknowledged(evidence, frames):
    """Every one of these frames was acknowledged on the air."""
    missing = [frame for frame in frames if not evidence.is_acknowledged(frame)]
    if evidence.acknowledgment == "frame":
        # What was repeated need be acknowledged once.
        heard = {(frame.action, frame.sender()) for frame in frames if frame not in missing}
        missing = [frame for frame in missing if (frame.action, frame.sender()) not in heard]
    kind = "an ACK of the radio" if evidence.acknowledgment == "mac" else "a session acknowledgment of the agent"
    return Check(f"on the air: {kind} for each", bool(frames) and not missing, text(missing or frames))


def of_session(frames, session):
    """The frames name the session that the events tell of."""
    return Check("the frames name the session of the events", all(frame.session == session for frame in frames),
                 f"{session}; {', '.join(frame.session for frame in frames)}")


def undisturbed(evidence, since, until):
    """No loss was told before there was one."""
    told = [f"{node}: {event['event']} of link {event.get('link')}" for node in evidence.events
            for event in evidence.events[node]
            if event["event"] in LOSSES and since <= event["monotonicNanoseconds"] < until]
    return Check("nothing was held for lost that was not", not told, "; ".join(told))


def link_lost(evidence):
    """The scenarios in which link 1 is lost."""
    yield from established(evidence)
    yield from rebuilt(evidence)


def demo(evidence):
    """Link 1 is lost under a stream: the same dialogues on the air, and every packet arrives."""
    yield from link_lost(evidence)
    yield from judge_failover.failover(evidence)


def receiver_restarted(evidence):
    """The receiver knows nothing any more: refused, established anew, no hand needed."""
    yield from established(evidence)
    kill = evidence.action("kill")
    first = evidence.event(INITIATOR, "established") or {}
    refused = evidence.event(INITIATOR, "refused", since=kill)
    anew = evidence.event(INITIATOR, "establishedAnew", since=kill)
    there = evidence.event(RECEIVER, "established", since=kill)
    yield Check("the receiver refused: it does not know the session",
                bool(refused) and refused["cause"] == UNKNOWN_SESSION and refused["session"] == first.get("session"), str(refused))
    yield Check("a new session was established at both ends", bool(anew and there) and anew["session"] == there["session"]
                and anew["session"] != first.get("session"), f"initiator: {anew}, receiver: {there}")
    refusals = [frame for frame in evidence.session_frames(kill, FOREVER) if frame.sender() == RECEIVER
                and (frame.action == DELBA or (frame.action == ADDBA_RESPONSE and frame.status))]
    yield Check("on the air: the receiver's refusal", bool(refusals), text(evidence.session_frames(kill, FOREVER)))


def ping(evidence):
    """The host's packets outlive the link: both sessions of TID 0, the one for requests and the one for replies, are rebuilt."""
    notes, loss = evidence.record["notes"], evidence.action("loss")
    fate = notes["ping"]
    yield Check("the loss came in the middle", fate["firstNanoseconds"] < loss < fate["lastNanoseconds"], str(fate))
    yield Check("every packet was answered", fate["sent"] > 0 and not fate["lost"],
                f"{len(fate['lost'])} of {fate['sent']} lost, the first is {fate['lost'][:1]}")
    yield Check("no packet was doubled", not fate["doubled"], str(fate["doubled"][:8]))
    yield Check("the answers came in order", fate["inOrder"], "not in order")
    neighbour = f"{host_address(RECEIVER)} lladdr {mld_address(RECEIVER)}"
    yield Check("the peer's MLD address was found by ARP", neighbour in notes["neighbours"], notes["neighbours"].strip())
    for node in (INITIATOR, RECEIVER):
        yield from carried(evidence, node, loss)
        interface = notes["status"][node].get("interface", {})
        counters = interface.get("counters", {})
        carried_all = all(counters.get(key, 0) >= fate["sent"] for key in ("fromHost", "toHost"))
        faults = {key: counters.get(key) for key in ("queueFull", "hostBusy", "spoofed", "misdirected") if counters.get(key)}
        yield Check(f"{HOST_INTERFACE} of agent {node} carried all of it and dropped nothing", carried_all and not faults, str(interface))


def carried(evidence, node, loss):
    """A node's own session of TID 0 went through the loss, and is the same afterwards."""
    stop = evidence.action("stop-a") or FOREVER
    own = [event for event in evidence.events[node] if event.get("tid") == 0 and event.get("role") == "initiator"
           and event["monotonicNanoseconds"] < stop]
    kinds = ("established", "interrupted", "rebuilt", "establishedAnew", "ended")
    told = [event["event"] for event in own if event["event"] in kinds]
    again = told[1:]
    if evidence.acknowledgment == "frame":
        # An agent that was slow to answer may have been held for lost, and found again, more than once.
        again = list(dict.fromkeys(again))
    yield Check(f"agent {node}'s session was established once and rebuilt", told[:1] == ["established"]
                and again == ["interrupted", "rebuilt"] and told[-1] == "rebuilt", ", ".join(told))
    links = [event.get("link") for event in own if event["event"] == "rebuilt" and event["monotonicNanoseconds"] >= loss]
    yield Check(f"agent {node}'s session lives on link 2", links[-1:] == [2] and len({event["session"] for event in own}) == 1,
                str(links))


def idle(evidence):
    """Nothing is lost, nothing grows, hardly any processor time is used."""
    yield from established(evidence)
    start, notes = evidence.action("idle"), evidence.record["notes"]
    yield undisturbed(evidence, start, evidence.action("stop-a") or FOREVER)
    for node, usage in notes["usage"].items():
        before, after = usage["before"], usage["after"]
        grown = after["residentKiB"] - before["residentKiB"]
        share = (after["processorNanoseconds"] - before["processorNanoseconds"]) / notes["nanoseconds"]
        yield Check(f"agent {node} does not grow", grown < GROWTH_KIB, f"{before['residentKiB']} KiB, {grown:+} KiB")
        limit = PROCESSOR_SHARE[notes["core"]]
        yield Check(f"agent {node} takes less than {limit:.0%} of {'an emulated' if notes['core'] == 'emulated' else 'a'} core",
                    share < limit, f"{share:.2%}")


def clean_up(evidence):
    """Whatever ends the agent, nothing is left behind, or the next start takes it over."""
    snapshots = evidence.record["notes"]["snapshots"]
    for name in ("SIGTERM", "SIGINT", "after all"):
        yield Check(f"after {name} the interfaces are as before", snapshots[name] == snapshots["before"],
                    difference({"a": snapshots["before"]}, {"a": snapshots[name]}))
    left = [line for line in snapshots["SIGKILL"] if line.startswith(HOST_INTERFACE + ":")]
    there = [line for line in snapshots["running before SIGTERM"] if line.startswith(HOST_INTERFACE + ":")]
    yield Check(f"{HOST_INTERFACE} goes with the process, even after SIGKILL", bool(there) and not left, f"{there}, then {left}")
    yield Check("the start after SIGKILL takes over what was left",
                unnumbered(snapshots["running after SIGKILL"]) == unnumbered(snapshots["running before SIGTERM"]),
                difference({"a": snapshots["running before SIGTERM"]}, {"a": snapshots["running after SIGKILL"]}))


def unnumbered(snapshot):
    """A snapshot without what differs from one making of an interface to the next."""
    return sorted(line.split(" qlen ")[0] for line in snapshot)


def block_ack(evidence):
    """No agents: mac80211's own agreements, made and used; an agreement that is not there is deleted. Nothing in them is ours."""
    notes = evidence.record["notes"]
    nodes = notes["addresses"].values()
    seen = [(frame.action, frame.transmitter) for frame in evidence.session_frames(0, FOREVER)]
    yield Check("every ping was answered", " 0% packet loss" in notes["ping"], notes["ping"].splitlines()[-2] if notes["ping"] else "")
    for action, name in ((ADDBA_REQUEST, "ADDBA Request"), (ADDBA_RESPONSE, "ADDBA Response")):
        missing = [node for node in nodes if (action, node) not in seen]
        yield Check(f"on the air: {name} of both", not missing, ", ".join(missing))
    yield Check("on the air: two BlockAckReq, and DELBA of the access point for the one without an agreement",
                [frame.subtype for frame in evidence.frames].count(BLOCK_ACK_REQUEST) == 2 and
                (DELBA, notes["addresses"]["point"]) in seen)
    yield Check("no frame has a session element", not any(frame.element for frame in evidence.frames if frame.category == BLOCK_ACK))


def text(frames):
    """Frames in few words."""
    return ", ".join(str(frame) for frame in frames[:8]) or "no session frame"


SCENARIOS = {
    "up-but-dead": link_lost,
    "interface-down": link_lost,
    "receiver-restarted": receiver_restarted,
    "ping": ping,
    "idle": idle,
    "clean-up": clean_up,
    "block-ack": block_ack,
    "check": judge_check.check,
    "many": judge_many.many,
    "radio-tests": judge_check.radio_tests,
    **judge_table.SCENARIOS,
    **judge_shared.SCENARIOS,
    **judge_discovery.SCENARIOS,
    **judge_lossy.SCENARIOS,
    "medium": judge_medium.medium,
    "demo": demo,
    "failover": judge_failover.failover,
    **judge_traffic.SCENARIOS,
}
