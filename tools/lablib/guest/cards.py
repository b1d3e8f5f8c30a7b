"""Radios that are there, each end's in a network namespace of its own: dealt out, and left as they were found."""

import contextlib
import glob
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from .. import ending
from . import card
from .air import Air, AirError, run
from .config import INITIATOR, RECEIVER
from .witness import Nobody, Witness

NODES = (INITIATOR, RECEIVER)
WITNESS = "relinkwitness"
# Time that programs in a namespace that is taken down get to end, in seconds.
PATIENCE = 10
HWSIM_ALONE = "only radios of mac80211_hwsim can do that; a scenario that asks for it is not one for cards"


@dataclass(frozen=True)
class Interface:
    """An interface of a card, as far as it must be the same afterwards."""

    name: str
    kind: str
    address: str
    is_up: bool
    # Arguments of `ip address add`, for each of its IP addresses but those that the kernel gives it when it is set up.
    addresses: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Found:
    """A card as it was found, in the namespace of this process."""

    phy: str
    interfaces: tuple[Interface, ...]
    # State (on or off) of each of its rfkill switches, by path.
    switches: Mapping[str, str | None]


def look(phy: str) -> Found | None:
    """A card in the namespace of this process; `None` where there is none of this name."""
    if not os.path.exists(f"{card.SYSFS}/{phy}"):
        return None
    switches = {path: card.read(path) for path in sorted(glob.glob(f"{card.SYSFS}/{phy}/rfkill*/soft"))}
    return Found(phy, tuple(look_at_interface(name) for name in card.interfaces(phy)), switches)


def look_at_interface(name: str) -> Interface:
    """One interface."""
    kind = next((line.split(None, 1)[1] for line in run("iw", "dev", name, "info").splitlines() if line.split()[:1] == ["type"]), "")
    told = json.loads(run("ip", "-j", "address", "show", "dev", name))[0]
    addresses = []
    for each in told["addr_info"]:
        if each["scope"] == "link" and each["family"] == "inet6":
            continue
        broadcast = ["broadcast", each["broadcast"]] if "broadcast" in each else []
        addresses.append((f"{each['local']}/{each['prefixlen']}", *broadcast, "scope", each["scope"]))
    return Interface(name, kind, told["address"], "UP" in told["flags"], tuple(addresses))


def differences(before: Mapping[str, Found | None], after: Mapping[str, Found | None]) -> list[str]:
    """Differences between before and after, in words."""
    told = []
    for phy, was in before.items():
        now = after[phy]
        if was is None or was == now:
            continue
        if now is None:
            told.append(f"{phy} is gone")
            continue
        old, new = ({each.name: each for each in found.interfaces} for found in (was, now))
        told += [f"{phy}: interface {name} is gone" for name in old if name not in new]
        told += [f"{phy}: interface {name} is new" for name in new if name not in old]
        told += [f"{phy}: {name} was {asdict(old[name])} and is {asdict(new[name])}" for name in old if name in new and old[name] != new[name]]
        told += [f"{phy}: rfkill switch {path} was {state}" for path, state in was.switches.items() if now.switches.get(path) != state]
    return told


