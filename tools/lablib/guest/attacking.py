"""The attacker's radios, the phases of an attack, and what goes on meanwhile."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

from . import attacks, config, speed
from .air import CHANNELS, LINKS, run
from .contenders import Contender
from .network import Network
from .programs import Program
from .stage import Stage
from .streaming import AFTER, NETWORKS, carry, lose

A, B = config.INITIATOR, config.RECEIVER
# Frames a second: floods, and what else is sent.
FLOOD, CALM = 5000, 2500
# Recording time of the air, in seconds.
RECORDING = 2
# The agents take in what is still on its way before they are asked what they counted.
SETTLING = 0.3
# Size of the packets that goodput is measured with, in octets, and the conditions: nothing, a flood to nobody, and one of all kinds to both agents.
GOODPUT_SIZE, GOODPUT = 1000, ("peace", "beside", "under")


class Attacker:
    """Spare radios in nobody's namespace, one on each link's channel, that hear everything and send whatever they are given."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.names = stage, {link: f"attacker{link}" for link in LINKS}

    def __enter__(self) -> Self:
        for link, radio in zip(LINKS, self.stage.air.spare, strict=False):
            run("iw", "phy", radio, "interface", "add", self.names[link], "type", "monitor")
            run("ip", "link", "set", self.names[link], "mtu", "2304", "up")
            run("iw", "dev", self.names[link], "set", "channel", str(CHANNELS[link]))
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.names.values():
            run("iw", "dev", name, "del")

    def listen(self, path: str) -> Program:
        """Hears everything while the `with` block runs."""
        return Program(self.stage, None, "attacker", "listen", path, *self.names.values())

    def send(self, frames: list[attacks.Frame], rate: int, seconds: int = 0) -> Program:
        """Sends frames, once or for so long again and again; gives the running program."""
        path = f"{self.stage.folder}/frames.part"
        attacks.write(path, frames)
        return Program(self.stage, None, "attacker", "send", path, rate, seconds, *self.names.values())


class Attack:
    """The phases of an attack, with what both agents counted before and after each."""

    def __init__(self, stage: Stage, attacker: Attacker) -> None:
        self.stage, self.attacker = stage, attacker
        self.phases: list[dict[str, Any]] = []
        self.counted = self.count()

    def count(self) -> dict[str, dict[str, int]]:
        """Counts of the frames that both agents have refused up to now, by cause, and that their radios missed."""
        counted = {}
        for node, agent in self.stage.agents.items():
            status = agent.status()
            counted[node] = {**status["discarded"], **status["peers"][0]["security"]["refused"], **status["discovery"]["refused"],
                             "missed": sum(link["counters"]["missed"] for link in status["links"])}
        return counted

    def play(self, name: str, frames: list[attacks.Frame], rate: int = CALM, seconds: int = 0,
             meanwhile: Callable[[], object] | None = None) -> None:
        """One phase: sends the frames, and notes what became of them."""
        at = self.stage.act(f"attack {name}", f"the attacker: {name}, {rate} frames a second", lambda: None)
        with self.attacker.send(frames, rate, seconds) as program:
            if meanwhile:
                meanwhile()
            sent = json.loads(program.wait())
        time.sleep(SETTLING)
        before, self.counted = self.counted, self.count()
        self.phases.append({
            "name": name, "monotonicNanoseconds": at, **sent,
            "reaching": attacks.reaching(frames, sent["sent"]), "isAlone": meanwhile is None,
            "counted": {node: {cause: self.counted[node][cause] - before[node][cause] for cause in before[node]} for node in before}})
        self.stage.collect()


@contextlib.contextmanager
def among(stage: Stage, contender: Contender) -> Iterator[tuple[Attacker, Network, list[attacks.Frame], list[tuple[int, int, int]]]]:
    """Two agents that carry packets, and an attacker's radios on their channels. Gives these radios, the network, all that they heard
    while a stream lost its link, and when which link was deaf."""
    for agent in stage.agents.values():
        agent.configure("[discovery]")
    path = f"{stage.folder}/heard.bin"
    with Attacker(stage) as radios, radios.listen(path) as listener, ready(listener), NETWORKS[contender.kind](
            stage, contender, speed.MTU) as network:
        deaf = lose_while_recording(stage, network)
        listener.end()
        yield radios, network, attacks.read(path), deaf


@contextlib.contextmanager
def ready(program: Program) -> Iterator[None]:
    """The program has said that it is."""
    program.wait_for_line()
    yield


def lose_while_recording(stage: Stage, network: Network) -> list[tuple[int, int, int]]:
    """A stream that loses its link once, so that a rebuild is overheard. Returns when which link was deaf."""
    deaf: list[tuple[int, int, int]] = []

    def loss() -> None:
        link = network.link()
        time.sleep(RECORDING / 2)
        since, _ = lose(stage, network, "while recording", attacks.seeded(0))
        # It stays deaf for a while after the session has left it.
        deaf.append((link, since - AFTER, time.monotonic_ns()))
        time.sleep(RECORDING / 2)

    under_stream(stage, network, loss, "recording.txt")
    return deaf


def under_stream(stage: Stage, network: Network, meanwhile: Callable[[], object], name: str = "arrivals.txt") -> int:
    """Sends numbered packets from host to host while something is done; returns how many."""

    def during() -> None:
        time.sleep(0.5)
        meanwhile()
        time.sleep(0.5)

    return carry(stage, network.address, f"{stage.folder}/{name}", stage.options["rate"], network.is_quiet, during)
