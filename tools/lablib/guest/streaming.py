"""A stream of numbered packets through Relink, or through what users would take instead, while its link goes deaf."""

import os
import random
import time
from collections.abc import Callable
from typing import Self

from . import config
from .contenders import CONTENDERS, Contender
from .losing import both_rebuilt
from .network import Network
from .peers import PEERS
from .programs import Program
from .stage import Stage
from .waiting import wait_until

A, B = config.INITIATOR, config.RECEIVER
SIZE = 100
# What still belongs to a loss when the session lives elsewhere, in nanoseconds: the packets that waited arrive.
AFTER = 20_000_000


class Relink:
    """The agents as something that a stream goes through: what a class of peers.py is for the others."""

    address = config.host_address(B)

    def __init__(self, stage: Stage, contender: Contender, mtu: int | None = None) -> None:
        self.stage, self.contender, self.mtu = stage, contender, mtu

    def __enter__(self) -> Self:
        for agent in self.stage.agents.values():
            agent.configure(config.host_section(agent.node, self.mtu))
            if self.contender.agent:
                agent.configure(self.contender.agent)
        self.stage.establish()
        self.stage.know_neighbours()
        return self

    def link(self) -> int:
        """The link that the session is on."""
        return self.stage.session_link()

    def moved(self, link: int, since: int) -> int | None:
        """The session lives on the other link. Returns when the stream is on it; None when it was before, as an agent that stood still
        had given up this one."""
        initiator = self.stage.initiator
        self.stage.wait(initiator, "linkLost", since=since, link=link)
        places = [event["link"] for event in initiator.events if event["event"] in ("established", "rebuilt")
                  and event["role"] == "initiator" and event["monotonicNanoseconds"] < since]
        if places[-1] != link:
            return None
        both_rebuilt(self.stage, 3 - link, since)
        rebuilt: int = self.stage.wait(self.stage.initiator, "rebuilt", since=since, role="initiator")["monotonicNanoseconds"]
        return rebuilt + AFTER

    def recovered(self, link: int) -> None:
        """Both agents hold the link for alive again."""
        self.stage.alive(link)

    def is_quiet(self) -> bool:
        """Whether nothing is queued any more."""
        return self.stage.is_quiet()

    def __exit__(self, *exception: object) -> None:
        if exception[0]:
            return
        stage = self.stage
        stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
        stage.note("usage", {node: agent.usage() for node, agent in stage.agents.items()})
        stage.finish()


class Shared(Relink):
    """A session that lives on both links: each in turn is lost."""

    last = 2
    lost = 0

    def __enter__(self) -> Self:
        super().__enter__()
        self.shared(0)
        return self

    def shared(self, since: int) -> None:
        """Agent a's session lives on both links."""
        self.stage.wait(self.stage.initiator, "shared", since=since, role="initiator", tid=0)

    def link(self) -> int:
        """The other one than last time."""
        self.last = 3 - self.last
        return self.last

    def moved(self, link: int, since: int) -> int | None:
        """The session goes on on the other link. Returns when the stream does."""
        lost: int = self.stage.wait(self.stage.initiator, "sharedLinkLost", since=since, link=link, role="initiator")["monotonicNanoseconds"]
        self.lost = since
        return lost + AFTER

    def recovered(self, link: int) -> None:
        """It lives on both again."""
        self.shared(self.lost)


NETWORKS: dict[str, Callable[..., Network]] = {"relink": Relink, "relink-shared": Shared, **PEERS}


def contender_of(stage: Stage) -> Contender:
    """Who takes part; where nobody said so, Relink with its defaults."""
    return CONTENDERS[stage.options.get("contender") or f"relink-{stage.air.acknowledgment}"]


def carry(stage: Stage, address: str, path: str, rate: int, is_quiet: Callable[[], bool], meanwhile: Callable[[], object], protocol: str = "udp",
          size: int = SIZE, patience: int = 10, other: int | None = None) -> int:
    """Sends numbered packets from agent a's host to an address of agent b's while something is done, and writes those that arrive to a file;
    returns how many were sent. `patience`: seconds until nothing is queued any more; `other`: the size of every second packet."""
    with Program(stage, B, "stream", "receive", protocol, path, size) as receiver:
        receiver.wait_for_line()
        with Program(stage, A, "stream", "send", protocol, address, rate, size, other or size) as sender:
            meanwhile()
            sent = int(sender.end())
        # Packets in flight still arrive.
        wait_until(is_quiet, patience, "nothing is queued at agent a", step=0.1)
        time.sleep(0.2)
        receiver.end()
    return sent


def stream(stage: Stage, network: Network, contender: Contender, first: int, losses: Callable[[], object]) -> int:
    """A stream through a network while `losses` happen; returns how many packets were sent. The numbers of those that arrived
    are noted from `first` on."""
    path, complete = f"{stage.folder}/arrivals.part", f"{stage.folder}/arrivals.txt"

    def meanwhile() -> None:
        time.sleep(1)
        losses()
        time.sleep(0.5)

    sent = carry(stage, network.address, path, stage.options["rate"], network.is_quiet, meanwhile, contender.stream)
    with open(path) as file, open(complete, "a") as into:
        for number, rest in (line.split(" ", 1) for line in file):
            into.write(f"{int(number) + first} {rest}")
    os.remove(path)
    return sent


def lose(stage: Stage, network: Network, number: int | str, luck: random.Random) -> tuple[int, int]:
    """One loss of the link that the stream is on, and its return. Returns when it was lost and when the stream was on another."""
    # Nobody is asked, and no program is started, just before a loss: that would take processor time from what is measured.
    link = network.link()
    # Not in step with heartbeats and packets.
    time.sleep(0.3 + luck.random() * 0.3)
    at = stage.act(f"loss {number}", f"link {link} goes deaf, its interfaces stay up", stage.air.deafen, A, link)
    moved = network.moved(link, at)
    time.sleep(0.3)
    stage.air.hear(A, link)
    network.recovered(link)
    return (at, moved) if moved else lose(stage, network, number, luck)
