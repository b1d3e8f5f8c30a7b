"""The scenarios, each a function that acts on a `Stage`. How each is judged stands in judge.py under the same name."""

import json
import signal
import subprocess
import sys
import time

from . import config, ping as pinger
from .air import run

SCENARIOS = {}


def scenario(name, summary, seconds=60, lasts=0, cast=lambda options: config.PAIR, heard="", medium=None,
             security=None):
    """Registers a scenario. `seconds` is the most that one run may take, whatever waits in it add up to, and `lasts` what is
    added where --seconds says nothing, or a function that tells it from the options. `cast` makes the nodes from the options,
    `heard` is all that the witness keeps; `None` is no witness. With `medium`, a list of settings to begin with, the radios hear
    each other through `relink-medium`, which is `stage.medium`. `security` is how frames are protected, where the scenario is about
    that, whatever --security says."""

    def register(function):
        function.summary, function.seconds, function.lasts = summary, seconds, lasts
        function.cast, function.heard, function.medium, function.security = cast, heard, medium, security
        SCENARIOS[name] = function
        return function

    return register


def seconds_of(options, name):
    """How long the part of a scenario lasts that --seconds is about; nothing for the others."""
    lasts = SCENARIOS[name].lasts
    if callable(lasts):
        return lasts(options)
    return (options["seconds"] or lasts) if lasts else 0


@scenario("up-but-dead", "link 1 goes deaf while its interfaces stay up; the session is rebuilt on link 2")
def up_but_dead(stage):
    stage.establish()
    at = stage.act("loss", "link 1 goes deaf, its interfaces stay up", stage.air.deafen, config.INITIATOR, 1)
    rebuilt(stage, at)


@scenario("interface-down", "the initiator's interface on link 1 is set down; the session is rebuilt on link 2")
def interface_down(stage):
    stage.establish()
    at = stage.act("loss", "link 1's interface is set down at agent a",
                   stage.air.interface_down, config.INITIATOR, config.interface(1))
    rebuilt(stage, at)


def rebuilt(stage, at):
    """What follows the loss of link 1, however it was lost."""
    stage.wait(stage.initiator, "rebuilt", since=at)
    stage.wait(stage.receiver, "rebuilt", since=at)
    stage.finish()


@scenario("receiver-restarted", "the receiver is killed and starts knowing nothing; the session is established anew")
def receiver_restarted(stage):
    stage.establish()
    at = stage.act("kill", "agent b is killed (SIGKILL)", stage.receiver.stop, signal.SIGKILL)
    stage.start(stage.receiver)
    stage.wait(stage.initiator, "establishedAnew", since=at)
    stage.wait(stage.receiver, "established", "establishedAnew", since=at)
    stage.finish()


@scenario("ping", "a pings b through the TAP interfaces while link 1 goes deaf; no packet is lost, none is doubled")
def ping(stage):
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
    stage.establish()
    source, target = config.INITIATOR, config.host_address(config.RECEIVER)
    # While the kernel asks for an address, packets wait, and later ones may overtake them.
    run(*stage.air.inside(source, "busybox", "ping", "-c", "1", target))
    with subprocess.Popen(
            stage.air.inside(source, sys.executable, "-S", "-E", "-B", pinger.__file__, target, "400", "10"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        stage.act("ping", "a pings b, 400 times in 4 s", time.sleep, 2)
        at = stage.act("loss", "link 1 goes deaf, its interfaces stay up", stage.air.deafen, source, 1)
        stage.wait(stage.initiator, "rebuilt", since=at)
        printed = process.stdout.read()
    stage.note("ping", json.loads(printed))
    stage.note("neighbours", run("ip", "-n", stage.air.namespace(source), "neigh", "show", "dev", config.HOST_INTERFACE))
    stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
    stage.finish()


@scenario("idle", "nothing happens; nothing is lost, nothing grows, hardly any processor time is used (--seconds)", 240, 20)
def idle(stage):
    stage.establish()
    # The first seconds fill caches and pools, and growth is what comes after them; then the heartbeats slow down.
    time.sleep(7)
    stage.collect()
    at = time.monotonic_ns()
    before = {node: agent.usage() for node, agent in stage.agents.items()}
    stage.act("idle", f"nothing is done for {stage.options['seconds']} s", time.sleep, stage.options["seconds"])
    stage.note("usage", {node: {"before": before[node], "after": agent.usage()} for node, agent in stage.agents.items()})
    stage.note("core", stage.options["core"])
    stage.note("nanoseconds", time.monotonic_ns() - at)
    stage.collect()
    stage.finish()


@scenario("clean-up", "ended by SIGTERM, SIGINT and SIGKILL, the agent leaves nothing behind, or the next start takes it over")
def clean_up(stage):
    agent = stage.initiator
    agent.configure(config.host_section(agent.node))
    snapshots = {"before": stage.air.snapshot(agent.node)}

    def up():
        stage.start(agent)
        at = stage.record["actions"][-1]["monotonicNanoseconds"]
        for link in (1, 2):
            stage.wait(agent, "linkUp", since=at, link=link)

    for name in ("SIGTERM", "SIGINT"):
        up()
        snapshots[f"running before {name}"] = stage.air.snapshot(agent.node)
        stage.stop(agent, getattr(signal, name))
        snapshots[name] = stage.air.snapshot(agent.node)
    up()
    stage.act("kill", "agent a is killed (SIGKILL)", agent.stop, signal.SIGKILL)
    snapshots["SIGKILL"] = stage.air.snapshot(agent.node)
    up()
    snapshots["running after SIGKILL"] = stage.air.snapshot(agent.node)
    stage.stop(agent)
    snapshots["after all"] = stage.air.snapshot(agent.node)
    stage.note("snapshots", snapshots)
