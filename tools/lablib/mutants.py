"""Small wrong changes to the core, all in one copy of it, of which one is chosen when a program starts."""

import json
import os
import re
import subprocess
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .paths import LabError

LIST = Path("Tests/Simulation/mutants.toml")
CORE = Path("Sources/SessionCore")
CHOICE = """import Glibc

/// The number of the mutant that was chosen for this process (`RELINK_MUTANT`); 0 is none.
private let chosen = getenv("RELINK_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0

func isMutant(_ number: Int) -> Bool { chosen == number }
"""
# The parts of the repository that the copy has.
COPIED = ("Package.swift", "Sources", "Tests", "CNetlink", "CCrypto", "docs")
# The variables of the tests that a run of one mutant has.
ENVIRONMENT = {"RELINK_LAB": "skip", "RELINK_SEED": "1"}


@dataclass(frozen=True)
class Mutant:
    """One wrong change. `number` chooses it; `rule` is the requirement that it breaks."""

    number: int
    name: str
    rule: str
    file: str
    code: str
    mutated: str


def read(root: Path) -> list[Mutant]:
    """The committed list."""
    entries = tomllib.loads((root / LIST).read_text())["mutant"]
    return [Mutant(number, **entry) for number, entry in enumerate(entries, start=1)]


def faults(root: Path, mutants: Iterable[Mutant]) -> list[str]:
    """The faults of the list: code that is not there, or several times."""
    found = []
    for mutant in mutants:
        count = (root / CORE / mutant.file).read_text().count(mutant.code)
        if count != 1:
            found.append(f"{mutant.name}: its code stands {count} times in {mutant.file}; write the mutant anew where {mutant.rule} lives now")
        if mutant.mutated.count("MUTANT") != 1:
            found.append(f"{mutant.name}: MUTANT stands {mutant.mutated.count('MUTANT')} times in its change")
    return found


def copy(root: Path, folder: Path, mutants: list[Mutant]) -> None:
    """Makes the copy, with all mutants in it. Files that are as they were keep their times, so that the next build is short."""
    if wrong := faults(root, mutants):
        raise LabError("; ".join(wrong))
    changed = {CORE / "Mutants.swift": CHOICE.encode()}
    for mutant in mutants:
        path = CORE / mutant.file
        text = changed.get(path, (root / path).read_bytes()).decode()
        changed[path] = text.replace(mutant.code, mutant.mutated.replace("MUTANT", f"isMutant({mutant.number})")).encode()
    wanted = {path.relative_to(root) for part in COPIED for path in [root / part, *(root / part).rglob("*")] if path.is_file()} | set(changed)
    for part in COPIED:
        for path in (folder / part).rglob("*"):
            if path.is_file() and path.relative_to(folder) not in wanted:
                path.unlink()
    for path in wanted:
        write(folder / path, changed[path] if path in changed else (root / path).read_bytes())


def write(path: Path, content: bytes) -> None:
    """Writes a file, unless it has that content."""
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def build(folder: Path) -> tuple[Path, Path]:
    """Builds tests and simulation of the copy, optimized; returns their paths."""
    command = ["swift", "build", "--package-path", str(folder), "-c", "release", "-Xswiftc", "-enable-testing"]
    for what in (["--build-tests"], ["--product", "relink-simulate"]):
        subprocess.run([*command, *what], check=True, stdout=subprocess.DEVNULL)
    shown = subprocess.run([*command, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return Path(shown) / "relinkPackageTests.xctest", Path(shown) / "relink-simulate"


UNCHANGED = Mutant(0, "the core as it is", "", "", "", "")


def by_tests(program: Path, mutant: Mutant, seconds: float) -> tuple[list[str], bool]:
    """The pure tests that find a mutant, by their titles, and whether one of them names its rule. A process that dies or hangs is a finding."""
    command = [str(program), "--testing-library", "swift-testing", "--filter", "SessionCoreTests"]
    environment = os.environ | ENVIRONMENT | {"RELINK_MUTANT": str(mutant.number)}
    try:
        # The test runner reports on standard error.
        run = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return ["(the tests did not end)"], False
    titles = list(dict.fromkeys(re.findall(r'Test "([^"]*)"(?: with \d+ test cases)? failed', run.stdout)))
    if not titles and run.returncode < 0:
        titles = [f"(the tests ended with signal {-run.returncode})"]
    return titles, any(mutant.rule in title for title in titles)


def by_simulation(program: Path, mutant: Mutant, seconds: float) -> dict[str, Any] | None:
    """The first finding of simulation with a mutant, and the time it took; `None` where there is none in so many seconds."""
    begun = time.monotonic()
    command = [str(program), "--from", "1", "--seeds", "1000000", "--seconds", str(seconds), "--findings", "1"]
    environment: Mapping[str, str] = os.environ | {"RELINK_MUTANT": str(mutant.number)}
    try:
        run = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds * 2, check=False)
    except subprocess.TimeoutExpired:
        return {"rule": "(it did not end)", "seed": None, "seconds": seconds * 2}
    messages = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    took = time.monotonic() - begun
    if finding := next((message for message in messages if "rule" in message), None):
        return {"rule": finding["rule"], "seed": finding["seed"], "seconds": took}
    if run.returncode < 0:
        seed = next((message["seed"] for message in reversed(messages) if "seed" in message), None)
        return {"rule": f"(signal {-run.returncode})", "seed": seed, "seconds": took}
    return None
