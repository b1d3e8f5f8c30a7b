"""Many sessions among many agents, while links fail at random."""

import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.air import LINKS
from ..guest.stage import Stage
from ..guest.waiting import wait_until
from ..judging import FOREVER, LOSSES, Checks
from ..scenario import scenario

QUIET_SECONDS = 10
COLLECT_SECONDS = 0.1
# So long may it take until every session is live.
SETTLE_SECONDS = 120
KINDS = ("deaf", "down")
# Where no radio is well.
NONE = "", 0
PAUSE, LASTS = (0.1, 1.0), (0.3, 5.0)
# Limit of the wakeups in a second of an agent with ends of 20 sessions with 4 peers: programs take no time in virtual time.
QUIET_WAKEUPS = 40
FAULTY_WAKEUPS = 300
GROWTH_KIB = 2048


@dataclass(frozen=True, order=True)
class Turn:
    """A radio fails, or is well again. `at` is in seconds from the first instant on."""

    at: float
    fails: bool
    kind: str
    node: str
    link: int


def faults(seed: int, nodes: Iterable[str], links: Sequence[int], seconds: float) -> list[Turn]:
    """Faults and their times, drawn from the seed; everything is well again at the end. No radio has two faults at a time."""
    draw = random.Random(seed)
    well_at = {(node, link): 0.0 for node in nodes for link in links}
    turns: list[Turn] = []
    now = 0.0
    while (now := now + draw.uniform(*PAUSE)) < seconds:
        node, link = draw.choice([radio for radio, at in well_at.items() if at < now] or [NONE])
        kind, until = draw.choice(KINDS), min(now + draw.uniform(*LASTS), seconds)
        if node:
            well_at[node, link] = until
            turns += [Turn(now, True, kind, node, link), Turn(until, False, kind, node, link)]
    return sorted(turns)


# Sessions that each node's status lists.
Sessions = Mapping[str, Sequence[Mapping[str, Any]]]
Wanted = tuple[str, str, int]


def absent(wanted: Iterable[Wanted], sessions: Sessions) -> list[Wanted]:
    """Which of the wanted sessions are not live at both ends."""

    def live(node: str, peer: str, tid: int, role: str) -> set[str]:
        return {each["session"] for each in sessions.get(node, []) if each["state"] == "live" and each["role"] == role
                and each["tid"] == tid and each["peer"] == config.mld_address(peer)}

    return [(initiator, receiver, tid) for initiator, receiver, tid in wanted
            if not live(initiator, receiver, tid, "initiator") & live(receiver, initiator, tid, "receiver")]


def processor() -> dict[str, int]:
    """Time that the machine's processors spent so far, in ticks (proc(5), /proc/stat)."""
    names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq")
    with open("/proc/stat") as file:
        return dict(zip(names, map(int, file.readline().split()[1:]), strict=False))


@scenario("many", "many agents with many sessions, links fail at random, all sessions live at the end (--agents, --sessions, --seed)",
          420, lasts=30, cast=lambda options: config.ring(options["agents"], options["sessions"], options["receivers"]),
          heard="wlan[0] = 0xd0 and wlan[24] = 3", records=False, kept_short=True)
def many(stage: Stage) -> None:
    with punctual():
        play(stage)


@many.judge
def judge_many(evidence: Evidence) -> Checks:
    """All sessions are live at both ends, they are those of the start, and nobody grows."""
    notes = evidence.record["notes"]
    start, end = notes["sessions at the start"], notes["sessions at the end"]
    wanted = notes["wanted"]
    missing = absent(wanted, end)
    yield Check(f"all {len(wanted)} sessions are live at both ends", not missing,
                "; ".join(f"{a} to {b}, TID {t}" for a, b, t in missing[:5])
                or f"{notes['seconds to settle at the end']:.0f} s after the last fault")
    held = sum(map(len, end.values()))
    yield Check("there are no others", held == 2 * len(wanted), f"{held} ends of sessions")
    kept, known = identifiers(start), identifiers(end)
    yield Check("they are the sessions of the start, rebuilt and not established anew", kept == known, f"{len(kept - known)} are not")
    yield from failed(evidence)
    if evidence.record["clock"] == "virtual":
        yield from frugal(notes)
    yield from no_growth(notes)


