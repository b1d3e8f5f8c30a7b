"""Scenarios for radios that are there (tools/lab --radios): all that needs no medium of ours and nothing of hwsim. Links are lost by what
can befall a card: its interface is set down, rfkill switches it off, what it sends vanishes. Radios of hwsim play it as well."""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from .. import streams
from ..checked import Check
from ..evidence import ADDBA_REQUEST, Evidence, request_acknowledged
from ..guest import config
from ..guest.air import AirError
from ..guest.config import HOST_INTERFACE, interface
from ..guest.contenders import Contender
from ..guest.control import Event
from ..guest.programs import python
from ..guest.speed import HEADERS, SHARE, iperf
from ..guest.stage import Stage
from ..guest.streaming import AFTER, SIZE, Relink, stream
from ..guest.waiting import wait_until
from ..judging import FOREVER, NODES
from ..scenario import scenario
from .failover import quiet_hosts

A, B = config.INITIATOR, config.RECEIVER
PLAIN = Contender("cards", "Relink on cards", "mac")
SHARING = Contender("cards-shared", "Relink on cards, shared", "mac", "relink-shared", '[session]\nsharing = "always"')
ROUNDS = 5
# Number of losses of a link in each way, and their duration in seconds.
LOSSES, LOST = 2, 0.5
# Limit of an agent's growth, in KiB: the memory that is no page of a file, after it has carried traffic for a while.
GROWTH, WARM_UP = 1024, 5
PINGS, PING_MILLISECONDS = 400, 10
# Of an MTU of 1390 bytes, what is left for a UDP packet.
PACKET = 1390 - HEADERS
INTERRUPTED = {"interrupted", "rebuilt", "establishedAnew", "refused", "ended"}

Checks = Iterator[Check]


def links(stage: Stage) -> list[int]:
    """The links there are."""
    return sorted({link for _, link in stage.air.radios})


@contextlib.contextmanager
def carrying(stage: Stage, contender: Contender = PLAIN) -> Iterator[Relink]:
    """Two agents with a session that carries the hosts' packets, and no packets of the hosts' own accord."""
    with quiet_hosts(stage), Relink(stage, contender) as network:
        yield network


@scenario("cards-establish", f"on cards: both agents are started and ended, {ROUNDS} times; a session is established each time", 300,
          links_on_cards=1, is_default=False, records=False)
def cards_establish(stage: Stage) -> None:
    rounds = []
    for number in range(ROUNDS):
        at = stage.act(f"round {number}", f"establishment {number + 1} of {ROUNDS}", stage.start, stage.receiver)
        stage.start(stage.initiator)
        for agent in (stage.initiator, stage.receiver):
            stage.wait(agent, "established", since=at)
        rounds.append(at)
        stage.finish()
    stage.note("rounds", rounds)


@cards_establish.judge
def judge_cards_establish(evidence: Evidence) -> Checks:
    rounds = evidence.record["notes"]["rounds"]
    times = []
    for number, (since, until) in enumerate(zip(rounds, [*rounds[1:], FOREVER], strict=True)):
        here, there = ([each for each in evidence.events[node] if each["event"] == "established" and since <= each["monotonicNanoseconds"] < until]
                       for node in NODES)
        same = {each["session"] for each in here} & {each["session"] for each in there}
        yield Check(f"round {number + 1}: both ends hold the same session for established", bool(same), f"{here}, {there}")
        if same:
            times.append(establishment(evidence, same.pop()))
    found = [time for time in times if time is not None]
    told(evidence, {"establishMicroseconds": found}, f"established after {spread(found, 'µs')}")
    yield from heard_by_witness(evidence)


@scenario("cards-rebuild", f"on cards: a stream goes on while its link is lost {LOSSES} times each by the interface set down, by rfkill, and by "
          "silence; rebuilt on another link, or on the same where there is no other", 400, links_on_cards=1, is_default=False, records=False)
