"""The stage of one run of one scenario: agents, witness, a record of what was done when."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any, ParamSpec, Protocol

from ..scenario import Options, Scenario
from . import config
from .agents import Agent, wait_for_event
from .air import Air, run
from .contenders import CONTENDERS
from .control import Event
from .medium import Medium
from .waiting import wait_until
from .witness import Nobody, Witness

P = ParamSpec("P")
LIMIT = 30
COLLECT_SECONDS = 0.1
# What more agents than these tell is kept and not shown: a guest's console is slow.
SHOWN_AGENTS = 2
# So are events after these, of agents that a busy machine makes lose and find their links all the time.
SHOWN_EVENTS = 300


def records(options: Options, scenario: Scenario, run: int) -> bool:
    """Whether the agents record: those of `most` or `all` scenarios, of the `first` run alone, or where that is measured."""
    wanted, contender = options.get("record", "none"), options.get("contender")
    if contender in CONTENDERS and CONTENDERS[contender].records:
        return True
    return wanted == "all" or (wanted == "most" and scenario.records) or (wanted == "first" and run == 1)


def wall_minus_monotonic() -> int:
    """The difference of the two clocks. Read several times, since anything may come between two readings."""
    readings = []
    for _ in range(20):
        before, wall, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        readings.append((after - before, wall - (before + after) // 2))
    return min(readings)[1]


class Say(Protocol):
    """Prints a progress message."""

    def __call__(self, kind: str, /, **fields: Any) -> None: ...


class Stage:
    """What a scenario acts on. Everything it notes ends in record.json, for the judge."""

    def __init__(self, scenario: Scenario, run: int, air: Air, folder: str, relink: str, say: Say, options: Options,
                 medium: Medium | None = None) -> None:
        cast = scenario.cast(options)
        self.cast, self.air, self.folder, self.say, self.options = cast, air, folder, say, options
        self.own_medium = medium
        self.agents = {node: Agent(node, cast, air, folder, relink, records(options, scenario, run), options["key_file"],
                                   options["seed"] if options["guest"] else None)
                       for node in cast.nodes}
        self.told = 0
        self.record: dict[str, Any] = {
            "scenario": scenario.name, "acknowledgment": air.acknowledgment, "channels": air.channels, "run": run, "kernel": os.uname().release,
            "nodes": list(cast.nodes), "clock": options["clock"], "processor": options["processor"], "identity": options["identity"],
            "hasKey": bool(options["key_file"]),
            "options": {key: options[key] for key in ("rate", "size", "seconds", "seed", "losses")},
            # Adding this to a monotonic reading gives the wall clock of the capture.
            "wallMinusMonotonicNanoseconds": wall_minus_monotonic(),
            "actions": [], "exits": [], "notes": {}, "error": None,
        }

    @property
    def initiator(self) -> Agent:
        """The agent that asks for the session of most scenarios."""
        return self.agents[config.INITIATOR]

    @property
    def receiver(self) -> Agent:
        """Its peer."""
        return self.agents[config.RECEIVER]

    @property
    def medium(self) -> Medium:
        """The medium of a scenario that states one."""
        if self.own_medium is None:
            raise RuntimeError("the scenario states no medium")
        return self.own_medium

    def act(self, name: str, what: str, function: Callable[P, object], *arguments: P.args, **named: P.kwargs) -> int:
        """Does something to the radios or the agents, and notes when. Returns the monotonic time right before it."""
        at = time.monotonic_ns()
        value = function(*arguments, **named)
        self.record["actions"].append({"name": name, "monotonicNanoseconds": at, "what": what})
        self.say("action", text=what, monotonicNanoseconds=at)
        if isinstance(value, int) and name.startswith("stop"):
            self.record["exits"].append({"name": name, "status": value})
        return at

    def start(self, agent: Agent) -> None:
        """Starts an agent and waits until it listens."""
        self.act(f"start-{agent.node}", f"agent {agent.node} is started", agent.start)

    def stop(self, agent: Agent, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """Ends an agent with a signal and notes its exit status."""
        self.act(f"stop-{agent.node}", f"agent {agent.node} is told to end", agent.stop, with_signal)

    def wait(self, agent: Agent, *kinds: str, since: int = 0, seconds: float = LIMIT, **fields: Any) -> Event:
        """Waits until an agent tells one of these events."""
        return wait_for_event(list(self.agents.values()), agent, kinds, since, seconds, on_event=self._told, **fields)

    def collect(self) -> None:
        """Takes in what the agents told meanwhile."""
        for agent in self.agents.values():
            for event in agent.read_events():
                self._told(agent.node, event)

    def pause(self, seconds: float) -> None:
        """Time passes, while what the agents tell is taken in: a follower that is not read from for long is cut off by its agent."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, COLLECT_SECONDS))
            self.collect()

    def _told(self, node: str, event: Event) -> None:
        self.told += 1
        if len(self.agents) > SHOWN_AGENTS or self.told > SHOWN_EVENTS:
            return
        self.say("event", node=node, event=event)

    def establish(self) -> None:
        """Both agents up, every link answering on both sides, one session on it."""
        self.start(self.receiver)
        self.start(self.initiator)
        self.wait(self.initiator, "established")
        self.wait(self.receiver, "established")
        for agent in self.agents.values():
            for _, link in filter(lambda radio: radio[0] == agent.node, self.air.radios):
                self.wait(agent, "linkAlive", link=link)

    def know_neighbours(self) -> None:
        """Each host gets the other one's address below IP: while a kernel asks for one, packets wait, and later ones may overtake them."""
        for node, peer in ((config.INITIATOR, config.RECEIVER), (config.RECEIVER, config.INITIATOR)):
            run("ip", "-n", self.air.namespace(node), "neigh", "replace", config.host_address(peer), "lladdr", config.mld_address(peer),
                "dev", config.HOST_INTERFACE)

    def session_link(self, **fields: Any) -> int:
        """The link that agent a's session lives on, or the first one whose status has these fields."""

        def links() -> list[int]:
            live = [each for each in self.initiator.status().get("sessions", []) if each["state"] == "live"]
            return [each["link"] for each in live if all(each[key] == value for key, value in fields.items())]

        return wait_until(links, LIMIT, "agent a's session is live", step=0.1)[0]

    def alive(self, link: int) -> None:
        """Waits until both agents hold a link for alive; one that never noticed its loss tells no event."""
        for agent in self.agents.values():
            def is_alive(agent: Agent = agent) -> bool:
                return health(agent.status(), link) == {"alive"}

            wait_until(is_alive, LIMIT, f"agent {agent.node} holds link {link} for alive", step=0.1)
        self.collect()

    def is_quiet(self) -> bool:
        """True if nothing is queued at agent a any more."""
        return not any(session["queued"] for session in self.initiator.status().get("sessions", []))

    def finish(self) -> None:
        """Status of both, then both are ended as a user would end them."""
        for agent in self.agents.values():
            agent.status()
        for agent in self.agents.values():
            self.stop(agent)

    def note(self, name: str, value: Any) -> None:
        """Keeps something measured for the judge."""
        self.record["notes"][name] = value


def health(status: dict[str, Any], link: int) -> set[str]:
    """How a link to each peer does."""
    return {each["health"] for peer in status.get("peers", []) for each in peer["links"] if each["id"] == link}


def perform(scenario: Scenario, stage: Stage, witness: Witness | Nobody, folder: str) -> None:
    """Plays a scenario on a stage with the witness listening; whatever goes wrong is in the record, nothing is left."""
    record = stage.record
    nodes = list(stage.agents)
    try:
        before = {node: stage.air.snapshot(node) for node in nodes}
        with witness, stage.own_medium or contextlib.nullcontext():
            try:
                scenario.play(stage)
            finally:
                for agent in stage.agents.values():
                    agent.clear()
        record["witnessDropped"] = witness.dropped()
        record["before"], record["after"] = before, {node: stage.air.snapshot(node) for node in nodes}
    except Exception as error:  # a broken scenario is a failed run, and the others go on
        record["error"] = str(error) or type(error).__name__
    record["medium"] = stage.own_medium and stage.own_medium.counters
    with open(f"{folder}/record.json", "w") as file:
        json.dump(record, file, indent=1)
    stage.air.heal()
