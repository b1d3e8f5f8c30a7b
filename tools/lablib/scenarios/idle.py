"""Nothing happens."""

import time

from ..checked import Check
from ..evidence import Evidence
from ..guest.stage import Stage
from ..judging import FOREVER, Checks, established, undisturbed
from ..scenario import scenario

GROWTH_KIB = 64
# Of a core. An emulated one does a fraction of a real one's work, so this is judged on real ones only.
PROCESSOR_SHARE = 0.01
# A second, with heartbeats at their slow rate on two links.
WAKEUPS = 8
# Age that keys may reach, and time that an agent may take to renew them, in seconds.
REKEY_SECONDS, REKEYING_SECONDS = 3600, 10
# In which they are renewed once.
AN_HOUR = 3700


@scenario("idle", "nothing happens; nothing is lost, nothing grows, keys are renewed (--seconds)", 240,
          lambda options: options["seconds"] or (AN_HOUR if options["clock"] == "virtual" else 20), records=False, kept_short=True)
def idle(stage: Stage) -> None:
    stage.establish()
    # The first seconds fill caches and pools, and growth is what comes after them; then the heartbeats slow down.
    time.sleep(7)
    stage.collect()
    at = time.monotonic_ns()
    before = {node: agent.usage() for node, agent in stage.agents.items()}
    stage.act("idle", f"nothing is done for {stage.options['seconds']} s", time.sleep, stage.options["seconds"])
    stage.note("usage", {node: {"before": before[node], "after": agent.usage()} for node, agent in stage.agents.items()})
    stage.note("nanoseconds", time.monotonic_ns() - at)
    stage.collect()
    stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
    stage.finish()


@idle.judge
def judge_idle(evidence: Evidence) -> Checks:
    """Nothing is lost, nothing grows, hardly any processor time is used."""
    yield from established(evidence)
    start, notes = evidence.done("idle"), evidence.record["notes"]
    yield undisturbed(evidence, start, evidence.action("stop-a") or FOREVER)
    for node, usage in notes["usage"].items():
        before, after = usage["before"], usage["after"]
        grown = after["residentKiB"] - before["residentKiB"]
        share = (after["processorNanoseconds"] - before["processorNanoseconds"]) / notes["nanoseconds"]
        yield Check(f"agent {node} does not grow", grown < GROWTH_KIB, f"{before['residentKiB']} KiB, {grown:+} KiB")
        if evidence.record["clock"] == "virtual":
            # Programs take no time there: what they cost is how often they run.
            rate = (after["wakeups"] - before["wakeups"]) * 1e9 / notes["nanoseconds"]
            yield Check(f"agent {node} wakes up less than {WAKEUPS} times a second", rate < WAKEUPS, f"{rate:.1f}")
        elif evidence.record["processor"] == "host":
            yield Check(f"agent {node} takes less than {PROCESSOR_SHARE:.0%} of a core", share < PROCESSOR_SHARE, f"{share:.2%}")
    if evidence.record["hasKey"]:
        for node, status in notes["status"].items():
            oldest = max(peer["security"]["keyAgeSeconds"] for peer in status["peers"])
            yield Check(f"agent {node}'s keys were renewed in time", oldest < REKEY_SECONDS + REKEYING_SECONDS, f"{oldest:.0f} s old")
            if notes["nanoseconds"] > (REKEY_SECONDS + REKEYING_SECONDS) * 10**9:
                yield Check(f"agent {node} renewed keys", oldest < notes["nanoseconds"] / 1e9, f"{oldest:.0f} s old")
