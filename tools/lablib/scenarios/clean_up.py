"""Remains of an agent, however it ends."""

import re
import signal

from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.config import HOST_INTERFACE
from ..guest.stage import Stage
from ..judging import Checks, difference
from ..scenario import scenario


@scenario("clean-up", "ended by SIGTERM, SIGINT and SIGKILL, the agent leaves nothing behind, or the next start takes it over")
def clean_up(stage: Stage) -> None:
    agent = stage.initiator
    agent.configure(config.host_section(agent.node))
    snapshots = {"before": stage.air.snapshot(agent.node)}

    def up() -> None:
        stage.start(agent)
        at = stage.record["actions"][-1]["monotonicNanoseconds"]
        for link in (1, 2):
            stage.wait(agent, "linkUp", since=at, link=link)

    for name in ("SIGTERM", "SIGINT"):
        up()
        snapshots[f"running before {name}"] = stage.air.settled(agent.node)
        stage.stop(agent, getattr(signal, name))
        snapshots[name] = stage.air.snapshot(agent.node)
    up()
    stage.act("kill", "agent a is killed (SIGKILL)", agent.stop, signal.SIGKILL)
    snapshots["SIGKILL"] = stage.air.snapshot(agent.node)
    up()
    snapshots["running after SIGKILL"] = stage.air.settled(agent.node)
    stage.stop(agent)
    snapshots["after all"] = stage.air.snapshot(agent.node)
    stage.note("snapshots", snapshots)


@clean_up.judge
def judge_clean_up(evidence: Evidence) -> Checks:
    """Whatever ends the agent, nothing is left behind, or the next start takes it over."""
    snapshots = evidence.record["notes"]["snapshots"]
    for name in ("SIGTERM", "SIGINT", "after all"):
        yield Check(f"after {name} the interfaces are as before", snapshots[name] == snapshots["before"],
                    difference({"a": snapshots["before"]}, {"a": snapshots[name]}))
    left = [line for line in snapshots["SIGKILL"] if line.startswith(HOST_INTERFACE + ":")]
    there = [line for line in snapshots["running before SIGTERM"] if line.startswith(HOST_INTERFACE + ":")]
    yield Check(f"{HOST_INTERFACE} goes with the process, even after SIGKILL", bool(there) and not left, f"{there}, then {left}")
    yield Check("the start after SIGKILL takes over what was left",
                unnumbered(snapshots["running after SIGKILL"]) == unnumbered(snapshots["running before SIGTERM"]),
                difference({"a": snapshots["running before SIGTERM"]}, {"a": snapshots["running after SIGKILL"]}))


def unnumbered(snapshot: list[str]) -> list[str]:
    """A snapshot without what differs from one making of an interface to the next."""
    return sorted(re.sub(r"permaddr \S+|alias relink \d+|brd \S+", "", line) for line in snapshot)