def cards_rebuild(stage: Stage) -> None:
    cuts: list[tuple[int, int]] = []
    with carrying(stage) as network:
        turns = [kind for kind in ways(stage) for _ in range(LOSSES)]

        def losses() -> None:
            for number, kind in enumerate(turns):
                cuts.append(lose(stage, number, kind))

        sent = stream(stage, network, PLAIN, 0, losses)
    stage.note("kinds", turns)
    stage.note("links", links(stage))
    stage.note("stream", {"rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": cuts})


@cards_rebuild.judge
def judge_cards_rebuild(evidence: Evidence) -> Checks:
    notes = evidence.record["notes"]
    several, kinds, cuts = len(notes["links"]) > 1, notes["kinds"], notes["stream"]["cuts"]
    session = first_session(evidence)
    figures = []
    for number, ((since, _), (until, _)) in enumerate(zip(cuts, [*cuts[1:], (FOREVER, 0)], strict=True)):
        lost = next(each["what"] for each in evidence.record["actions"] if each["name"] == f"loss {number}")
        for node in NODES:
            moves = [each for each in evidence.events[node] if each["event"] == "rebuilt" and since <= each["monotonicNanoseconds"] < until]
            yield Check(f"loss {number + 1} ({kinds[number]}): agent {node} holds the same session for rebuilt",
                        bool(moves) and all(each["session"] == session for each in moves), f"{lost}: {moves}")
        figures.append({"kind": kinds[number], **times_of_loss(evidence, since, until)})
    counted = count(evidence)
    for figure, gap in zip(figures, counted["gaps"], strict=True):
        figure["gapMilliseconds"] = gap
    if several:
        yield Check("the receiver counts no packet lost", counted["lost"] == 0, f"{counted['lost']} of {counted['sent']}")
    yield from never_doubled(counted)
    settled = establishment(evidence, session)
    gaps = {kind: [each["gapMilliseconds"] for each in figures if each["kind"] == kind] for kind in dict.fromkeys(kinds)}
    told(evidence, {"establishMicroseconds": settled, "losses": figures, "stream": counted},
         f"established after {spread([settled] if settled else [], 'µs')}, rebuilt after "
         f"{spread([each['rebuildMicroseconds'] for each in figures if each.get('rebuildMicroseconds')], 'µs')}; gaps: "
         + "; ".join(f"{kind} {spread(some, 'ms')}" for kind, some in gaps.items()) + f"; {counted['lost']} of {counted['sent']} packets lost")
    yield from heard_by_witness(evidence)


@scenario("cards-share", "on cards: a session lives on two links, each of which is set down and comes back while a stream goes on", 200,
          links_on_cards=2, is_default=False, records=False)
def cards_share(stage: Stage) -> None:
    cuts: list[tuple[int, int]] = []
    with carrying(stage, SHARING) as network:
        shared(stage, 0)

        def losses() -> None:
            for link in (1, 2):
                at = stage.act(f"loss {link}", f"link {link}'s interface is set down at agent a", stage.air.interface_down, A, interface(link))
                try:
                    stage.wait(stage.initiator, "sharedLinkLost", since=at, link=link, role="initiator")
                    time.sleep(LOST)
                finally:
                    back = stage.act(f"back {link}", f"link {link}'s interface is set up again", stage.air.interface_up, A, interface(link))
                shared(stage, back)
                cuts.append((at, back))
                time.sleep(LOST)

        sent = stream(stage, network, SHARING, 0, losses)
    stage.note("stream", {"rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": cuts})


def shared(stage: Stage, since: int) -> None:
    """Both ends hold agent a's session for shared."""
    for agent, role in ((stage.initiator, "initiator"), (stage.receiver, "receiver")):
        stage.wait(agent, "shared", since=since, role=role, tid=0)


@cards_share.judge
def judge_cards_share(evidence: Evidence) -> Checks:
    stop = evidence.action("stop-a") or FOREVER
    own = [each for each in evidence.events[A] if each.get("role") == "initiator" and each["monotonicNanoseconds"] < stop]
    lost = [each["link"] for each in own if each["event"] == "sharedLinkLost"]
    yield Check("each of the two links was lost in turn", [link for link in lost if link in (1, 2)][:2] == [1, 2], str(lost))
    torn = [each["event"] for each in own if each["event"] in INTERRUPTED]
    yield Check("nothing was interrupted, rebuilt or ended", not torn, ", ".join(torn))
    counted = count(evidence)
    yield Check("the receiver counts no packet lost", counted["lost"] == 0, f"{counted['lost']} of {counted['sent']}")
    yield from never_doubled(counted)
    told(evidence, {"stream": counted}, f"gaps: {spread(counted['gaps'], 'ms')}; {counted['lost']} of {counted['sent']} packets lost")
    yield from heard_by_witness(evidence)


