"""Judges the table of losses (guest/table.py): by the events of both ends, and by what the witness heard."""

from .checked import Check
from .evidence import ADDBA_REQUEST, ADDBA_RESPONSE
from .guest.config import INITIATOR, RECEIVER

FOREVER = 1 << 62
NODES = (INITIATOR, RECEIVER)
ENDS = {"rebuilt", "establishedAnew", "established", "ended"}
LOSSES = {"linkLost", "interrupted", "ended"}


def settled(evidence):
    """Every session of every agent ended in rebuilt, established (anew), or ended with a reason."""
    for node in evidence.events:
        last, causeless = {}, []
        for event in evidence.events[node]:
            if "session" in event and event["event"] not in ("refused", "payloadsGivenUp"):
                last[event["session"]] = event["event"]
            if event["event"] == "ended" and "cause" not in event:
                causeless.append(event["session"])
        # A request that was not answered before the agent was told to end was never a session.
        open_ = [f"{session}: {kind}" for session, kind in last.items() if kind not in ENDS and kind != "sessionRequested"]
        yield Check(f"agent {node}: every session was rebuilt, established anew, or ended with a reason",
                    bool(last) and not open_ and not causeless, "; ".join(open_ + causeless))


def sessions(evidence, node, kind="established"):
    """The sessions that a node told of."""
    return [event["session"] for event in evidence.events[node] if event["event"] == kind]


def established(evidence):
    """One and the same session at both ends."""
    here, there = sessions(evidence, INITIATOR)[:1], sessions(evidence, RECEIVER)[:1]
    return Check("both agents hold the same session for established", bool(here) and here == there, f"{here} and {there}")


def rebuilt(evidence, link, since, until=FOREVER):
    """The session that lived before lives again on this link at both ends, by a request on the air that was acknowledged."""
    session = (sessions(evidence, INITIATOR) or [None])[0]
    for node in NODES:
        told = [e for e in evidence.events[node] if e["event"] == "rebuilt" and since <= e["monotonicNanoseconds"] <= until]
        yield Check(f"agent {node} holds the same session for rebuilt on link {link}",
                    bool(told) and told[-1]["session"] == session and told[-1]["link"] == link, str(told[-1:]))
    requests = [frame for frame in evidence.session_frames(since, until) if frame.action == ADDBA_REQUEST and frame.is_rebuild
                and frame.link == link and frame.session == session and frame.sender() in NODES]
    yield Check(f"on the air: a rebuild request of {' or '.join(NODES)} on link {link}, acknowledged",
                any(evidence.is_acknowledged(frame) for frame in requests), ", ".join(map(str, requests)) or "none")
    responses = [frame for frame in evidence.session_frames(since, until) if frame.action == ADDBA_RESPONSE]
    yield Check("on the air: no response", not responses, ", ".join(map(str, responses)))


def anew(evidence, since, link=None):
    """Another session at both ends."""
    first = sessions(evidence, INITIATOR)[:1]
    here = next((e for e in evidence.events[INITIATOR] if e["event"] == "establishedAnew"
                 and e["monotonicNanoseconds"] >= since), None)
    there = [e["session"] for e in evidence.events[RECEIVER] if e["event"] in ("established", "establishedAnew")
             and e["monotonicNanoseconds"] >= since]
    yield Check("a new session was established at both ends", bool(here) and here["session"] not in first
                and here["session"] in there and link in (None, here["link"]), f"{here}, {there}")


def alive_again(evidence, link, since):
    """The link serves again at both ends."""
    for node in NODES:
        told = [e for e in evidence.events[node] if e["event"] == "linkAlive" and e["link"] == link
                and e["monotonicNanoseconds"] >= since]
        yield Check(f"agent {node}: link {link} serves again", bool(told), "")


def simply_rebuilt(link, comes_back=None):
    """The judge of a scenario in which one loss is rebuilt on one link; `comes_back` is a link that serves again later."""

    def judge(evidence):
        yield established(evidence)
        yield from rebuilt(evidence, link, evidence.action("loss"))
        if comes_back:
            yield from alive_again(evidence, comes_back, evidence.action("loss"))
        yield from settled(evidence)

    return judge


def same_link(evidence):
    yield established(evidence)
    yield from rebuilt(evidence, 1, evidence.action("heal"))
    yield from settled(evidence)


