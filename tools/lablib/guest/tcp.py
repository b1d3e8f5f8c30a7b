"""The scenarios `tcp-losses` and `tcp-copy`: a TCP connection through relink0 outlives losses of its link."""

import json
import random

from . import config
from .failover import Relink, contender_of, lose
from .programs import Program
from .scenarios import scenario

A, B = config.INITIATOR, config.RECEIVER
LOSSES = 20
# Octets a second: enough for a window to be on its way at each loss, with time left for the agents of an emulated processor.
RATE = 200_000
OCTETS = {"real": 50_000_000, "emulated": 15_000_000}


@scenario("tcp-losses", "a TCP connection through relink0 while its link goes deaf 20 times (--losses); its longest stall is told", 300)
def tcp_losses(stage):
    wanted = stage.options["losses"] or LOSSES
    stage.note("wanted", wanted)

    def losses(network, sender):
        return [one(stage, network, number) for number in range(wanted)]

    connection(stage, 0, RATE, losses)


@scenario("tcp-copy", "a TCP copy of 50 MB through relink0 (15 MB emulated, --octets) while its link goes deaf again and again", 600)
def tcp_copy(stage):
    def losses(network, sender):
        cuts = [one(stage, network, 0)]
        while sender.process.poll() is None:
            cuts.append(one(stage, network, len(cuts)))
        return cuts

    connection(stage, stage.options["octets"] or OCTETS[stage.options["core"]], 0, losses)


def one(stage, network, number):
    """One loss, at a moment that is drawn."""
    return lose(stage, network, number, random.Random(f"{stage.options['seed']} {number}"))


def connection(stage, octets, rate, losses):
    """A connection that carries so many octets, or as many as come while `losses` lasts."""
    with Relink(stage, contender_of(stage)) as network, Program(stage, B, "copy", "receive") as receiver:
        receiver.wait_for_line()
        with Program(stage, A, "copy", "send", network.address, octets, rate) as sender:
            cuts = losses(network, sender)
            stage.note("sender", json.loads(sender.wait() if octets else sender.end()))
        stage.note("receiver", json.loads(receiver.wait()))
        stage.note("cuts", cuts)
