"""Judges the scenarios with traffic that measure or copy: `throughput`, `airtime`, `latency`, `tcp-losses`, `tcp-copy`."""

import os

from . import streams
from .checked import Check


def throughput(evidence):
    """Something got through; how much is for tools/bench to say."""
    fate = evidence.record["notes"]["flood"]
    yield Check("packets got through", fate["received"] > 0, f"{fate['received']} of {fate['sent']}")
    yield Check("no more arrived than were sent", fate["received"] <= fate["sent"], f"{fate['received']} of {fate['sent']}")


def airtime(evidence):
    """A connection got something through; how much is for tools/bench to say."""
    yield Check("octets got through", evidence.record["notes"]["tcp"]["bitsPerSecond"] > 0, str(evidence.record["notes"]["tcp"]))


def latency(evidence):
    """Every packet arrived once; how long they took is for tools/bench to say."""
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    sent, numbers = evidence.record["notes"]["sent"], [number for number, _, _ in arrivals]
    evidence.record["notes"]["latency"] = streams.latency(arrivals)
    yield Check("every packet arrived once", sent > 0 and sorted(numbers) == list(range(sent)),
                f"{len(set(numbers))} of {sent}, {len(numbers)} arrivals")


def copied(evidence, losses):
    """The connection lived to its end, and what arrived is what was sent. The longest stall is told, not judged."""
    notes = evidence.record["notes"]
    sender, receiver = notes["sender"], notes["receiver"]
    sent = sender["octets"], sender["checksum"]
    yield Check("all octets arrived with the right checksum", sent[0] > 0 and (receiver["octets"], receiver["checksum"]) == sent,
                f"{sent} sent, {receiver['octets'], receiver['checksum']} arrived")
    answered = sender["answered"]
    yield Check("the connection lived to its end: the receiver's answer came back over it",
                (answered["octets"], answered["checksum"]) == sent, str(answered))
    yield Check(f"its link was lost {losses} times or more", len(notes["cuts"]) >= losses, f"{len(notes['cuts'])} times")
    stall = receiver["longestStallNanoseconds"] / 1e6
    rate = receiver["octets"] * 8e3 / receiver["nanoseconds"]
    notes["told"] = (f"{receiver['octets']:,} octets at {rate:.1f} Mbit/s, {len(notes['cuts'])} losses, longest stall {stall:.0f} ms, "
                     f"{receiver['stallsOver250Milliseconds']} over 250 ms")


def tcp_losses(evidence):
    """A connection through many losses."""
    yield from copied(evidence, evidence.record["notes"]["wanted"])


def tcp_copy(evidence):
    """A copy through a loss at least."""
    yield from copied(evidence, 1)


SCENARIOS = {"throughput": throughput, "airtime": airtime, "latency": latency, "tcp-losses": tcp_losses, "tcp-copy": tcp_copy}
