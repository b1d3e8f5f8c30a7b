"""Somebody else's interfaces scan, on the radios of an agent and beside them, while a stream goes on."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import Any

from .. import streams
from ..checked import Check
from ..evidence import Evidence, Frame
from ..guest import config
from ..guest.air import LINKS, run
from ..guest.attacking import under_stream
from ..guest.config import INITIATOR
from ..guest.stage import Stage
from ..guest.streaming import NETWORKS, SIZE, contender_of
from ..judging import FOREVER, Checks, on_another_channel, settled
from ..scenario import scenario

# Somebody's stations: on the initiator's radio of each link, and on one that no agent uses.
STATIONS = {link: f"other{link}" for link in LINKS}
ELSEWHERE = "other0"
# Where a station scans: on the radio that the stream is on, or on that other one. Then how.
PLACES = ("beside", "elsewhere")
WAYS: tuple[tuple[str, ...], ...] = ((), ("ap-force",))
# Time that a station is up before and after a scan, and that it is down, in seconds.
PAUSE = 1


@contextlib.contextmanager
def stations(stage: Stage) -> Iterator[None]:
    """While it lasts, the initiator's namespace has stations of somebody else, set down."""
    air = stage.air
    phy = air.spare[-1]
    run("iw", "phy", phy, "set", "netns", "name", air.namespace(INITIATOR))
    try:
        for radio, name in (*((air.radios[INITIATOR, link], name) for link, name in STATIONS.items()), (phy, ELSEWHERE)):
            run(*air.inside(INITIATOR, "iw", "phy", radio, "interface", "add", name, "type", "managed"))
        yield
    finally:
        for name in (*STATIONS.values(), ELSEWHERE):
            subprocess.run(air.inside(INITIATOR, "iw", "dev", name, "del"), capture_output=True)
        run(*air.inside(INITIATOR, "iw", "phy", phy, "set", "netns", "1"))


def scan(stage: Stage, interface: str, way: tuple[str, ...], refusals: list[str]) -> None:
    """A station is set up, scans, and is set down again; adds why the kernel refused the scan, if it did."""
    stage.air.interface_up(INITIATOR, interface)
    time.sleep(PAUSE)
    done = subprocess.run(stage.air.inside(INITIATOR, "iw", "dev", interface, "scan", *way), capture_output=True, text=True)
    time.sleep(PAUSE)
    stage.air.interface_down(INITIATOR, interface)
    if done.returncode != 0:
        refusals.append(done.stderr.strip() or "refused")


# All frames are kept but the probe requests of those who scan.
@scenario("scanned", "stations of somebody else scan, on the radio that the stream is on and on another, with ap-force and without: nothing "
          "is lost, nothing goes out on another channel", 240, heard="wlan[0] != 0x40", records=False)
def scanned(stage: Stage) -> None:
    contender = contender_of(stage)
    scans: list[dict[str, Any]] = []
    with NETWORKS[contender.kind](stage, contender) as network, stations(stage):

        def scan_all() -> None:
            for name, place, way in ((" ".join((place, *way)), place, way) for place in PLACES for way in WAYS):
                interface = STATIONS[network.link()] if place == PLACES[0] else ELSEWHERE
                refusals: list[str] = []
                at = stage.act(f"scan {name}", f"{interface} scans: {name}", scan, stage, interface, way, refusals)
                scans.append({"name": name, "refused": "".join(refusals), "since": at, "until": time.monotonic_ns()})
                time.sleep(PAUSE)
                for link in LINKS:
                    stage.alive(link)

        sent = under_stream(stage, network, scan_all)
    stage.note("scans", scans)
    stage.note("isAnchored", stage.air.acknowledgment == "mac" and stage.air.anchor != "none")
    stage.note("stream", {"rate": stage.options["rate"], "size": SIZE, "sent": sent})


@scanned.judge
def judge_scanned(evidence: Evidence) -> Checks:
    """Every packet arrives once and in order, and all that bears an agent's address stays on its channel."""
    notes = evidence.record["notes"]
    scans, stream = notes["scans"], notes["stream"]
    cuts = [(each["since"], each["until"]) for each in scans]
    figures = streams.figures(streams.read(os.path.join(evidence.folder, "arrivals.txt")), stream["sent"], cuts, stream["rate"])
    notes["told"] = "; ".join(outcome(each, gap) for each, gap in zip(scans, figures["gaps"], strict=True))
    for what in streams.COUNTED:
        yield Check(f"the receiver counts no packet {what}", figures["received"] > 0 and figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    yield Check("a station scanned in each place, in each way", len(scans) == len(PLACES) * len(WAYS) and not any(each["refused"] for each in scans),
                str(scans))
    strays = [frame for frame in on_another_channel(evidence) if notes["isAnchored"] or not unnoticed(evidence, frame)]
    yield Check("on the air: nothing on another channel", not strays, ", ".join(map(str, strays[:5])))
    yield from settled(evidence)


def unnoticed(evidence: Evidence, frame: Frame) -> bool:
    """True of a frame that was sent after a station had been set up and before the agent reported that its radio is on no channel. Without an
    access point that holds the radio, the kernel tunes it to another one then."""
    for scan in evidence.record["notes"]["scans"]:
        told = evidence.event(INITIATOR, "linkDown", since=scan["since"])
        if scan["since"] <= frame.nanoseconds <= (told["monotonicNanoseconds"] if told else FOREVER):
            return told is not None and told["link"] == frame_link(frame)
    return False


def frame_link(frame: Frame) -> int | None:
    """The link whose radio has the frame's transmitter address."""
    return next((link for link in LINKS if config.node_with(frame.transmitter, link)), None)


def outcome(scan: Mapping[str, Any], gap: float) -> str:
    """A scan in few words, with the gap of the stream."""
    seconds = (scan["until"] - scan["since"]) / 1e9
    return f"{scan['name']}: {scan['refused'] or f'{seconds:.1f} s'}, gap {gap:.0f} ms"
