"""What gets through while an attacker floods both agents."""

import contextlib
import statistics

from ..checked import Check
from ..evidence import Evidence
from ..guest import attacks, speed
from ..guest.attacking import FLOOD, GOODPUT, GOODPUT_SIZE, Attacker, among
from ..guest.network import Network
from ..guest.stage import Stage
from ..guest.streaming import contender_of
from ..judging import Checks
from ..scenario import scenario

GOODPUT_SHARE = 0.8


@scenario("flooded", "what gets through relink0 in peace, beside a flood to nobody, and under one of all that an attacker forges (tools/bench)",
          1500, 1, clock="real", heard=None, records=False, needs_key=True)
def flooded(stage: Stage) -> None:
    luck = attacks.seeded(stage.options["seed"])
    contender = contender_of(stage)
    stage.note("contender", contender.name)
    with among(stage, contender) as (radios, network, heard, deaf):
        frames, _ = attacks.recorded(heard, deaf)
        goodput(stage, radios, network, attacks.mixed({**attacks.Forger(frames, luck).forgeries(), "recorded": frames}, luck))


@flooded.judge
def judge_flooded(evidence: Evidence) -> Checks:
    """Something got through each time. Under the flood it is more than 80% of what got through beside one to nobody, in the medians; an
    emulated processor has so much else to do that this is told there, and not judged."""
    notes = evidence.record["notes"]
    measured = notes["bitsPerSecond"]
    yield Check("octets got through each time", len(measured) == 3 and all(each and min(each) > 0 for each in measured.values()), str(measured))
    peace, beside, under = (statistics.median(measured.get(name) or [0]) / 1e6 for name in ("peace", "beside", "under"))
    notes["told"] = f"goodput {peace:.1f} Mbit/s in peace, {beside:.1f} beside a flood, {under:.1f} under it"
    if evidence.record["processor"] == "host":
        yield Check("goodput under a flood stays above 80% of that beside it", under > GOODPUT_SHARE * beside, str(measured))


def goodput(stage: Stage, radios: Attacker, network: Network, frames: list[attacks.Frame]) -> None:
    """What goes through relink0 as fast as it gets through, by turns, since what the host gives the guest changes: in peace, beside a
    flood to nobody, which costs the air and the kernel as much, and under a flood of all kinds to both agents."""
    nobody = [attacks.Frame(frame.link, frame.mpdu[:4] + attacks.STRANGER * 2 + frame.mpdu[16:]) for frame in frames]
    sent, seconds = {"beside": nobody, "under": frames}, stage.options["seconds"]
    measured: dict[str, list[int]] = {name: [] for name in GOODPUT}
    for turn in range(stage.options["rounds"]):
        first = turn % len(GOODPUT)
        for name in GOODPUT[first:] + GOODPUT[:first]:
            stage.act(f"goodput {name}", f"goodput {name}", lambda: None)
            with radios.send(sent[name], FLOOD, seconds + 1) if name in sent else contextlib.nullcontext():
                fate = speed.flood(stage, network, GOODPUT_SIZE, seconds)
            measured[name].append(round(fate["octets"] * 8e9 / fate["nanoseconds"]))
    stage.note("bitsPerSecond", measured)
