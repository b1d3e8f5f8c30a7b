"""A TCP connection through relink0 outlives losses of its link."""

import json
import random
from collections.abc import Callable

from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.network import Network
from ..guest.programs import Program
from ..guest.stage import Stage
from ..guest.streaming import Relink, contender_of, lose
from ..judging import Checks
from ..scenario import scenario

A, B = config.INITIATOR, config.RECEIVER
LOSSES = 20
# Octets a second: enough for a window to be on its way at each loss, with time left for the agents of an emulated processor.
RATE = 200_000
OCTETS = 50_000_000

Cut = tuple[int, int]


@scenario("tcp-losses", "a TCP connection through relink0 while its link goes deaf 20 times (--losses); its longest stall is told", 300,
          records=False, kept_short=True)
def tcp_losses(stage: Stage) -> None:
    wanted = stage.options["losses"] or LOSSES
    stage.note("wanted", wanted)

    def losses(network: Network, sender: Program) -> list[Cut]:
        return [one(stage, network, number) for number in range(wanted)]

    connection(stage, 0, RATE, losses)


@tcp_losses.judge
def judge_tcp_losses(evidence: Evidence) -> Checks:
    """A connection through many losses."""
    yield from copied(evidence, evidence.record["notes"]["wanted"])


@scenario("tcp-copy", "a TCP copy of 50 MB through relink0 (--bytes) while its link goes deaf again and again", 600,
          clock="real", heard="wlan[0] = 0xd0 and wlan[24] = 3", records=False)
def tcp_copy(stage: Stage) -> None:
    def losses(network: Network, sender: Program) -> list[Cut]:
        cuts = [one(stage, network, 0)]
        while sender.process.poll() is None:
            cuts.append(one(stage, network, len(cuts)))
        return cuts

    connection(stage, stage.options["bytes"] or OCTETS, 0, losses)


@tcp_copy.judge
def judge_tcp_copy(evidence: Evidence) -> Checks:
    """A copy through a loss at least."""
    yield from copied(evidence, 1)


def one(stage: Stage, network: Network, number: int) -> Cut:
    """One loss, at a moment that is drawn."""
    return lose(stage, network, number, random.Random(f"{stage.options['seed']} {number}"))


def connection(stage: Stage, octets: int, rate: int, losses: Callable[[Network, Program], list[Cut]]) -> None:
    """A connection that carries so many octets, or as many as come while `losses` lasts."""
    with Relink(stage, contender_of(stage)) as network, Program(stage, B, "copy", "receive") as receiver:
        receiver.wait_for_line()
        with Program(stage, A, "copy", "send", network.address, octets, rate) as sender:
            cuts = losses(network, sender)
            stage.note("sender", json.loads(sender.wait() if octets else sender.end()))
        stage.note("receiver", json.loads(receiver.wait()))
        stage.note("cuts", cuts)


def copied(evidence: Evidence, losses: int) -> Checks:
    """The connection lived to its end, and what arrived is what was sent. The longest stall is told, not judged."""
    notes = evidence.record["notes"]
    sender, receiver = notes["sender"], notes["receiver"]
    sent = sender["octets"], sender["checksum"]
    yield Check("all octets arrived with the right checksum", sent[0] > 0 and (receiver["octets"], receiver["checksum"]) == sent,
                f"{sent} sent, {receiver['octets'], receiver['checksum']} arrived")
    answered = sender["answered"]
    yield Check("the connection lived to its end: the receiver's answer came back over it",
                (answered["octets"], answered["checksum"]) == sent, str(answered))
    yield Check(f"its link was lost {losses} times or more", len(notes["cuts"]) >= losses, f"{len(notes['cuts'])} times")
    stall = receiver["longestStallNanoseconds"] / 1e6
    rate = receiver["octets"] * 8e3 / receiver["nanoseconds"]
    notes["told"] = (f"{receiver['octets']:,} octets at {rate:.1f} Mbit/s, {len(notes['cuts'])} losses, longest stall {stall:.0f} ms, "
                     f"{receiver['stallsOver250Milliseconds']} over 250 ms")
