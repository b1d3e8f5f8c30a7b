"""One device with many sessions with many peers, all on one link that dies."""

import contextlib
import os
import string
import time
from collections.abc import Mapping
from typing import Any

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.air import run
from ..guest.config import Cast
from ..guest.programs import Program, python
from ..guest.stage import Stage
from ..guest.waiting import wait_until
from ..judging import Checks
from ..scenario import ACKNOWLEDGMENTS, scenario
from .many import absent, punctual

HUB = config.INITIATOR
PEERS = 13
SESSIONS = PEERS * config.TIDS
CAST = Cast(tuple(string.ascii_lowercase[:PEERS + 1]), {(HUB, peer): list(range(config.TIDS)) for peer in string.ascii_lowercase[1:PEERS + 1]})
# Values of the field TOS that Linux carries with the TIDs 0 to 7 (docs/protocol.md).
PRIORITIES = (0x00, 0x20, 0x44, 0x48, 0x80, 0xA0, 0xB8, 0xC0)
# Rounds a second, each of a packet to every peer with every priority.
RATE, SIZE = 5, 100
LIMIT = 30
# Events that no session may have.
DROPPED = {"ended", "establishedAnew", "payloadsGivenUp", "refused"}
# Until how long after a loss every session must live again, in seconds.
REBUILT = 2


@scenario("hub", f"one device has {config.TIDS} sessions with each of {PEERS} peers on one link, which goes deaf; then the other is down; all are "
          "rebuilt, nothing is lost", 300, cast=lambda options: CAST, heard=None, records=False, acknowledgments=ACKNOWLEDGMENTS)
def hub(stage: Stage) -> None:
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
    with punctual(), contextlib.ExitStack() as programs:
        peers = stage.cast.nodes[1:]
        for agent in stage.agents.values():
            stage.start(agent)
            stage.collect()
        settle(stage, 0)
        stage.note("sessions at the start", sessions(stage))
        for node, peer in [(HUB, peer) for peer in peers] + [(peer, HUB) for peer in peers]:
            run("ip", "-n", stage.air.namespace(node), "neigh", "replace", config.host_address(peer), "lladdr", config.mld_address(peer),
                "dev", config.HOST_INTERFACE)
        receivers = [programs.enter_context(Program(stage, peer, "stream", "receive", "udp", f"{stage.folder}/arrivals-{peer}.txt", SIZE))
                     for peer in peers]
        for receiver in receivers:
            receiver.wait_for_line()
        interpreter, *script = python("spread")
        sender = programs.enter_context(Program(stage, HUB, interpreter, *script, RATE, SIZE, ",".join(map(str, PRIORITIES)),
                                                *map(config.host_address, peers)))
        stage.pause(0.5)
        losses = [lose(stage, "deaf", stage.air.deafen, stage.air.hear, (HUB, 1), 1),
                  lose(stage, "interface down", stage.air.interface_down, stage.air.interface_up, (HUB, config.interface(2)), 2)]
        rounds = int(sender.end())
        wait_until(stage.is_quiet, LIMIT, "nothing is queued at agent a", step=0.1)
        stage.pause(0.5)
        for receiver in receivers:
            receiver.end()
        stage.note("losses", losses)
        stage.note("stream", {"rounds": rounds})
        stage.note("sessions at the end", sessions(stage))
        stage.finish()


