"""Throughput and latency of relink0, beside a plain injector."""

import os
import time
from typing import Any

from .. import streams, usage
from ..benchmarks import Benchmark, Figure, Round
from ..checked import Check
from ..evidence import Evidence
from ..guest import marks
from ..guest.speed import HEADERS, SHARE, Carried, Injector, carrying, iperf, measured, own_core
from ..guest.stage import Stage
from ..guest.streaming import A, B, Relink, carry, contender_of
from ..guest.waiting import wait_until
from ..judging import Checks
from ..scenario import scenario

SPEED = ("relink-mac", "relink-recorded", "relink-frame", "injector-mac", "injector-frame")
# Bit rate of a link where airtime is limited, in bits per second: far less than the processor does.
AIRTIME = 2_000_000


def throughput_result(evidence: Evidence) -> Round | None:
    """Frames and goodput, and the processor time and the system calls that a frame took, at each end and in all."""
    notes = evidence.record["notes"]
    fate, meter, size = notes.get("flood"), notes.get("meter"), evidence.record["options"]["size"]
    if not fate or not fate["received"] or not meter or meter["frames"] <= 0:
        return None
    per_second = fate["received"] * 1e9 / fate["nanoseconds"]
    return {"framesPerSecond": round(per_second), "megabitsPerSecond": round(per_second * size * 8 / 1e6, 2),
            "sent": fate["sent"], "received": fate["received"], "lost": fate["sent"] - fate["received"], "outOfOrder": fate["outOfOrder"],
            **{key: fate[key] for key in ("echoed", "acknowledged") if key in fate},
            **taken(usage.load(evidence.folder), meter, fate),
            **{f"iperf3{name.upper()}": round(notes[name]["bitsPerSecond"] / 1e6, 2) for name in ("tcp", "udp") if name in notes}}


def taken(measured: usage.Usage | None, meter: dict[str, int], fate: dict[str, Any]) -> Round:
    """Cost of a frame, in microseconds and system calls. The measured part of an end is its agent, or the injector itself, which is its own
    traffic. A kernel that is no program of this machine counts no calls, and its own accounts are exact."""
    frames = meter["frames"]
    if not measured:
        ends = {node: meter.get(node, fate["trafficNanoseconds"][node]) for node in (A, B)}
        return {"microseconds": round(meter["all"] / 1000 / frames, 2)} | {
            f"microsecondsOf{node.upper()}": round(used / 1000 / frames, 2) for node, used in ends.items()}
    result: Round = {"microseconds": round(measured.nanoseconds / 1000 / frames, 2)}
    for node, traffic in ((A, marks.SENDER), (B, marks.RECEIVER)):
        used = measured.programs.get(node) or measured.programs.get(traffic)
        if used:
            name = node.upper()
            result |= {f"microsecondsOf{name}": round(used.nanoseconds / 1000 / frames, 2),
                       f"programMicrosecondsOf{name}": round(used.program / 1000 / frames, 2),
                       f"callsOf{name}": round(used.call_count / frames, 4), f"clockReadsOf{name}": round(used.clock_reads / frames, 4),
                       f"callsByNameOf{name}": {call: round(count / frames, 4) for call, count in used.calls.items()}}
    return result


THROUGHPUT = Benchmark(
    contenders=SPEED, result=throughput_result, options={"size": 1400, "seconds": 3, "rounds": 10},
    compared=lambda own, base: {"shareOfInjector": round(own["framesPerSecond"] / base["framesPerSecond"], 4)},
    figures=(
        Figure("framesPerSecond", "frames/s"),
        Figure("megabitsPerSecond", "Mbit/s", 1),
        Figure("shareOfInjector", "of the injector", 1, "%", scale=100),
        Figure("microseconds", "processor time a frame, µs", 1),
        Figure("microsecondsOfA", "of it sender, µs", 1),
        Figure("microsecondsOfB", "of it receiver, µs", 1),
        Figure("callsOfA", "system calls a frame, sender", 3),
        Figure("callsOfB", "receiver", 3),
        Figure("clockReadsOfA", "clock reads a frame, sender", 3),
        Figure("clockReadsOfB", "receiver", 3),
        Figure("lost", "lost", statistic=sum, has_interval=False),
        Figure("iperf3TCP", "iperf3 TCP, Mbit/s", 1),
        Figure("iperf3UDP", "iperf3 UDP, Mbit/s", 1)))


@scenario("throughput", "packets as fast as they go through relink0 or a plain injector, their processor time and system calls (tools/bench)", 300, 3,
          heard=None, clock="real", is_default=False, records=False, benchmark=THROUGHPUT)
