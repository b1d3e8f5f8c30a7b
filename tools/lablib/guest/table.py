"""The ways to lose a link, and what else befalls users. How each is judged stands in judge_table.py under the same name."""

import os
import subprocess
import sys
import time

from . import config
from .air import run
from .scenarios import rebuilt, scenario
from .waiting import wait_until

A, B = config.INITIATOR, config.RECEIVER


def lose(stage, link, name="loss", nodes=(A,)):
    """A link goes deaf, its interfaces stay up."""

    def deafen():
        for node in nodes:
            stage.air.deafen(node, link)

    return stage.act(name, f"link {link} goes deaf, its interfaces stay up", deafen)


def heal(stage, link, node=A):
    """A link that was made deaf hears again."""
    return stage.act("heal", f"link {link} hears again", stage.air.hear, node, link)


def both_rebuilt(stage, link, since):
    """Both ends hold the session for live on this link."""
    for agent in stage.agents.values():
        stage.wait(agent, "rebuilt", since=since, link=link)


def both_anew(stage, since, link=None):
    """A new session lives at both ends."""
    fields = {"link": link} if link else {}
    stage.wait(stage.initiator, "establishedAnew", since=since, **fields)
    stage.wait(stage.receiver, "established", "establishedAnew", since=since, **fields)


@scenario("one-way", "what the initiator sends on link 1 vanishes, though it hears the receiver; rebuilt on link 2")
def one_way(stage):
    stage.establish()
    at = stage.act("loss", "what agent a sends on link 1 vanishes", stage.air.mute, A, config.interface(1))
    rebuilt(stage, at)


@scenario("other-way", "what the receiver sends on link 1 vanishes, though it hears the initiator; rebuilt on link 2")
def other_way(stage):
    stage.establish()
    at = stage.act("loss", "what agent b sends on link 1 vanishes", stage.air.mute, B, config.interface(1))
    both_rebuilt(stage, 2, at)
    stage.finish()


@scenario("unplugged", "the initiator's radio of link 1 is pulled out, and put in again; rebuilt on link 2, link 1 comes back")
def unplugged(stage):
    stage.establish()
    at = stage.act("loss", "agent a's radio of link 1 is removed", stage.air.unplug, A, 1)
    both_rebuilt(stage, 2, at)
    back = stage.act("plug", "the radio is put in again", stage.air.plug, A, 1)
    stage.wait(stage.initiator, "linkUp", since=back, link=1)
    for agent in stage.agents.values():
        stage.wait(agent, "linkAlive", since=back, link=1)
    stage.finish()


@scenario("same-link", "both links go deaf, the first comes back; rebuilt where it was")
def same_link(stage):
    stage.establish()
    other = lose(stage, 2, "other")
    for agent in stage.agents.values():
        stage.wait(agent, "linkLost", since=other, link=2)
    at = lose(stage, 1)
    for agent in stage.agents.values():
        stage.wait(agent, "interrupted", since=at)
    back = heal(stage, 1)
    both_rebuilt(stage, 1, back)
    stage.finish()


@scenario("next-candidate", "link 2 of three goes deaf unnoticed, link 1 is set down; the request on link 2 is in vain, rebuilt on link 3")
def next_candidate(stage):
    with ThirdLink(stage), stage.air.standby(A) as down:
        # So that no heartbeat finds out about link 2 in the moment between the two.
        for agent in stage.agents.values():
            agent.configure("[health]\nheartbeat_interval_ms = 1000\nsilence_timeout_ms = 3500")
        stage.establish()

        def both():
            stage.air.deafen(A, 2)
            down(A, config.interface(1))

        at = stage.act("loss", "link 2 goes deaf, and link 1's interface is set down at agent a", both)
        both_rebuilt(stage, 3, at)
        stage.finish()


@scenario("three-links", "three links: the session's link goes deaf twice; rebuilt on link 2, then on link 3")
def three_links(stage):
    with ThirdLink(stage):
        stage.establish()
        at = lose(stage, 1)
        both_rebuilt(stage, 2, at)
        at = lose(stage, 2, "second loss")
        both_rebuilt(stage, 3, at)
        stage.finish()


