"""Faults of the radios of a link: unplugged, switched off, retuned, forbidden, flooded; and two peers."""

import os
import subprocess
import time
from typing import Any, Self

from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.agents import Agent
from ..guest.air import Air, run
from ..guest.config import INITIATOR
from ..guest.losing import A, B, both_rebuilt, lose
from ..guest.programs import python
from ..guest.stage import Stage
from ..guest.waiting import wait_until
from ..judging import FOREVER, LOSSES, NODES, Checks, alive_again, rebuilt_on, same_session, settled, simply_rebuilt
from ..scenario import scenario

TWO_PEERS = config.Cast((A, B, "c"), {(A, B): [0, 5], (A, "c"): [0, 5]})


@scenario("unplugged", "the initiator's radio of link 1 is pulled out, and put in again; rebuilt on link 2, link 1 comes back",
          judged=simply_rebuilt(2, comes_back=1))
def unplugged(stage: Stage) -> None:
    stage.establish()
    at = stage.act("loss", "agent a's radio of link 1 is removed", stage.air.unplug, A, 1)
    both_rebuilt(stage, 2, at)
    back = stage.act("plug", "the radio is put in again", stage.air.plug, A, 1)
    stage.wait(stage.initiator, "linkUp", since=back, link=1)
    for agent in stage.agents.values():
        stage.wait(agent, "linkAlive", since=back, link=1)
    stage.finish()


@scenario("rfkill", "rfkill switches the initiator's radio of link 1 off and on again; rebuilt on link 2, link 1 comes back",
          judged=simply_rebuilt(2, comes_back=1))
def rfkill(stage: Stage) -> None:
    stage.establish()
    try:
        at = stage.act("loss", "rfkill switches agent a's radio of link 1 off", stage.air.block, A, 1, True)
        both_rebuilt(stage, 2, at)
    finally:
        back = stage.act("unblock", "rfkill switches it on", stage.air.block, A, 1, False)
    for agent in stage.agents.values():
        stage.wait(agent, "linkAlive", since=back, link=1)
    stage.finish()


@scenario("channel-changed", "somebody sets the initiator's link 1 to another channel; rebuilt on link 2, link 1 is set right again",
          judged=simply_rebuilt(2, comes_back=1, requests=2))
def channel_changed(stage: Stage) -> None:
    stage.establish()
    at = stage.act("loss", "somebody sets agent a's link 1 to channel 6", stage.air.retune, A, config.interface(1), 6)
    both_rebuilt(stage, 2, at)
    for agent in stage.agents.values():
        stage.wait(agent, "linkAlive", since=at, link=1)
    stage.finish()


@scenario("forbidden-channel", "the regulatory domain forbids link 2's channel: refused with the remedy, link 1 serves; permitted, link 2 comes up")
def forbidden_channel(stage: Stage) -> None:
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


@forbidden_channel.judge
def judge_forbidden_channel(evidence: Evidence) -> Checks:
    yield same_session(evidence)
    link: dict[str, Any] = next((link for link in evidence.record["notes"]["forbidden"]["links"] if link["id"] == 2), {})
    yield Check("link 2 is refused, with the remedy", link.get("state") == "down" and "iw reg set" in link.get("problem", ""), str(link))
    sent = [f for f in evidence.frames if f.frequency == 5180 and f.nanoseconds < evidence.done("permit")]
    yield Check("on the air: nothing on the forbidden channel", not sent, f"{len(sent)} frames")
    yield from alive_again(evidence, 2, evidence.done("permit"))
    yield from settled(evidence)


@scenario("frame-storm", "other stations flood link 1's channel; nothing is held for lost, and a real loss is rebuilt as ever", 90)
def frame_storm(stage: Stage) -> None:
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


