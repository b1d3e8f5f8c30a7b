"""Floods, iperf3 and the plain injector: how much gets through, and the processor time and system calls that it takes."""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from typing import Any, Protocol, Self

from . import config, marks
from .air import CHANNELS, run
from .contenders import Contender
from .network import Network
from .programs import Program, answer
from .stage import Stage
from .streaming import NETWORKS, Relink
from .waiting import wait_until

A, B = config.INITIATOR, config.RECEIVER
# Of an IPv4 packet's octets, what its header and UDP's are.
HEADERS = 28
MTU = 1400
# Packets in flight at once: enough to keep both agents busy, less than any queue on the way holds.
WINDOW = 512
INJECTING = "plain1"
# Of what a flood gets through, what iperf3 offers by UDP.
SHARE = 0.8


class Path(Protocol):
    """The path that a flood goes through, from a receiving and a sending program that count in a shared file."""

    def receiver(self, shared: str) -> list[str]:
        """The command of the receiver; its first line is ready, or what the sender needs to know."""

    def sender(self, said: str, size: int, seconds: int, shared: str) -> list[str]:
        """The command of the sender."""

    def is_quiet(self) -> bool:
        """True if nothing is queued any more."""


class Carried:
    """Frames through `relink0`, carried by the agents."""

    def __init__(self, stage: Stage, network: Network) -> None:
        self.stage, self.network = stage, network

    def receiver(self, shared: str) -> list[str]:
        return ["flood", "receive", config.HOST_INTERFACE, shared]

    def sender(self, said: str, size: int, seconds: int, shared: str) -> list[str]:
        return ["flood", "send", config.HOST_INTERFACE, config.mld_address(B), str(size), str(seconds), str(WINDOW), shared]

    def is_quiet(self) -> bool:
        return self.network.is_quiet()


class Injector:
    """A monitor interface on both radios of link 1; with radios that acknowledge, an active one."""

    LINK = 1

    def __init__(self, stage: Stage) -> None:
        self.stage, self.air = stage, stage.air
        self.protection = "gcmp" if stage.options["security"] == "psk" else "open"

    def __enter__(self) -> Self:
        active = ("flags", "active") if self.air.acknowledgment == "mac" else ()
        for node in (A, B):
            radio = self.air.radios[node, self.LINK]
            run(*self.air.inside(node, "iw", "phy", radio, "interface", "add", INJECTING, "type", "monitor", *active))
            run(*self.air.inside(node, "ip", "link", "set", INJECTING, "mtu", "2304", "up"))
            run(*self.air.inside(node, "iw", "dev", INJECTING, "set", "channel", str(CHANNELS[self.LINK])))
        return self

    def receiver(self, shared: str) -> list[str]:
        return ["injector", "receive", self.protection, "flood", INJECTING, shared]

    def sender(self, said: str, size: int, seconds: int, shared: str) -> list[str]:
        return ["injector", "send", self.protection, "flood", INJECTING, said.split()[0], str(size), str(seconds), str(WINDOW), shared]

    def is_quiet(self) -> bool:
        return True

    def pace(self, size: int, seconds: int, rate: int, arrivals: str) -> int:
        """Injects numbered frames at a rate; notes those that arrive in a file, and returns how many were sent."""
        with Program(self.stage, B, "injector", "receive", self.protection, "pace", INJECTING, arrivals) as receiver:
            to = receiver.wait_for_line().split()[0]
            sent: int = answer(self.stage, A, "injector", "send", self.protection, "pace", INJECTING, to, size, seconds, rate,
                               seconds=seconds + 60)["sent"]
            time.sleep(0.2)
            receiver.end()
        return sent

    def __exit__(self, *_: object) -> None:
        for node in (A, B):
            run(*self.air.inside(node, "iw", "dev", INJECTING, "del"))


@contextlib.contextmanager
def carrying(stage: Stage, contender: Contender, size: int) -> Iterator[Network]:
    """Two agents that carry packets of this size, and know each other's addresses."""
    with NETWORKS[contender.kind](stage, contender, max(MTU, size)) as network:
        run(*stage.air.inside(A, "busybox", "ping", "-c", "3", "-i", "0.2", network.address))
        yield network


@contextlib.contextmanager
def own_core(stage: Stage) -> Iterator[None]:
    """The sender has a core to itself, the first one: all else is on the others, programs started from now on, too. On two devices nothing
    of the other one would take its time, either. Where there is one core nothing changes."""
    every = sorted(os.sched_getaffinity(0))
    if len(every) < 2:
        yield
        return
    os.sched_setaffinity(0, every[1:])
    try:
        for node, agent in stage.agents.items():
            for thread in agent.threads() if agent.process else ():
                os.sched_setaffinity(thread, every[:1] if node == A else every[1:])
        yield
    finally:
        os.sched_setaffinity(0, every)


