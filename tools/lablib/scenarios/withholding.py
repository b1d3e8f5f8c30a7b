"""One peer acknowledges no payload, then lets its own arrive with holes; the stream to another peer does not notice."""

import contextlib
import os
from typing import Any

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.air import run
from ..guest.config import Cast
from ..guest.faults import LONG, WELL
from ..guest.programs import Program
from ..guest.stage import Stage
from ..guest.streaming import SIZE
from ..judging import Checks
from ..scenario import scenario

A, HONEST, OTHER = "a", "b", "c"
CAST = Cast((A, HONEST, OTHER), {(A, HONEST): [0], (A, OTHER): [0], (OTHER, A): [0]})
# Packets a second to the honest peer, and of the traffic with the other one, which are as long as the MTU allows.
RATE, OTHER_RATE = 100, 800
OTHER_SIZE = 1300
LASTS = 1.6
AIR = [{"bitsPerSecond": 54_000_000}]
# The most that a packet to the honest peer may be late.
LATE = 20_000_000
GROWTH_KIB = 8192
# The actions of the other peer.
WITHHOLDS, FLOODS = "withholds", "floods"


@scenario("withholding-peer", "one of two peers withholds block acknowledgments, then floods its own reorder buffer; the stream to the other loses "
          "nothing and is not late", 120, heard=None, medium=AIR, cast=lambda options: CAST,
          records=False, securities=("psk",))
def withholding_peer(stage: Stage) -> None:
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
    for agent in stage.agents.values():
        stage.start(agent)
    for node, role in ((A, "initiator"), (HONEST, "receiver"), (OTHER, "receiver"), (OTHER, "initiator")):
        stage.wait(stage.agents[node], "established", role=role)
    for node, peer in ((A, HONEST), (A, OTHER), (HONEST, A), (OTHER, A)):
        run("ip", "-n", stage.air.namespace(node), "neigh", "replace", config.host_address(peer), "lladdr", config.mld_address(peer),
            "dev", config.HOST_INTERFACE)
    before = stage.agents[A].usage()
    with contextlib.ExitStack() as programs:
        receiver = programs.enter_context(Program(stage, HONEST, "stream", "receive", "udp", f"{stage.folder}/arrivals.txt", SIZE))
        receiver.wait_for_line()
        sender = programs.enter_context(Program(stage, A, "stream", "send", "udp", config.host_address(HONEST), RATE, SIZE))
        stage.pause(0.5)
        withholds(stage)
        stage.pause(0.5)
        floods(stage)
        stage.pause(0.5)
        sent = int(sender.end())
        stage.pause(0.5)
        receiver.end()
    stage.note("stream", {"rate": RATE, "sent": sent})
    stage.note("grownKiB", stage.agents[A].usage()["anonymousKiB"] - before["anonymousKiB"])
    stage.finish()


def withholds(stage: Stage) -> None:
    """The host has more for the other peer than that acknowledges, which is nothing."""
    stage.act(WITHHOLDS, f"agent {OTHER}'s block acknowledgments do not come, and the host has {OTHER_RATE} packets a second for it",
              lambda: stage.medium.set(None, OTHER, A, handsOver=False, kinds=["blockAcknowledgment"]))
    traffic(stage, A, OTHER)
    stage.act(f"{WITHHOLDS} no more", f"agent {OTHER}'s block acknowledgments come", lambda: stage.medium.set(None, **WELL))


def floods(stage: Stage) -> None:
    """Of what the other peer sends, long frames never arrive, so that the short ones behind them wait."""
    stage.act(FLOODS, f"of {OTHER_RATE} packets a second of agent {OTHER}'s, every second one never arrives",
              lambda: stage.medium.set(None, OTHER, A, handsOver=False, longerThan=LONG))
    traffic(stage, OTHER, A)
    stage.act(f"{FLOODS} no more", f"all that agent {OTHER} sends arrives", lambda: stage.medium.set(None, **WELL))


def traffic(stage: Stage, node: str, peer: str) -> None:
    """Packets from one host to another for a while, whatever becomes of them."""
    with Program(stage, node, "stream", "send", "udp", config.host_address(peer), OTHER_RATE, SIZE, OTHER_SIZE) as sender:
        stage.pause(LASTS)
        sender.end()


@withholding_peer.judge
def judge_withholding_peer(evidence: Evidence) -> Checks:
    """Nothing to the honest peer is lost or late."""
    notes = evidence.record["notes"]
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    figures = streams.figures(arrivals, notes["stream"]["sent"], [], RATE)
    notes["figures"] = figures
    for what in streams.COUNTED:
        yield Check(f"the honest peer counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    worst: dict[str, float] = {}
    for name in (WITHHOLDS, FLOODS):
        since, until = evidence.done(name), evidence.done(f"{name} no more")
        took = [arrived - sent for _, sent, arrived in arrivals if since <= sent < until]
        worst[name] = max(took, default=0) / 1e6
        yield Check(f"{name}: packets to the honest peer arrive meanwhile", len(took) >= RATE * LASTS - 2, f"{len(took)}")
        yield Check(f"{name}: no packet to the honest peer is late by more than {LATE // 1_000_000} ms", worst[name] * 1e6 <= LATE,
                    f"{worst[name]:.1f} ms, {sum(each > LATE for each in took)} of {len(took)} late")
    yield Check(f"agent {A} grows by less than {GROWTH_KIB} KiB", notes["grownKiB"] < GROWTH_KIB, f"{notes['grownKiB']} KiB")
    yield from withheld(evidence.record["medium"]["directions"])
    notes["told"] = f"latest packets: {', '.join(f'{name} {late:.1f} ms' for name, late in worst.items())}; {figures['lost']} lost"


def withheld(directions: list[dict[str, Any]]) -> Checks:
    """The other peer did misbehave."""
    count = sum(each["withheld"] for each in directions if (each["from"], each["to"]) == (OTHER, A))
    yield Check("frames of the other peer did not come", count > 0, str(count))
