"""Causes that can keep two devices from having keys, and the check that both of them say so."""

import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from typing import Any

from ..checked import Check
from ..evidence import Evidence
from ..guest import attacks, config
from ..guest.agents import Agent
from ..guest.air import LINKS
from ..guest.attacking import Attacker
from ..guest.programs import Program
from ..guest.stage import Stage
from ..judging import Checks
from ..scenario import scenario

A, B = config.INITIATOR, config.RECEIVER
LIMIT = 30
OTHERS = {"a": "c", "b": "d"}
# Words that each end must have said, in the sentence for people.
SAID = {
    "wrongKey": {A: "it uses another key", B: "it uses another key"},
    "noKey": {A: "it does not protect its frames", B: "this device has no key for it"},
    "unknownPeer": {A: "it does not answer", B: "its radio is none of a peer of this device"},
    "versionMismatch": {A: "it speaks another version of the protocol", B: "it speaks another version of the protocol"},
}
# Who has a stranger for a peer does not hear that one either.
UNKNOWN, SILENT = "unknownPeer", "it does not answer"
UNUSABLE = 78

# Texts of a configuration and what they become.
Changes = Iterable[tuple[str, str]]


@scenario("keys", "another key, none, an unknown peer, another version, a key file that others may read: both ends say what is wrong", 180,
          needs_key=True, records=False)
def keys(stage: Stage) -> None:
    for agent in stage.agents.values():
        # The lab's seed is for the lab's own key alone.
        agent.seed = None
    told: dict[str, dict[str, Any]] = {}
    shared = stage.options["key_file"]
    other = config.make_key(stage.initiator.relink, f"{shared}.other")
    told["wrongKey"] = both(stage, {B: ((shared, other),)}, {A: "wrongKey", B: "wrongKey"})
    told["noKey"] = both(stage, {B: ((f'key_file = "{shared}"', 'security = "open"'),)}, {A: "peerNotProtected", B: "noKeyForPeer"})
    # Agent b has somebody else under [[peers]].
    addresses = ((config.mld_address(A), config.mld_address(OTHERS[A])),
                 *((config.link_address(A, link), config.link_address(OTHERS[A], link)) for link in LINKS))
    told["unknownPeer"] = both(stage, {B: addresses}, {A: "noAnswer", B: "unknownPeer"})
    told["versionMismatch"] = {node: other_version(stage, node) for node in (A, B)}
    told["readable"] = {node: readable(stage, node) for node in (A, B)}
    stage.note("said", told)
    # With what is right they understand each other at once.
    stage.establish()
    stage.finish()


@keys.judge
def judge_keys(evidence: Evidence) -> Checks:
    """Each way not to have keys; in the end there are some."""
    told = evidence.record["notes"]["said"]
    for case, said in SAID.items():
        for node, words in said.items():
            heard = [line for line in told[case][node].splitlines() if "no keys with" in line]
            yield Check(f"{case}: agent {node} says \"{words}\"", any(words in line for line in heard), "; ".join(heard) or "nothing")
            others = [line for line in heard if words not in line and not (case == UNKNOWN and SILENT in line)]
            yield Check(f"{case}: agent {node} says nothing else", not others, "; ".join(others))
    for node, end in told["readable"].items():
        yield Check(f"readable: agent {node} does not start, and says what to do",
                    end["status"] == UNUSABLE and "open to others (mode 644)" in end["said"] and "chmod 600" in end["said"], str(end))
    start = evidence.record["actions"][-1]["monotonicNanoseconds"]
    for node in (A, B):
        alive = [event for event in evidence.events[node] if event["event"] == "established" and event["monotonicNanoseconds"] < start]
        yield Check(f"in the end agent {node} has a session, and had none before", len(alive) == 1, str(alive))


def changed(stage: Stage, node: str, changes: Changes) -> str:
    """Changes a node's configuration in some places; returns what it was."""
    agent = stage.agents[node]
    with open(agent.path + ".toml") as file:
        before = text = file.read()
    for old, new in changes:
        if old not in text:
            raise RuntimeError(f"nothing to change: {old}")
        text = text.replace(old, new)
    with open(agent.path + ".toml", "w") as file:
        file.write(text)
    return before


def restored(stage: Stage, node: str, text: str) -> None:
    """The configuration is as it was."""
    with open(stage.agents[node].path + ".toml", "w") as file:
        file.write(text)


def logged(agent: Agent, since: int) -> str:
    """What an agent has logged from some octet on."""
    with open(agent.path + ".log") as file:
        file.seek(since)
        return file.read()


def log_size(agent: Agent) -> int:
    """How long an agent's log is."""
    try:
        with open(agent.path + ".log") as file:
            return file.seek(0, 2)
    except FileNotFoundError:
        return 0


def both(stage: Stage, changes: Mapping[str, Changes], causes: Mapping[str, str]) -> dict[str, str]:
    """Both agents, some of them changed, tell why there are no keys. Returns what they logged."""
    before = {node: changed(stage, node, each) for node, each in changes.items()}
    since, sizes = time.monotonic_ns(), {node: log_size(agent) for node, agent in stage.agents.items()}
    for agent in (stage.receiver, stage.initiator):
        stage.start(agent)
    for node, cause in causes.items():
        stage.wait(stage.agents[node], "handshakeFailed", since=since, seconds=LIMIT, cause=cause)
    for agent in stage.agents.values():
        stage.stop(agent)
    for node, text in before.items():
        restored(stage, node, text)
    return {node: logged(agent, sizes[node]) for node, agent in stage.agents.items()}


def other_version(stage: Stage, node: str) -> str:
    """The peer of an agent speaks another version: it is played by the attacker's radios. Returns what the agent logged."""
    agent, since = stage.agents[node], log_size(stage.agents[node])
    stage.start(agent)
    at = stage.record["actions"][-1]["monotonicNanoseconds"]
    for link in LINKS:
        stage.wait(agent, "linkUp", since=at, link=link)
    path = f"{stage.folder}/frames.part"
    peer = B if node == A else A
    attacks.write(path, [attacks.action(attacks.address(node, 1), attacks.address(peer, 1), 1,
                                        attacks.VENDOR_SPECIFIC + attacks.OUI + b"\x06\x02\x01" + bytes(65))])
    with Attacker(stage) as radios, Program(stage, None, "attacker", "send", path, 10, 2, *radios.names.values()) as program:
        program.wait()
        stage.wait(agent, "handshakeFailed", since=at, cause="versionMismatch")
    stage.stop(agent)
    return logged(agent, since)


def readable(stage: Stage, node: str) -> dict[str, Any]:
    """An agent whose key file others may read does not start. Returns what it said, and its exit status."""
    agent = stage.agents[node]
    stage.act(f"open {node}", "everybody may read the key file", os.chmod, stage.options["key_file"], 0o644)
    try:
        done = subprocess.run(stage.air.inside(node, agent.relink, "run", agent.path + ".toml"), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LIMIT)
    finally:
        os.chmod(stage.options["key_file"], 0o600)
    return {"status": done.returncode, "said": done.stdout + done.stderr}
