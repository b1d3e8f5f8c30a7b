"""Radios of hwsim that are treated as if they were cards (tools/lab --radios): what is played on them, what is refused, and that they are
left as they were found, whatever ends the lab. They are radios of their own, in the first namespace, as on a user's machine."""

import contextlib
import glob
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from .. import card_report, evidence, judging
from ..checked import Check
from ..evidence import Evidence
from ..guest import card
from ..guest.air import run
from ..guest.card_driver import LEFT, SURVEY
from ..guest.config import HOST_INTERFACE
from ..guest.programs import python
from ..guest.stage import Stage
from ..guest.waiting import wait_until
from ..scenario import Scenario, discover, scenario
from .cards import cards_establish, cards_memory, cards_ping, cards_rebuild

CARDS = 5
# The manufacturer's part is that of hwsim's own radios.
ADDRESSES = tuple(f"02:00:00:c4:00:{number:02x}" for number in range(CARDS))
OTHER_ADDRESS = "02:00:00:c4:01:02"
IP_ADDRESSES = ("192.0.2.7/24", "2001:db8::7/64")
# Duration of the part of a scenario that can be told, in seconds, and packets a second.
SECONDS, RATE = 5, 50
# The namespaces that the cards are dealt to.
NAMESPACES = ("relink-card-a", "relink-card-b")
CHECKING = "relinkcheck"
SIGNALS = {"ended while checked": "SIGTERM", "ended while played": "SIGINT", "ended while a radio is off": "SIGHUP"}

Checks = Iterator[Check]


@scenario("as-cards", "radios of hwsim are treated as cards (tools/lab --radios): all that is played there passes, and the report says what they are",
          300, heard=None, records=False, acknowledgments=("contexts",))
def as_cards(stage: Stage) -> None:
    with Machine(stage) as machine:
        # Scenarios that compare speeds are not for virtual time.
        every = [each for each in discover().values() if each.links_on_cards and each.clock == "virtual"]
        machine.play("played", every, witness=machine.phys[4])
        machine.play("played on one link", [cards_rebuild, cards_ping], radios=machine.phys[:2], channels=[6])


@as_cards.judge
def judge_as_cards(seen: Evidence) -> Checks:
    runs = seen.record["notes"]["runs"]
    yield from played_well(seen, runs["played"], 5)
    yield from played_well(seen, runs["played on one link"], 2)
    yield from as_found(runs, tuple(runs))
    yield from reported(seen, runs)


@scenario("cards-put-back", "radios of hwsim that are treated as cards (tools/lab --radios) are refused with cause and remedy, and left as they were "
          "found after the end, signals and failures", 300, heard=None, records=False, acknowledgments=("frame",))
def cards_put_back(stage: Stage) -> None:
    with Machine(stage) as machine:
        refused(machine)
        ended(machine)
        killed(machine)


@cards_put_back.judge
def judge_cards_put_back(seen: Evidence) -> Checks:
    runs = seen.record["notes"]["runs"]
    yield from played_well(seen, runs["after the remedy"], 4)
    for name, words in REFUSALS.items():
        said = " ".join(runs[name]["said"]["fatal"])
        missing = [word for word in words if word not in said]
        yield Check(f"{name}: refused, with cause and remedy", runs[name]["status"] == 1 and bool(said) and not missing, f"no {missing} in: {said}")
    survey = read(seen, runs["off"], runs["off"]["scenarios"][0], SURVEY)
    problems = [(radio.get("check") or {}).get("problem", {}).get("name") for radio in (survey or {}).get("radios", [])]
    yield Check("off: what relink check says is left for a report", problems[1:] == ["radioBlocked"], str(problems))
    for name, number in SIGNALS.items():
        status = 128 + getattr(signal, number)
        yield Check(f"{name}: {number} ends it with status {status}", runs[name]["status"] == status, str(runs[name]["status"]))
    yield from as_found(runs, (*(name for name in REFUSALS if name != "after the kill"), *SIGNALS))
    taken = " ".join(runs["after the remedy"]["said"]["left"])
    yield Check("a name was taken: it is told which interface has not got it back", "more7" in taken, taken)


def as_found(runs: dict[str, Any], names: tuple[str, ...]) -> Checks:
    """The cards are as they were found after each of these."""
    for name in names:
        changed = [*runs[name]["changed"], *runs[name]["said"]["left"]]
        yield Check(f"{name}: everything is as it was found", not changed, "; ".join(changed))