@frame_storm.judge
def judge_frame_storm(evidence: Evidence) -> Checks:
    yield same_session(evidence)
    storm = evidence.record["notes"]["storm"]
    told = [f"{node}: {event['event']} of link {event.get('link')}" for node in NODES for event in evidence.events[node]
            if event["event"] in LOSSES and storm["from"] <= event["monotonicNanoseconds"] < storm["to"]]
    yield Check("nothing was held for lost during the storm", not told, "; ".join(told))
    heard = [f for f in evidence.frames if f.frequency == 2412 and storm["from"] <= f.nanoseconds < storm["to"]]
    yield Check("on the air: thousands of frames of other stations", len(heard) >= storm["frames"] >= 5000,
                f"{storm['frames']} sent, {len(heard)} heard")
    yield from rebuilt_on(evidence, 3 - evidence.record["notes"]["link"], evidence.done("loss"))
    yield from settled(evidence)


class Storm:
    """A spare radio that sends beacons and data frames of stations that nobody knows, as fast as it can."""

    INTERFACE = "storm0"

    def __init__(self, air: Air) -> None:
        self.phy = air.spare[0]
        self.process: subprocess.Popen[bytes] | None = None
        self.count = 0

    def __enter__(self) -> Self:
        run("iw", "phy", self.phy, "interface", "add", self.INTERFACE, "type", "monitor")
        run("ip", "link", "set", self.INTERFACE, "up")
        run("iw", "dev", self.INTERFACE, "set", "channel", "1")
        return self

    def begin(self) -> None:
        """Starts to send."""
        self.process = subprocess.Popen([*python("storm"), self.INTERFACE],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)

    def sent(self) -> int:
        """Number of frames sent so far."""
        assert self.process is not None and self.process.stdout is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"the storm ended with {self.process.returncode}")
        lines = (self.process.stdout.read() or b"").split()
        self.count = int(lines[-1]) if lines else self.count
        return self.count

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.process.kill()
            self.process.communicate()
        run("iw", "dev", self.INTERFACE, "del")


@scenario("two-peers", "an agent has two sessions with each of two peers; its radio of link 1 is set down; all four are rebuilt",
          cast=lambda options: TWO_PEERS, securities=("psk", "open"))
def two_peers(stage: Stage) -> None:
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
    for _, receiver, _ in stage.cast.listed():
        def is_there(agent: Agent = stage.agents[receiver]) -> bool:
            return {session["link"] for session in agent.status()["sessions"]} == {3 - link}

        wait_until(is_there, 30, f"agent {receiver} holds its sessions for live on link {3 - link}", step=0.1)
    stage.collect()
    stage.finish()


@two_peers.judge
def judge_two_peers(evidence: Evidence) -> Checks:
    """Each of the four sessions is rebuilt, by one acknowledged request of its own, and none is mixed up with another."""
    loss, stop = evidence.done("loss"), evidence.action("stop-a") or FOREVER
    before = evidence.record["notes"]["before"]
    lost, other = before["link"], 3 - before["link"]
    made = {event["session"]: (event["peer"], event["tid"]) for event in evidence.events[INITIATOR] if event["event"] == "established"}
    yield Check("four sessions, two with each of two peers", len(made) == len(set(made.values())) == 4, str(made))
    wanted = {session: made.get(session) for session in before["sessions"]}
    yield Check(f"two or more of them lived on link {lost}", len(wanted) >= 2, str(wanted))
    again = {event["session"]: (event["peer"], event["tid"]) for event in evidence.events[INITIATOR]
             if event["event"] == "rebuilt" and event["link"] == other and event["monotonicNanoseconds"] > loss}
    yield Check(f"all that lived there are rebuilt on link {other}", wanted.items() <= again.items() and set(again) <= set(made), str(again))
    there = {event["session"] for node in evidence.events if node != INITIATOR for event in evidence.events[node]
             if event["event"] == "rebuilt" and event["link"] == other}
    yield Check("and their receivers hold them for rebuilt", set(wanted) <= there <= set(made), str(there))
    frames = [frame for frame in evidence.session_frames(loss, stop) if frame.is_rebuild and frame.link == other]
    asked = {frame.session for frame in frames if evidence.is_acknowledged(frame)}
    yield Check("on the air: an acknowledged rebuild request for each", set(wanted) <= asked <= set(made), ", ".join(map(str, frames)))
    yield from settled(evidence)
