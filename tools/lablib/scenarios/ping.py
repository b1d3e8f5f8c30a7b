"""The host pings through the TAP interfaces while a link goes deaf."""

import json
import subprocess
import time

from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.air import run
from ..guest.config import HOST_INTERFACE, INITIATOR, RECEIVER, host_address, mld_address
from ..guest.programs import python
from ..guest.stage import Stage
from ..judging import FOREVER, Checks
from ..scenario import scenario


@scenario("ping", "a pings b through the TAP interfaces while link 1 goes deaf; no packet is lost, none is doubled",
          securities=("psk", "open"))
def ping(stage: Stage) -> None:
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
    stage.establish()
    source, target = config.INITIATOR, config.host_address(config.RECEIVER)
    # While the kernel asks for an address, packets wait, and later ones may overtake them.
    run(*stage.air.inside(source, "busybox", "ping", "-c", "1", target))
    with subprocess.Popen(
            stage.air.inside(source, *python("ping"), target, "400", "10"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        stage.act("ping", "a pings b, 400 times in 4 s", time.sleep, 2)
        at = stage.act("loss", "link 1 goes deaf, its interfaces stay up", stage.air.deafen, source, 1)
        stage.wait(stage.initiator, "rebuilt", since=at)
        printed, _ = process.communicate()
    stage.note("ping", json.loads(printed))
    stage.note("neighbours", run("ip", "-n", stage.air.namespace(source), "neigh", "show", "dev", config.HOST_INTERFACE))
    stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
    stage.finish()


@ping.judge
def judge_ping(evidence: Evidence) -> Checks:
    """The host's packets outlive the link: both sessions of TID 0, the one for requests and the one for replies, are rebuilt."""
    notes, loss = evidence.record["notes"], evidence.done("loss")
    fate = notes["ping"]
    yield Check("the loss came in the middle", fate["firstNanoseconds"] < loss < fate["lastNanoseconds"], str(fate))
    yield Check("every packet was answered", fate["sent"] > 0 and not fate["lost"],
                f"{len(fate['lost'])} of {fate['sent']} lost, the first is {fate['lost'][:1]}")
    yield Check("no packet was doubled", not fate["doubled"], str(fate["doubled"][:8]))
    yield Check("the answers came in order", fate["inOrder"], "not in order")
    neighbour = f"{host_address(RECEIVER)} lladdr {mld_address(RECEIVER)}"
    yield Check("the peer's MLD address was found by ARP", neighbour in notes["neighbours"], notes["neighbours"].strip())
    for node in (INITIATOR, RECEIVER):
        yield from carried(evidence, node, loss)
        interface = notes["status"][node].get("interface", {})
        counters = interface.get("counters", {})
        carried_all = all(counters.get(key, 0) >= fate["sent"] for key in ("fromHost", "toHost"))
        faults = {key: counters.get(key) for key in ("queueFull", "hostBusy", "spoofed", "misdirected") if counters.get(key)}
        yield Check(f"{HOST_INTERFACE} of agent {node} carried all of it and dropped nothing", carried_all and not faults, str(interface))


def carried(evidence: Evidence, node: str, loss: int) -> Checks:
    """A node's own session of TID 0 went through the loss, and is the same afterwards."""
    stop = evidence.action("stop-a") or FOREVER
    own = [event for event in evidence.events[node] if event.get("tid") == 0 and event.get("role") == "initiator"
           and event["monotonicNanoseconds"] < stop]
    kinds = ("established", "interrupted", "rebuilt", "establishedAnew", "ended")
    told = [event["event"] for event in own if event["event"] in kinds]
    yield Check(f"agent {node}'s session was established once and rebuilt once", told == ["established", "interrupted", "rebuilt"],
                ", ".join(told))
    links = [event.get("link") for event in own if event["event"] == "rebuilt" and event["monotonicNanoseconds"] >= loss]
    yield Check(f"agent {node}'s session lives on link 2", links[-1:] == [2] and len({event["session"] for event in own}) == 1,
                str(links))
