"""Goodput while an attacker floods both agents."""

import contextlib
from statistics import median

from ..benchmarks import Benchmark, Figure, Round
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


def flooded_result(evidence: Evidence) -> Round | None:
    """Goodput in peace, beside a flood to nobody, and under one to the agents, in Mbit/s: the medians of all turns, and that of
    what each turn had under the flood, compared with the others of the same turn."""
    measured = evidence.record["notes"].get("bitsPerSecond")
    if not measured or any(bits <= 0 for each in measured.values() for bits in each):
        return None
    turns = {name: [bits / 1e6 for bits in each] for name, each in measured.items()}
    shares = {f"shareOf{name.title()}": round(median(under / other for under, other in zip(turns["under"], turns[name], strict=True)), 4)
              for name in ("beside", "peace")}
    return {name: round(median(each), 2) for name, each in turns.items()} | shares


@scenario("flooded", "what gets through relink0 in peace, beside a flood to nobody, and under one of all that an attacker forges (tools/bench)",
          1500, 1, clock="real", is_default=False, heard=None, records=False, needs_key=True, benchmark=Benchmark(
              contenders=("relink-mac", "relink-frame"), result=flooded_result, securities=("psk",),
              options={"seconds": 1, "turns": 3, "rounds": 5}, figures=(
                  *(Figure(name, f"{name}, Mbit/s", 1) for name in GOODPUT),
                  Figure("shareOfBeside", "under, of beside", 0, "%", scale=100), Figure("shareOfPeace", "under, of peace", 0, "%", scale=100))))
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
    peace, beside, under = (median(measured.get(name) or [0]) / 1e6 for name in ("peace", "beside", "under"))
    notes["told"] = f"goodput {peace:.1f} Mbit/s in peace, {beside:.1f} beside a flood, {under:.1f} under it"
    if evidence.record["processor"] == "host":
        yield Check("goodput under a flood stays above 80% of that beside it", under > GOODPUT_SHARE * beside, str(measured))


def goodput(stage: Stage, radios: Attacker, network: Network, frames: list[attacks.Frame]) -> None:
    """Goodput of relink0 at full speed, by turns, since what the host gives the guest changes: in peace, beside a
    flood to nobody, which costs the air and the kernel as much, and under a flood of all kinds to both agents."""
    nobody = [attacks.Frame(frame.link, frame.mpdu[:4] + attacks.STRANGER * 2 + frame.mpdu[16:]) for frame in frames]
    sent, seconds = {"beside": nobody, "under": frames}, stage.options["seconds"]
    measured: dict[str, list[int]] = {name: [] for name in GOODPUT}
    for turn in range(stage.options["turns"]):
        first = turn % len(GOODPUT)
        for name in GOODPUT[first:] + GOODPUT[:first]:
            stage.act(f"goodput {name}", f"goodput {name}", lambda: None)
            with radios.send(sent[name], FLOOD, seconds + 1) if name in sent else contextlib.nullcontext():
                fate = speed.flood(stage, network, GOODPUT_SIZE, seconds)
            measured[name].append(round(fate["bytes"] * 8e9 / fate["nanoseconds"]))
    stage.note("bitsPerSecond", measured)
