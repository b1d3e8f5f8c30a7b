"""No agents, but monitors that send frames to each other: the medium does to them what it is told."""

import json
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.air import FREQUENCIES, run
from ..guest.programs import python
from ..guest.stage import Stage
from ..judging import Checks
from ..luck import is_plausible
from ..scenario import scenario

A, B = config.INITIATOR, config.RECEIVER
LINK = 1
INTERFACE = "probe0"
COUNT = 40
# A frame of 96 octets, its check sequence and its acknowledgment: 114 octets, which take 5 ms.
SLOW = 182_400
DELAY = 100_000
# More than hwsim lets wait.
MANY = 300
OVERFLOW = "too many"
# Number of bytes that a socket may have sent and no radio has reported, where it is not the usual number: enough for all of them to wait, and few
# enough for less to wait than hwsim lets (on 6.12 the usual number is not, since a frame takes less of it).
BUFFERS = {OVERFLOW: 8 << 20, "held back": 64 << 10}
WELL: dict[str, Any] = {"cut": False, "loss": 0, "handsOver": True, "longerThan": 0, "acknowledgmentLoss": 0, "delayMicroseconds": 0}
# The bytes of a frame, without check sequence.
LENGTH = 96
WITHHELD = "not handed over"
# Who sends to whom, and what becomes of it.
Direction = tuple[str, str, dict[str, Any]]
# Name, what it is, settings for single directions and for the link, and how many frames at what distance in ms.
PHASES: tuple[tuple[str, str, tuple[Direction, ...], dict[str, Any], int, int], ...] = (
    ("well", "all is well", (), {}, COUNT, 2),
    ("frames lost", "frames from a to b get lost", ((A, B, {"loss": 1}),), {}, COUNT, 2),
    (WITHHELD, "b's radio acknowledges, and its host gets nothing", ((A, B, {"handsOver": False}),), {}, COUNT, 2),
    ("short", f"frames from a to b that are longer than {LENGTH - 1} bytes get lost", ((A, B, {"loss": 1, "longerThan": LENGTH - 1}),), {}, COUNT, 2),
    ("long enough", f"frames from a to b that are longer than {LENGTH} bytes get lost", ((A, B, {"loss": 1, "longerThan": LENGTH}),), {}, COUNT, 2),
    ("acknowledgments lost", "acknowledgments from b to a get lost", ((B, A, {"acknowledgmentLoss": 1}),), {}, COUNT, 2),
    ("retried", "the same, and every frame is tried three times", ((B, A, {"acknowledgmentLoss": 1}),), {"retries": 2}, COUNT, 2),
    ("cut back", "nothing gets from b to a", ((B, A, {"cut": True}),), {}, COUNT, 2),
    ("a tenth", "a tenth of each gets lost", ((A, B, {"loss": 0.1}), (B, A, {"acknowledgmentLoss": 0.1})), {}, 400, 2),
    ("slow", "every frame takes 5 ms", (), {"bitsPerSecond": SLOW}, COUNT, 0),
    ("held back", "the same, and more frames than the socket lets wait", (), {"bitsPerSecond": SLOW}, MANY, 0),
    (OVERFLOW, "the same, and more frames than hwsim lets wait", (), {"bitsPerSecond": SLOW}, MANY, 0),
    ("delayed", "frames arrive 100 ms late", ((A, B, {"delayMicroseconds": DELAY}),), {}, COUNT, 2),
    ("well again", "all is well again", (), {}, COUNT, 2),
)
MILLISECOND = 1_000_000
SLOW_NANOSECONDS, DELAY_NANOSECONDS = 5 * MILLISECOND, 100 * MILLISECOND
TRIES = 3
# Number of frames of a radio that wait before hwsim drops some.
QUEUE = 200

# The accounts of both ends on one phase.
Phase = Mapping[str, Any]


@scenario("medium", "no agents, monitors that send frames to each other: the medium does to them what it is told", 120,
          medium=[], records=False)
