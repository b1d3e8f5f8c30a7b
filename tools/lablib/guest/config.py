"""The agents' configuration: who is on the stage, who wants which sessions with whom, and under which addresses."""

import os
import string
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from .air import CHANNELS

INITIATOR, RECEIVER = "a", "b"
TIDS = 8
MOST_AGENTS = 26
# The numbers of channels end below the first frequency in MHz.
HIGHEST_NUMBER = 233


@dataclass(frozen=True)
class Cast:
    """The nodes of a scenario, and the sessions that they want: the TIDs for each initiator and receiver."""

    nodes: tuple[str, ...]
    sessions: Mapping[tuple[str, str], list[int]]

    def peers(self, node: str) -> list[str]:
        """The nodes that a node knows: those it shares a session with, in either role."""
        return [peer for peer in self.nodes if (node, peer) in self.sessions or (peer, node) in self.sessions]

    def listed(self) -> list[tuple[str, str, int]]:
        """All sessions, each with its initiator, its receiver and its TID."""
        return [(initiator, receiver, tid) for (initiator, receiver), tids in self.sessions.items() for tid in tids]


PAIR = Cast((INITIATOR, RECEIVER), {(INITIATOR, RECEIVER): [0]})


def ring(agents: int, sessions: int, receivers: int) -> Cast:
    """So many agents with so many sessions: each agent asks its next one, then the one after that, up to so many receivers;
    then it asks them again with the next TID."""
    nodes = tuple(string.ascii_lowercase[:agents])
    wanted: dict[tuple[str, str], list[int]] = {}
    for number in range(sessions):
        turn, index = divmod(number, agents)
        tid, distance = divmod(turn, receivers)
        wanted.setdefault((nodes[index], nodes[(index + distance + 1) % agents]), []).append(tid)
    return Cast(nodes, wanted)


def most_sessions(agents: int, receivers: int) -> int:
    """How many sessions so many agents can have."""
    return agents * receivers * TIDS


def octet(node: str) -> str:
    """The last octet of a node's addresses: 0a for node a."""
    return f"{string.ascii_lowercase.index(node) + 10:02x}"


def mld_address(node: str) -> str:
    """A node's MLD MAC address."""
    return f"02:52:4c:00:00:{octet(node)}"


def link_address(node: str, link: int) -> str:
    """The MAC address of a node's radio on a link."""
    return f"02:52:4c:0{link}:00:{octet(node)}"


def node_with(address: str, link: int) -> str | None:
    """The node whose radio on a link has this address; `None` when it is nobody's."""
    return next((node for node in string.ascii_lowercase if link_address(node, link) == address), None)


def interface(link: int) -> str:
    """The name of the monitor interface on a link."""
    return f"relink{link}"


HOST_INTERFACE = "relink0"


def host_address(node: str) -> str:
    """A node's IP address for the host's traffic."""
    return f"10.77.0.{1 + string.ascii_lowercase.index(node)}"


def host_section(node: str, mtu: int | None = None) -> str:
    """The section for the host's traffic."""
    text = f'[interface]\nname = "{HOST_INTERFACE}"\naddresses = ["{host_address(node)}/24"]'
    return text + (f"\nmtu = {mtu}" if mtu else "")


def link_section(node: str, link: int, wiphy: str, acknowledgment: str, channel: int | None = None, keeps_address: bool = False,
                 anchor: str = "auto") -> list[str]:
    """The lines of one link, on a channel or a frequency in MHz; with the address that the radio has or with one of ours."""
    channel = channel or CHANNELS[link]
    return ["[[links]]", f"id = {link}", f'wiphy = "{wiphy}"', f"{'channel' if channel <= HIGHEST_NUMBER else 'frequency'} = {channel}",
            *([] if keeps_address else [f'address = "{link_address(node, link)}"']), f'interface = "{interface(link)}"',
            f'acknowledgment = "{acknowledgment}"', *([f'anchor = "{anchor}"'] if anchor != "auto" else [])]


def make_key(relink: str, path: str) -> str:
    """Draws a key, which is not the lab's own."""
    if os.path.exists(path):
        os.remove(path)
    subprocess.run([relink, "key", "generate", path], check=True, capture_output=True)
    return path


def toml(node: str, cast: Cast, wiphys: Mapping[int, str], acknowledgment: str, control: str, key_file: str | None = None,
         log_level: str = "info", channels: Mapping[int, int] = CHANNELS, addresses: Mapping[tuple[str, int], str] | None = None,
         anchor: str = "auto") -> str:
    """The configuration file of a node. `wiphys` maps link IDs to the names of its radios, `channels` to their channels; `addresses` has
    what radios keep in place of an address of ours, by node and link. Without `key_file` nothing is protected."""
    addresses = addresses or {}
    lines = [f'mld_address = "{mld_address(node)}"', f'control = "{control}"', f'log_level = "{log_level}"']
    lines.append(f'key_file = "{key_file}"' if key_file else 'security = "open"')
    for link, wiphy in wiphys.items():
        lines += ["", *link_section(node, link, wiphy, acknowledgment, channels[link], (node, link) in addresses, anchor)]
    for peer in cast.peers(node):
        lines += ["", "[[peers]]", f'name = "{peer}"', f'mld_address = "{mld_address(peer)}"']
        lines += [f"sessions = {cast.sessions[node, peer]}"] if (node, peer) in cast.sessions else []
        for link in wiphys:
            address = addresses.get((peer, link)) or link_address(peer, link)
            lines += ["[[peers.links]]", f"id = {link}", f'address = "{address}"']
    return "\n".join(lines) + "\n"
