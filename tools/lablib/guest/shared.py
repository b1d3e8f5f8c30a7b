"""The scenario `shared`: a session on two links, each of which goes deaf in turn and comes back, while a stream goes on."""

import time

from . import config
from .air import run
from .failover import SIZE
from .programs import Program
from .scenarios import scenario
from .table import lose
from .waiting import wait_until

A, B = config.INITIATOR, config.RECEIVER
RATE = 200


@scenario("shared", "sessions shared over two links; each goes deaf in turn and comes back while a stream goes on: nothing is interrupted", 200)
def shared(stage):
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
        agent.configure('[session]\nsharing = "always"')
    stage.establish()
    both_shared(stage, 0)
    # A kernel that still asks for the address lets later packets overtake those that wait for the answer.
    run("ip", "-n", stage.air.namespace(A), "neigh", "replace", config.host_address(B), "lladdr", config.mld_address(B),
        "dev", config.HOST_INTERFACE)
    with Program(stage, B, "stream", "receive", "udp", f"{stage.folder}/arrivals.txt", SIZE) as receiver:
        receiver.wait_for_line()
        with Program(stage, A, "stream", "send", "udp", config.host_address(B), RATE, SIZE) as sender:
            time.sleep(1)
            cuts = []
            for link in (1, 2):
                at = lose(stage, link, f"loss {link}")
                stage.wait(stage.initiator, "sharedLinkLost", since=at, link=link, role="initiator")
                time.sleep(0.5)
                back = stage.act(f"back {link}", f"link {link} hears again", stage.air.hear, A, link)
                both_shared(stage, back)
                cuts.append((at, back))
                time.sleep(0.5)
            sent = int(sender.end())
        # What is on its way still arrives.
        wait_until(lambda: not any(session["queued"] for session in stage.initiator.status().get("sessions", [])), 10,
                   "nothing is queued at agent a")
        time.sleep(0.2)
        receiver.end()
    stage.note("stream", {"rate": RATE, "size": SIZE, "sent": sent, "cuts": cuts})
    stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
    stage.finish()


def both_shared(stage, since):
    """Both ends of agent a's session hold it for shared."""
    stage.wait(stage.initiator, "shared", since=since, role="initiator", tid=0)
    stage.wait(stage.receiver, "shared", since=since, role="receiver", tid=0)
