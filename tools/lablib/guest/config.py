"""The agents' configuration: two nodes, two links, node a wants a session with node b."""

from .air import CHANNELS, NODES

INITIATOR, RECEIVER = NODES


def mld_address(node):
    """A node's MLD MAC address."""
    return f"02:52:4c:00:00:0{node}"


def link_address(node, link):
    """The MAC address of a node's radio on a link."""
    return f"02:52:4c:0{link}:00:0{node}"


def interface(link):
    """The name of the monitor interface on a link."""
    return f"relink{link}"


HOST_INTERFACE = "relink0"


def host_address(node):
    """A node's IP address for the host's traffic."""
    return f"10.77.0.{1 + NODES.index(node)}"


def host_section(node):
    """The section for the host's traffic."""
    return f'[interface]\nname = "{HOST_INTERFACE}"\naddresses = ["{host_address(node)}/24"]'


def link_section(node, link, wiphy, acknowledgment, channel=None):
    """The lines of one link."""
    return ["[[links]]", f"id = {link}", f'wiphy = "{wiphy}"', f"channel = {channel or CHANNELS[link]}",
            f'address = "{link_address(node, link)}"', f'interface = "{interface(link)}"', f'acknowledgment = "{acknowledgment}"']


def toml(node, wiphys, acknowledgment, control, log_level="info"):
    """The configuration file of a node. `wiphys` maps link IDs to the names of its radios."""
    lines = [f'mld_address = "{mld_address(node)}"', f'control = "{control}"', f'log_level = "{log_level}"']
    for link, wiphy in wiphys.items():
        lines += ["", *link_section(node, link, wiphy, acknowledgment)]
    for peer in NODES:
        if peer == node:
            continue
        lines += ["", "[[peers]]", f'name = "{peer}"', f'mld_address = "{mld_address(peer)}"']
        lines += ["sessions = [0]"] if node == INITIATOR else []
        for link in wiphys:
            lines += ["[[peers.links]]", f"id = {link}", f'address = "{link_address(peer, link)}"']
    return "\n".join(lines) + "\n"
