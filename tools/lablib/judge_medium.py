"""Judges the scenario `medium`: what the sender's radio reported, what arrived, and what the medium counted must agree with what
the medium was told to do."""

from .checked import Check
from .luck import is_plausible

MILLISECOND = 1_000_000
SLOW_NANOSECONDS, DELAY_NANOSECONDS = 5 * MILLISECOND, 100 * MILLISECOND
TRIES = 3
# How many frames of a radio wait before hwsim drops some.
QUEUE = 200


def medium(evidence):
    """Each phase for itself."""
    phases = evidence.record["notes"]["phases"]
    acknowledges = evidence.acknowledgment == "mac"
    for name in ("well", "well again", "delayed", "slow", "held back"):
        yield from carried(name, phases[name], 1, acknowledges)
    yield from carried("acknowledgments lost", phases["acknowledgments lost"], 1, False)
    yield from carried("cut back", phases["cut back"], 1, False)
    yield from carried("retried", phases["retried"], TRIES, False)
    yield from lost(phases["frames lost"])
    yield from in_part(phases["a tenth"], acknowledges)
    yield from in_time(phases["slow"], phases["delayed"])
    yield from held_back(phases["held back"])
    yield from bounded(phases["too many"], acknowledges)


def carried(name, phase, tries, is_acknowledged):
    """Every frame arrived as often as it was tried, in order, later tries with the Retry bit; every sender was told the truth."""
    wanted = [(number, again > 0) for number in range(phase["count"]) for again in range(tries)]
    seen = [(number, retry) for number, retry, _ in phase["arrivals"]]
    yield Check(f"{name}: every frame arrived {'once' if tries == 1 else f'{tries} times'}, in order", seen == wanted,
                f"{len(seen)} of {len(wanted)}")
    told = [report[1:] for report in phase["reports"].values()]
    yield Check(f"{name}: every frame was reported as {'' if is_acknowledged else 'not '}acknowledged, after {tries}",
                told == [[is_acknowledged, tries - 1]] * phase["count"], f"{len(told)}: {told[:3]}")


def lost(phase):
    """No frame arrived, and every sender was told so."""
    told = [report[1] for report in phase["reports"].values()]
    yield Check("frames lost: none arrived", phase["arrivals"] == [], str(len(phase["arrivals"])))
    yield Check("frames lost: every frame was reported as not acknowledged", told == [False] * phase["count"], f"{len(told)}: {told[:3]}")


def in_part(phase, acknowledges):
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


def counted(phase, sender, receiver):
    """What the medium counted in one direction while the phase lasted."""

    def find(counters):
        return next(each for each in counters["directions"] if (each["link"], each["from"], each["to"]) == (1, sender, receiver))

    before, after = find(phase["before"]), find(phase["after"])
    return {key: value - before[key] for key, value in after.items() if key not in ("link", "from", "to")}


def in_time(slow, delayed):
    """Nothing is faster than the air: a report comes when the frame's time is over, an arrival when the delay is."""
    start = min(began for began, _ in slow["sent"].values())
    early = [number for number, report in slow["reports"].items() if report[0] - start < (int(number) + 1) * SLOW_NANOSECONDS]
    yield Check("slow: no report came before the frame's time on the air was over", not early, ", ".join(early[:5]))
    early = [number for number, _, at in delayed["arrivals"] if at - delayed["sent"][str(number)][0] < DELAY_NANOSECONDS]
    yield Check("delayed: no frame arrived before its time", not early, str(early[:5]))


def held_back(phase):
    """A socket waits while as many frames of its have no report as hwsim lets wait, or fewer."""
    early = [number for number, (_, done) in phase["sent"].items()
             if int(number) >= QUEUE and done < phase["reports"].get(str(int(number) - QUEUE), [0])[0]]
    yield Check(f"held back: never more than {QUEUE} frames wait", not early, ", ".join(early[:5]))


def bounded(phase, acknowledges):
    """Of too many frames hwsim drops some; the others arrive once, in order, and are reported."""
    numbers = [number for number, _, _ in phase["arrivals"]]
    told = [report[1] for report in phase["reports"].values()]
    yield Check("too many: not all could wait", 0 < len(numbers) < phase["count"], f"{len(numbers)} of {phase['count']}")
    yield Check("too many: what arrived came once and in order", numbers == sorted(set(numbers)), str(len(numbers)))
    yield Check("too many: nothing was reported that did not arrive", bool(told) and set(map(str, numbers)) >= set(phase["reports"])
                and told == [acknowledges] * len(told), f"{len(told)} of {len(numbers)}")
