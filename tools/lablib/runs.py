"""Plays runs of scenarios on machines, and judges what they left behind."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from . import evidence, judging
from .building import build, swift_build
from .checked import Check
from .machines import Machine, Programs, UMLMachine
from .paths import ROOT
from .replay import replayed
from .scenario import OPTIONS, Scenario, discover

BINARY = os.path.join(ROOT, ".build", "release", "relink")
MEDIUM = os.path.join(ROOT, ".build", "release", "relink-medium")
TESTS = os.path.join(ROOT, ".build", "debug", "relinkPackageTests.xctest")
RUN_SECONDS = 120

OnMessage = Callable[[dict[str, Any]], None]


class Run:
    """One run of one scenario: on which machine, how radios acknowledge, how frames are protected, from which seed. `contender` says what
    takes part in it where that is not fixed."""

    def __init__(self, scenario: Scenario, machine: Machine, acknowledgment: str, number: int, out: str, options: Mapping[str, Any],
                 security: str | None = None, contender: str | None = None, clock: str | None = None) -> None:
        self.scenario, self.machine, self.acknowledgment, self.number, self.contender = scenario, machine, acknowledgment, number, contender
        self.security = security or scenario.securities[0]
        # Only the kernel as a program has another clock than the host's.
        self.clock = (clock or scenario.clock) if isinstance(machine, UMLMachine) else "real"
        self.options = {**options, "security": self.security, "seed": options["seed"] + number - 1, "clock": self.clock}
        self.folder = os.path.join(out, f"{scenario.name}-{contender or acknowledgment}-{self.security}-{machine.name}-{number}")
        self.checks: list[Check] = []
        self.evidence: evidence.Evidence | None = None
        # Why its guest did not end well.
        self.fault = ""

    @property
    def passed(self) -> bool:
        """Whether all checks hold."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def limit(self) -> float:
        """The most seconds of real time that it may take."""
        return max(RUN_SECONDS, self.scenario.seconds) + self.scenario.lasting(self.options)

    def job(self, folder: str) -> dict[str, Any]:
        """The job for the driver, with its evidence in a folder of the guest."""
        label = {"security": self.security, "machine": self.machine.name} | ({"contender": self.contender} if self.contender else {})
        return {"scenario": self.scenario.name, "acknowledgment": self.acknowledgment, "run": self.number, "folder": folder, "label": label,
                "options": {**self.options, **({"contender": self.contender} if self.contender else {})}}

    def judge(self, relink: str) -> None:
        """Reads the evidence and judges it, and has the agent's program replay what was recorded."""
        if not os.path.exists(os.path.join(self.folder, "record.json")):
            self.checks = [Check("the scenario was played", False, self.fault or "the guest ended before it")]
            return
        self.evidence = evidence.load(self.folder)
        faults = [Check("the guest ended well", False, self.fault)] if self.fault else []
        self.checks = [*faults, *judging.judge(self.evidence), *replayed(self.folder, relink)]

    def command(self) -> str:
        """The command that plays exactly this run again."""
        clock = [f"--clock {self.clock}"] if isinstance(self.machine, UMLMachine) else []
        named = {key: value for key, value in self.options.items()
                 if key in OPTIONS and key not in ("seed", "security", "record", "clock") and value != OPTIONS[key]}
        words = [f"--{key}" if value is True else f"--{key} {value}" for key, value in ({"seed": self.options["seed"]} | named).items()]
        what = ["tools/bench", self.scenario.name, "--contenders", self.contender, "--rounds 1"] if self.contender else \
            ["tools/lab", self.scenario.name, "--acknowledgment", self.acknowledgment]
        return " ".join([*what, f"--security {self.security}", self.machine.option, *clock, *words])

    def __str__(self) -> str:
        kind = self.contender or self.acknowledgment
        return f"{self.scenario.name}, {kind}, {self.security}, {self.machine.name}, run {self.number}"

    def line(self) -> str:
        """The verdict in one line, with the evidence of what failed and the command that plays it again."""
        failed = [f"{check.name}: {check.evidence or 'no'}" for check in self.checks if not check.passed]
        told = self.evidence and self.evidence.record["notes"].get("told")
        again = [f"again: {self.command()}"] if failed else []
        first = f"{'ok    ' if self.passed else 'FAILED'} {self}" + (f": {told}" if told else "")
        return "\n       ".join([first, *failed, *again])

    def json(self) -> dict[str, Any]:
        """The verdict for scripts."""
        return {"scenario": self.scenario.name, "acknowledgment": self.acknowledgment, "security": self.security, "kernel": self.machine.name,
                "run": self.number, "clock": self.clock, "seed": self.options["seed"], "passed": self.passed, "folder": self.folder,
                "command": self.command(), "checks": [{"name": c.name, "passed": c.passed, "evidence": c.evidence} for c in self.checks]}


def build_agent() -> str:
    """Builds the agent for the guest."""
    return build(BINARY, "the agent")


def build_medium() -> str:
    """Builds the medium for the guest."""
    return build(MEDIUM, "the medium")


def build_tests() -> str:
    """Builds the tests for the guest, which gets the libraries that they need, too."""
    swift_build("the tests", "--build-tests")
    return TESTS


def needs_medium(names: list[str]) -> bool:
    """Whether one of these scenarios wants a medium of its own."""
    return any(discover()[name].medium is not None for name in names)


def play(runs: list[Run], out: str, on_message: OnMessage, relink: str, tests: str | None = None, medium: str | None = None,
         on_verdict: Callable[[Run], None] = lambda run: None) -> None:
    """Plays the runs, judges them, and replays what the agents recorded. `on_message` gets each progress message of the drivers.
    `tests` is the program with the tests and `medium` the medium, for the runs that need them."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)

    def on_line(line: str) -> None:
        if line.startswith("@lab "):
            try:
                return on_message(json.loads(line[5:]))
            except json.JSONDecodeError:
                pass
        on_message({"kind": "output", "text": line})

    def judged(run: Run) -> None:
        run.judge(relink)
        on_verdict(run)

    with tempfile.TemporaryDirectory(prefix="relink-lab-") as scratch:
        programs = Programs(scratch, relink, tests, medium)
        for machine in dict.fromkeys(run.machine for run in runs):
            machine.play([run for run in runs if run.machine is machine], programs, OPTIONS, on_line, judged)
    with open(os.path.join(out, "results.json"), "w") as file:
        json.dump([run.json() for run in runs], file, indent=1)