class Machine:
    """A machine with cards that somebody has set up, and the lab on it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.phys: list[str] = []
        self.relink: str = stage.options["relink"]
        self.runs: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> "Machine":
        for address in ADDRESSES:
            before = set(os.listdir(card.SYSFS))
            run(*python("hwsim"), "plug", address, str(self.stage.air.channels))
            self.phys += set(os.listdir(card.SYSFS)) - before
        names = [card.interfaces(phy)[0] for phy in self.phys]
        # As udev names what is plugged in; another type; another address, and IP addresses; one interface more.
        run("ip", "link", "set", names[0], "name", self.named_by_address())
        run("iw", "dev", names[1], "set", "type", "ibss")
        run("ip", "link", "set", names[2], "address", OTHER_ADDRESS)
        for address in IP_ADDRESSES:
            run("ip", "address", "add", address, "dev", names[2])
        run("iw", "phy", self.phys[3], "interface", "add", "more7", "type", "monitor")
        return self

    def __exit__(self, *_: object) -> None:
        self.stage.note("runs", self.runs)
        for phy in self.phys:
            subprocess.run([*python("hwsim"), "unplug", phy], capture_output=True)

    @staticmethod
    def named_by_address() -> str:
        """The name of the first card's interface."""
        return "wlx" + ADDRESSES[0].replace(":", "")

    @staticmethod
    def addresses() -> list[str]:
        """All that no report may name: addresses, and their last part in a name."""
        return [*ADDRESSES, OTHER_ADDRESS, *(address.replace(":", "")[6:] for address in (*ADDRESSES, OTHER_ADDRESS))]

    def state(self) -> list[str]:
        """The state that a user would see: interfaces with types, addresses and states, rfkill switches, namespaces."""
        links = [re.sub(r"^\d+: | qdisc \S+| state \S+ mode \S+", "", line) for line in run("ip", "-o", "link").splitlines()]
        addresses = [re.sub(r"^\d+: ", "", line) for line in run("ip", "-o", "address").splitlines()]
        wireless = [line.strip() for line in run("iw", "dev").splitlines() if re.match(r"\s*(Interface|addr|type|channel) ", line)]
        paths = [path for phy in self.phys for path in sorted(glob.glob(f"{card.SYSFS}/{phy}/rfkill*/soft"))]
        switches = [f"{re.sub('rfkill[0-9]+', 'rfkill', path)} {card.read(path)}" for path in paths]
        return [*links, *addresses, *wireless, *switches, *run("ip", "netns").splitlines()]

    def start(self, name: str, scenarios: list[Scenario], **cards: Any) -> "subprocess.Popen[str]":
        """Starts the driver as `tools/lab --radios` does, on the first four cards or those in `cards`."""
        folder = f"{self.stage.folder}/{name.replace(' ', '-')}"
        os.makedirs(folder)
        names = [each.name for each in scenarios]
        jobs = [{"scenario": each, "acknowledgment": "auto", "run": 1, "folder": f"{folder}/{each}", "label": {"security": "psk", "machine": "cards"},
                 "options": {"seconds": SECONDS, "rate": RATE}} for each in names]
        plan = {**self.stage.options, "relink": self.relink, "guest": False, "work": "/tmp/lab-cards", "jobs": jobs,
                "cards": {"radios": self.phys[:4], "channels": None, "witness": None, "pretend": None, **cards}}
        with open(f"{folder}/plan.json", "w") as file:
            json.dump(plan, file)
        script = f"import sys; sys.path.insert(0, '/lab'); from lablib.guest.driver import main; sys.exit(main({folder!r} + '/plan.json'))"
        self.runs[name] = {"folder": os.path.basename(folder), "scenarios": names, "before": self.state()}
        with open(f"{folder}/printed.txt", "w") as printed:
            process = subprocess.Popen([sys.executable, "-S", "-B", "-c", script], stdin=subprocess.DEVNULL, stdout=printed, stderr=printed,
                                       text=True)
        return process

    def end(self, name: str, process: "subprocess.Popen[str]") -> int:
        """Waits for the end of the driver, and keeps what it said and what is different; returns its status."""
        status = process.wait(300)
        own = self.runs[name]
        before, after = own.pop("before"), self.state()
        with open(f"{self.stage.folder}/{own['folder']}/printed.txt") as file:
            messages = [json.loads(line.removeprefix("@lab ")) for line in file if line.startswith("@lab ")]
        own |= {"status": status, "changed": sorted(set(before) ^ set(after)),
                "said": {kind: [each["text"] for each in messages if each["kind"] == kind] for kind in ("fatal", "left")}}
        return status

    def play(self, name: str, scenarios: list[Scenario], **cards: Any) -> None:
        """Has the driver play, to its end, which must be a good one."""
        self.stage.act("stop-lab", f"as cards: {name}", lambda: self.end(name, self.start(name, scenarios, **cards)))

    def refuse(self, name: str, **cards: Any) -> None:
        """Has the driver play what it must refuse."""
        self.stage.act("lab", f"as cards: {name}", lambda: self.end(name, self.start(name, [cards_establish], **cards)))

    def meanwhile(self, name: str, played: Scenario, is_there: Callable[[], bool], act: Callable[["subprocess.Popen[str]"], None],
                  step: float = 0.1) -> int:
        """Has the driver play, and does something to it as soon as something is there, which is looked for every `step` seconds; returns its
        status."""
        process = self.start(name, [played])
        try:
            wait_until(lambda: is_there() or process.poll() is not None, 120, f"it is time for {name}", step)
            self.stage.act("meanwhile", f"as cards: {name}", act, process)
        finally:
            status = self.end(name, process)
        return status


