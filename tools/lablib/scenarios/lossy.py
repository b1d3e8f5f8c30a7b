"""A stream of packets through a medium that loses frames and acknowledgments, each for itself."""

import os
import random
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.air import run
from ..guest.stage import Stage
from ..guest.streaming import SIZE, carry
from ..judging import Checks
from ..luck import is_plausible
from ..scenario import Options, scenario

A, B = config.INITIATOR, config.RECEIVER
# The share of frames that get lost, and the share of acknowledgments, in each direction of each link.
LOSS = [{"loss": 0.1, "acknowledgmentLoss": 0.1}]
RATE = 100
# While links come and go it is the losses that count.
SLOW_RATE = 25
LINKS = (1, 2)
# A TAP interface has 500 packets wait for the agent and drops what comes then; an emulated processor stops for longer than that.
HOST_QUEUE = 10000
# Share that the scenarios ask the medium to lose, of frames and of acknowledgments.
SHARE = 0.1


def stream_through(stage: Stage, rate: int, meanwhile: Callable[[], object]) -> None:
    """Sends packets from host to host while something is done, and notes how many."""
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
    stage.establish()
    run("ip", "-n", stage.air.namespace(A), "link", "set", config.HOST_INTERFACE, "txqueuelen", str(HOST_QUEUE))
    stage.know_neighbours()
    sent = carry(stage, config.host_address(B), f"{stage.folder}/arrivals.txt", rate, stage.is_quiet, meanwhile, patience=60)
    stage.note("stream", {"rate": rate, "size": SIZE, "sent": sent})
    stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
    statistics = f"/sys/class/net/{config.HOST_INTERFACE}/statistics/tx_dropped"
    stage.note("hostDropped", int(run(*stage.air.inside(A, "cat", statistics))))
    stage.collect()
    stage.finish()


@scenario("lossy", "a stream of packets while a tenth of the frames and a tenth of the acknowledgments get lost, both ways (--seconds)",
          120, 10, medium=LOSS, records=False, kept_short=True, securities=("psk", "open"))
def lossy(stage: Stage) -> None:
    stream_through(stage, RATE, lambda: stage.act("stream", f"{RATE} packets a second for {stage.options['seconds']} s", time.sleep,
                                            stage.options["seconds"]))


@lossy.judge
def judge_lossy(evidence: Evidence) -> Checks:
    """Everything that was handed over arrives once and in order, although the medium lost what it was to lose."""
    yield from stream(evidence)
    for direction in evidence.record["medium"]["directions"]:
        yield from as_asked(direction, evidence.acknowledgment == "mac")


def losses_of(options: Options) -> int:
    """Number of losses of a link."""
    return int(options["losses"] or 250)


def draw(luck: random.Random) -> tuple[int, list[tuple[str, str]], float, float]:
    """One loss: which link, which directions, for how long, and how long all is well afterwards."""
    link = luck.choice(LINKS)
    directions = luck.choice(([(A, B), (B, A)], [(A, B)], [(B, A)]))
    return link, directions, luck.uniform(0.05, 1), luck.uniform(0.05, 0.6)


def cut(stage: Stage, link: int, directions: Iterable[tuple[str, str]], is_cut: bool) -> None:
    """Cuts a link, or lets it be as it was."""
    for sender, receiver in directions:
        stage.medium.set(link, sender, receiver, cut=is_cut)


@scenario("random-losses", "links are cut at random, one way or both, under a tenth of losses, while a stream of packets runs (--losses)",
          120, lambda options: 3 * losses_of(options), heard="wlan[0] == 0xd0 and wlan[24] == 3", medium=LOSS, records=False,
          kept_short=True, securities=("psk", "open"))
def random_losses(stage: Stage) -> None:
    luck = random.Random(stage.options["seed"])

    def lose_and_return() -> None:
        time.sleep(1)
        for number in range(losses_of(stage.options)):
            link, directions, dead, well = draw(luck)
            what = " and ".join(f"from {sender} to {receiver}" for sender, receiver in directions)
            stage.act(f"loss {number}", f"link {link} is cut {what} for {dead * 1000:.0f} ms", cut, stage, link, directions, True)
            time.sleep(dead)
            cut(stage, link, directions, False)
            time.sleep(well)
        for link in LINKS:
            stage.alive(link)

    stream_through(stage, SLOW_RATE, lose_and_return)


@random_losses.judge
def judge_random_losses(evidence: Evidence) -> Checks:
    """The same, although links come and go."""
    yield from stream(evidence)
    cuts = [action for action in evidence.record["actions"] if action["name"].startswith("loss ")]
    directions = evidence.record["medium"]["directions"]
    yield Check("links were cut", bool(cuts), str(len(cuts)))
    yield Check("frames got lost in each direction", all(direction["lost"] for direction in directions),
                ", ".join(f"{where(each)}: {each['lost']} of {each['frames']}" for each in directions))


def stream(evidence: Evidence) -> Checks:
    """The receiver's count of the packets, and that there was a medium at all."""
    notes = evidence.record["notes"]
    figures = streams.figures(streams.read(os.path.join(evidence.folder, "arrivals.txt")), notes["stream"]["sent"], [],
                              notes["stream"]["rate"])
    notes["figures"] = figures
    for what in streams.COUNTED:
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    dropped = notes["hostDropped"]
    yield Check("the sender's host handed over all packets", dropped == 0, f"its interface dropped {dropped}")
    yield Check("packets were sent", figures["sent"] > 0, str(figures["sent"]))
    medium = evidence.record["medium"]
    yield Check("everything went through the medium", bool(medium) and medium["strangers"] == 0, str(medium and medium["strangers"]))


def as_asked(direction: Mapping[str, Any], acknowledges: bool) -> Checks:
    """A direction lost as much as it was to lose, of frames and of acknowledgments."""
    kinds = [("frames", direction["frames"], direction["lost"])]
    if acknowledges:
        kinds.append(("acknowledgments", direction["acknowledgments"], direction["acknowledgmentsLost"]))
    for kind, all_of_them, lost in kinds:
        yield Check(f"{where(direction)}: a tenth of the {kind} got lost", is_plausible(lost, all_of_them, SHARE), f"{lost} of {all_of_them}")


def where(direction: Mapping[str, Any]) -> str:
    """A direction in words."""
    return f"link {direction['link']} from {direction['from']} to {direction['to']}"