class Flood:
    """As many frames as get through a path, while the `with` block runs."""

    def __init__(self, stage: Stage, path: Path, size: int, seconds: int) -> None:
        self.stage, self.path, self.size, self.seconds = stage, path, size, seconds
        self.shared = f"{stage.folder}/flood.count"

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self.receiving = stack.enter_context(Program(self.stage, B, *self.path.receiver(self.shared)))
            said = self.receiving.wait_for_line()
            self.sending = stack.enter_context(Program(self.stage, A, *self.path.sender(said, self.size, self.seconds, self.shared)))
            every = sorted(os.sched_getaffinity(0))
            if isinstance(self.path, Injector) and len(every) > 1:
                os.sched_setaffinity(self.sending.process.pid, every[:1])
                os.sched_setaffinity(self.receiving.process.pid, every[1:])
            self.open = stack.pop_all()
        return self

    def received(self) -> int:
        """Number of frames that came through up to now."""
        with open(self.shared, "rb") as file:
            return int.from_bytes(file.read(8), "little")

    def result(self) -> dict[str, Any]:
        """The fate of the frames, when the sender has ended."""
        sent = json.loads(self.sending.wait(self.seconds + 60))
        wait_until(self.path.is_quiet, 10, "nothing is queued at agent a")
        time.sleep(0.3)
        received = json.loads(self.receiving.end())
        return {**sent, **received, "trafficNanoseconds": {A: sent["processorNanoseconds"], B: received["processorNanoseconds"]}}

    def __exit__(self, *_: object) -> None:
        self.open.close()
        if os.path.exists(self.shared):
            os.remove(self.shared)


def flood(stage: Stage, network: Network, size: int, seconds: int) -> dict[str, Any]:
    """As many frames through `relink0` as get through; what became of them."""
    with Flood(stage, Carried(stage, network), size, seconds) as flood:
        return flood.result()


def measured(stage: Stage, path: Path, size: int, seconds: int) -> dict[str, Any]:
    """Floods a path, and notes what it took; what became of the frames."""
    for node, agent in stage.agents.items():
        if agent.process:
            marks.label_accepting(node)
            agent.status()
    with at_usual_priority(), Flood(stage, path, size, seconds) as flood:
        wait_until(flood.received, 20, "frames come through")
        with Meter(stage) as meter, when_nobody_else_runs():
            before = flood.received()
            flood.sending.process.wait(seconds + 60)
        stage.note("meter", {"frames": flood.received() - before, **meter.used})
        fate = flood.result()
    stage.note("flood", fate)
    return fate


@contextlib.contextmanager
def scheduled(policy: int) -> Iterator[None]:
    """Sets the scheduling policy of this process, and of none that it starts, meanwhile."""
    before = os.sched_getscheduler(0)
    os.sched_setscheduler(0, policy | os.SCHED_RESET_ON_FORK, os.sched_param(0))
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, os.sched_param(0))


def at_usual_priority() -> contextlib.AbstractContextManager[None]:
    """A flood lets nobody run who only does when nobody else wants to."""
    return scheduled(os.SCHED_OTHER)


def when_nobody_else_runs() -> contextlib.AbstractContextManager[None]:
    """This process takes nothing from what is measured."""
    return scheduled(os.SCHED_IDLE)


def iperf(stage: Stage, seconds: int, *how: object) -> dict[str, Any]:
    """One run of iperf3 from agent a's host to agent b's; what it says in the end."""
    with Program(stage, B, "iperf3", "--server", "--one-off", "--forceflush") as server:
        server.wait_for_line()
        said = answer(stage, A, "iperf3", "--client", Relink.address, "--time", seconds, "--json", *how, seconds=seconds + 60)
        server.wait()
    end = said["end"]
    if "--udp" in how:
        return {"bitsPerSecond": round(end["sum"]["bits_per_second"] * (1 - end["sum"]["lost_percent"] / 100)),
                "lostPercent": round(end["sum"]["lost_percent"], 3)}
    return {"bitsPerSecond": round(end["sum_received"]["bits_per_second"]), "retransmits": end["sum_sent"]["retransmits"]}


class Meter:
    """Processor time while the `with` block runs, by the guest's own accounts: that of each agent, and that of the whole kernel with all that
    it runs. User-mode Linux counts in ticks, so what it measures itself is reported, too (marks.py)."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.used: dict[str, int] = {}

    def __enter__(self) -> Self:
        self.before = self.read()
        marks.begin()
        return self

    def read(self) -> dict[str, int]:
        """Processor time used up to now."""
        with open("/proc/stat") as file:
            user, nice, system, _, _, hard, soft = map(int, file.readline().split()[1:8])
        whole = (user + nice + system + hard + soft) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        return {"all": whole} | {node: agent.usage()["processorNanoseconds"] for node, agent in self.stage.agents.items() if agent.process}

    def __exit__(self, kind: object, *_: object) -> None:
        marks.report()
        if not kind:
            after = self.read()
            self.used = {name: after[name] - self.before[name] for name in after}
