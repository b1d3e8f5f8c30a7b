"""Two agents without a configured peer find each other, and notice when one of them is gone."""

import json
import os
import subprocess
import time
from typing import Any

from ..checked import Check
from ..evidence import OUI, VENDOR_SPECIFIC, Evidence
from ..guest import config
from ..guest.agents import Agent
from ..guest.air import run
from ..guest.config import INITIATOR, RECEIVER, host_address, link_address, mld_address
from ..guest.programs import python
from ..guest.stage import Stage
from ..judging import FOREVER, Checks
from ..paths import ROOT, LabError
from ..scenario import scenario

A, B = config.INITIATOR, config.RECEIVER
# Nobody is configured to know anybody.
STRANGERS = config.Cast((A, B), {})
LINKS = (1, 2)
BROADCAST = "ff:ff:ff:ff:ff:ff"
ANNOUNCEMENT = b"\x7f" + OUI + b"\x09\x01"
# Element 255 of 11 octets: Basic Multi-Link (107), with a link ID, common info of 8 octets (IEEE Std 802.11be).
MULTI_LINK = bytes.fromhex("ff0b6b100008")
FEWEST, LOST_AFTER = 3, 5 * 10**9
DISSECTOR = os.path.join(ROOT, "tools", "wireshark", "relink.lua")


@scenario("discovery", "two agents without a peer in their configuration find each other; pings outlive a link; one ends, the other tells",
          120, cast=lambda options: STRANGERS)