def medium(stage: Stage) -> None:
    for node in (A, B):
        make_monitor(stage, node)
    phases = {}
    try:
        for name, what, directions, link, count, gap in PHASES:
            stage.medium.set(LINK, **WELL)
            stage.medium.set(LINK, **{"bitsPerSecond": 0, "retries": 0, **link})
            for origin, target, settings in directions:
                stage.medium.set(LINK, origin, target, **settings)
            before = stage.medium.report()
            listener = start(stage, B, "listen", INTERFACE, config.link_address(A, LINK))
            assert listener.stdout is not None
            listener.stdout.readline()
            status = stage.act("send", what, lambda: None)
            sender = start(stage, A, "send", INTERFACE, config.link_address(B, LINK), config.link_address(A, LINK), str(count), str(gap),
                           str(BUFFERS.get(name, 0)))
            told = json.loads(sender.communicate(timeout=60)[0])
            # The last frame sent is on its way.
            time.sleep(0.2)
            listener.terminate()
            arrivals = json.loads(listener.communicate(timeout=20)[0])
            phases[name] = told | {"count": count, "arrivals": arrivals, "at": status, "before": before, "after": stage.medium.report()}
            stage.act("stop", f"{len(arrivals)} arrived", int, sender.returncode | listener.returncode)
    finally:
        for node in (A, B):
            run(*stage.air.inside(node, "iw", "dev", INTERFACE, "del"))
    stage.note("phases", phases)


@medium.judge
def judge_medium(evidence: Evidence) -> Checks:
    """Each phase for itself."""
    phases = evidence.record["notes"]["phases"]
    acknowledges = evidence.acknowledgment == "mac"
    for name in ("well", "well again", "long enough", "delayed", "slow", "held back"):
        yield from carried(name, phases[name], 1, acknowledges)
    yield from carried("acknowledgments lost", phases["acknowledgments lost"], 1, False)
    yield from carried("cut back", phases["cut back"], 1, False)
    yield from carried("retried", phases["retried"], TRIES, False)
    for name in ("frames lost", "short", WITHHELD):
        yield from lost(name, phases[name], acknowledges and name == WITHHELD)
    yield from in_part(phases["a tenth"], acknowledges)
    yield from in_time(phases["slow"], phases["delayed"])
    yield from held_back(phases["held back"])
    yield from bounded(phases["too many"], acknowledges)


