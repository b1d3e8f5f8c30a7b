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
from ..guest.stage import Stage
from ..guest.streaming import NETWORKS, carry, contender_of
from ..guest.witness import Witness
from ..judging import FOREVER, Checks, established, undisturbed
from ..paths import LabError
from ..scenario import scenario

A, B = config.INITIATOR, config.RECEIVER
RATE, SIZE = 200, 1400
# The highest MCS of hwsim's radios on 20 MHz, and the least share of long frames that have it where nothing is lost.
HIGHEST, SHARE = 15, 0.9
# The most that a pause between two packets may exceed the usual one, in milliseconds.
PAUSE = 5
# Octets that are kept of each frame: its radiotap header and what tells payloads from others.
KEPT = 128


@scenario("rates", "a stream of packets of 1,400 octets on perfect air (--seconds): nearly all go at the highest rate that both radios have, "
          "and the kernel says nothing of its own", 120, 20, acknowledgments=("mac", "contexts"), securities=("psk", "open"), records=False,
          heard="type mgt or type ctl")
def rates(stage: Stage) -> None:
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
    """The payloads went at the highest rate, none was lost or late, and no frame on the air is the kernel's own."""
    yield from established(evidence)
    start, stop = evidence.done("stream"), evidence.action("stop-a") or FOREVER
    yield undisturbed(evidence, start, stop)
    notes = evidence.record["notes"]
    yield Check("the receiver's capture lost no frame", notes["receiverDropped"] == 0, f"{notes['receiverDropped']} dropped")
    found = modulations(os.path.join(evidence.folder, "receiver.pcap"))
    yield from at_the_highest(found, notes["stream"]["sent"])
    notes["told"] = f"{found.count(HIGHEST)} of {len(found)} long frames with MCS {HIGHEST}"
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


def modulations(path: str) -> list[int | None]:
    """The MCS of each long data frame that a monitor received, as tshark reads it; `None` for one that is not HT."""
    command = ["tshark", "-r", path, "-Y", f"wlan.fc.type_subtype == 0x28 && frame.len > {SIZE}", "-T", "fields", "-e", "wlan.fc",
               "-e", "radiotap.mcs.index"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"tshark can't read {path}: {done.stderr.strip()}")
    found = [row.split("\t")[1] for row in done.stdout.splitlines()]
    return [int(text) if text else None for text in found]


def at_the_highest(found: Sequence[int | None], sent: int) -> Checks:
    """The rates of the payloads."""
    highest = sum(each == HIGHEST for each in found)
    share = highest / len(found) if found else 0.0
    counts = ", ".join(f"{'no HT' if each is None else f'MCS {each}'}: {found.count(each)}" for each in sorted(set(found), key=lambda x: x or -1))
    yield Check("each packet was received as a frame", len(found) >= sent, f"{len(found)} of {sent}")
    yield Check(f"at least {SHARE:.0%} of the long frames have MCS {HIGHEST}", share >= SHARE, f"{share:.1%}; {counts}")