def discovery(stage: Stage) -> None:
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
        stage.start(agent)
    for agent, other in ((stage.initiator, B), (stage.receiver, A)):
        stage.wait(agent, "peerAppeared", peer=config.mld_address(other))
        for link in LINKS:
            stage.wait(agent, "linkAlive", link=link)
    stage.note("peers", {node: peers(agent) for node, agent in stage.agents.items()})
    # While the kernel asks for an address, packets wait, and later ones may overtake them.
    run(*stage.air.inside(A, "busybox", "ping", "-c", "1", config.host_address(B)))
    with subprocess.Popen(
            stage.air.inside(A, *python("ping"), config.host_address(B), "200", "20"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        stage.act("ping", "a pings b, 200 times in 4 s", time.sleep, 2)
        link = own_link(stage)
        at = stage.act("loss", f"link {link} goes deaf, its interfaces stay up", stage.air.deafen, A, link)
        stage.wait(stage.initiator, "rebuilt", since=at, role="initiator", tid=0)
        printed, _ = process.communicate()
    stage.note("ping", json.loads(printed))
    stage.note("neighbours", run("ip", "-n", stage.air.namespace(A), "neigh", "show", "dev", config.HOST_INTERFACE))
    stage.stop(stage.receiver)
    stage.wait(stage.initiator, "peerVanished", since=stage.record["actions"][-1]["monotonicNanoseconds"], peer=config.mld_address(B))
    stage.note("left", peers(stage.initiator))
    stage.stop(stage.initiator)


@discovery.judge
def judge_discovery(evidence: Evidence) -> Checks:
    """Announcements on all links, both found each other, pings lost nothing, and the one left tells that the other is gone."""
    yield from announced(evidence)
    yield from found(evidence)
    yield from outlived(evidence)
    yield from vanished(evidence)


def own_link(stage: Stage) -> int:
    """The link on which agent a's own session of TID 0 lives."""
    return stage.session_link(role="initiator", tid=0)


def peers(agent: Agent) -> list[dict[str, Any]]:
    """Output of `relink peers --json`."""
    done = subprocess.run([agent.relink, "peers", "--control", agent.control, "--json"],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=True)
    listed: list[dict[str, Any]] = json.loads(done.stdout)
    return listed


def announced(evidence: Evidence) -> Checks:
    """The announcements that the witness heard: standard element, sender, and what the dissector makes of them."""
    frames = [frame for frame in evidence.frames if frame.category == VENDOR_SPECIFIC and frame.body.startswith(ANNOUNCEMENT)]
    for node in (INITIATOR, RECEIVER):
        for link in LINKS:
            element = MULTI_LINK + bytes.fromhex(mld_address(node).replace(":", "")) + bytes([link])
            own = [frame for frame in frames if (frame.sender(), frame.link) == (node, link)]
            wrong = [frame for frame in own if frame.receiver != BROADCAST or element not in frame.body]
            yield Check(f"on the air: agent {node} announces itself on link {link} to all, with its Basic Multi-Link element",
                        len(own) >= FEWEST and not wrong, f"{len(own)} heard; {', '.join(map(str, wrong[:3]))}")
    told = dissected(evidence.folder)
    wanted = sorted((frame.transmitter, mld_address(sender), str(frame.link)) for frame in frames if (sender := frame.sender()))
    yield Check("tshark with relink.lua reads the same devices and links from them", bool(told) and sorted(told) == wanted,
                f"{len(told)} of {len(frames)}")


def dissected(folder: str) -> list[tuple[str, ...]]:
    """Transmitter, MLD address and link ID of each announcement, as the dissector tells them."""
    done = subprocess.run(
        ["tshark", "-X", f"lua_script:{DISSECTOR}", "-r", os.path.join(folder, "air.pcap"), "-Y", 'relink.message == "announcement"',
         "-T", "fields", "-e", "wlan.ta", "-e", "relink.mld", "-e", "relink.link"], capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"tshark can't read the witness's capture: {done.stderr.strip()}")
    return [tuple(row.split("\t")) for row in done.stdout.splitlines()]


def found(evidence: Evidence) -> Checks:
    """Each agent told of the other and listed it with both links."""
    for node, other in ((INITIATOR, RECEIVER), (RECEIVER, INITIATOR)):
        told = [event for event in evidence.events[node] if event["event"] in ("peerAppeared", "peerChanged")]
        appeared = [event for event in told if event["event"] == "peerAppeared"]
        yield Check(f"agent {node} told once that agent {other} appeared", len(appeared) == 1
                    and appeared[0].get("peer") == mld_address(other), str(appeared))
        listed = evidence.record["notes"]["peers"][node]
        links = [(link["id"], link["address"]) for peer in listed for link in peer["links"]]
        yield Check(f"relink peers of agent {node} lists agent {other}, discovered, with both links",
                    [(peer["device"], peer["origin"]) for peer in listed] == [(mld_address(other), "discovered")]
                    and links == [(link, link_address(other, link)) for link in LINKS], str(listed))


def outlived(evidence: Evidence) -> Checks:
    """The host's packets, through the loss of the link that carried them."""
    notes, loss = evidence.record["notes"], evidence.done("loss")
    fate = notes["ping"]
    yield Check("every packet was answered, once and in order", fate["sent"] > 0 and not fate["lost"] and not fate["doubled"]
                and fate["inOrder"], f"{len(fate['lost'])} of {fate['sent']} lost, {len(fate['doubled'])} doubled")
    yield Check("the loss came in the middle", fate["firstNanoseconds"] < loss < fate["lastNanoseconds"], str(loss))
    neighbour = f"{host_address(RECEIVER)} lladdr {mld_address(RECEIVER)}"
    yield Check("the peer's MLD address was found by ARP", neighbour in notes["neighbours"], notes["neighbours"].strip())
    rebuilt = evidence.event(INITIATOR, "rebuilt", since=loss)
    asked = [frame for frame in evidence.session_frames(loss, FOREVER) if frame.is_rebuild]
    yield Check("on the air: a request with the rebuild mark for the session that was rebuilt",
                rebuilt is not None and rebuilt["session"] in [frame.session for frame in asked], f"{rebuilt}; {', '.join(map(str, asked[:4]))}")


def vanished(evidence: Evidence) -> Checks:
    """Agent b ended, and agent a told it, not too soon; nobody was told to be gone before."""
    stop = evidence.done("stop-b")
    early = [node for node in evidence.events if (event := evidence.event(node, "peerVanished")) and event["monotonicNanoseconds"] < stop]
    yield Check("nobody vanished before", not early, ", ".join(early))
    gone = evidence.event(INITIATOR, "peerVanished", since=stop)
    yield Check("agent a told that agent b vanished, and lists it no more",
                gone is not None and gone["peer"] == mld_address(RECEIVER) and evidence.record["notes"]["left"] == [], str(gone))
    # The last frame was received a farewell before the process ended.
    yield Check("it did so when nothing had been heard for as long as the configuration says",
                gone is not None and gone["monotonicNanoseconds"] >= stop + LOST_AFTER, str(gone))