def next_candidate(evidence):
    yield from simply_rebuilt(3)(evidence)
    vain = [frame for frame in evidence.session_frames(evidence.action("loss"), FOREVER)
            if frame.is_rebuild and frame.link == 2]
    yield Check("on the air: requests on link 2, in vain", bool(vain) and not any(map(evidence.is_acknowledged, vain)),
                ", ".join(map(str, vain)) or "none")


def three_links(evidence):
    yield established(evidence)
    first, second = evidence.action("loss"), evidence.action("second loss")
    yield from rebuilt(evidence, 2, first, second)
    yield from rebuilt(evidence, 3, second)
    yield from settled(evidence)


def retention_expired(evidence):
    yield established(evidence)
    for node in NODES:
        event = evidence.event(node, "ended", since=evidence.action("loss"))
        yield Check(f"agent {node}: the session ended when the retention time was over",
                    bool(event) and event.get("cause") == "retentionExpired", str(event))
    yield from anew(evidence, evidence.action("heal"), 1)
    yield from settled(evidence)


def no_indicator(evidence):
    yield established(evidence)
    # The end that notices first ends it; the other may hear of that before it notices by itself.
    ended = [(node, event["cause"]) for node in NODES for event in evidence.events[node]
             if event["event"] == "ended" and event["session"] == sessions(evidence, INITIATOR)[0] and "cause" in event]
    yield Check("the session ended: it was not rebuildable", "notRebuildable" in [cause for _, cause in ended], str(ended))
    asked = [frame for frame in evidence.session_frames(0, FOREVER) if frame.is_rebuild]
    yield Check("on the air: no rebuild request", not asked, ", ".join(map(str, asked)))
    yield from anew(evidence, evidence.action("loss"), 2)
    yield from settled(evidence)


def both_ends(evidence):
    yield from simply_rebuilt(2)(evidence)
    stop = evidence.action("stop-a")
    last = [[e for e in evidence.events[node] if e["event"] == "rebuilt" and e["monotonicNanoseconds"] < stop][-1:] for node in NODES]
    yield Check("both ends tell of the same link last", all(last) and last[0][0]["link"] == last[1][0]["link"], str(last))


def peer_absent(evidence):
    start = evidence.action("second")
    early = [e["event"] for e in evidence.events[INITIATOR] if e["monotonicNanoseconds"] < start and e["event"] != "linkUp"]
    yield Check("nothing is told of an absent peer", not early, ", ".join(early))
    asked = [frame for frame in evidence.session_frames(0, start)]
    yield Check("on the air: no request to an absent peer", not asked, ", ".join(map(str, asked)))
    yield established(evidence)
    health = {link["health"] for peer in evidence.record["notes"]["alone"]["peers"] for link in peer["links"]}
    yield Check("the status says that it was not heard", health == {"unknown"}, str(health))
    yield from settled(evidence)


def forbidden_channel(evidence):
    yield established(evidence)
    link = next((link for link in evidence.record["notes"]["forbidden"]["links"] if link["id"] == 2), {})
    yield Check("link 2 is refused, with the remedy", link.get("state") == "down" and "iw reg set" in link.get("problem", ""), str(link))
    sent = [f for f in evidence.frames if f.frequency == 5180 and f.nanoseconds < evidence.action("permit")]
    yield Check("on the air: nothing on the forbidden channel", not sent, f"{len(sent)} frames")
    yield from alive_again(evidence, 2, evidence.action("permit"))
    yield from settled(evidence)


def flaps(evidence):
    """Between which two instants each of the ten losses is judged: up to the next one. Where acknowledgments come in frames, up to when
    the link heard again, for an agent that stands still for a while after that is held for a loss, too."""
    losses = [evidence.action(f"loss {number}") for number in range(10)]
    heals = [action["monotonicNanoseconds"] for action in evidence.record["actions"] if action["name"] == "heal"]
    return list(zip(losses, heals if evidence.acknowledgment == "frame" else [*losses[1:], FOREVER]))


def flapping(evidence):
    yield established(evidence)
    spans = flaps(evidence)
    if len(spans) < 10 or None in (since for since, _ in spans):
        yield Check("ten losses", False, str(spans))
        return
    links = evidence.record["notes"]["links"]
    for link, (since, until) in zip(links, spans):
        yield from rebuilt(evidence, 3 - link, since, until)
    yield from between_flaps(evidence, links, [since for since, _ in spans])
    yield from settled(evidence)


