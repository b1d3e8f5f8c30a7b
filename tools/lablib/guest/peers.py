"""What users would take instead of Relink, on the same radios: each link an IBSS, and bonding, MPTCP or batman-adv above it."""

import os
import time
from typing import ClassVar, Self

from . import config
from .air import FREQUENCIES, LINKS, run
from .contenders import Contender
from .stage import Stage
from .waiting import wait_until

A, B = config.INITIATOR, config.RECEIVER
NODES = (A, B)
LIMIT = 60


def cell(link: int) -> str:
    """The BSSID of a link's IBSS."""
    return f"02:52:4c:ff:00:0{link}"


class Peer:
    """Both links in IBSS mode. Leaving it puts the interfaces back."""

    module: ClassVar[str | None] = None
    module_options: ClassVar[tuple[str, ...]] = ()
    modules_before: ClassVar[tuple[str, ...]] = ()
    # The other host's.
    address: str
    # What is waited for after a loss before the link is healed.
    moving: ClassVar[float] = 1.0

    def __init__(self, stage: Stage, contender: Contender, mtu: int | None = None) -> None:
        """The carrier of the host's packets here has an MTU of its own."""
        self.contender, self.stage, self.air = contender, stage, stage.air
        self.loaded: list[str] = []
        self.interfaces: dict[tuple[str, int], str] = {}

    def inside(self, node: str, *command: str) -> str:
        """Runs a command in a node's namespace."""
        return run(*self.air.inside(node, *command))

    def write(self, node: str, path: str, value: object) -> None:
        """Writes a setting of a node's namespace."""
        self.inside(node, "sh", "-c", f"echo {value} > {path}")

    def __enter__(self) -> Self:
        try:
            for module in self.modules_before:
                self.load(module)
            if self.module:
                self.load(self.module, *self.module_options)
            for node in NODES:
                for link in LINKS:
                    radio = self.air.radios[node, link]
                    interface = self.inside(node, "ls", f"/sys/class/ieee80211/{radio}/device/net").split()[0]
                    self.interfaces[node, link] = interface
                    self.inside(node, "iw", "dev", interface, "set", "type", "ibss")
                    self.inside(node, "ip", "link", "set", interface, "up")
            self.set_up()
            wait_until(self.is_reached, LIMIT, f"{self.address} answers", step=0.2)
            self.recovered(None)
        except BaseException:
            self.__exit__()
            raise
        return self

    def load(self, module: str, *options: str) -> None:
        """Loads a module that is not there."""
        if not os.path.exists(f"/sys/module/{module}"):
            run("modprobe", module, *options)
            # A module that is built into the kernel can't be taken out of it.
            self.loaded += [module] * os.path.exists(f"/sys/module/{module}")

    def join(self) -> None:
        """Joins the cells."""
        for (node, link), interface in self.interfaces.items():
            self.inside(node, "iw", "dev", interface, "ibss", "join", f"link{link}", str(FREQUENCIES[link]), "fixed-freq", cell(link))

    def is_reached(self) -> bool:
        """Whether the other side answers pings."""
        ping = ("busybox", "ping", "-c", "1", "-W", "1", self.address)
        return "100% packet loss" not in self.inside(A, "sh", "-c", " ".join(ping) + " || true")

    def set_up(self) -> None:
        """Makes what the peer is."""
        raise NotImplementedError

    def take_down(self) -> None:
        """Removes what `set_up` made."""

    def __exit__(self, *_: object) -> None:
        self.stage.air.heal()
        self.take_down()
        for (node, _link), interface in self.interfaces.items():
            self.inside(node, "sh", "-c", f"iw dev {interface} ibss leave; ip address flush dev {interface}; "
                        f"ip link set {interface} down mtu 1500; iw dev {interface} set type managed")
        for module in reversed(self.loaded):
            run("modprobe", "-r", module)

    def link(self) -> int:
        """The link that most of the packets of agent a's side leave through."""
        def octets() -> dict[int, int]:
            return {link: int(self.inside(A, "cat", f"/sys/class/net/{self.interfaces[A, link]}/statistics/tx_bytes")) for link in LINKS}

        before = octets()
        time.sleep(0.3)
        after = octets()
        return max(LINKS, key=lambda link: after[link] - before[link])

    def moved(self, link: int, since: int) -> int | None:
        """The packets go through another link, as far as one can tell. Returns when."""
        time.sleep(self.moving)
        return time.monotonic_ns()

    def recovered(self, link: int | None) -> None:
        """The link serves again, as far as one can tell."""

    def is_quiet(self) -> bool:
        """Whether nothing is on its way any more."""
        return True