def play(stage: Stage) -> None:
    """Start, quiet, faults, quiet again."""
    stage.note("wanted", stage.cast.listed())
    stage.note("seed", stage.options["seed"])
    for agent in stage.agents.values():
        stage.start(agent)
        stage.collect()
    settle(stage, "start")
    # As in `idle`: caches fill, then the heartbeats slow down.
    time.sleep(7)
    measure(stage, "quiet")
    stage.act("quiet", f"nothing is done for {QUIET_SECONDS} s", time.sleep, QUIET_SECONDS)
    measure(stage, "faults")
    fail_and_heal(stage, faults(stage.options["seed"], stage.cast.nodes, LINKS, stage.options["seconds"]))
    measure(stage, "healed")
    settle(stage, "end")
    time.sleep(7)
    measure(stage, "quiet again")
    stage.act("quiet-again", f"nothing is done for {QUIET_SECONDS} s", time.sleep, QUIET_SECONDS)
    measure(stage, "end")
    stage.collect()
    stage.finish()


@contextlib.contextmanager
def punctual() -> Iterator[None]:
    """While it lasts, this process no longer waits until the agents have nothing to do."""
    before = os.sched_getscheduler(0)
    os.sched_setscheduler(0, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, os.sched_param(0))


def settle(stage: Stage, name: str) -> None:
    """Waits until all sessions are live, and keeps which they are."""
    began = time.monotonic()
    wanted = stage.cast.listed()
    sessions: dict[str, Any] = {}

    def settled() -> bool:
        stage.collect()
        # Asking costs the agents' processor time: who is not settled is asked again before the others are.
        for node, agent in stage.agents.items():
            sessions[node] = agent.status().get("sessions", [])
            live = [each for each in sessions[node] if each["state"] == "live"]
            if len(live) < sum(node in each[:2] for each in wanted):
                return False
        return not absent(wanted, sessions)

    try:
        wait_until(settled, SETTLE_SECONDS, "all sessions are live", step=1)
    finally:
        stage.note(f"sessions at the {name}", sessions)
        stage.note(f"seconds to settle at the {name}", time.monotonic() - began)


def measure(stage: Stage, name: str) -> None:
    """Keeps what everybody used so far."""
    stage.collect()
    point = {"monotonicNanoseconds": time.monotonic_ns(), "machine": processor(),
             "agents": {node: agent.usage() for node, agent in stage.agents.items()}}
    stage.record["notes"].setdefault("usage", {})[name] = point


def fail_and_heal(stage: Stage, turns: Iterable[Turn]) -> None:
    """Plays the faults, each when its time has come."""
    began = time.monotonic()
    for turn in turns:
        while (left := began + turn.at - time.monotonic()) > 0:
            # A follower that is not read from for long is cut off by its agent.
            stage.collect()
            time.sleep(min(left, COLLECT_SECONDS))
        radio = f"agent {turn.node}'s radio on link {turn.link}"
        if turn.kind == "deaf":
            on_link, what = (stage.air.deafen, "goes deaf") if turn.fails else (stage.air.hear, "hears again")
            stage.act("fault" if turn.fails else "well", f"{radio} {what}", on_link, turn.node, turn.link)
        else:
            on_interface = stage.air.interface_down if turn.fails else stage.air.interface_up
            stage.act("fault" if turn.fails else "well", f"{radio} is set {'down' if turn.fails else 'up'}", on_interface, turn.node,
                      config.interface(turn.link))


def identifiers(sessions: Sessions) -> set[str]:
    """The identifiers of all sessions."""
    return {session["session"] for listed in sessions.values() for session in listed}


