"""Plays the scenarios of a plan: `driver.py PLAN`. Runs as root in the guest, or on this machine with --host.

Progress goes to standard output, one line per message: `@lab ` and a JSON object. Evidence goes to the plan's folder."""

import json
import os
import shutil
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from guest import config  # noqa: E402
from guest.air import Air, AirError  # noqa: E402
import guest.attacker  # noqa: E402, F401
import guest.block_ack  # noqa: E402, F401
import guest.checks  # noqa: E402, F401
import guest.discovery  # noqa: E402, F401
import guest.failover  # noqa: E402, F401
import guest.keys  # noqa: E402, F401
import guest.lossy  # noqa: E402, F401
import guest.many  # noqa: E402, F401
import guest.mediumtest  # noqa: E402, F401
import guest.shared  # noqa: E402, F401
import guest.speed  # noqa: E402, F401
import guest.tcp  # noqa: E402, F401
import guest.table  # noqa: E402, F401
from guest.contenders import CONTENDERS  # noqa: E402
from guest.medium import Medium  # noqa: E402
from guest.scenarios import SCENARIOS, seconds_of  # noqa: E402
from guest.stage import Stage, perform  # noqa: E402
from guest.witness import Nobody, Witness  # noqa: E402


class TooLong(RuntimeError):
    """A run took longer than it may, whatever its own limits were."""


def out_of_time(*_):
    raise TooLong("the run took longer than it may")


def tell(kind, **fields):
    """One progress message."""
    print("@lab " + json.dumps({"kind": kind, **fields}), flush=True)


def is_protected(plan, scenario, job):
    """Whether the agents have a key."""
    contender = CONTENDERS.get(job["options"].get("contender"))
    return (contender and contender.is_protected) or (scenario.security or plan["security"]) == "psk"


def play(plan, air, job):
    """One run of one scenario: played in fast local memory, then its evidence is handed over."""
    name, run = job["scenario"], job["run"]
    scenario = SCENARIOS[name]
    key_file = plan["key_file"] if is_protected(plan, scenario, job) else None
    options = plan | {"seconds": seconds_of(plan, name), "key_file": key_file} | job["options"]
    label = {"scenario": name, "acknowledgment": air.acknowledgment, "run": run, **job["options"]}
    folder = f"{plan['work']}/{os.path.basename(job['folder'])}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    tell("start", **label)
    stage = Stage(name, run, scenario.cast(plan), air, folder, plan["relink"],
                  lambda kind, **fields: tell(kind, **label, **fields), options)
    if scenario.medium is not None:
        stage.medium = Medium(plan["medium"], air, folder, plan["seed"], scenario.medium)
    signal.alarm(scenario.seconds + options["seconds"])
    try:
        witness = Witness(f"{folder}/air.pcap", scenario.heard) if scenario.heard is not None else Nobody(air)
        perform(scenario, stage, witness, folder)
    finally:
        signal.alarm(0)
        os.makedirs(job["folder"], exist_ok=True)
        for file in os.listdir(folder):
            shutil.copyfile(f"{folder}/{file}", f"{job['folder']}/{file}")
        shutil.rmtree(folder)
    tell("end", **label, error=stage.record["error"])


def main(path):
    """Loads the radios once per kind of acknowledgment, number of nodes and medium, and plays all that is asked for on them."""
    with open(path) as file:
        plan = json.load(file)
    signal.signal(signal.SIGALRM, out_of_time)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # This process wakes up with every event; it must not compete with the agents, which do not inherit this.
    os.sched_setscheduler(0, os.SCHED_IDLE | os.SCHED_RESET_ON_FORK, os.sched_param(0))

    os.makedirs(plan["work"], exist_ok=True)
    plan["key_file"] = config.make_key(plan["relink"], f"{plan['work']}/relink.key")

    def radios(job):
        scenario = SCENARIOS[job["scenario"]]
        return job["acknowledgment"], scenario.cast(plan).nodes, scenario.medium is not None

    for kind in dict.fromkeys(map(radios, plan["jobs"])):
        try:
            with Air(*kind) as air:
                for job in (job for job in plan["jobs"] if radios(job) == kind):
                    play(plan, air, job)
        except AirError as error:
            tell("fatal", text=str(error))
            return 1
    tell("done")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
