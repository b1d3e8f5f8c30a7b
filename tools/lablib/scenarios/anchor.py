"""Faults of the access points that hold the radios; and agents that are on different channels."""

import time
from collections.abc import Callable

from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.config import INITIATOR, RECEIVER
from ..guest.stage import Stage, health
from ..judging import BEACON, NODES, Checks, on_own_channel, same_session, settled
from ..scenario import RADIOS, scenario

LINK = 1
ANCHOR = config.interface(LINK) + "a"
# The actions, and the cause that the agent must tell for each.
FATES = {"stop": "channelChanged", "move": "channelChanged", "delete": "interfaceRemoved", "down": "interfaceDown"}
# Time that agents that can't meet are left alone, in seconds.
APART = 10


@scenario("anchor-lost", "the access point that holds the initiator's radio of link 1 is stopped, moved, deleted and set down: nothing goes "
          "out on another channel, and link 1 comes back by itself", 120, acknowledgments=("mac", "contexts"), records=False)
def anchor_lost(stage: Stage) -> None:
    stage.establish()
    air, agent = stage.air, stage.initiator

    def befall(name: str, what: str, action: Callable[..., None], *arguments: object) -> int:
        at = stage.act(name, what, action, *arguments)
        stage.wait(agent, "linkDown", since=at, link=LINK)
        return at

    def comes_back(at: int) -> None:
        stage.wait(agent, "linkUp", since=at, link=LINK)
        stage.alive(LINK)

    comes_back(befall("stop", "somebody stops the access point", air.stop_access_point, INITIATOR, ANCHOR))
    comes_back(befall("move", "somebody stops it and starts it on channel 6", air.retune, INITIATOR, config.interface(LINK), 6))
    comes_back(befall("delete", "somebody deletes it", air.delete_interface, INITIATOR, ANCHOR))
    befall("down", "somebody sets it down", air.interface_down, INITIATOR, ANCHOR)
    time.sleep(2)
    stage.note("while down", agent.status()["links"])
    comes_back(stage.act("up", "somebody sets it up again", air.interface_up, INITIATOR, ANCHOR))
    stage.finish()


@anchor_lost.judge
def judge_anchor_lost(evidence: Evidence) -> Checks:
    """The agent tells each loss with its cause, sends nothing until the access point holds the radio again, and never elsewhere."""
    yield same_session(evidence)
    for name, cause in FATES.items():
        at = evidence.done(name)
        told = evidence.event(INITIATOR, "linkDown", since=at)
        yield Check(f"{name}: the agent tells the loss, with the cause {cause}", told is not None and told.get("cause") == cause, str(told))
        back = evidence.event(INITIATOR, "linkUp", since=told["monotonicNanoseconds"] if told else at)
        sent = [frame for frame in evidence.frames if frame.sender() == INITIATOR and frame.link == LINK and frame.subtype != BEACON and told
                and back and told["monotonicNanoseconds"] < frame.nanoseconds < back["monotonicNanoseconds"]]
        # The trial of a radio that is made anew sends to an address that nobody has.
        sent = [frame for frame in sent if config.node_with(frame.receiver, LINK)]
        yield Check(f"{name}: nothing is sent on link {LINK} until the access point is back", back is not None and not sent,
                    ", ".join(map(str, sent)))
    links = {link["id"]: link for link in evidence.record["notes"]["while down"]}
    yield Check("while it is down the link is down, and its problem is told to be that", links[LINK]["state"] == "down", str(links[LINK]))
    yield on_own_channel(evidence)
    yield from settled(evidence)


@scenario("apart", "link 1 is on channel 1 at one agent and on channel 6 at the other: they never meet there, whatever holds the radios", 60,
          acknowledgments=RADIOS, records=False)
def apart(stage: Stage) -> None:
    with open(stage.receiver.path + ".toml") as file:
        text = file.read()
    with open(stage.receiver.path + ".toml", "w") as file:
        file.write(text.replace("channel = 1\n", "channel = 6\n"))
    for agent in (stage.receiver, stage.initiator):
        stage.start(agent)
    for agent in stage.agents.values():
        stage.wait(agent, "linkAlive", link=2)
    time.sleep(APART)
    stage.note("health", {node: sorted(health(agent.status(), LINK)) for node, agent in stage.agents.items()})
    stage.finish()


@apart.judge
def judge_apart(evidence: Evidence) -> Checks:
    """Neither receives the other on link 1, and link 2 works."""
    yield Check("neither agent finds the other on link 1", evidence.record["notes"]["health"] == {node: ["unknown"] for node in NODES},
                str(evidence.record["notes"]["health"]))
    met = [event for node in NODES for event in evidence.events[node] if event["event"] == "linkAlive" and event["link"] == LINK]
    yield Check("nor did at any time", not met, str(met[:1]))
    wanted = {(INITIATOR, 1): 2412, (RECEIVER, 1): 2437, (INITIATOR, 2): 2462, (RECEIVER, 2): 2462}
    seen: dict[tuple[str, int], set[int]] = {}
    for frame in evidence.frames:
        for link in (1, 2):
            if node := config.node_with(frame.transmitter, link):
                seen.setdefault((node, link), set()).add(frame.frequency)
    yield Check("on the air: each radio on its own channel", seen == {key: {value} for key, value in wanted.items()}, str(seen))
    yield from settled(evidence)