def throughput(stage: Stage) -> None:
    contender, size, seconds = contender_of(stage), stage.options["size"], stage.options["seconds"]
    stage.note("contender", contender.name)
    if not contender.is_relink:
        with Injector(stage) as injector:
            measured(stage, injector, size, seconds)
        return
    with carrying(stage, contender, size) as network, own_core(stage):
        fate = measured(stage, Carried(stage, network), size, seconds)
        stage.note("tcp", iperf(stage, seconds))
        offered = int(fate["bytes"] * 8e9 / fate["nanoseconds"] * SHARE)
        stage.note("udp", iperf(stage, seconds, "--udp", "--bitrate", offered, "--length", size - HEADERS))


@throughput.judge
def judge_throughput(evidence: Evidence) -> Checks:
    """Something got through; how much is for tools/bench to say."""
    fate = evidence.record["notes"]["flood"]
    yield Check("packets got through", fate["received"] > 0, f"{fate['received']} of {fate['sent']}")
    yield Check("no more arrived than were sent", fate["received"] <= fate["sent"], f"{fate['received']} of {fate['sent']}")


def airtime_result(evidence: Evidence) -> Round | None:
    """Throughput of a TCP connection through links of limited airtime."""
    said = evidence.record["notes"].get("tcp")
    return said and {"megabitsPerSecond": round(said["bitsPerSecond"] / 1e6, 3), "retransmits": said["retransmits"]}


@scenario("airtime", "a TCP connection through links of limited airtime (tools/bench)", 180, 10, heard=None, is_default=False, records=False,
          medium=[{"bitsPerSecond": AIRTIME}], benchmark=Benchmark(
              contenders=("relink-mac", "relink-shared", "relink-slow"), result=airtime_result, securities=("psk",),
              options={"size": 1400, "seconds": 10, "rounds": 5}, figures=(
                  Figure("megabitsPerSecond", "iperf3 TCP, Mbit/s", 2),
                  Figure("retransmits", "retransmits", statistic=sum, has_interval=False))))
def airtime(stage: Stage) -> None:
    contender, size = contender_of(stage), stage.options["size"]
    stage.note("contender", contender.name)
    stage.medium.set(link=2, bitsPerSecond=AIRTIME // contender.slower)
    with carrying(stage, contender, size) as network:
        # A flood would only show what the queue discipline drops.
        stage.note("tcp", iperf(stage, stage.options["seconds"]))
        wait_until(network.is_quiet, 30, "nothing is queued at agent a")
        stage.note("medium", stage.medium.report())


@airtime.judge
def judge_airtime(evidence: Evidence) -> Checks:
    """A connection got something through; how much is for tools/bench to say."""
    yield Check("octets got through", evidence.record["notes"]["tcp"]["bitsPerSecond"] > 0, str(evidence.record["notes"]["tcp"]))


def latency_result(evidence: Evidence) -> Round | None:
    """Time that packets took, in microseconds."""
    took = evidence.record["notes"].get("latency")
    return took and {"packets": took["packets"], "median": took["median"], "percentile99": took["percentile99"]}


LATENCY = Benchmark(
    contenders=SPEED, result=latency_result, options={"rate": 200, "size": 1400, "seconds": 5, "rounds": 10},
    compared=lambda own, base: {f"added{key[0].upper()}{key[1:]}": round(own[key] - base[key], 1) for key in ("median", "percentile99")},
    figures=(
        Figure("packets", "packets", statistic=sum, has_interval=False),
        Figure("median", "median, µs"),
        Figure("percentile99", "99th percentile, µs"),
        Figure("addedMedian", "added to the injector's: median, µs"),
        Figure("addedPercentile99", "99th percentile, µs")))


@scenario("latency", "how long packets at a moderate rate take through relink0 or a plain injector (tools/bench)", 120, 5, heard=None,
          clock="real", is_default=False, records=False, benchmark=LATENCY)
def latency(stage: Stage) -> None:
    contender, size, seconds, rate = contender_of(stage), stage.options["size"], stage.options["seconds"], stage.options["rate"]
    stage.note("contender", contender.name)
    arrivals = f"{stage.folder}/arrivals.txt"
    if not contender.is_relink:
        with Injector(stage) as injector:
            stage.note("sent", injector.pace(size, seconds, rate, arrivals))
        return
    with carrying(stage, contender, size) as network:
        stage.note("sent", carry(stage, Relink.address, arrivals, rate, network.is_quiet, lambda: stage.act(
            "stream", f"{rate} packets a second for {seconds} s", time.sleep, seconds), size=size - HEADERS))


@latency.judge
def judge_latency(evidence: Evidence) -> Checks:
    """Every packet arrived once; how long they took is for tools/bench to say."""
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    sent, numbers = evidence.record["notes"]["sent"], [number for number, _, _ in arrivals]
    evidence.record["notes"]["latency"] = streams.latency(arrivals)
    yield Check("every packet arrived once", sent > 0 and sorted(numbers) == list(range(sent)),
                f"{len(set(numbers))} of {sent}, {len(numbers)} arrivals")