def refused(machine: Machine) -> None:
    """Cases that can't be played on, each with its obstacle."""
    first, second = machine.phys[:2]
    machine.refuse("unknown", radios=[first, "phy99"])
    machine.refuse("forbidden", radios=[first, second], channels=[36])
    with held(machine):
        machine.refuse("held")
        machine.refuse("held witness", radios=machine.phys[1:3], witness=first)
    switch = glob.glob(f"{card.SYSFS}/{second}/rfkill*/soft")[0]
    switched(switch, "1")
    machine.refuse("off", radios=[first, second])
    switched(switch, "0")
    run("ip", "netns", "add", NAMESPACES[1])
    machine.refuse("namespace")
    run("ip", "netns", "del", NAMESPACES[1])


def switched(path: str, state: str) -> None:
    """Sets an rfkill switch."""
    with open(path, "w") as file:
        file.write(state)


@contextlib.contextmanager
def held(machine: Machine) -> Iterator[None]:
    """While it lasts, wpa_supplicant has the first card."""
    name, conf = machine.named_by_address(), f"{machine.stage.folder}/wpa.conf"
    with open(conf, "w") as file:
        file.write("update_config=0\n")
    command = ["wpa_supplicant", "-i", name, "-D", "nl80211", "-c", conf]
    holder = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: "UP" in run("ip", "-o", "link", "show", name).partition(">")[0], 20, "wpa_supplicant has set the card up")
        yield
    finally:
        holder.terminate()
        holder.wait(20)
        run("ip", "link", "set", name, "down")


def ended(machine: Machine) -> None:
    """Signals while the cards are checked, while agents run, and while a radio is off."""
    moments: dict[str, tuple[Scenario, Callable[[], bool]]] = {
        "ended while checked": (cards_establish, lambda: CHECKING in run("ip", "-o", "link")),
        "ended while played": (cards_memory, lambda: carries(NAMESPACES[1])),
        "ended while a radio is off": (cards_rebuild, lambda: is_off(NAMESPACES[0])),
    }
    for name, (played, is_there) in moments.items():
        is_check = played is cards_establish
        with slow_check(machine) if is_check else contextlib.nullcontext():
            machine.meanwhile(name, played, is_there, sender(getattr(signal, SIGNALS[name])), 0.001 if is_check else 0.1)


@contextlib.contextmanager
def slow_check(machine: Machine) -> Iterator[None]:
    """While it lasts, `relink check` tries each radio many times: otherwise a check takes no time that could be hit."""
    ordinary, machine.relink = machine.relink, f"{machine.stage.folder}/slow-relink"
    again = ' '.join(['"$@"'] * 20)
    with open(machine.relink, "w") as file:
        file.write(f'#!/bin/sh\n[ "$1" = check ] || exec {ordinary} "$@"\nshift\nexec {ordinary} check {again}\n')
    os.chmod(machine.relink, 0o755)
    try:
        yield
    finally:
        machine.relink = ordinary


def sender(number: int) -> Callable[["subprocess.Popen[str]"], None]:
    """A function that sends a signal."""
    return lambda process: process.send_signal(number)


def carries(namespace: str) -> bool:
    """True if an agent there has its interface for the host."""
    if not os.path.exists(f"/run/netns/{namespace}"):
        return False
    return HOST_INTERFACE in subprocess.run(["ip", "-n", namespace, "-o", "link"], capture_output=True, text=True).stdout


def is_off(namespace: str) -> bool:
    """True if rfkill has switched off one of the radios there."""
    if not os.path.exists(f"/run/netns/{namespace}"):
        return False
    command = ["ip", "netns", "exec", namespace, "sh", "-c", "cat /sys/class/ieee80211/*/rfkill*/soft"]
    return "1" in subprocess.run(command, capture_output=True, text=True).stdout


