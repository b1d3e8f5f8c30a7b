"""The radios: mac80211_hwsim loaded, its radios dealt out to network namespaces, links made deaf and healed."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Self

from .waiting import wait_until

FREQUENCIES = {1: 2412, 2: 2462, 3: 2437}
CHANNELS = {1: 1, 2: 11, 3: 6}
LINKS = (1, 2)
SPARE = 3
MODULE = "mac80211_hwsim"
DEBUGFS = "/sys/kernel/debug"
# hwsim's groups are bit masks: radios hear each other if their masks share a bit.
HEARING = 1
# The kernel notices a carrier with a delay of up to a second (net/core/link_watch.c).
SETTLING = 0.4


class AirError(RuntimeError):
    """The radios can't be had as asked for."""


def run(*command: str) -> str:
    """Runs a command that must succeed, and returns what it printed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AirError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout


def module_channels(radios: str, medium: bool) -> int:
    """1 is the radio with active monitors; 2 the one with channel contexts, where those do not work. hwsim lets no medium have
    radios with several channels; the agents make plain monitors on those with one all the same."""
    return 1 if medium else {"mac": 1, "active": 1, "contexts": 2, "frame": 2}[radios]


class Air:
    """Radios for nodes with two links each, and spare ones. Use as a context manager: leaving it puts everything back."""

    def __init__(self, radios: str, nodes: tuple[str, ...], medium: bool = False, options: tuple[str, ...] = ()) -> None:
        self.acknowledgment, self.nodes, self.options = "frame" if radios == "frame" else "mac", nodes, options
        # The anchor that may hold the radios of an agent.
        self.anchor = "none" if radios == "active" else "auto"
        self.channels = module_channels(radios, medium)
        # The channel of each link, and the address of each node's radio on it where that is not one of config.py's.
        self.link_channels: Mapping[int, int] = CHANNELS
        self.addresses: dict[tuple[str, int], str] = {}
        # Wiphys by node and link, and those that nobody has.
        self.radios: dict[tuple[str, int], str] = {}
        self.spare: list[str] = []
        # The interface and the permanent address of a radio that was pulled out.
        self.unplugged: tuple[str, str] | None = None

    def __enter__(self) -> Self:
        if os.path.exists(f"/sys/module/{MODULE}"):
            raise AirError(f"{MODULE} is loaded already; unload it (modprobe -r {MODULE}), the lab loads its own radios")
        if not os.path.exists(f"{DEBUGFS}/ieee80211") and not os.path.ismount(DEBUGFS):
            run("mount", "-t", "debugfs", "debugfs", DEBUGFS)
        try:
            run("modprobe", MODULE, f"radios={len(self.nodes) * len(LINKS) + SPARE}", f"channels={self.channels}", *self.options)
            self._deal()
            self.listen(True)
        except BaseException:
            self.__exit__()
            raise
        return self

    @staticmethod
    def listen(is_on: bool) -> None:
        """Whether the kernel shows the whole air on hwsim0, for the witness."""
        run("ip", "link", "set", "hwsim0", "up" if is_on else "down")

    def _deal(self) -> None:
        free = sorted((name for name in os.listdir("/sys/class/ieee80211") if self._is_ours(name)),
                      key=lambda name: int(name.removeprefix("phy")))
        for node in self.nodes:
            run("ip", "netns", "add", self.namespace(node))
            run("ip", "-n", self.namespace(node), "link", "set", "lo", "up")
            for link in LINKS:
                self._give(node, link, free.pop(0))
        self.spare = free

    def _give(self, node: str, link: int, phy: str) -> None:
        run("iw", "phy", phy, "set", "netns", "name", self.namespace(node))
        self.radios[node, link] = phy

    def add_link(self, link: int) -> None:
        """Gives every node a spare radio for one more link."""
        for node in self.nodes:
            self._give(node, link, self.spare.pop(0))

    def take_back(self, link: int) -> None:
        """The radios of a link are spare again."""
        for node in self.nodes:
            phy = self.radios.pop((node, link))
            run(*self.inside(node, "iw", "phy", phy, "set", "netns", "1"))
            self.spare.append(phy)

    @staticmethod
    def _is_ours(phy: str) -> bool:
        driver = os.path.realpath(f"/sys/class/ieee80211/{phy}/device/driver")
        return os.path.basename(driver) == MODULE

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            subprocess.run(["ip", "netns", "del", self.namespace(node)], capture_output=True)
        subprocess.run(["modprobe", "-r", MODULE], capture_output=True)

    @staticmethod
    def namespace(node: str) -> str:
        """The network namespace of a node."""
        return f"relink-{node}"

    def inside(self, node: str, *command: str) -> list[str]:
        """The command line that runs `command` in a node's namespace."""
        return ["ip", "netns", "exec", self.namespace(node), *command]

    def deafen(self, node: str, link: int) -> None:
        """Makes a link up but dead: this radio and all others no longer hear each other."""
        self.set_group(node, link, HEARING << 1 + self.nodes.index(node))

    def heal(self) -> None:
        """Lets all radios hear each other again."""
        for node, link in self.radios:
            self.hear(node, link)

    def hear(self, node: str, link: int) -> None:
        """Lets one radio and all others that are not deaf hear each other again."""
        self.set_group(node, link, HEARING)

    def set_group(self, node: str, link: int, group: int) -> None:
        """Sets the group of a radio."""
        with open(f"{DEBUGFS}/ieee80211/{self.radios[node, link]}/hwsim/group", "w") as file:
            file.write(str(group))

    def interface_down(self, node: str, interface: str) -> None:
        """Sets an interface down behind its user's back."""
        run("ip", "-n", self.namespace(node), "link", "set", interface, "down")

    def interface_up(self, node: str, interface: str) -> None:
        """Sets an interface up again."""
        run("ip", "-n", self.namespace(node), "link", "set", interface, "up")

    @contextlib.contextmanager
    def standby(self, *nodes: str) -> Iterator[Callable[[str, str], None]]:
        """Programs that set interfaces down without the time that a program takes to start: gives a function for it."""
        standing = {node: subprocess.Popen(["ip", "-n", self.namespace(node), "-batch", "-"], stdin=subprocess.PIPE) for node in nodes}

        def down(node: str, interface: str) -> None:
            control = standing[node].stdin
            assert control is not None
            control.write(f"link set {interface} down\n".encode())
            control.flush()

        try:
            yield down
        finally:
            for process in standing.values():
                assert process.stdin is not None
                process.stdin.close()
                if process.wait(20) != 0:
                    raise AirError("an interface can't be set down")

    def retune(self, node: str, interface: str, channel: int) -> None:
        """Sets a radio to another channel behind its user's back: its monitor, or the access point that holds it."""
        anchor = interface + "a"
        if not self.has_access_point(node, anchor):
            run(*self.inside(node, "iw", "dev", interface, "set", "channel", str(channel)))
            return
        self.stop_access_point(node, anchor)
        self.start_access_point(node, anchor, 2407 + 5 * channel)

    def has_access_point(self, node: str, interface: str) -> bool:
        """True if a node has an access point's interface of this name."""
        shown = subprocess.run(self.inside(node, "iw", "dev", interface, "info"), capture_output=True, text=True)
        return "type AP" in shown.stdout

    def stop_access_point(self, node: str, interface: str) -> None:
        """Stops an access point, whose interface stays up."""
        run(*self.inside(node, "iw", "dev", interface, "ap", "stop"))

    def start_access_point(self, node: str, interface: str, frequency: int) -> None:
        """Starts an access point as somebody else would."""
        address = run(*self.inside(node, "cat", f"/sys/class/net/{interface}/address")).strip().replace(":", "")
        # Header, timestamp, interval, capabilities, no SSID, one rate.
        head = "80000000" + "ff" * 6 + address * 2 + "0000" + "00" * 8 + "6400" + "0100" + "0000" + "010182"
        run(*self.inside(node, "iw", "dev", interface, "ap", "start", "somebody", str(frequency), "100", "2", "head", head))

    def delete_interface(self, node: str, interface: str) -> None:
        """Removes an interface behind its user's back."""
        run(*self.inside(node, "iw", "dev", interface, "del"))

    def mute(self, node: str, interface: str) -> None:
        """What is sent through an interface vanishes before it comes to the radio, which hears as before: dead one way."""
        run("tc", "-n", self.namespace(node), "qdisc", "replace", "dev", interface, "root", "netem", "loss", "100%")

    def unmute(self, node: str, interface: str) -> None:
        """Lets frames through again."""
        run("tc", "-n", self.namespace(node), "qdisc", "del", "dev", interface, "root")

    def block(self, node: str, link: int, is_blocked: bool) -> None:
        """Switches a radio off or on, as rfkill does."""
        folder = f"/sys/class/ieee80211/{self.radios[node, link]}"
        command = f"for switch in {folder}/rfkill*/soft; do echo {int(is_blocked)} > $switch; done"
        run(*self.inside(node, "sh", "-c", command))

    def unplug(self, node: str, link: int) -> None:
        """Removes a radio, as if a card was pulled out."""
        name, phy = self._interface(node, link), self.radios[node, link]
        self.unplugged = name, self.permanent_address(node, link)
        run(*self.inside(node, *self._hwsim("unplug", phy)))

    def plug(self, node: str, link: int) -> None:
        """Puts the radio in again: it has its permanent address, and another name. Its interface gets the name that it had."""
        if self.unplugged is None:
            raise AirError("no radio was pulled out")
        name, address = self.unplugged
        before = set(os.listdir("/sys/class/ieee80211"))
        # Radios made in different namespaces never hear each other, so it is made in the first one and moved.
        run(*self._hwsim("plug", address, str(self.channels)))
        self._give(node, link, (set(os.listdir("/sys/class/ieee80211")) - before).pop())
        run("ip", "-n", self.namespace(node), "link", "set", self._interface(node, link), "name", name)

    def permanent_address(self, node: str, link: int) -> str:
        """What a radio is known by, whatever its interfaces are called."""
        return run(*self.inside(node, "cat", f"/sys/class/ieee80211/{self.radios[node, link]}/macaddress")).strip()

    def _interface(self, node: str, link: int) -> str:
        """The interface that a radio came with."""
        names = run(*self.inside(node, "ls", f"/sys/class/ieee80211/{self.radios[node, link]}/device/net")).split()
        return next(name for name in names if name.startswith("wlan"))

    @staticmethod
    def _hwsim(*arguments: str) -> list[str]:
        """The command line that adds or removes a radio."""
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hwsim.py")
        return [sys.executable, "-S", "-E", "-B", script, *arguments]

    def settled(self, node: str) -> list[str]:
        """A snapshot of a node when nothing changes any more: a program that starts sets up one thing after the other."""
        seen: list[list[str]] = []

        def is_still() -> bool:
            seen.append(self.snapshot(node))
            return len(seen) > 4 and all(each == seen[-1] for each in seen[-4:])

        wait_until(is_still, 20, "the interfaces stay as they are", step=SETTLING)
        return seen[-1]

    def snapshot(self, node: str) -> list[str]:
        """What a user would see of a node's interfaces: names, types, addresses, states, channels."""
        links = run("ip", "-n", self.namespace(node), "-o", "link").splitlines()
        wireless = run(*self.inside(node, "iw", "dev")).splitlines()
        interfaces: list[list[str]] = []
        # Statistics and the like change by themselves; queue lengths and indices are not the user's.
        for line in wireless:
            words = line.split()
            if words[:1] == ["Interface"]:
                interfaces.append([])
            if words[:1] and words[0] in ("Interface", "addr", "type", "channel"):
                interfaces[-1].append(" ".join(words))
        # An interface keeps the queueing discipline that it got when it was first set up.
        plain = sorted(re.sub(r" qdisc \S+", "", line.split(": ", 1)[1]) for line in links)
        return plain + sorted(", ".join(words) for words in interfaces)