@scenario("retention-expired", "both links are deaf for longer than the retention time; the session ends, a new one is established")
def retention_expired(stage):
    for agent in stage.agents.values():
        agent.configure("[limits]\nretention_s = 1.5")
    stage.establish()
    lose(stage, 2, "other")
    at = lose(stage, 1)
    for agent in stage.agents.values():
        stage.wait(agent, "ended", since=at, cause="retentionExpired")
    back = heal(stage, 1)
    both_anew(stage, back, link=1)
    stage.finish()


@scenario("no-indicator", "the receiver's response has no indicator: the session is not rebuildable, a loss ends it; established anew")
def no_indicator(stage):
    stage.receiver.configure("[session]\nsupports_rebuild = false")
    stage.establish()
    at = lose(stage, 1)
    both_anew(stage, at, link=2)
    stage.finish()


@scenario("both-ends", "link 1's interfaces are set down at both ends at once; both ask for the rebuild, one session lives")
def both_ends(stage):
    with stage.air.standby(A, B) as down:
        stage.establish()

        def both():
            for node in (A, B):
                down(node, config.interface(1))

        at = stage.act("loss", "link 1's interfaces are set down at both ends", both)
        both_rebuilt(stage, 2, at)
    stage.finish()


@scenario("receiver-down", "link 1's interface is set down at the receiver, whose kernel tells it; rebuilt on link 2, whoever asks first")
def receiver_down(stage):
    stage.establish()
    at = stage.act("loss", "link 1's interface is set down at agent b", stage.air.interface_down, B, config.interface(1))
    both_rebuilt(stage, 2, at)
    stage.finish()


@scenario("peer-absent", "the peer comes seconds after the initiator; established when it is there")
def peer_absent(stage):
    at = time.monotonic_ns()
    stage.start(stage.initiator)
    for link in (1, 2):
        stage.wait(stage.initiator, "linkUp", link=link)
    # Some rounds of probes into the void.
    wait_until(lambda: time.monotonic_ns() > at + 3_000_000_000, 10, "three seconds have passed")
    stage.note("alone", stage.initiator.status())
    start = stage.act("second", "agent b comes", stage.receiver.start)
    stage.wait(stage.initiator, "established", since=start)
    stage.wait(stage.receiver, "established", since=start)
    stage.finish()


@scenario("forbidden-channel", "the regulatory domain forbids link 2's channel: refused with the remedy, link 1 serves; permitted, link 2 comes up")
def forbidden_channel(stage):
    for agent in stage.agents.values():
        with open(agent.path + ".toml") as file:
            text = file.read()
        with open(agent.path + ".toml", "w") as file:
            file.write(text.replace("channel = 11", "channel = 36"))
    try:
        stage.start(stage.receiver)
        stage.start(stage.initiator)
        stage.wait(stage.initiator, "established", link=1)
        stage.note("forbidden", stage.initiator.status())
        at = stage.act("permit", "iw reg set US", run, "iw", "reg", "set", "US")
        for agent in stage.agents.values():
            stage.wait(agent, "linkAlive", since=at, link=2)
        stage.finish()
    finally:
        run("iw", "reg", "set", "00")


@scenario("flapping", "the session's link goes deaf ten times in turn; each time it is rebuilt on the other one", 120)
def flapping(stage):
    stage.establish()
    links = []
    for number in range(10):
        link = stage.session_link()
        links.append(link)
        at = lose(stage, link, f"loss {number}")
        both_rebuilt(stage, 3 - link, at)
        heal(stage, link)
        stage.alive(link)
    stage.note("links", links)
    stage.finish()


TWO_PEERS = config.Cast((A, B, "c"), {(A, B): [0, 5], (A, "c"): [0, 5]})


@scenario("two-peers", "an agent has two sessions with each of two peers; its radio of link 1 is set down; all four are rebuilt",
          cast=lambda options: TWO_PEERS)
