"""The ways to lose a link, and what must come of each."""

import time

from ..checked import Check
from ..evidence import ADDBA_RESPONSE, Evidence
from ..guest import config
from ..guest.losing import A, B, ThirdLink, both_anew, both_rebuilt, heal, lose
from ..guest.stage import Stage
from ..guest.waiting import wait_until
from ..judging import FOREVER, NODES, Checks, anew, rebuilt_on, same_session, sessions, settled, simply_rebuilt
from ..scenario import scenario

FLAPS = 100
# Time that agents keep an interrupted session by default.
RETENTION_SECONDS = 60


@scenario("one-way", "what the initiator sends on link 1 vanishes, though it hears the receiver; rebuilt on link 2",
          judged=simply_rebuilt(2))
def one_way(stage: Stage) -> None:
    stage.establish()
    at = stage.act("loss", "what agent a sends on link 1 vanishes", stage.air.mute, A, config.interface(1))
    both_rebuilt(stage, 2, at)
    stage.finish()


@scenario("other-way", "what the receiver sends on link 1 vanishes, though it hears the initiator; rebuilt on link 2",
          judged=simply_rebuilt(2, requests=2))
def other_way(stage: Stage) -> None:
    stage.establish()
    at = stage.act("loss", "what agent b sends on link 1 vanishes", stage.air.mute, B, config.interface(1))
    both_rebuilt(stage, 2, at)
    stage.finish()


@scenario("same-link", "both links go deaf, the first comes back; rebuilt where it was")
def same_link(stage: Stage) -> None:
    stage.establish()
    other = lose(stage, 2, "other")
    for agent in stage.agents.values():
        stage.wait(agent, "linkLost", since=other, link=2)
    at = lose(stage, 1)
    for agent in stage.agents.values():
        stage.wait(agent, "interrupted", since=at)
    back = heal(stage, 1)
    both_rebuilt(stage, 1, back)
    stage.finish()


@same_link.judge
def judge_same_link(evidence: Evidence) -> Checks:
    yield same_session(evidence)
    yield from rebuilt_on(evidence, 1, evidence.done("heal"))
    yield from settled(evidence)


@scenario("next-candidate", "link 2 of three goes deaf unnoticed, link 1 is set down; the request on link 2 is in vain, rebuilt on link 3")
def next_candidate(stage: Stage) -> None:
    with ThirdLink(stage), stage.air.standby(A) as down:
        # So that no heartbeat finds out about link 2 in the moment between the two.
        for agent in stage.agents.values():
            agent.configure("[health]\nheartbeat_interval_ms = 1000\nsilence_timeout_ms = 3500")
        stage.establish()

        def both() -> None:
            stage.air.deafen(A, 2)
            down(A, config.interface(1))

        at = stage.act("loss", "link 2 goes deaf, and link 1's interface is set down at agent a", both)
        both_rebuilt(stage, 3, at)
        stage.finish()


@next_candidate.judge
def judge_next_candidate(evidence: Evidence) -> Checks:
    yield from simply_rebuilt(3)(evidence)
    vain = [frame for frame in evidence.session_frames(evidence.done("loss"), FOREVER)
            if frame.is_rebuild and frame.link == 2]
    yield Check("on the air: requests on link 2, in vain", bool(vain) and not any(map(evidence.is_acknowledged, vain)),
                ", ".join(map(str, vain)) or "none")


@scenario("three-links", "three links: the session's link goes deaf twice; rebuilt on link 2, then on link 3",
          securities=("psk", "open"))
def three_links(stage: Stage) -> None:
    with ThirdLink(stage):
        stage.establish()
        at = lose(stage, 1)
        both_rebuilt(stage, 2, at)
        at = lose(stage, 2, "second loss")
        both_rebuilt(stage, 3, at)
        stage.finish()


@three_links.judge
def judge_three_links(evidence: Evidence) -> Checks:
    yield same_session(evidence)
    first, second = evidence.done("loss"), evidence.done("second loss")
    yield from rebuilt_on(evidence, 2, first, second)
    yield from rebuilt_on(evidence, 3, second)
    yield from settled(evidence)


@scenario("retention-expired", "both links are deaf for longer than the retention time; the session ends, a new one is established", 200)
def retention_expired(stage: Stage) -> None:
    stage.establish()
    lose(stage, 2, "other")
    at = lose(stage, 1)
    for agent in stage.agents.values():
        stage.wait(agent, "ended", since=at, seconds=2 * RETENTION_SECONDS, cause="retentionExpired")
    back = heal(stage, 1)
    both_anew(stage, back, link=1)
    stage.finish()


@retention_expired.judge
def judge_retention_expired(evidence: Evidence) -> Checks:
    yield same_session(evidence)
    for node in NODES:
        event = evidence.event(node, "ended", since=evidence.done("loss"))
        yield Check(f"agent {node}: the session ended when the retention time was over, not sooner",
                    event is not None and event.get("cause") == "retentionExpired"
                    and event["monotonicNanoseconds"] >= evidence.done("loss") + RETENTION_SECONDS * 10**9, str(event))
    yield from anew(evidence, evidence.done("heal"), 1)
    yield from settled(evidence)


@scenario("no-indicator", "the receiver's response has no indicator: the session is not rebuildable, a loss ends it; established anew")
def no_indicator(stage: Stage) -> None:
    stage.receiver.configure("[session]\nsupports_rebuild = false")
    stage.establish()
    at = lose(stage, 1)
    both_anew(stage, at, link=2)
    stage.finish()


