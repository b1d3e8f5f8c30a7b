"""The scenario `discovery`: two agents that were told of nobody find each other, and notice when one of them is gone."""

import json
import subprocess
import sys
import time

from . import config, ping as pinger
from .air import run
from .scenarios import scenario
from .stage import LIMIT
from .waiting import wait_until

A, B = config.INITIATOR, config.RECEIVER
# Nobody is configured to know anybody.
STRANGERS = config.Cast((A, B), {})
LINKS = (1, 2)


@scenario("discovery", "two agents without a peer in their configuration find each other; pings outlive a link; one ends, the other tells",
          120, cast=lambda options: STRANGERS)
def discovery(stage):
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
        stage.start(agent)
    for agent, other in ((stage.initiator, B), (stage.receiver, A)):
        stage.wait(agent, "peerAppeared", peer=config.mld_address(other))
        for link in LINKS:
            stage.wait(agent, "linkAlive", link=link)
    stage.note("peers", {node: peers(stage, agent) for node, agent in stage.agents.items()})
    # While the kernel asks for an address, packets wait, and later ones may overtake them.
    run(*stage.air.inside(A, "busybox", "ping", "-c", "1", config.host_address(B)))
    with subprocess.Popen(
            stage.air.inside(A, sys.executable, "-S", "-E", "-B", pinger.__file__, config.host_address(B), "200", "20"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        stage.act("ping", "a pings b, 200 times in 4 s", time.sleep, 2)
        link = own_link(stage)
        at = stage.act("loss", f"link {link} goes deaf, its interfaces stay up", stage.air.deafen, A, link)
        stage.wait(stage.initiator, "rebuilt", since=at, role="initiator", tid=0)
        printed = process.stdout.read()
    stage.note("ping", json.loads(printed))
    stage.note("neighbours", run("ip", "-n", stage.air.namespace(A), "neigh", "show", "dev", config.HOST_INTERFACE))
    stage.stop(stage.receiver)
    stage.wait(stage.initiator, "peerVanished", since=stage.record["actions"][-1]["monotonicNanoseconds"], peer=config.mld_address(B))
    stage.note("left", peers(stage, stage.initiator))
    stage.stop(stage.initiator)


def own_link(stage):
    """The link on which agent a's own session of TID 0 lives."""
    links = []
    wait_until(lambda: links.extend(
        session["link"] for session in stage.initiator.status().get("sessions", [])
        if (session["state"], session["role"], session["tid"]) == ("live", "initiator", 0)) or links,
        LIMIT, "agent a's session is live", step=0.1)
    return links[0]


def peers(stage, agent):
    """What `relink peers --json` says."""
    done = subprocess.run([agent.relink, "peers", "--control", agent.control, "--json"],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=True)
    return json.loads(done.stdout)
