"""Plays the scenarios of a plan, as root: in a guest, or on this machine with --host or --radios.

Progress goes to standard output, one line per message: `@lab ` and a JSON object. Evidence goes to the folder of each job."""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import struct
from typing import Any, NoReturn

from .. import ending
from ..scenario import Options, Scenario, discover
from .air import Air, AirError
from .card_driver import play_on_cards
from .medium import Medium
from .stage import Stage, perform
from .witness import MakeWitness, Nobody, Witness

# _IOW('R', 0x03, int[2]) of the kernel's include/uapi/linux/random.h.
RNDADDENTROPY = 0x40085203


class TooLong(RuntimeError):
    """A run took longer than it may, whatever its own limits were."""


def out_of_time(*_: object) -> NoReturn:
    raise TooLong("the run took longer than it may")


def say(kind: str, /, **fields: Any) -> None:
    """One progress message."""
    print("@lab " + json.dumps({"kind": kind, **fields}), flush=True)


def seed_kernel(seed: int) -> None:
    """Makes the kernel's random numbers those of the seed, as far as nothing else feeds them; a guest without a source of its own would
    let the first program that asks for some wait for ever."""
    material = hashlib.sha256(f"relink lab kernel {seed}".encode()).digest()
    with open("/dev/random", "wb", buffering=0) as device:
        fcntl.ioctl(device, RNDADDENTROPY, struct.pack("ii", 8 * len(material), len(material)) + material)


def is_protected(options: Options, scenario: Scenario) -> bool:
    """Whether the agents have a key."""
    return scenario.needs_key or bool(options["security"] == "psk")


def ordinary_witness(air: Air) -> MakeWitness:
    """Makes the witness of a scenario on hwsim's radios."""
    return lambda heard, path, is_patient: Nobody(air) if heard is None else Witness(path, heard, is_patient)


def play(plan: dict[str, Any], air: Air, job: dict[str, Any], witness: MakeWitness) -> None:
    """One run of one scenario: played in fast local memory, then its evidence is handed over. `witness` makes its witness."""
    name, run = job["scenario"], job["run"]
    scenario = discover()[name]
    options: dict[str, Any] = plan | job["options"]
    options |= {"seconds": scenario.lasting(options), "key_file": plan["key_file"] if is_protected(options, scenario) else None}
    label = {"scenario": name, "acknowledgment": air.acknowledgment, "run": run, **job["label"]}
    folder = f"{plan['work']}/{os.path.basename(job['folder'])}-{run}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    say("start", **label)

    def say_of_it(kind: str, /, **fields: Any) -> None:
        say(kind, **label, **fields)

    medium = None if scenario.medium is None else Medium(plan["medium"], air, folder, options["seed"], scenario.medium)
    stage = Stage(scenario, run, air, folder, plan["relink"], say_of_it, options, medium)
    signal.alarm(scenario.seconds + options["seconds"])
    try:
        is_timed = options["clock"] == "real" and bool(scenario.benchmark or scenario.demonstration)
        perform(scenario, stage, witness(scenario.heard, f"{folder}/air.pcap", is_timed), folder)
    finally:
        signal.alarm(0)
        shutil.copytree(folder, job["folder"], dirs_exist_ok=True, copy_function=shutil.copyfile)
        shutil.rmtree(folder)
    say("end", **label, error=stage.record["error"])


def main(path: str) -> int:
    """Loads the radios once per kind of acknowledgment, number of nodes and medium, and plays all that is asked for on them."""
    with open(path) as file:
        plan = json.load(file)
    signal.signal(signal.SIGALRM, out_of_time)
    ending.install()
    # This process wakes up with every event; it must not compete with the agents, which do not inherit this.
    os.sched_setscheduler(0, os.SCHED_IDLE | os.SCHED_RESET_ON_FORK, os.sched_param(0))
    scenarios = discover()
    if plan["guest"]:
        seed_kernel(plan["jobs"][0]["options"]["seed"])
    os.makedirs(plan["work"], exist_ok=True)

    if plan.get("cards"):
        return play_on_cards(plan, play, say)

    def radios(job: dict[str, Any]) -> tuple[str, tuple[str, ...], bool, tuple[str, ...]]:
        scenario = scenarios[job["scenario"]]
        return job["acknowledgment"], scenario.cast(plan | job["options"]).nodes, scenario.medium is not None, scenario.module

    for kind in dict.fromkeys(map(radios, plan["jobs"])):
        try:
            with Air(*kind) as air:
                for job in (job for job in plan["jobs"] if radios(job) == kind):
                    play(plan, air, job, ordinary_witness(air))
        except AirError as error:
            say("fatal", text=str(error))
            return 1
    say("done")
    return 0