def between_flaps(evidence, links, losses):
    """Whatever else moved the session was a rebuild of it, too: each loss struck the link that both ends had last rebuilt it on."""
    first = sessions(evidence, INITIATOR)[:1]
    for node in NODES:
        moves = [event for event in evidence.events[node] if event["event"] == "rebuilt" and event["monotonicNanoseconds"] >= losses[0]]
        places = [[move["link"] for move in moves if move["monotonicNanoseconds"] < loss][-1:] for loss in losses[1:]]
        yield Check(f"agent {node}: each loss struck the link that the same session was last rebuilt on",
                    places == [[link] for link in links[1:]] and all([move["session"]] == first for move in moves), str(places))
    responses = [frame for frame in evidence.session_frames(losses[0], FOREVER) if frame.action == ADDBA_RESPONSE]
    yield Check("on the air: no response from the first loss on", not responses, ", ".join(map(str, responses)))


def frame_storm(evidence):
    yield established(evidence)
    storm = evidence.record["notes"]["storm"]
    told = [f"{node}: {event['event']} of link {event.get('link')}" for node in NODES for event in evidence.events[node]
            if event["event"] in LOSSES and storm["from"] <= event["monotonicNanoseconds"] < storm["to"]]
    yield Check("nothing was held for lost during the storm", not told, "; ".join(told))
    heard = [f for f in evidence.frames if f.frequency == 2412 and storm["from"] <= f.nanoseconds < storm["to"]]
    yield Check("on the air: thousands of frames of other stations", len(heard) >= storm["frames"] >= 5000,
                f"{storm['frames']} sent, {len(heard)} heard")
    yield from rebuilt(evidence, 3 - evidence.record["notes"]["link"], evidence.action("loss"))
    yield from settled(evidence)


def two_peers(evidence):
    """Each of the four sessions is rebuilt, by one acknowledged request of its own, and none is mixed up with another."""
    loss, stop = evidence.action("loss"), evidence.action("stop-a") or FOREVER
    before = evidence.record["notes"]["before"]
    lost, other = before["link"], 3 - before["link"]
    made = {event["session"]: (event["peer"], event["tid"]) for event in evidence.events[INITIATOR] if event["event"] == "established"}
    yield Check("four sessions, two with each of two peers", len(made) == len(set(made.values())) == 4, str(made))
    wanted = {session: made.get(session) for session in before["sessions"]}
    yield Check(f"two or more of them lived on link {lost}", len(wanted) >= 2, str(wanted))
    again = {event["session"]: (event["peer"], event["tid"]) for event in evidence.events[INITIATOR]
             if event["event"] == "rebuilt" and event["link"] == other and event["monotonicNanoseconds"] > loss}
    yield Check(f"all that lived there are rebuilt on link {other}", wanted.items() <= again.items() and set(again) <= set(made), str(again))
    there = {event["session"] for node in evidence.events if node != INITIATOR for event in evidence.events[node]
             if event["event"] == "rebuilt" and event["link"] == other}
    yield Check("and their receivers hold them for rebuilt", set(wanted) <= there <= set(made), str(there))
    frames = [frame for frame in evidence.session_frames(loss, stop) if frame.is_rebuild and frame.link == other]
    asked = {frame.session for frame in frames if evidence.is_acknowledged(frame)}
    yield Check("on the air: an acknowledged rebuild request for each", set(wanted) <= asked <= set(made), ", ".join(map(str, frames)))
    yield from settled(evidence)


SCENARIOS = {
    "one-way": simply_rebuilt(2),
    "other-way": simply_rebuilt(2),
    "unplugged": simply_rebuilt(2, comes_back=1),
    "same-link": same_link,
    "next-candidate": next_candidate,
    "three-links": three_links,
    "retention-expired": retention_expired,
    "no-indicator": no_indicator,
    "both-ends": both_ends,
    "receiver-down": simply_rebuilt(2),
    "peer-absent": peer_absent,
    "forbidden-channel": forbidden_channel,
    "flapping": flapping,
    "rfkill": simply_rebuilt(2, comes_back=1),
    "channel-changed": simply_rebuilt(2, comes_back=1),
    "frame-storm": frame_storm,
    "two-peers": two_peers,
}
