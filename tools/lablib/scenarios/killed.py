"""An agent is killed again and again, on radios on which somebody else has interfaces, too."""

import contextlib
import random
import signal
import time
from collections.abc import Iterator

from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.air import Air, run
from ..guest.config import INITIATOR
from ..guest.stage import Stage
from ..guest.waiting import Timeout, wait_until
from ..judging import NODES, Checks, difference, settled
from ..scenario import Options, scenario

# Without --losses.
KILLS = 20
# Every so many starts the agent is killed before it has made its radios, which takes it about as long as EARLY, in seconds; otherwise
# up to LATE after its session was established.
EARLY_EVERY, EARLY, LATE = 4, 0.03, 0.2
# The kernel removes the interfaces of a program that ended; time that it may take, in seconds.
REMOVAL = 2
# On the initiator's radio of link 1, with a name such as agents use, and on a radio that no agent uses.
BESIDE, ELSEWHERE = "relink7", "other0"


def kills(options: Options) -> int:
    """The number of times that the agent is killed."""
    return int(options["losses"] or KILLS)


@contextlib.contextmanager
def interfaces_of_others(air: Air) -> Iterator[None]:
    """While it lasts, the initiator's namespace has interfaces of somebody else: a station, down, on the radio of link 1, and a monitor, up,
    on a radio of its own."""
    phy = air.spare[-1]
    run("iw", "phy", phy, "set", "netns", "name", air.namespace(INITIATOR))
    try:
        for radio, name, kind in ((air.radios[INITIATOR, 1], BESIDE, "managed"), (phy, ELSEWHERE, "monitor")):
            run(*air.inside(INITIATOR, "iw", "phy", radio, "interface", "add", name, "type", kind))
        run("ip", "-n", air.namespace(INITIATOR), "link", "set", ELSEWHERE, "alias", "somebody's", "up")
        run(*air.inside(INITIATOR, "iw", "dev", ELSEWHERE, "set", "channel", "6"))
        yield
    finally:
        for name in (BESIDE, ELSEWHERE):
            air.delete_interface(INITIATOR, name)
        run(*air.inside(INITIATOR, "iw", "phy", phy, "set", "netns", "1"))


@scenario("killed", "the initiator is killed (SIGKILL) again and again, as it starts and as it works: each start finds clean radios, establishes the "
          "session again, and leaves interfaces of others alone (--losses)", 120, kills, records=False)
def killed(stage: Stage) -> None:
    agent, luck = stage.initiator, random.Random(stage.options["seed"])
    left: list[list[str]] = []
    working: list[list[str]] = []

    def establish() -> None:
        at = stage.act(f"start {agent.starts}", f"agent {agent.node} is started", agent.start)
        for each in stage.agents.values():
            stage.wait(each, "established", since=at)
        working.append(stage.air.snapshot(agent.node))

    with interfaces_of_others(stage.air):
        before = stage.air.snapshot(agent.node)
        stage.start(stage.receiver)
        for number in range(kills(stage.options)):
            if number % EARLY_EVERY == EARLY_EVERY - 1:
                agent.launch()
                time.sleep(luck.uniform(0, EARLY))
            else:
                establish()
                time.sleep(luck.uniform(0, LATE))
            stage.act(f"kill {number}", f"agent {agent.node} is killed (SIGKILL)", agent.stop, signal.SIGKILL)
            left.append(remains(stage, before))
        establish()
        stage.note("snapshots", {"before": before, "left": left, "working": working})
        stage.finish()


def remains(stage: Stage, before: list[str]) -> list[str]:
    """The initiator's interfaces when the kernel has removed those of a program that ended, or has had the time for it."""
    seen: list[list[str]] = []

    def is_clean() -> bool:
        seen.append(stage.air.snapshot(INITIATOR))
        return seen[-1] == before

    with contextlib.suppress(Timeout):
        wait_until(is_clean, REMOVAL, "the interfaces are as before")
    return seen[-1]


@killed.judge
def judge_killed(evidence: Evidence) -> Checks:
    """Between an end and the next start the radios are clean; interfaces of others are never touched; each start establishes the session."""
    snapshots = evidence.record["notes"]["snapshots"]
    before: list[str] = snapshots["before"]
    asked = kills(evidence.record["options"])
    dirty = [number for number, left in enumerate(snapshots["left"]) if left != before]
    yield Check("after each kill the interfaces are as before", len(snapshots["left"]) == asked and not dirty,
                f"{len(snapshots['left'])} of {asked}; " + "; ".join(
                    f"kill {number}: {difference({INITIATOR: before}, {INITIATOR: snapshots['left'][number]})}" for number in dirty[:3]))
    names = [name for name in (BESIDE, ELSEWHERE) if not any(line.startswith(f"{name}:") for line in before)]
    yield Check("there are interfaces of others", not names, ", ".join(names))
    touched = [line for working in snapshots["working"] for line in before if line not in working]
    yield Check("while the agent works, interfaces of others are as before", not touched, "; ".join(sorted(set(touched))[:3]))
    bare = [working for working in snapshots["working"] if not any(line.startswith(f"{config.interface(1)}:") for line in working)]
    yield Check("while it works it has interfaces of its own", bool(snapshots["working"]) and not bare, str(bare[:1]))
    starts = [action["monotonicNanoseconds"] for action in evidence.record["actions"] if action["name"].startswith("start ")]
    yield Check("it works between one kill and the next", len(starts) == asked - asked // EARLY_EVERY + 1, str(len(starts)))
    told = {node: [event["session"] for event in evidence.events[node] if event["event"] == "established"] for node in NODES}
    # One that is killed as it starts may have asked for a session that the receiver alone tells of.
    told = {node: [event["session"] for event in evidence.events[node] if event["event"] == "established"] for node in NODES}
    own = told[INITIATOR]
    yield Check("each start establishes another session, the same at both ends",
                len(set(own)) == len(starts) and own == [session for session in told[config.RECEIVER] if session in own],
                ", ".join(f"{node}: {len(each)}" for node, each in told.items()) + f" of {len(starts)}")
    yield from settled(Evidence(evidence.record, {config.RECEIVER: evidence.events[config.RECEIVER]}, []))