def failed(evidence: Evidence) -> Checks:
    """The links did fail, sessions were interrupted by it and by nothing else, and the witness saw every rebuild asked for."""
    points = evidence.record["notes"]["usage"]
    since, until, end = (points[name]["monotonicNanoseconds"] for name in ("quiet", "faults", "end"))
    # An agent tells how its own end ends its sessions. The last one has none by then; it tells how the end of the one before ended its own.
    stopped = {node: evidence.action(f"stop-{node}") or FOREVER for node in evidence.events}
    *_, before, last = sorted(stopped, key=stopped.__getitem__)
    stopped[last] = stopped[before]
    cut_off = [node for node, events in evidence.events.items()
               if not any(event["monotonicNanoseconds"] >= stopped[node] for event in events)]
    yield Check("every agent was followed to its end", not cut_off, ", ".join(cut_off))
    faults = sum(action["name"] == "fault" for action in evidence.record["actions"])
    told = Counter(event["event"] for events in evidence.events.values() for event in events
                   if until <= event["monotonicNanoseconds"] < end)
    yield Check("links failed and sessions were rebuilt", bool(faults and told["interrupted"] and told["rebuilt"]),
                f"{faults} faults; " + ", ".join(f"{name} {told[name]}" for name in ("linkLost", "interrupted", "rebuildRequested",
                                                                                     "rebuilt", "establishedAnew", "ended")))
    early = [f"{node}: {event['event']} {event.get('cause')}" for node, events in evidence.events.items() for event in events
             if event["event"] in LOSSES and since <= event["monotonicNanoseconds"] < until]
    yield Check("nothing was held for lost before links failed", not early, f"{len(early)}: " + "; ".join(early[:3]))
    asked = {frame.session for frame in evidence.frames if frame.is_rebuild}
    rebuilt = {event["session"] for events in evidence.events.values() for event in events if event["event"] == "rebuilt"}
    yield Check("on the air: a request with the rebuild mark for every session that was rebuilt", rebuilt <= asked,
                f"{len(rebuilt)} rebuilt, {len(rebuilt - asked)} without")


def frugal(notes: Mapping[str, Any]) -> Checks:
    """Rate of the agents' wakeups while nothing happens and while links fail."""
    points = notes["usage"]
    for name, since, until, limit in (("while nothing happens", "quiet", "faults", QUIET_WAKEUPS),
                                      ("while links fail", "faults", "healed", FAULTY_WAKEUPS),
                                      ("afterwards", "quiet again", "end", QUIET_WAKEUPS)):
        rates = wakeups(points[since], points[until])
        yield Check(f"each agent wakes up less than {limit} times a second {name}", 0 < max(rates.values()) < limit, spread(rates, "{:.1f}"))


def no_growth(notes: Mapping[str, Any]) -> Checks:
    """The memory after it all."""
    points = notes["usage"]
    anonymous, resident = ({node: usage[kind] for node, usage in points["quiet"]["agents"].items()}
                           for kind in ("anonymousKiB", "residentKiB"))
    grown = {node: usage["anonymousKiB"] - anonymous[node] for node, usage in points["end"]["agents"].items()}
    yield Check(f"no agent grows by {GROWTH_KIB} KiB", max(grown.values()) < GROWTH_KIB,
                f"{spread(anonymous, '{} KiB')} before, of {spread(resident, '{} KiB')} with the pages of files; {spread(grown, '{:+} KiB')}")


def wakeups(since: Mapping[str, Any], until: Mapping[str, Any]) -> dict[str, float]:
    """Wakeups of each agent in a second between two points."""
    span = (until["monotonicNanoseconds"] - since["monotonicNanoseconds"]) / 1e9
    return {node: (used["wakeups"] - since["agents"][node]["wakeups"]) / span
            for node, used in until["agents"].items()}


def spread(values: Mapping[str, float], form: str) -> str:
    """The least and the most of the agents' values."""
    return f"{form.format(min(values.values()))} to {form.format(max(values.values()))}"
