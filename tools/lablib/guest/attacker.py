"""The scenario `attacker`: somebody without the key hears everything and sends at will, while a stream goes on and loses a link. And
`flooded`, which tools/bench plays: what gets through meanwhile."""

import contextlib
import json
import time

from . import attacks, config, speed
from .air import CHANNELS, LINKS, run
from .failover import AFTER, NETWORKS, SIZE, contender_of, lose
from .programs import Program
from .scenarios import scenario
from .waiting import wait_until

A, B = config.INITIATOR, config.RECEIVER
# Frames a second: floods, and what else is sent.
FLOOD, CALM = 5000, 2500
# How long the air is recorded, the agents are warmed up, and the stream has peace, in seconds.
RECORDING, WARMING, PEACE = 2, 1, 2
# Of each kind of recorded frame, how many have all their bits changed; with --thorough every recorded one.
FLIPPED = 1
# How many recorded frames have their bits changed in one phase: all at once would not fit into the guest.
BATCH = 100
# How many devices that do not exist are announced.
STRANGERS = 1000
# The agents take in what is still on its way before they are asked what they counted.
SETTLING = 0.3
# What goodput is measured with, in octets, and beside what: nothing, a flood to nobody, and one of all kinds to both agents.
GOODPUT_SIZE, GOODPUT = 1000, ("peace", "beside", "under")


class Attacker:
    """Spare radios in nobody's namespace, one on each link's channel, that hear everything and send whatever they are given."""

    def __init__(self, stage):
        self.stage, self.names = stage, {link: f"attacker{link}" for link in LINKS}

    def __enter__(self):
        for link, radio in zip(LINKS, self.stage.air.spare):
            run("iw", "phy", radio, "interface", "add", self.names[link], "type", "monitor")
            run("ip", "link", "set", self.names[link], "mtu", "2304", "up")
            run("iw", "dev", self.names[link], "set", "channel", str(CHANNELS[link]))
        return self

    def __exit__(self, *_):
        for name in self.names.values():
            run("iw", "dev", name, "del")

    def listen(self, path):
        """Hears everything while the `with` block runs."""
        return Program(self.stage, None, "attacker", "listen", path, *self.names.values())

    def send(self, frames, rate, seconds=0):
        """Sends frames, once or for so long again and again; gives the running program."""
        path = f"{self.stage.folder}/frames.part"
        attacks.write(path, frames)
        return Program(self.stage, None, "attacker", "send", path, rate, seconds, *self.names.values())


class Attack:
    """The phases of an attack, with what both agents counted before and after each."""

    def __init__(self, stage, attacker):
        self.stage, self.attacker, self.phases = stage, attacker, []
        self.counted, self.used = self.count(), {}

    def count(self):
        """What both agents have refused up to now, by cause, and what their radios missed."""
        counted = {}
        for node, agent in self.stage.agents.items():
            status = agent.status()
            counted[node] = {**status["discarded"], **status["peers"][0]["security"]["refused"], **status["discovery"]["refused"],
                             "missed": sum(link["counters"]["missed"] for link in status["links"])}
        return counted

    def processor_time(self):
        """What both agents have used of the processor since this was last asked."""
        before, self.used = self.used, {node: agent.usage()["processorNanoseconds"] for node, agent in self.stage.agents.items()}
        return {node: self.used[node] - before.get(node, 0) for node in self.used}

    def play(self, name, frames, rate=CALM, seconds=0, meanwhile=None):
        """One phase: sends the frames, and notes what became of them."""
        at = self.stage.act(f"attack {name}", f"the attacker: {name}, {rate} frames a second", lambda: None)
        with self.attacker.send(frames, rate, seconds) as program:
            if meanwhile:
                meanwhile()
            sent = json.loads(program.wait())
        time.sleep(SETTLING)
        before, self.counted = self.counted, self.count()
        self.phases.append({
            "name": name, "monotonicNanoseconds": at, **sent, "processorNanoseconds": self.processor_time(),
            "reaching": attacks.reaching(frames, sent["sent"]), "isAlone": meanwhile is None,
            "counted": {node: {cause: self.counted[node][cause] - before[node][cause] for cause in before[node]} for node in before}})
        self.stage.collect()


@scenario("attacker", "somebody without the key replays, changes, forges and floods, while a stream loses a link (--seconds for each flood, "
          "--thorough)", 1500, 2, heard=None, security="psk")