@scenario("cards-ping", f"on cards: {PINGS} pings from host to host, {PING_MILLISECONDS} ms apart; in the middle link 1 is set down, if there is "
          "another", 120, links_on_cards=1, is_default=False, records=False)
def cards_ping(stage: Stage) -> None:
    with carrying(stage):
        command = stage.air.inside(A, *python("ping"), Relink.address, str(PINGS), str(PING_MILLISECONDS))
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        with process:
            try:
                time.sleep(PINGS * PING_MILLISECONDS / 2000)
                if len(links(stage)) > 1:
                    lose(stage, 0, "interface down")
                printed = process.communicate(timeout=60)[0]
            except BaseException:
                process.kill()
                raise
    stage.note("ping", json.loads(printed))


@cards_ping.judge
def judge_cards_ping(evidence: Evidence) -> Checks:
    fate = evidence.record["notes"]["ping"]
    yield Check("every ping was answered", fate["sent"] == PINGS and not fate["lost"], f"{len(fate['lost'])} of {fate['sent']} lost")
    yield Check("none was answered twice", not fate["doubled"], str(fate["doubled"][:8]))
    figures = {name: round(fate[f"{name}Nanoseconds"] / 1e6, 2) for name in ("medianRoundTrip", "longestRoundTrip", "longestGap")}
    told(evidence, {"sent": fate["sent"], "lost": len(fate["lost"]), **{f"{name}Milliseconds": value for name, value in figures.items()}},
         f"{len(fate['lost'])} of {fate['sent']} lost; round trip: median {figures['medianRoundTrip']} ms, longest {figures['longestRoundTrip']} ms")
    yield from heard_by_witness(evidence)


@scenario("cards-speed", "on cards: iperf3 from host to host, TCP and then UDP at four fifths of what TCP got through (--seconds for each)", 180, 10,
          heard=None, clock="real", links_on_cards=1, is_default=False, records=False)
def cards_speed(stage: Stage) -> None:
    seconds = stage.options["seconds"]
    with carrying(stage) as network:
        tcp = iperf(stage, seconds)
        wait_until(network.is_quiet, 30, "nothing is queued at agent a")
        udp = iperf(stage, seconds, "--udp", "--bitrate", max(1, int(tcp["bitsPerSecond"] * SHARE)), "--length", PACKET)
        wait_until(network.is_quiet, 30, "nothing is queued at agent a")
    stage.note("speed", {"seconds": seconds, "tcp": tcp, "udp": udp})


@cards_speed.judge
def judge_cards_speed(evidence: Evidence) -> Checks:
    speed = evidence.record["notes"]["speed"]
    rates = {kind: round(speed[kind]["bitsPerSecond"] / 1e6, 2) for kind in ("tcp", "udp")}
    yield Check("TCP and UDP get through", all(rate > 0 for rate in rates.values()), str(speed))
    told(evidence, {"tcpMegabitsPerSecond": rates["tcp"], "udpMegabitsPerSecond": rates["udp"], "udpLostPercent": speed["udp"]["lostPercent"],
                    "seconds": speed["seconds"]},
         f"TCP {rates['tcp']} Mbit/s, UDP {rates['udp']} Mbit/s with {speed['udp']['lostPercent']}% lost")


@scenario("cards-memory", "on cards: a stream from host to host for an hour (--seconds); memory, losses of links, packets lost", 120, 3600,
          heard=None, links_on_cards=1, is_default=False, records=False)