def two_peers(stage):
    for agent in reversed(stage.agents.values()):
        stage.start(agent)
    for _, receiver, tid in stage.cast.listed():
        for agent, peer in ((stage.initiator, receiver), (stage.agents[receiver], A)):
            stage.wait(agent, "established", tid=tid, peer=config.mld_address(peer))
    stage.alive(1)
    stage.alive(2)
    # A busy machine may have moved some of them before.
    lives = {session["session"]: session["link"] for session in stage.initiator.status()["sessions"] if session["state"] == "live"}
    link = max((1, 2), key=list(lives.values()).count)
    stage.note("before", {"link": link, "sessions": sorted(session for session in lives if lives[session] == link)})
    at = stage.act("loss", f"link {link}'s interface is set down at agent a", stage.air.interface_down, A, config.interface(link))
    for session in (session for session in lives if lives[session] == link):
        stage.wait(stage.initiator, "rebuilt", since=at, link=3 - link, session=session)
    for _, receiver, tid in stage.cast.listed():
        wait_until(lambda: {session["link"] for session in stage.agents[receiver].status()["sessions"]} == {3 - link}, 30,
                   f"agent {receiver} holds its sessions for live on link {3 - link}", step=0.1)
    stage.collect()
    stage.finish()


@scenario("rfkill", "rfkill switches the initiator's radio of link 1 off and on again; rebuilt on link 2, link 1 comes back")
def rfkill(stage):
    stage.establish()
    try:
        at = stage.act("loss", "rfkill switches agent a's radio of link 1 off", stage.air.block, A, 1, True)
        both_rebuilt(stage, 2, at)
    finally:
        back = stage.act("unblock", "rfkill switches it on", stage.air.block, A, 1, False)
    for agent in stage.agents.values():
        stage.wait(agent, "linkAlive", since=back, link=1)
    stage.finish()


@scenario("channel-changed", "somebody sets the initiator's link 1 to another channel; rebuilt on link 2, link 1 is set right again")
def channel_changed(stage):
    stage.establish()
    at = stage.act("loss", "somebody sets agent a's link 1 to channel 6", stage.air.retune, A, config.interface(1), 6)
    both_rebuilt(stage, 2, at)
    for agent in stage.agents.values():
        stage.wait(agent, "linkAlive", since=at, link=1)
    stage.finish()


@scenario("frame-storm", "other stations flood link 1's channel; nothing is held for lost, and a real loss is rebuilt as ever", 90)
def frame_storm(stage):
    stage.establish()
    with Storm(stage.air) as storm:
        at = stage.act("storm", "two other stations begin to flood channel 1", storm.begin)
        wait_until(lambda: storm.sent() > 5000, 40, "5000 frames of the storm are on the air")
        stage.collect()
        stage.note("storm", {"from": at, "to": time.monotonic_ns(), "frames": storm.sent()})
        link = stage.session_link()
        loss = lose(stage, link)
        both_rebuilt(stage, 3 - link, loss)
    stage.note("link", link)
    stage.finish()


class ThirdLink:
    """While it lasts, both nodes have a third link, in their configuration too."""

    def __init__(self, stage):
        self.stage = stage

    def __enter__(self):
        air = self.stage.air
        air.add_link(3)
        for node, agent in self.stage.agents.items():
            peer = B if node == A else A
            lines = config.link_section(node, 3, air.radios[node, 3], air.acknowledgment)
            agent.configure("\n".join(["[[peers.links]]", "id = 3", f'address = "{config.link_address(peer, 3)}"', *lines]))

    def __exit__(self, *_):
        for agent in self.stage.agents.values():
            agent.clear()
        self.stage.air.take_back(3)


class Storm:
    """A spare radio that sends beacons and data frames of stations that nobody knows, as fast as it can."""

    INTERFACE = "storm0"

    def __init__(self, air):
        self.phy = air.spare[0]
        self.process = None
        self.count = 0

    def __enter__(self):
        run("iw", "phy", self.phy, "interface", "add", self.INTERFACE, "type", "monitor")
        run("ip", "link", "set", self.INTERFACE, "up")
        run("iw", "dev", self.INTERFACE, "set", "channel", "1")
        return self

    def begin(self):
        """Starts to send."""
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "storm.py")
        self.process = subprocess.Popen([sys.executable, "-S", "-E", "-B", script, self.INTERFACE],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)

    def sent(self):
        """How many frames are sent so far."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the storm ended with {self.process.returncode}")
        lines = (self.process.stdout.read() or b"").split()
        self.count = int(lines[-1]) if lines else self.count
        return self.count

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
        run("iw", "dev", self.INTERFACE, "del")
