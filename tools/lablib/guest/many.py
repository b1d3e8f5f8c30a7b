"""The scenario `many`: many sessions among many agents, while links fail at random."""

import contextlib
import os
import random
import time
from dataclasses import dataclass

from . import config
from .air import LINKS
from .scenarios import scenario
from .waiting import wait_until

QUIET_SECONDS = 10
COLLECT_SECONDS = 0.1
# So long may it take until every session is live.
SETTLE_SECONDS = 120
KINDS = ("deaf", "down")
# An emulated processor with so many agents on it answers late now and then; with the defaults, which are for real ones, links
# that work are then held for lost, and what follows from that makes more work.
PATIENT = """[health]
heartbeat_interval_ms = 500
silence_timeout_ms = 2500
probe_interval_ms = 50
minimum_doubt_ms = 250
lost_probe_interval_ms = 1000
frame_acknowledgment_timeout_ms = 250
status_timeout_ms = 250

[session]
response_timeout_ms = 1000
initial_back_off_ms = 100
receiver_delay_ms = 1000"""
PAUSE, LASTS = (0.1, 1.0), (0.3, 5.0)


@dataclass(frozen=True, order=True)
class Turn:
    """A radio fails, or is well again. `at` is in seconds from the first instant on."""

    at: float
    fails: bool
    kind: str
    node: str
    link: int


def faults(seed, nodes, links, seconds):
    """What fails when, drawn from the seed; everything is well again at the end. No radio has two faults at a time."""
    draw = random.Random(seed)
    well_at = {(node, link): 0.0 for node in nodes for link in links}
    turns, now = [], 0.0
    while (now := now + draw.uniform(*PAUSE)) < seconds:
        node, link = draw.choice([radio for radio, at in well_at.items() if at < now] or [(None, None)])
        kind, until = draw.choice(KINDS), min(now + draw.uniform(*LASTS), seconds)
        if node:
            well_at[node, link] = until
            turns += [Turn(now, True, kind, node, link), Turn(until, False, kind, node, link)]
    return sorted(turns)


def absent(wanted, sessions):
    """Which of the wanted sessions are not live at both ends. `sessions` are those that each node's status lists."""

    def live(node, peer, tid, role):
        return {each["session"] for each in sessions.get(node, []) if each["state"] == "live" and each["role"] == role
                and each["tid"] == tid and each["peer"] == config.mld_address(peer)}

    return [(initiator, receiver, tid) for initiator, receiver, tid in wanted
            if not live(initiator, receiver, tid, "initiator") & live(receiver, initiator, tid, "receiver")]


def processor():
    """What the machine's processors did so far, in ticks (proc(5), /proc/stat)."""
    names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq")
    with open("/proc/stat") as file:
        return dict(zip(names, map(int, file.readline().split()[1:])))


@scenario("many", "many agents with many sessions, links fail at random, all sessions live at the end (--agents, --sessions, --seed)",
          420, lasts=60, cast=lambda options: config.ring(options["agents"], options["sessions"], options["receivers"]),
          heard="wlan[0] = 0xd0 and wlan[24] = 3")
def many(stage):
    with punctual():
        play(stage)


def play(stage):
    """Start, quiet, faults, quiet again."""
    stage.note("wanted", stage.cast.listed())
    stage.note("seed", stage.options["seed"])
    stage.note("core", stage.options["core"])
    patient = stage.options["core"] == "emulated" and not stage.options["defaults"]
    stage.note("thresholds", "patient" if patient else "defaults")
    for agent in stage.agents.values():
        if patient:
            agent.configure(PATIENT)
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
def punctual():
    """While it lasts, this process no longer waits until the agents have nothing to do."""
    before = os.sched_getscheduler(0)
    os.sched_setscheduler(0, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, os.sched_param(0))


def settle(stage, name):
    """Waits until all sessions are live, and keeps which they are."""
    began = time.monotonic()
    wanted, sessions = stage.cast.listed(), {}

    def settled():
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


def measure(stage, name):
    """Keeps what everybody used so far."""
    stage.collect()
    point = {"monotonicNanoseconds": time.monotonic_ns(), "machine": processor(),
             "agents": {node: agent.usage() for node, agent in stage.agents.items()}}
    stage.record["notes"].setdefault("usage", {})[name] = point


def fail_and_heal(stage, turns):
    """Plays the faults, each when its time has come."""
    began = time.monotonic()
    for turn in turns:
        while (left := began + turn.at - time.monotonic()) > 0:
            # A follower that is not read from for long is cut off by its agent.
            stage.collect()
            time.sleep(min(left, COLLECT_SECONDS))
        radio = f"agent {turn.node}'s radio on link {turn.link}"
        if turn.kind == "deaf":
            function, what = (stage.air.deafen, "goes deaf") if turn.fails else (stage.air.hear, "hears again")
            stage.act("fault" if turn.fails else "well", f"{radio} {what}", function, turn.node, turn.link)
        else:
            function = stage.air.interface_down if turn.fails else stage.air.interface_up
            stage.act("fault" if turn.fails else "well", f"{radio} is set {'down' if turn.fails else 'up'}", function, turn.node,
                      config.interface(turn.link))
