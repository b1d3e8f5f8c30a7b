"""The figures of many runs of one loss: medians, and what the witness counted."""

from statistics import median

from .guest.air import LINKS
from .guest.config import INITIATOR, RECEIVER
from .guest.contenders import CONTENDERS

# What the figures of one run are called.
FIGURES = {"establish": "establish", "rebuild": "rebuild", "detection": "detection", "live": "liveAfterDetection"}


def summarise(runs, peers, passed):
    """What demo-out/summary.json holds. Frames and acknowledgments are the witness's count in the first run; packets are those
    of all runs. `peers` are the runs of what users would take instead."""
    times = [measure(run.evidence) for run in runs]
    first = runs[0].evidence
    loss = first.action("loss")
    end = max(first.event(node, "established")["monotonicNanoseconds"] for node in (INITIATOR, RECEIVER))
    establish = count(first, 0, end, first.event(INITIATOR, "established")["link"])
    rebuild = count(first, loss, first.action("stop-a"), first.event(INITIATOR, "rebuilt")["link"])
    for name, part in (("establish", establish), ("rebuild", rebuild)):
        part.update(spread("microseconds", [each[name] for each in times]))
    return {
        "kernel": first.record["kernel"], "acknowledgment": first.acknowledgment, "links": len(LINKS),
        "lossKind": "up but dead", "passed": passed, "runs": len(runs), "establish": establish, "rebuild": rebuild,
        "rebuildToEstablishRatio": round(rebuild["microseconds"] / establish["microseconds"], 3),
        **spread("detectionMicroseconds", [each["detection"] for each in times]),
        **spread("liveAfterDetectionMicroseconds", [each["live"] for each in times]),
        **packets([run.evidence for run in runs]),
        "firstRun": {name + "Microseconds": round(times[0][key]) for key, name in FIGURES.items()},
        "peers": {run.contender: packets([run.evidence]) for run in peers}, "peerLosses": peers and peers[0].evidence.record["options"]["losses"],
    }


def packets(evidence):
    """What a stream went through: the longest pause of each loss (the median of them), packets lost and doubled."""
    figures = [each.record["notes"]["figures"] for each in evidence]
    return {"gapMilliseconds": round(median(gap for each in figures for gap in each["gaps"]), 1),
            **{key: sum(each[key] for each in figures) for key in ("lost", "duplicated")}}


def measure(evidence):
    """The times of one run in microseconds; docs/protocol.md says from what to what."""
    loss = evidence.action("loss")

    def at(node, kind, since=0):
        return evidence.event(node, kind, since)["monotonicNanoseconds"]

    lost = evidence.event(INITIATOR, "interrupted", since=loss)["monotonicNanoseconds"]
    return {
        "establish": (at(RECEIVER, "established") - at(INITIATOR, "sessionRequested")) / 1000,
        "rebuild": (at(INITIATOR, "rebuilt", loss) - at(INITIATOR, "rebuildRequested", loss)) / 1000,
        "detection": (lost - loss) / 1000,
        "live": (at(INITIATOR, "rebuilt", loss) - lost) / 1000,
    }


def count(evidence, since, until, link):
    """Session frames, and those that were acknowledged, between two instants."""
    frames = evidence.session_frames(since, until)
    return {"frames": len(frames), "acknowledgments": sum(evidence.is_acknowledged(frame) for frame in frames), "link": link}


def spread(key, values):
    """Median, least and most."""
    return {key: round(median(values)), f"{key}Minimum": round(min(values)), f"{key}Maximum": round(max(values))}


def table(summary):
    """The figures for people."""
    rows = [("", "link", "frames", "acknowledgments", "microseconds (median, least to most)")]
    for name, part in (("establishment", summary["establish"]), ("rebuild", summary["rebuild"])):
        rows.append((name, str(part["link"]), str(part["frames"]), str(part["acknowledgments"]), figures(part, "microseconds")))
    rows.append(("loss to detection", "", "", "", figures(summary, "detectionMicroseconds")))
    rows.append(("detection to live session", "", "", "", figures(summary, "liveAfterDetectionMicroseconds")))
    rows += [(), ("stream of 200 packets a second", "losses", "lost", "duplicated", "gap, milliseconds (median)")]
    rows.append(traffic(f"Relink ({summary['acknowledgment']})", summary["runs"], summary))
    rows += [traffic(CONTENDERS[name].title, summary["peerLosses"], part) for name, part in summary["peers"].items()]
    widths = [max(len(row[column]) for row in rows if row) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def traffic(name, losses, part):
    """What the stream of one of them went through."""
    return name, str(losses), str(part["lost"]), str(part["duplicated"]), f"{part['gapMilliseconds']:,}"


def figures(part, key):
    """A median with its spread."""
    return f"{part[key]:,} ({part[key + 'Minimum']:,} to {part[key + 'Maximum']:,})"
