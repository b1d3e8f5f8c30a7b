"""Floods, iperf3 and the plain injector: how much gets through, and the processor time that it takes."""

import contextlib
import json
import os
import time

from . import config
from .air import CHANNELS, run
from .programs import Program, answer
from .streaming import NETWORKS, Relink
from .waiting import wait_until

A, B = config.INITIATOR, config.RECEIVER
# Of an IPv4 packet's octets, what its header and UDP's are.
HEADERS = 28
MTU = 1400
# Packets on their way at once: enough to keep both agents busy, less than any queue on the way holds.
WINDOW = 512
INJECTING = "plain1"
# Of what a flood gets through, what iperf3 offers by UDP.
SHARE = 0.8


@contextlib.contextmanager
def carrying(stage, contender, size):
    """Two agents that carry packets of this size, and know each other's addresses."""
    with NETWORKS[contender.kind](stage, contender, max(MTU, size)) as network:
        run(*stage.air.inside(A, "busybox", "ping", "-c", "3", "-i", "0.2", network.address))
        yield network


@contextlib.contextmanager
def own_core(stage):
    """What sends has a core to itself, the first one, as the injector's sender has: all else is on the others, what is started from now
    on, too. On two devices nothing of the other one would take its time, either."""
    every = sorted(os.sched_getaffinity(0))
    if len(every) < 2:
        yield
        return
    os.sched_setaffinity(0, every[1:])
    try:
        for node, agent in stage.agents.items():
            for thread in agent.threads():
                os.sched_setaffinity(thread, every[:1] if node == A else every[1:])
        yield
    finally:
        os.sched_setaffinity(0, every)


def flood(stage, network, size, seconds):
    """As many frames as get through; what became of them."""
    shared = f"{stage.folder}/flood.count"
    with Program(stage, B, "flood", "receive", config.HOST_INTERFACE, shared) as receiver:
        receiver.wait_for_line()
        sent = answer(stage, A, "flood", "send", config.HOST_INTERFACE, config.mld_address(B), size, seconds, WINDOW, shared,
                      seconds=seconds + 60)
        wait_until(network.is_quiet, 10, "nothing is queued at agent a")
        time.sleep(0.3)
        received = json.loads(receiver.end())
    os.remove(shared)
    return {**received, "sent": sent["sent"],
            "processorNanoseconds": sent["processorNanoseconds"] + received["processorNanoseconds"]}


def iperf(stage, seconds, *how):
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


class Injector:
    """A monitor interface on both radios of link 1; with radios that acknowledge, an active one."""

    LINK = 1

    def __init__(self, stage, contender):
        self.stage, self.air, self.protection = stage, stage.air, "gcmp" if contender.is_protected else "open"

    def __enter__(self):
        active = ("flags", "active") if self.air.acknowledgment == "mac" else ()
        for node in (A, B):
            radio = self.air.radios[node, self.LINK]
            run(*self.air.inside(node, "iw", "phy", radio, "interface", "add", INJECTING, "type", "monitor", *active))
            run(*self.air.inside(node, "ip", "link", "set", INJECTING, "mtu", "2304", "up"))
            run(*self.air.inside(node, "iw", "dev", INJECTING, "set", "channel", str(CHANNELS[self.LINK])))
        return self

    def run(self, how, size, seconds, *rest):
        """Injects; what became of it."""
        return answer(self.stage, A, "injector", self.protection, how, self.air.namespace(A), INJECTING, self.air.namespace(B), INJECTING,
                      size, seconds, *rest, seconds=seconds + 60)

    def __exit__(self, *_):
        for node in (A, B):
            run(*self.air.inside(node, "iw", "dev", INJECTING, "del"))


class Meter:
    """Processor time while the `with` block runs: that of each agent, and that of the whole kernel with all that it runs."""

    def __init__(self, stage):
        self.stage, self.used = stage, None

    def __enter__(self):
        self.before = self.read()
        return self

    def read(self):
        with open("/proc/stat") as file:
            user, nice, system, _, _, hard, soft = map(int, file.readline().split()[1:8])
        whole = (user + nice + system + hard + soft) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        return {"all": whole} | {node: agent.usage()["processorNanoseconds"] for node, agent in self.stage.agents.items() if agent.process}

    def __exit__(self, kind, *_):
        if not kind:
            after = self.read()
            self.used = {name: after[name] - self.before[name] for name in after}