def cards_memory(stage: Stage) -> None:
    seconds = stage.options["seconds"]
    usage: dict[str, Any] = {}
    with carrying(stage) as network:

        def measure() -> None:
            # Memory that a pool or a cache takes at first is no growth.
            time.sleep(WARM_UP)
            before = {node: agent.usage() for node, agent in stage.agents.items()}
            at = stage.act("memory", f"nothing else is done for {seconds} s", time.sleep, seconds)
            stage.collect()
            usage.update(nanoseconds=time.monotonic_ns() - at, before=before, after={node: agent.usage() for node, agent in stage.agents.items()})

        sent = stream(stage, network, PLAIN, 0, measure)
        stage.note("live", {node: [each["state"] for each in agent.status()["sessions"]] for node, agent in stage.agents.items()})
    stage.note("memory", usage)
    stage.note("stream", {"rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": []})


@cards_memory.judge
def judge_cards_memory(evidence: Evidence) -> Checks:
    notes = evidence.record["notes"]
    memory, stop = notes["memory"], evidence.action("stop-a") or FOREVER
    grown = {node: memory["after"][node]["anonymousKiB"] - memory["before"][node]["anonymousKiB"] for node in NODES}
    for node in NODES:
        yield Check(f"agent {node} grows by less than {GROWTH} KiB", grown[node] < GROWTH, f"{grown[node]:+} KiB")
        yield Check(f"agent {node}'s session is live in the end", "live" in notes["live"][node], str(notes["live"][node]))
    counted = count(evidence)
    yield from never_doubled(counted)
    happened = {kind: sum(each["event"] == kind and each["monotonicNanoseconds"] < stop for each in evidence.events[A])
                for kind in ("linkLost", "rebuilt", "establishedAnew")}
    share = {node: (memory["after"][node]["processorNanoseconds"] - memory["before"][node]["processorNanoseconds"]) / memory["nanoseconds"]
             for node in NODES}
    seconds = round(memory["nanoseconds"] / 1e9)
    told(evidence, {"seconds": seconds, "grownKiB": grown, "processorPercent": {node: round(100 * each, 2) for node, each in share.items()},
                    "events": happened, "stream": counted},
         f"{seconds} s: memory {grown[A]:+} and {grown[B]:+} KiB; links lost {happened['linkLost']} times; "
         f"{counted['lost']} of {counted['sent']} packets lost")


def ways(stage: Stage) -> list[str]:
    """The ways in which links can be lost here."""
    found = ["interface down"]
    switches = [stage.air.inside(A, "sh", "-c", f"ls /sys/class/ieee80211/{stage.air.radios[A, link]}/rfkill*/soft") for link in links(stage)]
    if all(subprocess.run(each, capture_output=True).returncode == 0 for each in switches):
        found.append("rfkill")
    # sch_netem is a module that not every kernel has.
    with contextlib.suppress(AirError):
        stage.air.mute(A, HOST_INTERFACE)
        stage.air.unmute(A, HOST_INTERFACE)
        found.append("silence")
    return found


def turn_off(stage: Stage, kind: str, link: int) -> tuple[str, Callable[[], None], Callable[[], None]]:
    """The loss of a link in one of these ways: in words, the function that causes it, and the one that undoes it."""
    air, name = stage.air, interface(link)
    if kind == "interface down":
        return f"link {link}'s interface is set down at agent a", lambda: air.interface_down(A, name), lambda: air.interface_up(A, name)
    if kind == "rfkill":
        return f"rfkill switches agent a's radio of link {link} off", lambda: air.block(A, link, True), lambda: air.block(A, link, False)

    def both(function: Callable[[str, str], None]) -> None:
        for node in NODES:
            function(node, name)

    return f"what both ends send on link {link} vanishes", lambda: both(air.mute), lambda: both(air.unmute)


def lose(stage: Stage, number: int, kind: str) -> tuple[int, int]:
    """One loss of the link that the session is on, and its return; returns when it was lost and when the stream goes on."""
    link, several = stage.session_link(), len(links(stage)) > 1
    what, off, on = turn_off(stage, kind, link)
    at = stage.act(f"loss {number}", what, off)
    try:
        if several:
            until = rebuilt(stage, at)
        time.sleep(LOST)
    finally:
        back = stage.act(f"back {number}", f"link {link} is brought back", on)
    if not several:
        until = rebuilt(stage, back)
    stage.alive(link)
    time.sleep(LOST)
    return at, until