def name_taken(machine: Machine) -> None:
    """The radios are played on again. Somebody takes the name of a card's interface meanwhile: what can't be given back is told."""
    taken = "more7"

    def take(_: object) -> None:
        run("ip", "link", "add", taken, "type", "bridge")

    status = machine.meanwhile("after the remedy", cards_establish, lambda: carried_away(taken), take)
    machine.stage.record["exits"].append({"name": "after the remedy", "status": status})
    run("ip", "link", "del", taken)


def carried_away(name: str) -> bool:
    """True if an interface is in another namespace."""
    return name not in os.listdir("/sys/class/net")


def killed(machine: Machine) -> None:
    """The lab is killed: the next one says how to get the radios back, and that does it."""
    machine.meanwhile("killed", cards_memory, lambda: carries(NAMESPACES[1]), lambda process: process.kill())
    machine.refuse("after the kill")
    remedies = [text.split(": ", 1)[1] for text in machine.runs["after the kill"]["said"]["fatal"] if NAMESPACES[0] in text or NAMESPACES[1] in text]
    for remedy in remedies:
        # Busybox's shell has a command `ip` of its own, which is not iproute2's.
        run("sh", "-c", re.sub(r"\bip\b", "/usr/sbin/ip", remedy))
    wait_until(lambda: set(machine.phys) <= set(os.listdir(card.SYSFS)), 20, "the radios are back")
    name_taken(machine)


# Words that a refusal must contain.
REFUSALS = {
    "unknown": ("phy99", "relink links"),
    "forbidden": ("channel 36", "noInitiatingRadiation", "iw reg set"),
    "held": ("wpa_supplicant", "kill "),
    "held witness": ("wpa_supplicant", "ip link set"),
    "off": ("rfkill unblock",),
    "namespace": (NAMESPACES[1], "ip netns del"),
    "after the kill": (*NAMESPACES, "ip netns pids", "ip netns del"),
}


def read(seen: Evidence, one: dict[str, Any], played: str, name: str) -> Any:
    """A file that the driver left in the folder of a job."""
    try:
        with open(os.path.join(seen.folder, one["folder"], played, name)) as file:
            return json.load(file)
    except OSError:
        return None


def played_well(seen: Evidence, one: dict[str, Any], radios: int) -> Checks:
    """Each scenario was played, and its own judge finds nothing wrong; what relink check says was found out of each radio."""
    name = one["folder"]
    yield Check(f"{name}: played to its end", one["status"] == 0, f"status {one['status']}: {one['said']}")
    for played in one["scenarios"]:
        if read(seen, one, played, "record.json") is None:
            yield Check(f"{name}: {played} was played", False, str(one["said"]))
            continue
        faults = [f"{check.name}: {check.evidence}" for check in judging.judge(load(seen, one, played)) if not check.passed]
        yield Check(f"{name}: {played} passes", not faults, "; ".join(faults))
    survey = read(seen, one, one["scenarios"][0], SURVEY) or {"radios": []}
    verdicts = [(radio["driver"], (radio["check"] or {}).get("verdict")) for radio in survey["radios"]]
    agents = 4 if radios > 4 else radios
    # An access point makes every radio of hwsim acknowledge.
    wanted = [("mac80211_hwsim", "mac")] * agents + [("mac80211_hwsim", None)] * (radios - agents)
    yield Check(f"{name}: driver and verdict of each radio are known", verdicts == wanted, str(verdicts))


def load(seen: Evidence, one: dict[str, Any], played: str) -> Evidence:
    """The evidence of a job."""
    loaded: Evidence = evidence.load(os.path.join(seen.folder, one["folder"], played))
    return loaded


def reported(seen: Evidence, runs: dict[str, Any]) -> Checks:
    """The report that is made of it names driver, kernel, verdicts, and no address."""
    one = runs["played"]
    folders = {played: os.path.join(seen.folder, one["folder"], played) for played in one["scenarios"]}
    results = []
    for played in one["scenarios"]:
        part = load(seen, one, played)
        results.append(card_report.result(folders[played], discover()[played], judging.judge(part), part))
    first = one["scenarios"][0]
    told = card_report.content(read(seen, one, first, SURVEY), results, read(seen, one, first, LEFT), "tools/lab --radios …", [])
    path = card_report.write(os.path.join(seen.folder, "report"), told)
    with open(path) as file, open(path.replace(".md", ".json")) as also:
        page, data = file.read(), also.read()
    words = ["mac80211_hwsim", seen.record["kernel"], "| mac | ap |", "| 1 |", *one["scenarios"], "as they were found"]
    yield Check("the report names driver, kernel, verdicts, links and scenarios", not [word for word in words if word not in page],
                ", ".join(word for word in words if word not in page))
    named = [address for address in Machine.addresses() if address in page + data]
    yield Check("the report names no address but its manufacturer's part", not named and "02:00:00" in page, ", ".join(named))
