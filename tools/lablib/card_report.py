"""The report of what cards do: radios.json for programs, radios.md for people. It names no address but its manufacturer's part."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .checked import Check
from .evidence import Evidence
from .guest.card import masked
from .scenario import Scenario

Json = dict[str, Any]


@dataclass
class Result:
    """The result of a scenario: `passed`, `failed`, `skipped` or `not played`; `text` has figures or the reason."""

    name: str
    summary: str
    state: str
    text: str = ""
    figures: Json = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    # The kinds of acknowledgment of each end's links, in the order of the links.
    acknowledgments: Mapping[str, list[str]] = field(default_factory=dict)


def result(folder: str, scenario: Scenario, checks: Sequence[Check], evidence: Evidence | None) -> Result:
    """The result of a run that was judged."""
    if evidence is None:
        return Result(scenario.name, scenario.summary, "not played", checks[0].evidence if checks else "the lab was ended before it")
    notes = evidence.record["notes"]
    failed = [f"{check.name}: {check.evidence or 'no'}" for check in checks if not check.passed]
    state = "passed" if checks and not failed else "failed"
    return Result(scenario.name, scenario.summary, state, notes.get("told", ""), notes.get("figures", {}), failed,
                  {node: acknowledgments(os.path.join(folder, f"{node}.status.json")) for node in evidence.record["nodes"]})


def acknowledgments(path: str) -> list[str]:
    """The kinds of acknowledgment of an agent's links, from the status that it left."""
    try:
        with open(path) as file:
            return [link.get("acknowledgment", "none") for link in json.load(file)["links"]]
    except OSError:
        return []


def content(survey: Mapping[str, Any] | None, results: Sequence[Result], left: Sequence[str] | None, command: str, faults: Sequence[str]) -> Json:
    """The content of radios.json. `left` lists everything that is not as it was found; `None` where this was not checked."""
    survey = survey or {}
    about = ("relink", "kernel", "architecture", "distribution", "networkManager", "radios", "links")
    chosen = next((each.acknowledgments for each in results if each.acknowledgments), {})
    told: Json = masked({
        "command": command, **{key: survey.get(key) for key in about}, "acknowledgments": dict(chosen),
        "scenarios": [{"name": each.name, "summary": each.summary, "result": each.state, "text": each.text, "figures": each.figures,
                       "failed": each.failed} for each in results],
        "leftAsFound": None if left is None else not left, "changed": list(left or []), "problems": list(faults)})
    return told


def write(folder: str, told: Json) -> str:
    """Writes both files; returns the path of the one for people."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "radios.json"), "w") as file:
        json.dump(told, file, indent=1)
        file.write("\n")
    path = os.path.join(folder, "radios.md")
    with open(path, "w") as file:
        file.write(page(told))
    return path


def page(told: Json) -> str:
    """The report for people."""
    lines = ["# Relink on cards", "", f"    {told['command']}", "",
             f"relink {told['relink'] or 'of unknown version'}, Linux {told['kernel'] or 'unknown'} ({told['architecture'] or 'unknown'}), "
             f"{told['distribution'] or 'a distribution that does not say its name'}", ""]
    for problem in told["problems"]:
        lines += [f"**Not played:** {problem}", ""]
    lines += [*radios(told), *links(told), *scenarios(told)]
    if told["leftAsFound"] is not None:
        lines += ["The cards are as they were found." if told["leftAsFound"] else "**The cards are not as they were found:**", ""]
        lines += [f"- {text}" for text in told["changed"]]
    return "\n".join(lines).rstrip("\n") + "\n"


def radios(told: Json) -> list[str]:
    """The section that describes the radios, with the output of `relink check` on each."""
    lines = ["## Radios", "", "| radio | driver | chip | vendor prefix | firmware | regulatory domain | relink check | held by |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    notes = []
    for radio in told["radios"] or []:
        check = radio.get("check") or {}
        cells = [radio["wiphy"], radio["driver"] or "unknown", chip(radio["chip"]), radio["vendor"], radio["firmware"] or "not told",
                 radio["regulatoryDomain"], check.get("verdict", "not tried"), check.get("way", "-")]
        lines.append(f"| {' | '.join(cells)} |")
        for problem in [*([check["problem"]] if check.get("problem") else []), *check.get("warnings", [])]:
            notes.append(f"- {radio['wiphy']}: {problem['cause']}; {problem['remedy']}")
        for seen in check.get("ways", []):
            echoes = f"{seen['echoes']} of {seen['injected']} frames brought a TX report, {seen['falseEchoes']} of them a false one"
            burst = f"; {seen['burst']['echoes']} of {seen['burst']['injected']} at once" if "burst" in seen else ""
            why = f"; {seen['problem']['cause']}" if "problem" in seen else ""
            notes.append(f"- {radio['wiphy']}, {seen['way']}: {echoes}{burst}{why}")
    return [*lines, "", *notes, *([""] if notes else [])]


def chip(found: Mapping[str, Any] | None) -> str:
    """The chip in few words."""
    if not found:
        return "unknown"
    names = " ".join(found[name] for name in ("manufacturer", "product") if name in found)
    return f"{found['bus']} {found['id']}" + (f" ({names})" if names else "")


def links(told: Json) -> list[str]:
    """Which radios make a link, and how each end acknowledged."""
    if not told["links"]:
        return []
    lines = ["## Links", "", "| link | agent a | agent b | MHz | acknowledgment at a | at b |", "| --- | --- | --- | --- | --- | --- |"]
    for number, link in enumerate(told["links"]):
        kinds = [(told["acknowledgments"].get(node) or [])[number:number + 1] or ["not known"] for node in ("a", "b")]
        lines.append(f"| {link['id']} | {link['a']} | {link['b']} | {link['frequency']} | {kinds[0][0]} | {kinds[1][0]} |")
    return [*lines, ""]


def scenarios(told: Json) -> list[str]:
    """The section with the result of each scenario."""
    lines = ["## Scenarios", "", "| scenario | result | figures, or why not |", "| --- | --- | --- |"]
    lines += [f"| {each['name']} | {each['result']} | {each['text']} |" for each in told["scenarios"]]
    failed = [f"- {each['name']}: {text}" for each in told["scenarios"] for text in each["failed"]]
    return [*lines, "", *failed, *([""] if failed else [])]
