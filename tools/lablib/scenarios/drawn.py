"""Losses of every kind, drawn from the seed, under a stream that is drawn from it, too: what `tools/simulate --lab` plays."""

import os
import random
import time
from collections import Counter
from typing import Any

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.faults import FAULTS, WELL, Fault
from ..guest.stage import Stage
from ..guest.streaming import carry
from ..judging import NODES, Checks
from ..scenario import Options, scenario
from .progress import ENDINGS, LONG_PACKET, SHORT, torn

A, B = config.INITIATOR, config.RECEIVER
LINKS = (1, 2)
# Without --losses.
LOSSES = 40
# Packets a second: a trickle, and what a conversation and a video have.
RATES = (10, 50, 200)
# Settings of the medium that a loss begins with, besides the faults that radios do not show, and the directions that they are about.
Directions = tuple[tuple[str, str], ...]
BOTH: Directions = ((A, B), (B, A))
ONE, OTHER = (BOTH[0],), (BOTH[1],)
CUTS = (("cut", {"cut": True}, BOTH), ("cut", {"cut": True}, BOTH), ("cut from a", {"cut": True}, ONE), ("cut from b", {"cut": True}, OTHER),
        ("half of the frames lost", {"loss": 0.5}, BOTH), ("acknowledgments lost", {"acknowledgmentLoss": 0.9}, BOTH))
HEALED: dict[str, Any] = {**WELL, "cut": False, "acknowledgmentLoss": 0}
# The duration of a loss, and of the time afterwards when all is well, in seconds.
LASTS, WELL_FOR = (0.02, 1.5), (0.3, 1.2)
# Frames and acknowledgments that are lost all the time, in some runs.
SHARES = (0, 0, 0.05)
SHARING = ("manual", "always", "when-worse")
# Events of one kind that an agent may report for each loss: its sessions are two, and a link may be lost and come back within one.
MOST_EVENTS = 6


def losses(options: Options) -> int:
    """The number of losses."""
    return int(options["losses"] or LOSSES)


def lose(stage: Stage, link: int, settings: dict[str, Any], directions: Directions) -> None:
    """A loss begins."""
    for sender, receiver in directions:
        stage.medium.set(link, sender, receiver, **settings)


def draw(luck: random.Random) -> tuple[str, dict[str, Any], Directions]:
    """A loss: its name, the settings of the medium, and the directions."""
    if luck.random() < 0.5:
        return luck.choice(CUTS)
    fault: Fault = luck.choice(FAULTS)
    return fault.name, fault.settings, ((fault.sender, fault.receiver),)


@scenario("drawn", "losses of one link after the other, of every kind and drawn from the seed, under a stream that is drawn from it, too (--losses)",
          600, lambda options: 4 * losses(options), heard=None, medium=[{"bitsPerSecond": 24_000_000}], records=False)
def drawn(stage: Stage) -> None:
    luck = random.Random(stage.options["seed"])
    rate, sharing, share = luck.choice(RATES), luck.choice(SHARING), luck.choice(SHARES)
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
        agent.configure(f'[session]\nsharing = "{sharing}"')
    stage.establish()
    stage.know_neighbours()
    well = HEALED | {"loss": share, "acknowledgmentLoss": share}
    told: list[str] = []

    def lose_and_return() -> None:
        time.sleep(0.5)
        for number in range(losses(stage.options)):
            link, (name, settings, directions) = luck.choice(LINKS), draw(luck)
            ends = " and ".join(f"from {sender} to {receiver}" for sender, receiver in directions)
            stage.act(f"loss {number}", f"link {link} {ends}: {name}", lose, stage, link, settings, directions)
            told.append(name)
            time.sleep(luck.uniform(*LASTS))
            stage.medium.set(link, **well)
            time.sleep(luck.uniform(*WELL_FOR))
            stage.alive(link)

    for link in LINKS:
        stage.medium.set(link, **well)
    sent = carry(stage, config.host_address(B), f"{stage.folder}/arrivals.txt", rate, stage.is_quiet, lose_and_return, size=SHORT, patience=60,
                 other=LONG_PACKET)
    stage.note("stream", {"rate": rate, "sent": sent})
    stage.note("losses", told)
    stage.note("droppedPayloads", stage.initiator.status()["discarded"]["droppedPayloads"])
    stage.finish()


@drawn.judge
def judge_drawn(evidence: Evidence) -> Checks:
    """One link is good at any time, so nothing is lost, doubled or out of order, and no event comes more often than a loss explains."""
    yield from torn(evidence, ENDINGS)
    notes = evidence.record["notes"]
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    figures = streams.figures(arrivals, notes["stream"]["sent"], [], notes["stream"]["rate"])
    notes["figures"] = figures
    given_up = sum(event.get("framesLost", 0) for event in evidence.events[A] if event["event"] == "payloadsGivenUp")
    missing, counted = figures["sent"] - figures["received"], given_up + notes["droppedPayloads"]
    yield Check("packets were sent, and losses happened", figures["sent"] > 0 and bool(notes["losses"]), str(len(notes["losses"])))
    yield Check("the receiver's count: nothing is lost but what the queue's discipline dropped", missing <= notes["droppedPayloads"],
                f"{missing} of {figures['sent']} missing, {counted} counted")
    for what in ("duplicated", "outOfOrder"):
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    most = MOST_EVENTS * (len(notes["losses"]) + 1)
    for node in NODES:
        kinds = Counter(event["event"] for event in evidence.events[node])
        often = {kind: count for kind, count in kinds.items() if count > most and kind not in ("linkSuspect", "linkAlive")}
        yield Check(f"agent {node} reports at most {most} events of a kind", not often, str(often))
    rebuilds = sum(event["event"] == "rebuilt" for event in evidence.events[A])
    notes["told"] = f"{len(notes['losses'])} losses, {rebuilds} rebuilds at a; {figures['sent']} packets, {missing} missing, {counted} counted"
