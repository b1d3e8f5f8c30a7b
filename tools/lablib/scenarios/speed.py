"""How much gets through relink0 and how long it takes, beside a plain injector."""

import os
import time

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest.programs import Program
from ..guest.speed import HEADERS, SHARE, WINDOW, Injector, Meter, carrying, flood, iperf, own_core
from ..guest.stage import Stage
from ..guest.streaming import A, B, Relink, contender_of
from ..guest.waiting import wait_until
from ..judging import Checks
from ..scenario import scenario

# What a link carries where airtime is limited, in bits per second: far less than the processor does.
AIRTIME = 2_000_000


@scenario("throughput", "packets as fast as they go through relink0 or a plain injector, and their processor time (tools/bench)", 180, 5,
          heard=None, clock="real", is_default=False, records=False)
def throughput(stage: Stage) -> None:
    contender, size, seconds = contender_of(stage), stage.options["size"], stage.options["seconds"]
    stage.note("contender", contender.name)
    if not contender.is_relink:
        with Injector(stage, contender) as injector, Meter(stage) as meter:
            fate = injector.run("flood", size, seconds, WINDOW)
        stage.note("flood", fate)
        stage.note("meter", meter.used)
        return
    with carrying(stage, contender, size) as network, own_core(stage):
        with Meter(stage) as meter:
            fate = flood(stage, network, size, seconds)
        stage.note("flood", fate)
        stage.note("meter", meter.used)
        if stage.record["run"] > 1:
            return
        stage.note("tcp", iperf(stage, seconds))
        offered = int(fate["octets"] * 8e9 / fate["nanoseconds"] * SHARE)
        stage.note("udp", iperf(stage, seconds, "--udp", "--bitrate", offered, "--length", size - HEADERS))


@throughput.judge
def judge_throughput(evidence: Evidence) -> Checks:
    """Something got through; how much is for tools/bench to say."""
    fate = evidence.record["notes"]["flood"]
    yield Check("packets got through", fate["received"] > 0, f"{fate['received']} of {fate['sent']}")
    yield Check("no more arrived than were sent", fate["received"] <= fate["sent"], f"{fate['received']} of {fate['sent']}")


@scenario("airtime", "a TCP connection through links of limited airtime (tools/bench)", 180, 5, heard=None, is_default=False, records=False,
          medium=[{"bitsPerSecond": AIRTIME}])
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


@scenario("latency", "how long packets at a moderate rate take through relink0 or a plain injector (tools/bench)", 120, 10, heard=None,
          clock="real", is_default=False, records=False)
def latency(stage: Stage) -> None:
    contender, size, seconds, rate = contender_of(stage), stage.options["size"], stage.options["seconds"], stage.options["rate"]
    stage.note("contender", contender.name)
    arrivals = f"{stage.folder}/arrivals.txt"
    if not contender.is_relink:
        with Injector(stage, contender) as injector:
            stage.note("sent", injector.run("pace", size, seconds, rate, arrivals)["sent"])
        return
    with carrying(stage, contender, size) as network, Program(stage, B, "stream", "receive", "udp", arrivals, size - HEADERS) as receiver:
        receiver.wait_for_line()
        with Program(stage, A, "stream", "send", "udp", Relink.address, rate, size - HEADERS) as sender:
            stage.act("stream", f"{rate} packets a second for {seconds} s", time.sleep, seconds)
            stage.note("sent", int(sender.end()))
        wait_until(network.is_quiet, 10, "nothing is queued at agent a")
        time.sleep(0.2)
        receiver.end()


@latency.judge
def judge_latency(evidence: Evidence) -> Checks:
    """Every packet arrived once; how long they took is for tools/bench to say."""
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    sent, numbers = evidence.record["notes"]["sent"], [number for number, _, _ in arrivals]
    evidence.record["notes"]["latency"] = streams.latency(arrivals)
    yield Check("every packet arrived once", sent > 0 and sorted(numbers) == list(range(sent)),
                f"{len(set(numbers))} of {sent}, {len(numbers)} arrivals")