class Cards(Air):
    """Cards for two nodes. Use as a context manager: leaving it puts everything back. What needs hwsim's own means is refused."""

    # Air's own __init__ chooses how hwsim is loaded, which there is none of here.
    def __init__(self, acknowledgment: str, links: Sequence[Mapping[str, Any]], found: Mapping[str, Found | None], witness: str | None,
                 managed: bool) -> None:
        """`links` has the radio of each end and the frequency, `found` the cards as they are to be afterwards; `witness` is a radio that only
        listens; `managed` says whether NetworkManager runs, which must leave the cards alone as before."""
        self.acknowledgment, self.nodes = acknowledgment, NODES
        # The agents find out what holds the cards best, and how many channels a driver has at once matters to nobody here.
        self.anchor, self.channels = "auto", 0
        self.wanted = {(node, link["id"]): str(link[node]) for node in NODES for link in links}
        self.link_channels = {link["id"]: link["frequency"] for link in links}
        # The cards keep their own addresses: not every driver lets them be changed.
        self.addresses = {place: card.read(f"{card.SYSFS}/{phy}/macaddress") or "" for place, phy in self.wanted.items()}
        self.radios: dict[tuple[str, int], str] = {}
        # The namespaces that are ours to remove, and what is not as it was found when all is over.
        self.made: list[str] = []
        self.left: list[str] = []
        self.found, self.witness_radio, self.managed = found, witness, managed

    @staticmethod
    def namespace(node: str) -> str:
        """The network namespace of a node."""
        return f"relink-card-{node}"

    @staticmethod
    def listen(is_on: bool) -> None:
        """There is nothing that would show the whole air."""

    def __enter__(self) -> Self:
        try:
            for node in self.nodes:
                run("ip", "netns", "add", self.namespace(node))
                self.made.append(node)
                run("ip", "-n", self.namespace(node), "link", "set", "lo", "up")
            for (node, link), phy in self.wanted.items():
                self._give(node, link, phy)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # From here on nothing may come between.
        ending.ignore()
        signal.alarm(0)
        faults: list[str] = []
        for node in self.made:
            self._end_programs(node)
        for (node, _link), phy in self.wanted.items():
            self._take_back(node, phy, faults)
        for node in self.made:
            subprocess.run(["ip", "netns", "del", self.namespace(node)], capture_output=True)
        self._settle(faults)
        self.left = [*faults, *differences(self.found, {phy: look(phy) for phy in self.found})]

    def _end_programs(self, node: str) -> None:
        """Ends what still runs in a node's namespace, whoever started it there."""
        for number, until in ((signal.SIGTERM, time.monotonic() + PATIENCE), (signal.SIGKILL, time.monotonic() + 2 * PATIENCE)):
            while pids := self._pids(node):
                for pid in pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, number)
                if time.monotonic() > until:
                    break
                time.sleep(0.1)

    def _pids(self, node: str) -> list[int]:
        done = subprocess.run(["ip", "netns", "pids", self.namespace(node)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return [int(word) for word in done.stdout.split()]

    def _take_back(self, node: str, phy: str, faults: list[str]) -> None:
        """Brings a card back to this process's namespace, without what was made on it."""
        if os.path.exists(f"{card.SYSFS}/{phy}"):
            return
        was = self.found[phy]
        kept = {each.name for each in was.interfaces} if was else set()
        try:
            listed = run(*self.inside(node, "sh", "-c", f"ls -d /sys/class/ieee80211/{phy}/device/net/* 2>/dev/null || true")).split()
            for name in map(os.path.basename, listed):
                if name not in kept and self._is_of(node, name, phy):
                    run(*self.inside(node, "iw", "dev", name, "del"))
            run(*self.inside(node, "iw", "phy", phy, "set", "netns", str(os.getpid())))
        except AirError as error:
            faults.append(f"{phy}: {error}")

    def _is_of(self, node: str, name: str, phy: str) -> bool:
        """True if an interface is one of this card: one device can have several."""
        owner: str = run(*self.inside(node, "cat", f"/sys/class/net/{name}/phy80211/name"))
        return owner.strip() == phy

    def _settle(self, faults: list[str]) -> None:
        """Gives back what a card loses when it is moved: IP addresses, names, and that NetworkManager leaves it alone."""
        if shutil.which("udevadm"):
            subprocess.run(["udevadm", "settle", "--timeout=10"], capture_output=True)
        for was in filter(None, self.found.values()):
            now = look(was.phy)
            for interface in was.interfaces if now else ():
                try:
                    self._give_back(interface, now.interfaces if now else ())
                except AirError as error:
                    faults.append(f"{was.phy}: {error}")
            for path, state in was.switches.items():
                if state is not None and card.read(path) not in (None, state):
                    with open(path, "w") as file:
                        file.write(state)

    def _give_back(self, was: Interface, now: Sequence[Interface]) -> None:
        """Gives an interface back its name and its IP addresses."""
        names = {each.name for each in now}
        if was.name not in names:
            other = next((each.name for each in now if (each.address, each.kind) == (was.address, was.kind)), None)
            if other is None:
                return
            run("ip", "link", "set", other, "name", was.name)
        if self.managed and shutil.which("nmcli"):
            run("nmcli", "device", "set", was.name, "managed", "no")
        for words in was.addresses:
            subprocess.run(["ip", "address", "add", *words, "dev", was.name], capture_output=True)

    def witness(self, heard: str | None, path: str, is_patient: bool) -> "Nobody | CardWitness":
        """The listener while a scenario is played: the witness's radio, on the first link's channel, if there is one."""
        if self.witness_radio is None or heard is None:
            return Nobody(self)
        addresses = " or ".join(f"wlan addr2 {address}" for address in self.addresses.values())
        return CardWitness(self.witness_radio, self.link_channels[1], path, addresses, is_patient)

    def heal(self) -> None:
        """Scenarios for cards put back what they change, also when they break off."""

    def set_group(self, node: str, link: int, group: int) -> None:
        raise AirError(HWSIM_ALONE)

    def add_link(self, link: int) -> None:
        raise AirError(HWSIM_ALONE)

    def take_back(self, link: int) -> None:
        raise AirError(HWSIM_ALONE)

    def unplug(self, node: str, link: int) -> None:
        raise AirError(HWSIM_ALONE)

    def plug(self, node: str, link: int) -> None:
        raise AirError(HWSIM_ALONE)


class CardWitness(Witness):
    """A card that listens on one channel. It does not receive all that is on the air."""

    def __init__(self, phy: str, frequency: int, path: str, heard: str, is_patient: bool) -> None:
        super().__init__(path, heard, is_patient, WITNESS)
        self.phy, self.frequency = phy, frequency

    def __enter__(self) -> Self:
        run("iw", "phy", self.phy, "interface", "add", WITNESS, "type", "monitor")
        try:
            run("ip", "link", "set", WITNESS, "up")
            run("iw", "dev", WITNESS, "set", "freq", str(self.frequency))
            super().__enter__()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *details: object) -> None:
        super().__exit__(*details)
        self._remove()

    @staticmethod
    def _remove() -> None:
        subprocess.run(["iw", "dev", WITNESS, "del"], capture_output=True)


class Pretended:
    """Radios of mac80211_hwsim in this process's namespace, to be treated as if they were cards."""

    MODULE = "mac80211_hwsim"

    def __init__(self, count: int) -> None:
        self.count = count

    def __enter__(self) -> Self:
        run("modprobe", self.MODULE, f"radios={self.count}")
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["modprobe", "-r", self.MODULE], capture_output=True)


def refused_namespaces() -> list[str]:
    """Obstacles to namespaces of our own: those that a lab left that was killed."""
    left = [name for name in map(Cards.namespace, NODES) if os.path.exists(f"/run/netns/{name}")]
    return [f"there is a network namespace {name}, of a lab that runs or was killed; if none runs, these give the radios in it back: "
            f"kill $(ip netns pids {name}); ip netns del {name}" for name in left]