def rebuilt(stage: Stage, since: int) -> int:
    """Both ends hold agent a's session for rebuilt; returns when what waited has arrived as well."""
    roles = ((stage.initiator, "initiator"), (stage.receiver, "receiver"))
    ends: list[Event] = [stage.wait(agent, "rebuilt", since=since, role=role) for agent, role in roles]
    return max(int(end["monotonicNanoseconds"]) for end in ends) + AFTER


def establishment(evidence: Evidence, session: str | None) -> int | None:
    """Time that a session took to establish, in microseconds: from agent a's request until agent b holds it for established."""
    asked = next((each for each in evidence.events[A] if each["event"] == "sessionRequested" and each["session"] == session), None)
    there = next((each for each in evidence.events[B] if each["event"] == "established" and each["session"] == session), None)
    return round((there["monotonicNanoseconds"] - asked["monotonicNanoseconds"]) / 1000) if asked and there else None


def first_session(evidence: Evidence) -> str | None:
    """Agent a's session."""
    return next((each["session"] for each in evidence.events[A] if each["event"] == "established" and each.get("role") == "initiator"), None)


def times_of_loss(evidence: Evidence, since: int, until: int) -> dict[str, int]:
    """The times of one loss in microseconds, by agent a's events: until it was noticed, of the request, until the session was live again."""

    def at(kind: str) -> int | None:
        event: Event | None = evidence.event(A, kind, since)
        return event["monotonicNanoseconds"] if event and event["monotonicNanoseconds"] < until else None

    noticed, asked, done = at("interrupted"), at("rebuildRequested"), at("rebuilt")
    rebuilt = evidence.event(A, "rebuilt", since)
    if done is not None and rebuilt is not None:
        done = request_acknowledged(rebuilt)
    spans = {"detectionMicroseconds": (since, noticed), "rebuildMicroseconds": (asked, done), "liveAfterDetectionMicroseconds": (noticed, done)}
    return {name: round((end - start) / 1000) for name, (start, end) in spans.items() if start is not None and end is not None}


def count(evidence: Evidence) -> streams.Figures:
    """The receiver's own count of the stream."""
    sent = evidence.record["notes"]["stream"]
    return streams.figures(streams.read(os.path.join(evidence.folder, "arrivals.txt")), sent["sent"], sent["cuts"], sent["rate"])


def never_doubled(counted: streams.Figures) -> Checks:
    """Faults that no radio may cause in a stream."""
    yield Check("packets arrived", counted["received"] > 0, str(counted["received"]))
    for what, number in (("duplicated", counted["duplicated"]), ("outOfOrder", counted["outOfOrder"])):
        yield Check(f"the receiver counts no packet {what}", number == 0, f"{number} of {counted['sent']}")


def heard_by_witness(evidence: Evidence) -> Checks:
    """Frames that a third card received, if there was one: something of both ends. It may miss frames, so they are counted, not judged one by one."""
    if not os.path.exists(os.path.join(evidence.folder, "air.pcap")):
        return
    senders = {frame.transmitter for frame in evidence.frames}
    yield Check("the witness received frames of both ends", len(senders) >= 2, ", ".join(sorted(senders)) or "none")
    requests = sum(frame.action == ADDBA_REQUEST and bool(frame.element) for frame in evidence.frames)
    evidence.record["notes"].setdefault("figures", {})["witness"] = {"frames": len(evidence.frames), "sessionRequests": requests}


def told(evidence: Evidence, figures: dict[str, Any], text: str) -> None:
    """Keeps figures for the report, and the verdict's line."""
    evidence.record["notes"].setdefault("figures", {}).update(figures)
    evidence.record["notes"]["told"] = text


def spread(values: list[Any], unit: str) -> str:
    """Median, least and most in few words."""
    if not values:
        return "no time"
    middle = median(values)
    middle = round(middle, 1) if isinstance(middle, float) else middle
    return f"{middle:,} {unit}" + (f" ({min(values):,} to {max(values):,})" if len(values) > 1 else "")