def sessions(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """The sessions that each agent's status lists."""
    return {node: agent.status().get("sessions", []) for node, agent in stage.agents.items()}


def settle(stage: Stage, since: int) -> None:
    """Waits until the hub holds all sessions for live, both links to all peers for alive, and the peers as many."""

    def settled() -> bool:
        stage.collect()
        status = stage.agents[HUB].status()
        live = [each for each in status.get("sessions", []) if each["state"] == "live" and each["role"] == "initiator"]
        alive = [link["health"] == "alive" for peer in status.get("peers", []) for link in peer["links"]]
        return len(live) == SESSIONS and len(alive) == 2 * PEERS and all(alive)

    wait_until(settled, LIMIT, f"{SESSIONS} sessions are live and both links to each peer alive", step=0.5)


def lose(stage: Stage, name: str, fail: Any, heal: Any, arguments: tuple[Any, ...], link: int) -> dict[str, Any]:
    """Link `link`, which all sessions are on, dies under them, and comes back later."""
    at = stage.act(name, f"the hub's link {link} dies: {name}", fail, *arguments)
    stage.pause(REBUILT)
    stage.act(f"end of {name}", f"the hub's link {link} is well again", heal, *arguments)
    settle(stage, at)
    return {"name": name, "link": link, "at": at, "until": time.monotonic_ns()}


@hub.judge
def judge_hub(evidence: Evidence) -> Checks:
    """Every session was rebuilt after each loss, none was dropped, and no packet is lost or doubled."""
    notes = evidence.record["notes"]
    told = []
    for loss in notes["losses"]:
        events = [event for event in evidence.events[HUB] if loss["at"] <= event["monotonicNanoseconds"] < loss["until"]]
        rebuilt = {event["session"]: event["monotonicNanoseconds"] for event in reversed(events)
                   if event["event"] == "rebuilt" and event["role"] == "initiator"}
        yield Check(f"{loss['name']}: all {SESSIONS} sessions were rebuilt", len(rebuilt) == SESSIONS, str(len(rebuilt)))
        last = (max(rebuilt.values(), default=0) - loss["at"]) / 1e6
        yield Check(f"{loss['name']}: within {REBUILT} s", last <= REBUILT * 1000, f"{last:.0f} ms")
        told.append(f"{loss['name']}: {len(rebuilt)} rebuilt, the last after {last:.0f} ms")
    stop = min(action["monotonicNanoseconds"] for action in evidence.record["actions"] if action["name"].startswith("stop-"))
    dropped = [f"{node}: {event['event']} {event.get('cause', '')}" for node, events in evidence.events.items() for event in events
               if event["event"] in DROPPED and event["monotonicNanoseconds"] < stop]
    yield Check("no session was dropped, refused or established anew", not dropped, f"{len(dropped)}: {', '.join(dropped[:3])}")
    yield from kept(notes)
    yield from carried(evidence, notes["stream"]["rounds"], told)
    notes["told"] = "; ".join(told)


def kept(notes: Mapping[str, Any]) -> Checks:
    """The sessions of the start live at both ends at the end."""
    missing = absent(CAST.listed(), notes["sessions at the end"])
    yield Check(f"all {SESSIONS} sessions live at both ends", not missing, str(missing[:3]))
    start, end = ({each["session"] for each in notes[f"sessions at the {name}"][HUB] if each["role"] == "initiator"} for name in ("start", "end"))
    idle = [each["session"] for each in notes["sessions at the end"][HUB] if each["role"] == "initiator" and not each["resumptionPosition"]]
    yield Check("every session carried packets", not idle, f"{len(idle)} did not")
    yield Check("they are the sessions of the start", start == end and len(start) == SESSIONS, f"{len(start - end)} are not")


def carried(evidence: Evidence, rounds: int, told: list[str]) -> Checks:
    """Every peer's own count of packets, and that each priority was in order."""
    counts = dict.fromkeys(streams.COUNTED, 0)
    for peer in CAST.nodes[1:]:
        arrivals = streams.read(os.path.join(evidence.folder, f"arrivals-{peer}.txt"))
        for priority in range(len(PRIORITIES)):
            own = [(number // len(PRIORITIES), sent, at) for number, sent, at in arrivals if number % len(PRIORITIES) == priority]
            figures = streams.figures(own, rounds, [], RATE)
            for what in streams.COUNTED:
                counts[what] += figures[what]
    total = rounds * SESSIONS
    for what in streams.COUNTED:
        yield Check(f"the receivers count no packet {what}", counts[what] == 0, f"{counts[what]} of {total}")
    yield Check("packets were sent", rounds > 0, str(rounds))
    told.append(f"{counts['lost']} of {total} packets lost")
