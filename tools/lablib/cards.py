"""`tools/lab --radios`: which cards are asked for, what is played on them, and the report that a user can send."""

import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import card_report
from .card_report import Result
from .guest.card_driver import LEFT, SURVEY
from .machines import HostMachine, UMLMachine
from .paths import LabError
from .runs import OnMessage, Run
from .scenario import Scenario, discover

AUTOMATIC = "auto"
PRETENDED = re.compile(r"hwsim:(\d+)")
# The addresses of links have room for nine of them, and hwsim for as many radios.
MOST_LINKS = 9
PROGRAMS = ("ip", "iw", "tc", "iperf3")


@dataclass(frozen=True)
class Request:
    """The cards that are asked for: the first half is agent a's, the second half agent b's, and the n-th of each make link n."""

    radios: tuple[str, ...]
    channels: tuple[int, ...] | None = None
    witness: str | None = None
    # The number of hwsim radios that are made in a guest, to be treated as if they were cards.
    pretend: int | None = None

    @property
    def links(self) -> int:
        """The number of links they make."""
        return len(self.radios) // 2

    def plan(self) -> dict[str, Any]:
        """The part of the driver's plan that is about the cards, with the option that plays on them again."""
        return {"radios": list(self.radios), "channels": self.channels and list(self.channels), "witness": self.witness, "pretend": self.pretend,
                "option": self.option}

    @property
    def option(self) -> str:
        """The options that ask for them."""
        radios = f"hwsim:{len(self.radios)}" if self.pretend else ",".join(self.radios)
        return " ".join([f"--radios {radios}", *([f"--channels {','.join(map(str, self.channels))}"] if self.channels else []),
                         *([f"--witness {self.witness}"] if self.witness else [])])


def request(radios: str, channels: str | None, witness: str | None) -> Request:
    """Parses the request from the words of the command line. Raises LabError."""
    if match := PRETENDED.fullmatch(radios):
        names = [f"phy{number}" for number in range(int(match[1]))]
        if witness not in (None, f"phy{len(names)}"):
            raise LabError(f"the witness of {radios} is phy{len(names)}, a radio more")
        pretend = len(names) + (1 if witness else 0)
    else:
        names, pretend = radios.split(","), None
    if "" in names or len(names) < 2 or len(names) % 2 or len(names) > 2 * MOST_LINKS:
        raise LabError(f"--radios {radios}: name 2, 4 or more radios (an even number, {2 * MOST_LINKS} at most): the first half is agent a's, the "
                       "second half agent b's; `relink links` lists them")
    every = [*names, *([witness] if witness else [])]
    if twice := sorted({name for name in every if every.count(name) > 1}):
        raise LabError(f"{twice[0]} is named twice; a radio serves one end of one link, or is the witness")
    wanted = None
    if channels is not None:
        if not all(word.isdecimal() for word in channels.split(",")) or len(channels.split(",")) != len(names) // 2:
            raise LabError(f"--channels {channels}: name a channel for each of the {len(names) // 2} links, by its number or by MHz, such as 1,36")
        wanted = tuple(map(int, channels.split(",")))
        if len(set(wanted)) < len(wanted):
            raise LabError(f"--channels {channels}: each link needs a channel of its own")
    return Request(tuple(names), wanted, witness, pretend)


def machine(asked: Request, series: str) -> HostMachine | UMLMachine:
    """The machine that the cards are in."""
    if asked.pretend:
        return UMLMachine(series, asked.plan())
    if os.geteuid() != 0:
        raise LabError("--radios needs root: it makes network namespaces and moves radios to them; use sudo")
    for name in (*PROGRAMS, *(("tcpdump", "tshark") if asked.witness else ())):
        if not shutil.which(name):
            raise LabError(f"--radios needs {name}, which is not installed; tools/setup installs what the lab needs")
    return HostMachine(asked.plan())


def scenarios() -> list[str]:
    """The names of those that can be played on cards, in the order of their file."""
    return [name for name, scenario in discover().items() if scenario.links_on_cards]


def skipped(scenario: Scenario, asked: Request) -> str | None:
    """Why a scenario can't be played on so few cards; `None` if it can."""
    if scenario.links_on_cards <= asked.links:
        return None
    return f"it needs {scenario.links_on_cards} links, that is {2 * scenario.links_on_cards} radios"


def command(asked: Request, options: Any) -> str:
    """The command line, without paths, which may name a user."""
    named = [f"--{key} {value}" for key in ("seconds", "losses", "repeat") if (value := getattr(options, key)) not in (None, 1)]
    acknowledgment = [f"--acknowledgment {options.acknowledgment}"] if options.acknowledgment != "both" else []
    security = [f"--security {options.security}"] if options.security != "all" else []
    names = options.scenarios if options.scenarios != scenarios() else []
    return " ".join(["tools/lab", *names, asked.option, *acknowledgment, *security, *named])


def left_by(run: Run, name: str) -> Any:
    """The JSON content of a file that the driver left in the folder of a run; `None` where it left no such file."""
    try:
        with open(os.path.join(run.folder, name)) as file:
            return json.load(file)
    except OSError:
        return None


def played(runs: Sequence[Run], skips: Sequence[tuple[Scenario, str]], out: str, command: str, relink: str, on_message: OnMessage,
           go: Callable[[OnMessage], None]) -> str:
    """Has the runs played (`go`, which passes messages on) and writes the report, whatever comes of it; returns its path. Raises LabError
    with all that kept the lab from playing, or that is not as it was found."""
    faults: list[str] = []

    def note(message: dict[str, Any]) -> None:
        if message["kind"] == "fatal":
            faults.append(message["text"])
        else:
            on_message(message)

    try:
        go(note)
    except LabError as error:
        # The driver's own messages are more specific than the error that it failed.
        faults.append(str(error)) if not faults else None
    finally:
        for run in runs:
            if not run.checks and left_by(run, "record.json"):
                run.judge(relink)
        path, left = write_report(out, runs, skips, command, list(dict.fromkeys(faults)))
    if faults or left:
        raise LabError("; ".join([*dict.fromkeys(faults), *(f"not as it was found: {text}" for text in left)]))
    return path


def write_report(out: str, runs: Sequence[Run], skips: Sequence[tuple[Scenario, str]], command: str,
                 faults: Sequence[str]) -> tuple[str, list[str]]:
    """Writes radios.json and radios.md to a folder; returns the path of the latter, and what is not as it was found. `faults` is what kept
    the lab from playing."""
    survey = next(filter(None, (left_by(run, SURVEY) for run in runs)), None)
    found = [left_by(run, LEFT) for run in runs]
    left = sorted({text for each in found for text in each or []})
    results = [card_report.result(run.folder, run.scenario, run.checks, run.evidence) for run in runs]
    results += [Result(scenario.name, scenario.summary, "skipped", reason) for scenario, reason in skips]
    told = card_report.content(survey, results, None if all(each is None for each in found) else left, command, faults)
    return card_report.write(out, told), left
