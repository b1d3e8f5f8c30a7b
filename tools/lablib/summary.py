"""The figures of many runs of one loss: medians, and what the witness counted."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from .evidence import Evidence, request_acknowledged
from .guest.air import LINKS
from .guest.config import INITIATOR, RECEIVER
from .guest.contenders import CONTENDERS
from .runs import Run

# What the figures of one run are called.
FIGURES = {"establish": "establish", "rebuild": "rebuild", "detection": "detection", "live": "liveAfterDetection"}
# The content of summary.json, or a part of it.
Summary = dict[str, Any]


def is_complete(run: Run) -> bool:
    """True if a run of the demo came as far as a rebuild, and its stream to its end."""
    return run.evidence is not None and run.evidence.event(INITIATOR, "rebuilt") is not None and has_figures(run)


def has_figures(run: Run) -> bool:
    """True if the stream of a run came to its end."""
    return run.evidence is not None and "figures" in run.evidence.record["notes"]


def evidence_of(runs: Sequence[Run]) -> list[Evidence]:
    """The evidence that runs left behind."""
    return [run.evidence for run in runs if run.evidence is not None]


def summarise(runs: Sequence[Run], peers: Sequence[Run], passed: bool) -> Summary:
    """The content of demo-out/summary.json, of complete runs. Frames and acknowledgments are the witness's count in the first run; packets are those
    of all runs. `peers` are the runs of what users would take instead."""
    played = evidence_of(runs)
    times = [measure(evidence) for evidence in played]
    first = played[0]
    loss = first.done("loss")
    end = max(at(first, node, "established") for node in (INITIATOR, RECEIVER))
    establish = count(first, 0, end, told(first, INITIATOR, "established")["link"])
    rebuild = count(first, loss, first.done("stop-a"), told(first, INITIATOR, "rebuilt")["link"])
    for name, part in (("establish", establish), ("rebuild", rebuild)):
        part.update(spread("microseconds", [each[name] for each in times]))
    return {
        "kernel": first.record["kernel"], "acknowledgment": first.acknowledgment, "links": len(LINKS),
        "lossKind": "up but dead", "passed": passed, "runs": len(runs), "establish": establish, "rebuild": rebuild,
        "rebuildToEstablishRatio": round(rebuild["microseconds"] / establish["microseconds"], 3),
        **spread("detectionMicroseconds", [each["detection"] for each in times]),
        **spread("liveAfterDetectionMicroseconds", [each["live"] for each in times]),
        **packets(played),
        "firstRun": {name + "Microseconds": round(times[0][key]) for key, name in FIGURES.items()},
        "peers": {run.contender: packets(evidence_of([run])) for run in peers},
        "peerLosses": next((evidence.record["options"]["losses"] for evidence in evidence_of(peers)), 0),
    }


def packets(played: Sequence[Evidence]) -> Summary:
    """What a stream went through: the longest pause of each loss (the median of them), packets lost and doubled."""
    figures = [each.record["notes"]["figures"] for each in played]
    return {"gapMilliseconds": round(median(gap for each in figures for gap in each["gaps"]), 1),
            **{key: sum(each[key] for each in figures) for key in ("lost", "duplicated")}}


def told(evidence: Evidence, node: str, kind: str, since: int = 0) -> dict[str, Any]:
    """The first event of a kind, which a complete run has."""
    event = evidence.event(node, kind, since)
    assert event is not None, f"agent {node} told no {kind}"
    return event


def at(evidence: Evidence, node: str, kind: str, since: int = 0) -> int:
    """When it was."""
    nanoseconds: int = told(evidence, node, kind, since)["monotonicNanoseconds"]
    return nanoseconds


def measure(evidence: Evidence) -> dict[str, float]:
    """The times of one run in microseconds; docs/protocol.md says from what to what."""
    loss = evidence.done("loss")
    lost = at(evidence, INITIATOR, "interrupted", loss)
    rebuilt = request_acknowledged(told(evidence, INITIATOR, "rebuilt", loss))
    return {
        "establish": (at(evidence, RECEIVER, "established") - at(evidence, INITIATOR, "sessionRequested")) / 1000,
        "rebuild": (rebuilt - at(evidence, INITIATOR, "rebuildRequested", loss)) / 1000,
        "detection": (lost - loss) / 1000,
        "live": (rebuilt - lost) / 1000,
    }


def count(evidence: Evidence, since: int, until: int, link: int) -> Summary:
    """Session frames, and those that were acknowledged, between two instants."""
    frames = evidence.session_frames(since, until)
    return {"frames": len(frames), "acknowledgments": sum(evidence.is_acknowledged(frame) for frame in frames), "link": link}


def spread(key: str, values: Sequence[float]) -> dict[str, int]:
    """Median, least and most."""
    return {key: round(median(values)), f"{key}Minimum": round(min(values)), f"{key}Maximum": round(max(values))}


def table(summary: Summary) -> str:
    """The figures for people."""
    rows: list[tuple[str, ...]] = [("", "link", "frames", "acknowledgments", "microseconds (median, least to most)")]
    for name, part in (("establishment", summary["establish"]), ("rebuild", summary["rebuild"])):
        rows.append((name, str(part["link"]), str(part["frames"]), str(part["acknowledgments"]), figures(part, "microseconds")))
    rows.append(("loss to detection", "", "", "", figures(summary, "detectionMicroseconds")))
    rows.append(("detection to live session", "", "", "", figures(summary, "liveAfterDetectionMicroseconds")))
    rows += [(), ("stream of 200 packets a second", "losses", "lost", "duplicated", "gap, milliseconds (median)")]
    rows.append(traffic(f"Relink ({summary['acknowledgment']})", summary["runs"], summary))
    rows += [traffic(CONTENDERS[name].title, summary["peerLosses"], part) for name, part in summary["peers"].items()]
    widths = [max(len(row[column]) for row in rows if row) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows)


def traffic(name: str, losses: int, part: Summary) -> tuple[str, ...]:
    """What the stream of one of them went through."""
    return name, str(losses), str(part["lost"]), str(part["duplicated"]), f"{part['gapMilliseconds']:,}"


def figures(part: Summary, key: str) -> str:
    """A median with its spread."""
    return f"{part[key]:,} ({part[key + 'Minimum']:,} to {part[key + 'Maximum']:,})"
