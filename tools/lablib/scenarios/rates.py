"""A stream of long packets whose rates the kernel chooses."""

import os
import subprocess
import time
from collections.abc import Sequence
from itertools import pairwise

from .. import streams
from ..checked import Check
from ..evidence import BLOCK_ACK, Evidence
from ..guest import config
from ..guest.air import run
from ..guest.stage import Stage
from ..guest.streaming import NETWORKS, carry, contender_of
from ..guest.witness import Witness
from ..judging import FOREVER, Checks, same_session, undisturbed
from ..paths import LabError
from ..scenario import scenario

A, B = config.INITIATOR, config.RECEIVER
RATE, SIZE = 200, 1400
# The highest rate of hwsim's radios on 20 MHz in HT and, at 5 GHz, in VHT: there they receive 8 streams, and Minstrel-HT chooses up to 4,
# with which 20 MHz has no MCS 9 (IEEE Std 802.11-2020, table 21-33).
HT, VHT = "MCS 15", "VHT MCS 8x4"
# The least share of long frames that have it where nothing is lost.
SHARE = 0.9
# The most that a pause between two packets may exceed the usual one, in milliseconds.
PAUSE = 5
# Octets that are kept of each frame: its radiotap header and what tells payloads from others.
KEPT = 128


@scenario("rates", "a stream of packets of 1,400 octets on perfect air (--seconds): nearly all go at the highest rate that both radios have, "
          "and the kernel says nothing of its own", 120, 20, acknowledgments=("mac", "contexts"), securities=("psk", "open"), records=False,
          heard="type mgt or type ctl")
def rates(stage: Stage) -> None:
    play(stage)


@scenario("rates-5ghz", "the same with link 1 on channel 36, where the radios have VHT, too", 120, 20, acknowledgments=("mac", "contexts"),
          records=False, heard="type mgt or type ctl")
def rates_5ghz(stage: Stage) -> None:
    for agent in stage.agents.values():
        with open(agent.path + ".toml") as file:
            text = file.read()
        with open(agent.path + ".toml", "w") as file:
            file.write(text.replace("channel = 1\n", "channel = 36\n"))
    try:
        run("iw", "reg", "set", "US")
        play(stage)
    finally:
        run("iw", "reg", "set", "00")


def play(stage: Stage) -> None:
    """A stream, and what the peer's monitor on link 1 receives of it."""
    contender = contender_of(stage)
    # The peer's monitor shows the rate of each frame; hwsim0 does not.
    heard = Witness(f"{stage.folder}/receiver.pcap", f"wlan addr2 {config.link_address(A, 1)}", interface=config.interface(1),
                    namespace=stage.air.namespace(B), kept=KEPT)
    with NETWORKS[contender.kind](stage, contender) as network:
        with heard:
            stage.act("stream", f"a stream for {stage.options['seconds']} s", lambda: None)
            sent = carry(stage, network.address, f"{stage.folder}/arrivals.txt", RATE, network.is_quiet,
                         lambda: time.sleep(stage.options["seconds"]), size=SIZE)
    stage.note("stream", {"rate": RATE, "sent": sent})
    stage.note("receiverDropped", heard.dropped())


@rates.judge
def judge_rates(evidence: Evidence) -> Checks:
    """Both ends hold the session, and the payloads went at the highest rate of HT. The peer's host may begin a session of its own first."""
    yield same_session(evidence)
    yield from judge_stream(evidence, HT)


@rates_5ghz.judge
def judge_rates_5ghz(evidence: Evidence) -> Checks:
    """The same, at the highest rate of VHT."""
    yield same_session(evidence)
    yield from judge_stream(evidence, VHT)


def judge_stream(evidence: Evidence, highest: str) -> Checks:
    """The payloads went at this rate, none was lost or late, and no frame on the air is the kernel's own."""
    start, stop = evidence.done("stream"), evidence.action("stop-a") or FOREVER
    yield undisturbed(evidence, start, stop)
    notes = evidence.record["notes"]
    yield Check("the receiver's capture lost no frame", notes["receiverDropped"] == 0, f"{notes['receiverDropped']} dropped")
    found = modulations(os.path.join(evidence.folder, "receiver.pcap"))
    yield from at_the_highest(found, notes["stream"]["sent"], highest)
    notes["told"] = f"{found.count(highest)} of {len(found)} long frames with {highest}"
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    figures = streams.figures(arrivals, notes["stream"]["sent"], [], RATE)
    for what in streams.COUNTED:
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    longest = max((later[2] - earlier[2] for earlier, later in pairwise(arrivals)), default=0) / streams.MILLISECOND - 1000 / RATE
    yield Check(f"no packet comes more than {PAUSE} ms late", longest < PAUSE, f"{longest:.2f} ms")
    foreign = [frame for frame in evidence.frames if frame.category == BLOCK_ACK and not frame.element]
    yield Check("on the air: no Block Ack action frame of the kernel", not foreign, ", ".join(map(str, foreign[:3])))
    links = [link for peer in notes["status"][A]["peers"] for link in peer["links"] if link["id"] == 1]
    station: dict[str, float] | None = links[0].get("station") if links else None
    yield Check("the status has the kernel's report of the peer as a station", station is not None and station["frames"] > 0, str(station))


def modulations(path: str) -> list[str]:
    """The modulation of each long data frame that a monitor received, as tshark reads it: `MCS 15`, `VHT MCS 8x4` (streams), or `no HT`."""
    command = ["tshark", "-r", path, "-Y", f"wlan.fc.type_subtype == 0x28 && frame.len > {SIZE}", "-T", "fields", "-e", "wlan.fc",
               "-e", "radiotap.mcs.index", "-e", "radiotap.vht.mcs.0", "-e", "radiotap.vht.nss.0"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"tshark can't read {path}: {done.stderr.strip()}")
    return [modulation(*row.split("\t")[1:]) for row in done.stdout.splitlines()]


def modulation(ht: str, vht: str, streams: str) -> str:
    """The modulation by the fields of one frame, each empty where the frame has none."""
    return f"VHT MCS {int(vht, 0)}x{int(streams, 0)}" if vht and streams else f"MCS {ht}" if ht else "no HT"


def at_the_highest(found: Sequence[str], sent: int, highest: str) -> Checks:
    """The rates of the payloads."""
    share = found.count(highest) / len(found) if found else 0.0
    counts = ", ".join(f"{each}: {found.count(each)}" for each in sorted(set(found)))
    yield Check("each packet was received as a frame", len(found) >= sent, f"{len(found)} of {sent}")
    yield Check(f"at least {SHARE:.0%} of the long frames have {highest}", share >= SHARE, f"{share:.1%}; {counts}")