class Bonding(Peer):
    """The bonding driver: active-backup, links watched by ARP."""

    module, module_options = "bonding", ("max_bonds=0",)
    address = "10.78.0.2"
    addresses = {A: "10.78.0.1", B: "10.78.0.2"}

    def set_up(self) -> None:
        for node, target in ((A, B), (B, A)):
            self.inside(node, "ip", "link", "add", "bond0", "type", "bond", "mode", "active-backup", "arp_interval", "100",
                        "arp_ip_target", self.addresses[target], "arp_validate", "none", "fail_over_mac", "active")
            for link in LINKS:
                self.inside(node, "ip", "link", "set", self.interfaces[node, link], "down")
                self.inside(node, "ip", "link", "set", self.interfaces[node, link], "master", "bond0")
            self.inside(node, "ip", "address", "add", f"{self.addresses[node]}/24", "dev", "bond0")
            self.inside(node, "ip", "link", "set", "bond0", "up")
        self.join()

    def take_down(self) -> None:
        for node in NODES:
            self.inside(node, "sh", "-c", "ip link del bond0 || true")

    def active(self, node: str) -> int | None:
        """The link that a node's bond uses; `None` while it looks for one."""
        name = self.inside(node, "cat", "/sys/class/net/bond0/bonding/active_slave").strip()
        return next((link for (owner, link), interface in self.interfaces.items() if (owner, interface) == (node, name)), None)

    def link(self) -> int:
        return wait_until(lambda: self.active(A), LIMIT, "the bond uses a link", step=0.25)

    def recovered(self, link: int | None) -> None:
        # A link that is not used hears nothing, so the driver says nothing of it that could be waited for.
        wait_until(lambda: (link := self.active(A)) and link == self.active(B), LIMIT, "both bonds use the same link", step=0.25)


class Multipath(Peer):
    """MPTCP: one connection, a subflow on each link, the kernel's own path manager and scheduler."""

    address = "10.79.1.2"

    def set_up(self) -> None:
        self.join()
        for node, host in ((A, 1), (B, 2)):
            for link in LINKS:
                self.inside(node, "ip", "address", "add", f"10.79.{link}.{host}/24", "dev", self.interfaces[node, link])
            self.write(node, "/proc/sys/net/mptcp/enabled", 1)
            self.inside(node, "ip", "mptcp", "limits", "set", "subflow", "4", "add_addr_accepted", "4")
        self.inside(A, "ip", "mptcp", "endpoint", "add", "10.79.2.1", "dev", self.interfaces[A, 2], "subflow")
        self.inside(B, "ip", "mptcp", "endpoint", "add", "10.79.2.2", "dev", self.interfaces[B, 2], "signal")
        wait_until(lambda: "100% packet loss" not in self.inside(A, "sh", "-c", "busybox ping -c 1 -W 1 10.79.2.2 || true"), LIMIT,
                   "link 2 works", step=0.2)

    def take_down(self) -> None:
        for node in NODES:
            self.inside(node, "ip", "mptcp", "endpoint", "flush")

    def subflows(self) -> list[tuple[int, int]]:
        """Octets not acknowledged and retransmissions of each subflow, from /proc/net/tcp."""
        rows = [line.split() for line in self.inside(A, "cat", "/proc/net/tcp").splitlines()[1:]]
        return [(int(row[4].split(":")[0], 16), int(row[6], 16)) for row in rows if row[3] == "01"]

    def recovered(self, link: int | None) -> None:
        if link is not None:
            wait_until(lambda: len(flows := self.subflows()) > 1 and not any(retries for _, retries in flows), LIMIT,
                       "no subflow retransmits", step=0.25)


class BatmanAdv(Peer):
    """The routing protocol batman-adv with its defaults, both links as its interfaces."""

    module, modules_before = "batman_adv", ("crc32c_generic",)
    address = "10.80.0.2"
    moving = 8.0
    # Three originator intervals of a second make a link known again; more make it as good as the other one.
    recovering = 8.0

    def set_up(self) -> None:
        for node, host in ((A, 1), (B, 2)):
            self.inside(node, "ip", "link", "add", "bat0", "type", "batadv")
            for link in LINKS:
                self.inside(node, "ip", "link", "set", self.interfaces[node, link], "mtu", "1532", "up")
                self.inside(node, "ip", "link", "set", self.interfaces[node, link], "master", "bat0")
            self.inside(node, "ip", "address", "add", f"10.80.0.{host}/24", "dev", "bat0")
            self.inside(node, "ip", "link", "set", "bat0", "up")
        self.join()

    def take_down(self) -> None:
        for node in NODES:
            self.inside(node, "sh", "-c", "ip link del bat0 || true")

    def recovered(self, link: int | None) -> None:
        time.sleep(self.recovering)


PEERS = {"bonding": Bonding, "mptcp": Multipath, "batman-adv": BatmanAdv}
