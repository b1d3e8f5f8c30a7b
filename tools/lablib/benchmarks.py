"""Evaluation of the runs of benchmarks: each contender's figures, with intervals, as a table and as JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Protocol

from .bootstrap import interval
from .evidence import Evidence
from .guest.contenders import CONTENDERS, Contender
from .scenario import SECURITIES

# The result of one round of a contender: figures by their keys.
Round = dict[str, Any]
Statistic = Callable[[Sequence[Any]], float]


class Named(Protocol):
    """A machine, of which no more than its name counts."""

    @property
    def name(self) -> str: ...


class Played(Protocol):
    """A run, as far as its result needs to know it."""

    @property
    def contender(self) -> str | None: ...
    @property
    def security(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def machine(self) -> Named: ...
    @property
    def evidence(self) -> Evidence | None: ...
    @property
    def passed(self) -> bool: ...


def pooled(statistic: Statistic) -> Statistic:
    """A statistic of all that the rounds have, where each round has several values."""
    return lambda rounds: statistic([value for each in rounds for value in each])


@dataclass(frozen=True)
class Figure:
    """One column of a table, and what is made of all rounds for it."""

    key: str
    title: str
    digits: int = 0
    unit: str = ""
    statistic: Statistic = median
    # The key of what each round has, where it is not the figure's own.
    of: str = ""
    # Sums and extremes have none.
    has_interval: bool = True
    # The factor by which the table multiplies the figure.
    scale: float = 1

    def text(self, found: "Measured | None") -> str:
        """The figure for people, with its interval, or a dash."""
        if found is None:
            return "–"
        shown = self.number(found.value) + self.unit
        if found.interval:
            shown += f" ({self.number(found.interval[0])} to {self.number(found.interval[1])})"
        return shown

    def number(self, value: float) -> str:
        """A number with the figure's digits."""
        return f"{value * self.scale:,.{self.digits}f}"


@dataclass(frozen=True)
class Measured:
    """A figure of a contender, and the 95% interval of it."""

    value: float
    interval: tuple[float, float] | None

    def json(self) -> dict[str, Any]:
        """For scripts."""
        return {"value": self.value} | ({"interval95": list(self.interval)} if self.interval else {})


@dataclass(frozen=True)
class Benchmark:
    """A scenario as a benchmark: its contenders, its options, the result of a run, and the figures computed from all results."""

    contenders: tuple[str, ...]
    # The result of a run; `None` when it was not played to its end.
    result: Callable[[Evidence], Round | None]
    figures: tuple[Figure, ...]
    # The options of tools/bench, with their defaults; `rounds` is the number of times that each contender is measured, by turns.
    options: Mapping[str, int]
    securities: tuple[str, ...] = SECURITIES
    # Further figures of a round when the plain injector's round with the same number is there, on the same radios and as protected.
    compared: Callable[[Round, Round], Round] | None = None


@dataclass
class Row:
    """The measurements of one contender: a line of the table."""

    contender: Contender
    security: str
    machine: str
    rounds: dict[int, Round] = field(default_factory=dict)
    passed: bool = True

    def figures(self, benchmark: Benchmark) -> dict[str, Measured]:
        """The figures, by key, of those that the rounds have."""
        found = {}
        for figure in benchmark.figures:
            values = [value for each in self.rounds.values() if (value := each.get(figure.of or figure.key)) is not None]
            if values:
                found[figure.key] = Measured(figure.statistic(values), interval(values, figure.statistic) if figure.has_interval else None)
        return found

    def json(self, benchmark: Benchmark) -> dict[str, Any]:
        """For scripts, with each round."""
        return {"contender": self.contender.name, "title": self.contender.called(self.security), "radios": self.contender.radios,
                "security": self.security, "machine": self.machine, "passed": self.passed,
                "figures": {key: found.json() for key, found in self.figures(benchmark).items()},
                "rounds": [{"round": number, **each} for number, each in sorted(self.rounds.items())]}


def rows(benchmark: Benchmark, runs: Iterable[Played]) -> list[Row]:
    """The measurements by row; a run that broke off adds nothing but that it did not pass."""
    found: dict[tuple[str, str, str], Row] = {}
    for run in runs:
        contender = CONTENDERS[run.contender or ""]
        row = found.setdefault((contender.name, run.security, run.machine.name), Row(contender, run.security, run.machine.name))
        row.passed = row.passed and run.passed
        result = benchmark.result(run.evidence) if run.evidence else None
        if result:
            row.rounds[run.number] = result
    compare(benchmark, list(found.values()))
    return list(found.values())


def compare(benchmark: Benchmark, found: list[Row]) -> None:
    """Adds to Relink's rounds what they are beside the plain injector's."""
    def kind(row: Row) -> tuple[str, str, str]:
        return row.contender.radios, row.security, row.machine

    plain = {kind(row): row for row in found if row.contender.kind == "injector"}
    for row in found:
        base = plain.get(kind(row))
        if benchmark.compared is None or base is None or base is row:
            continue
        for number, each in row.rounds.items():
            if number in base.rounds:
                each.update(benchmark.compared(each, base.rounds[number]))


def table(benchmark: Benchmark, found: Sequence[Row]) -> str:
    """The rows for people: Markdown, in columns that are aligned. The machine is named where there are several."""
    machines = len({row.machine for row in found}) > 1
    lines = [["", *(figure.title for figure in benchmark.figures)]]
    for row in found:
        figures = row.figures(benchmark)
        title = row.contender.called(row.security) + (f", {row.machine}" if machines else "") + ("" if row.passed else " (FAILED)")
        lines.append([title, *(figure.text(figures.get(figure.key)) for figure in benchmark.figures)])
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(lines[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    shown = [[line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in [shown[0], rule, *shown[1:]])