def start(stage: Stage, node: str, *arguments: str) -> subprocess.Popen[str]:
    """The probe in a node's namespace."""
    return subprocess.Popen(stage.air.inside(node, *python("air_probe"), *arguments),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def make_monitor(stage: Stage, node: str) -> None:
    """A monitor on link 1's channel as an agent has it."""
    active = ["flags", "active"] if stage.air.acknowledgment == "mac" else []
    run(*stage.air.inside(node, "iw", "phy", stage.air.radios[node, LINK], "interface", "add", INTERFACE, "type", "monitor", *active))
    namespace = stage.air.namespace(node)
    run("ip", "-n", namespace, "link", "set", INTERFACE, "address", config.link_address(node, LINK))
    run("ip", "-n", namespace, "link", "set", INTERFACE, "up")
    run(*stage.air.inside(node, "iw", "dev", INTERFACE, "set", "freq", str(FREQUENCIES[LINK])))


def carried(name: str, phase: Phase, tries: int, is_acknowledged: bool) -> Checks:
    """Every frame arrived as often as it was tried, in order, later tries with the Retry bit; every sender was told the truth."""
    wanted = [(number, again > 0) for number in range(phase["count"]) for again in range(tries)]
    seen = [(number, retry) for number, retry, _ in phase["arrivals"]]
    yield Check(f"{name}: every frame arrived {'once' if tries == 1 else f'{tries} times'}, in order", seen == wanted,
                f"{len(seen)} of {len(wanted)}")
    told = [report[1:] for report in phase["reports"].values()]
    yield Check(f"{name}: every frame was reported as {'' if is_acknowledged else 'not '}acknowledged, after {tries}",
                told == [[is_acknowledged, tries - 1]] * phase["count"], f"{len(told)}: {told[:3]}")


def lost(name: str, phase: Phase, is_acknowledged: bool) -> Checks:
    """No frame arrived, and every sender was told so, or that it was acknowledged all the same."""
    told = [report[1] for report in phase["reports"].values()]
    yield Check(f"{name}: none arrived", phase["arrivals"] == [], str(len(phase["arrivals"])))
    yield Check(f"{name}: every frame was reported as {'' if is_acknowledged else 'not '}acknowledged", told == [is_acknowledged] * phase["count"],
                f"{len(told)}: {told[:3]}")


def in_part(phase: Phase, acknowledges: bool) -> Checks:
    """A tenth of each gets lost, and the medium's count is that of the radios."""
    there, back = (counted(phase, *ends) for ends in (("a", "b"), ("b", "a")))
    arrived, acknowledged = len(phase["arrivals"]), sum(report[1] for report in phase["reports"].values())
    yield Check("a tenth: the medium counts what was sent and what arrived",
                there["frames"] == len(phase["reports"]) == phase["count"] and there["delivered"] == arrived == phase["count"] - there["lost"],
                f"{there}, arrived {arrived}")
    yield Check("a tenth: the medium counts what was acknowledged",
                back["acknowledgments"] == (arrived if acknowledges else 0)
                and acknowledged == back["acknowledgments"] - back["acknowledgmentsLost"], f"{back}, acknowledged {acknowledged}")
    yield Check("a tenth: so many frames got lost", is_plausible(there["lost"], there["frames"], 0.1), f"{there['lost']} of {there['frames']}")
    if acknowledges:
        yield Check("a tenth: so many acknowledgments got lost, of frames that arrived",
                    is_plausible(back["acknowledgmentsLost"], back["acknowledgments"], 0.1),
                    f"{back['acknowledgmentsLost']} of {back['acknowledgments']}")


def counted(phase: Phase, sender: str, receiver: str) -> dict[str, int]:
    """Counts of the medium in one direction while the phase lasted."""

    def find(counters: Mapping[str, Any]) -> dict[str, int]:
        return next(each for each in counters["directions"] if (each["link"], each["from"], each["to"]) == (1, sender, receiver))

    before, after = find(phase["before"]), find(phase["after"])
    return {key: value - before[key] for key, value in after.items() if key not in ("link", "from", "to")}


def in_time(slow: Phase, delayed: Phase) -> Checks:
    """Nothing is faster than the air: a report comes when the frame's time is over, an arrival when the delay is."""
    start = min(began for began, _ in slow["sent"].values())
    early = [number for number, report in slow["reports"].items() if report[0] - start < (int(number) + 1) * SLOW_NANOSECONDS]
    yield Check("slow: no report came before the frame's time on the air was over", not early, ", ".join(early[:5]))
    early = [number for number, _, at in delayed["arrivals"] if at - delayed["sent"][str(number)][0] < DELAY_NANOSECONDS]
    yield Check("delayed: no frame arrived before its time", not early, str(early[:5]))


def held_back(phase: Phase) -> Checks:
    """A socket waits while as many frames of its have no report as hwsim lets wait, or fewer."""
    early = [number for number, (_, done) in phase["sent"].items()
             if int(number) >= QUEUE and done < phase["reports"].get(str(int(number) - QUEUE), [0])[0]]
    yield Check(f"held back: never more than {QUEUE} frames wait", not early, ", ".join(early[:5]))


def bounded(phase: Phase, acknowledges: bool) -> Checks:
    """Of too many frames hwsim drops some; the others arrive once, in order, and are reported."""
    numbers = [number for number, _, _ in phase["arrivals"]]
    told = [report[1] for report in phase["reports"].values()]
    yield Check("too many: not all could wait", 0 < len(numbers) < phase["count"], f"{len(numbers)} of {phase['count']}")
    yield Check("too many: what arrived came once and in order", numbers == sorted(set(numbers)), str(len(numbers)))
    yield Check("too many: nothing was reported that did not arrive", bool(told) and set(map(str, numbers)) >= set(phase["reports"])
                and told == [acknowledges] * len(told), f"{len(told)} of {len(numbers)}")