@no_indicator.judge
def judge_no_indicator(evidence: Evidence) -> Checks:
    yield same_session(evidence)
    # The end that notices first ends it; the other may hear of that before it notices by itself.
    ended = [(node, event["cause"]) for node in NODES for event in evidence.events[node]
             if event["event"] == "ended" and event["session"] == sessions(evidence, A)[0] and "cause" in event]
    yield Check("the session ended: it was not rebuildable", "notRebuildable" in [cause for _, cause in ended], str(ended))
    asked = [frame for frame in evidence.session_frames(0, FOREVER) if frame.is_rebuild]
    yield Check("on the air: no rebuild request", not asked, ", ".join(map(str, asked)))
    yield from anew(evidence, evidence.done("loss"), 2)
    yield from settled(evidence)


@scenario("both-ends", "link 1's interfaces are set down at both ends at once; both ask for the rebuild, one session lives",
          securities=("psk", "open"))
def both_ends(stage: Stage) -> None:
    with stage.air.standby(A, B) as down:
        stage.establish()

        def both() -> None:
            for node in (A, B):
                down(node, config.interface(1))

        at = stage.act("loss", "link 1's interfaces are set down at both ends", both)
        both_rebuilt(stage, 2, at)
    stage.finish()


@both_ends.judge
def judge_both_ends(evidence: Evidence) -> Checks:
    yield from simply_rebuilt(2, requests=2)(evidence)
    stop = evidence.action("stop-a")
    last = [[e for e in evidence.events[node] if e["event"] == "rebuilt" and e["monotonicNanoseconds"] < stop][-1:] for node in NODES]
    yield Check("both ends tell of the same link last", all(last) and last[0][0]["link"] == last[1][0]["link"], str(last))


@scenario("receiver-down", "link 1's interface is set down at the receiver, whose kernel tells it; rebuilt on link 2, whoever asks first",
          judged=simply_rebuilt(2, requests=2))
def receiver_down(stage: Stage) -> None:
    stage.establish()
    at = stage.act("loss", "link 1's interface is set down at agent b", stage.air.interface_down, B, config.interface(1))
    both_rebuilt(stage, 2, at)
    stage.finish()


@scenario("peer-absent", "the peer comes seconds after the initiator; established when it is there")
def peer_absent(stage: Stage) -> None:
    at = time.monotonic_ns()
    stage.start(stage.initiator)
    for link in (1, 2):
        stage.wait(stage.initiator, "linkUp", link=link)
    # Some rounds of probes into the void.
    wait_until(lambda: time.monotonic_ns() > at + 3_000_000_000, 10, "three seconds have passed")
    stage.note("alone", stage.initiator.status())
    start = stage.act("second", "agent b comes", stage.receiver.start)
    stage.wait(stage.initiator, "established", since=start)
    stage.wait(stage.receiver, "established", since=start)
    stage.finish()


@peer_absent.judge
def judge_peer_absent(evidence: Evidence) -> Checks:
    start = evidence.done("second")
    early = [e["event"] for e in evidence.events[A] if e["monotonicNanoseconds"] < start and e["event"] != "linkUp"]
    yield Check("nothing is told of an absent peer", not early, ", ".join(early))
    asked = [frame for frame in evidence.session_frames(0, start)]
    yield Check("on the air: no request to an absent peer", not asked, ", ".join(map(str, asked)))
    yield same_session(evidence)
    health = {link["health"] for peer in evidence.record["notes"]["alone"]["peers"] for link in peer["links"]}
    yield Check("the status says that it was not heard", health == {"unknown"}, str(health))
    yield from settled(evidence)


@scenario("flapping", "the session's link goes deaf a hundred times; each time it is rebuilt on the other one", 300)
def flapping(stage: Stage) -> None:
    stage.establish()
    links = []
    for number in range(FLAPS):
        link = stage.session_link()
        links.append(link)
        at = lose(stage, link, f"loss {number}")
        both_rebuilt(stage, 3 - link, at)
        heal(stage, link)
        stage.alive(link)
    stage.note("links", links)
    stage.finish()


@flapping.judge
def judge_flapping(evidence: Evidence) -> Checks:
    yield same_session(evidence)
    spans = flaps(evidence)
    links = evidence.record["notes"]["links"]
    for link, (since, until) in zip(links, spans, strict=True):
        yield from rebuilt_on(evidence, 3 - link, since, until)
    yield from between_flaps(evidence, links, [since for since, _ in spans])
    yield from settled(evidence)


def flaps(evidence: Evidence) -> list[tuple[int, int]]:
    """Between which two instants each of the losses is judged: up to the next one."""
    losses = [evidence.done(f"loss {number}") for number in range(FLAPS)]
    return list(zip(losses, [*losses[1:], FOREVER], strict=True))


def between_flaps(evidence: Evidence, links: list[int], losses: list[int]) -> Checks:
    """Whatever else moved the session was a rebuild of it, too: each loss struck the link that both ends had last rebuilt it on."""
    first = sessions(evidence, A)[:1]
    for node in NODES:
        moves = [event for event in evidence.events[node] if event["event"] == "rebuilt" and event["monotonicNanoseconds"] >= losses[0]]
        places = [[move["link"] for move in moves if move["monotonicNanoseconds"] < loss][-1:] for loss in losses[1:]]
        yield Check(f"agent {node}: each loss struck the link that the same session was last rebuilt on",
                    places == [[link] for link in links[1:]] and all([move["session"]] == first for move in moves), str(places))
    responses = [frame for frame in evidence.session_frames(losses[0], FOREVER) if frame.action == ADDBA_RESPONSE]
    yield Check("on the air: no response from the first loss on", not responses, ", ".join(map(str, responses)))
