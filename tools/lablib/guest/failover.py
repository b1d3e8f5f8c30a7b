"""The scenario `failover`: a stream of packets while its link goes deaf again and again. tools/bench compares with it."""

import random
import time

from . import config
from .contenders import CONTENDERS
from .peers import PEERS
from .programs import Program
from .scenarios import scenario
from .table import both_rebuilt
from .waiting import wait_until

A, B = config.INITIATOR, config.RECEIVER
SIZE = 100
LOSSES = 6


class Relink:
    """The agents as something that a stream goes through: what a class of peers.py is for the others."""

    address = config.host_address(B)

    def __init__(self, stage, sections="", mtu=None):
        self.stage, self.sections, self.mtu = stage, sections, mtu

    def __enter__(self):
        for agent in self.stage.agents.values():
            agent.configure(config.host_section(agent.node, self.mtu))
            if self.sections:
                agent.configure(self.sections)
        self.stage.establish()
        return self

    def link(self):
        """The link that the session is on."""
        return self.stage.session_link()

    def moved(self, link, since):
        """The session lives on the other link."""
        both_rebuilt(self.stage, 3 - link, since)

    def recovered(self, link):
        """Both agents hold the link for alive again."""
        self.stage.alive(link)

    def is_quiet(self):
        """Whether nothing is queued any more."""
        return not any(session["queued"] for session in self.stage.initiator.status().get("sessions", []))

    def __exit__(self, kind, *_):
        if kind:
            return
        stage = self.stage
        stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
        stage.note("usage", {node: agent.usage() for node, agent in stage.agents.items()})
        stage.finish()


@scenario("failover", "a stream of packets goes on while its link goes deaf again and again (tools/bench failover)", 400)
def failover(stage):
    contender = CONTENDERS[stage.options.get("contender") or f"relink-{stage.air.acknowledgment}"]
    with Relink(stage, contender.agent) if contender.is_relink else PEERS[contender.kind](stage) as network:
        losses = min(stage.options["losses"] or LOSSES, contender.most_losses)
        sent, cuts = stream(stage, network, contender, stage.options["rate"], losses)
    stage.note("stream", {"contender": contender.name, "rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": cuts,
                          "patience": contender.patience})


def stream(stage, network, contender, rate, losses):
    """A stream through a network whose link goes deaf; returns how many packets were sent, and when the link went deaf."""
    luck = random.Random(stage.options["seed"])
    with Program(stage, B, "stream", "receive", contender.stream, f"{stage.folder}/arrivals.txt", SIZE) as receiver:
        receiver.wait_for_line()
        with Program(stage, A, "stream", "send", contender.stream, network.address, rate, SIZE) as sender:
            time.sleep(1)
            cuts = [lose(stage, network, number, luck) for number in range(losses)]
            time.sleep(0.5)
            sent = int(sender.end())
        # What is on its way still arrives.
        wait_until(network.is_quiet, 10, "nothing is queued at agent a")
        time.sleep(0.2)
        receiver.end()
    return sent, cuts


def lose(stage, network, number, luck):
    """One loss of the link that the stream is on, and its return. Returns when it was lost."""
    # Not in step with heartbeats and packets.
    time.sleep(0.3 + luck.random() * 0.3)
    link = network.link()
    at = stage.act(f"loss {number}", f"link {link} goes deaf, its interfaces stay up", stage.air.deafen, A, link)
    network.moved(link, at)
    time.sleep(0.3)
    stage.air.hear(A, link)
    network.recovered(link)
    return at
