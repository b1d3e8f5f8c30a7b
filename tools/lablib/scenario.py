"""The parts of a scenario: its actions (a function that acts on a `Stage`), its checks (a judge of the evidence), its clock and options.

A scenario stands in one file of `scenarios/`, which is found by its being there. Nothing else names it."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .checked import Check
from .guest.config import PAIR, Cast
from .series import SERIES

# All of them import this module.
if TYPE_CHECKING:
    from .benchmarks import Benchmark
    from .evidence import Evidence
    from .guest.stage import Stage

Clock = Literal["virtual", "real"]
Options = Mapping[str, Any]
# A function that acts on a stage, and one that checks the evidence.
Play = Callable[["Stage"], None]
Judge = Callable[["Evidence"], Iterator[Check]]

# Who acknowledges, and what the radios are: those without channel contexts (`mac`) and those with (`contexts`) held by an access point,
# those without held by an active monitor (`active`), and agents that acknowledge in frames on those with (`frame`).
RADIOS = ("mac", "contexts", "active", "frame")
ACKNOWLEDGMENTS = ("mac", "frame")
DRIVERS = ("mac", "contexts", "frame")
SECURITIES = ("psk", "open")
# The options of scenarios: the duration and the number of losses of a link (their own when None); for `many` how many; packets a second,
# their size, bytes to copy; how often to measure by turns.
OPTIONS: dict[str, Any] = {
    "seconds": None, "agents": 10, "sessions": 100, "receivers": 2, "thorough": False, "seed": 1, "rate": 200, "losses": None,
    "size": 1400, "bytes": None, "security": "psk", "record": "none", "turns": 3, "clock": "virtual"}


@dataclass(frozen=True)
class Demonstration:
    """The comparison that tools/demo plays beside the scenario that it shows: another one, with what users would take instead of Relink, and as many
    losses of the link."""

    beside: "Scenario"
    contenders: tuple[str, ...]
    losses: int


@dataclass
class Scenario:
    """One scenario."""

    name: str
    summary: str
    play: Play
    # The most seconds, by the guest's clock, that one run may take, and what --seconds adds where it says nothing.
    seconds: int = 60
    lasts: int | Callable[[Options], int] = 0
    # `virtual`: programs take no time, and the clock jumps to the next timer when all wait. `real`: what compares the speed of programs.
    clock: Clock = "virtual"
    # The nodes and their sessions, from the options.
    cast: Callable[[Options], Cast] = lambda options: PAIR
    # Filter (pcap-filter(7)) for the frames that the witness keeps; `None`: no witness.
    heard: str | None = ""
    # With a list of settings to begin with, the radios receive each other through `relink-medium`, which is `stage.medium`.
    medium: list[dict[str, Any]] | None = None
    # The kinds of acknowledgment and of frame protection in the default set; True if frames are protected whatever is asked for. Where none is
    # stated: both kinds of driver and acknowledgments in frames; with a medium, which has radios of one driver only, and in real time, those that
    # differ most.
    acknowledgments: tuple[str, ...] = ()
    securities: tuple[str, ...] = ("psk",)
    needs_key: bool = False
    # True if `all` plays it; True if its agents record when most do.
    is_default: bool = True
    records: bool = True
    # Files kept for the replay tests: recordings of a scenario whose agents record, and short ones of a long scenario that says so, without
    # a key and with those kinds of acknowledgment that differ most; with these kinds of acknowledgment with one; the witness's captures, with
    # these kinds of acknowledgment.
    kept_short: bool = False
    kept_protected: tuple[str, ...] = ()
    captured: tuple[str, ...] = ()
    # Why it cannot be played on a kernel of this series (lists by acknowledgment): `{"6.12": {"mac": "why"}}`.
    excused: Mapping[str, Mapping[str, str]] | None = None
    # Options of hwsim's module: radios of another kind.
    module: tuple[str, ...] = ()
    # True if it needs the tests' program; the number of links that it needs on cards (tools/lab --radios), 0 if it is not played there.
    needs_tests: bool = False
    links_on_cards: int = 0
    # One run with QEMU stands for all of its kind.
    on_qemu: bool = False
    judged: Judge | None = None
    # Set where it is a benchmark (tools/bench), or where tools/demo shows it.
    benchmark: "Benchmark | None" = None
    demonstration: Demonstration | None = None

    def __post_init__(self) -> None:
        self.acknowledgments = self.acknowledgments or (DRIVERS if self.medium is None and self.clock == "virtual" else ACKNOWLEDGMENTS)

    def judge(self, function: Judge) -> Judge:
        """Registers what must hold: a decorator."""
        self.judged = function
        return function

    @property
    def is_kept(self) -> bool:
        """True if the replay tests keep the recordings of its agents."""
        return self.records or self.kept_short

    def lasting(self, options: Options) -> int:
        """The duration, in seconds, of the part of the scenario that --seconds is about; 0 where it has none."""
        if callable(self.lasts):
            return self.lasts(options)
        return (options["seconds"] or self.lasts) if self.lasts else 0

    def kinds(self, machine: str) -> tuple[str, ...]:
        """The kinds of acknowledgment that the default set has on a machine: all on the first kernel, those that differ most elsewhere; with a
        medium, which is the same on each, the first of them."""
        few = tuple(kind for kind in self.acknowledgments if kind in ACKNOWLEDGMENTS)[:1 if self.medium is not None else None]
        return self.acknowledgments if machine == SERIES[0] or not few else few

    def sample(self, machine: str) -> list[tuple[str, str]]:
        """The pairs of acknowledgment and frame protection that the tests play on a machine. On the first kernel these are all kinds of
        acknowledgment with the first kind of protection, and one with the others; on another kernel it is one pair. Radios without channel
        contexts are left to that kernel where those with contexts are played."""
        kinds = self.kinds(machine)
        if machine != SERIES[0]:
            return [(kinds[0], self.securities[0])]
        if "contexts" in kinds:
            kinds = ("contexts", *(kind for kind in kinds if kind not in ("contexts", "mac")))
        return [(kind, self.securities[0]) for kind in kinds] + [(kinds[0], security) for security in self.securities[1:]]

    def excuse(self, machine: str, acknowledgment: str) -> str | None:
        """Why it is not played on a kernel with radios that acknowledge so; `None` where it is."""
        return (self.excused or {}).get(machine, {}).get(acknowledgment)

    def json(self) -> dict[str, Any]:
        """The entry of the scenario in the output of `tools/lab --list --json`."""
        kinds = {machine: list(self.kinds(machine)) for machine in (*SERIES, "qemu")}
        sample = {machine: [list(pair) for pair in self.sample(machine)] for machine in (*SERIES, "qemu")}
        return {"name": self.name, "summary": self.summary, "clock": self.clock, "acknowledgments": kinds, "sample": sample,
                "securities": list(self.securities), "default": self.is_default, "medium": self.medium is not None, "records": self.records,
                "kept": self.is_kept, "captured": list(self.captured), "needsTests": self.needs_tests,
                "linksOnCards": self.links_on_cards, "onQEMU": self.on_qemu,
                "excused": {series: dict(why) for series, why in (self.excused or {}).items()}}


SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str, summary: str, seconds: int = 60, lasts: int | Callable[[Options], int] = 0,
             **properties: Any) -> Callable[[Play], Scenario]:
    """Registers the function that plays a scenario; the fields of `Scenario` say what may be stated with it."""

    def register(function: Play) -> Scenario:
        if name in SCENARIOS:
            raise ValueError(f"two scenarios are called {name}")
        SCENARIOS[name] = Scenario(name, summary, function, seconds, lasts, **properties)
        return SCENARIOS[name]

    return register


def discover() -> dict[str, Scenario]:
    """All scenarios, by name: each module of `scenarios/` registers its own."""
    from . import scenarios
    for module in sorted(found.name for found in pkgutil.iter_modules(scenarios.__path__)):
        importlib.import_module(f"{scenarios.__name__}.{module}")
    return SCENARIOS