def attacker(stage):
    luck = attacks.seeded(stage.options["seed"])
    contender = contender_of(stage)
    pulse = Program(stage, None, "pulse", f"{stage.folder}/stalls.txt")
    with pulse, ready(pulse), among(stage, contender) as (radios, network, heard, deaf):
        frames, alone = attacks.recorded(heard, deaf)
        forger = attacks.Forger(frames, luck)
        kinds = {**forger.forgeries(), "recorded": frames}
        attack = Attack(stage, radios)
        # Authentic, and new to who gets them: but what they say is over.
        attack.play("held back", alone)
        # Buffers, caches and the agents' own memory reach their size.
        attack.play("warming up", attacks.mixed(kinds, luck), FLOOD, WARMING)
        before = {node: agent.usage() for node, agent in stage.agents.items()}
        cuts = []
        sent = under_stream(stage, network, lambda: cuts.extend(play_all(stage, network, attack, frames, kinds, forger, luck)))
        stage.note("memory", {node: {"before": before[node], "after": agent.usage()} for node, agent in stage.agents.items()})
        stage.note("stream", {"contender": contender.name, "rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": cuts})
        stage.note("phases", attack.phases)
        stage.note("recorded", len(frames))
        stage.note("heldBack", len(alone))
        pulse.end()


@scenario("flooded", "what gets through relink0 in peace, beside a flood to nobody, and under one of all that an attacker forges (tools/bench)",
          1500, 1, heard=None, security="psk")
def flooded(stage):
    luck = attacks.seeded(stage.options["seed"])
    contender = contender_of(stage)
    stage.note("contender", contender.name)
    with among(stage, contender) as (radios, network, heard, deaf):
        frames, _ = attacks.recorded(heard, deaf)
        goodput(stage, radios, network, attacks.mixed({**attacks.Forger(frames, luck).forgeries(), "recorded": frames}, luck))


@contextlib.contextmanager
def among(stage, contender):
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
def ready(program):
    """The program has said that it is."""
    program.wait_for_line()
    yield


def lose_while_recording(stage, network):
    """A stream that loses its link once, so that a rebuild is overheard. Returns when which link was deaf."""
    deaf = []

    def loss():
        link = network.link()
        time.sleep(RECORDING / 2)
        since, _ = lose(stage, network, "while recording", attacks.seeded(0))
        # It stays deaf for a while after the session has left it.
        deaf.append((link, since - AFTER, time.monotonic_ns()))
        time.sleep(RECORDING / 2)

    under_stream(stage, network, loss, "recording.txt")
    return deaf


def under_stream(stage, network, meanwhile, name="arrivals.txt"):
    """Sends numbered packets from host to host while something is done; returns how many."""
    with Program(stage, B, "stream", "receive", "udp", f"{stage.folder}/{name}", SIZE) as receiver:
        receiver.wait_for_line()
        with Program(stage, A, "stream", "send", "udp", network.address, stage.options["rate"], SIZE) as sender:
            time.sleep(0.5)
            meanwhile()
            time.sleep(0.5)
            sent = int(sender.end())
        wait_until(network.is_quiet, 10, "nothing is queued at agent a")
        time.sleep(0.2)
        receiver.end()
    return sent


def play_all(stage, network, attack, frames, kinds, forger, luck):
    """All phases while the stream goes on, after a while of peace; returns the losses of links, of which the attacker caused none."""
    stage.act("peace", "the stream in peace", time.sleep, PEACE)
    for name, each in attacks.replays(frames, luck).items():
        attack.play(name, each)
    chosen = frames if stage.options["thorough"] else attacks.samples(frames, FLIPPED)
    for start in range(0, len(chosen), BATCH):
        attack.play("changed bits", [flipped for frame in chosen[start:start + BATCH] for flipped in attacks.flips(frame)], FLOOD)
    seconds = stage.options["seconds"]
    for name, each in kinds.items():
        attack.play(name, each, FLOOD, seconds)
    # Some of them are taken for a try: an announcement is a hint.
    attack.play("announced strangers", forger.strangers(STRANGERS), FLOOD, seconds)
    cuts = []
    attack.play("all kinds, while a link is lost", attacks.mixed(kinds, luck), FLOOD, 4,
                lambda: cuts.append(lose(stage, network, "under attack", luck)))
    return cuts


def goodput(stage, radios, network, frames):
    """What goes through relink0 as fast as it gets through, by turns, since what the host gives the guest changes: in peace, beside a
    flood to nobody, which costs the air and the kernel as much, and under a flood of all kinds to both agents."""
    nobody = [attacks.Frame(frame.link, frame.mpdu[:4] + attacks.STRANGER * 2 + frame.mpdu[16:]) for frame in frames]
    sent, seconds = {"beside": nobody, "under": frames}, stage.options["seconds"]
    measured = {name: [] for name in GOODPUT}
    for turn in range(stage.options["rounds"]):
        first = turn % len(GOODPUT)
        for name in GOODPUT[first:] + GOODPUT[:first]:
            stage.act(f"goodput {name}", f"goodput {name}", lambda: None)
            with radios.send(sent[name], FLOOD, seconds + 1) if name in sent else contextlib.nullcontext():
                fate = speed.flood(stage, network, GOODPUT_SIZE, seconds)
            measured[name].append(round(fate["octets"] * 8e9 / fate["nanoseconds"]))
    stage.note("bitsPerSecond", measured)
