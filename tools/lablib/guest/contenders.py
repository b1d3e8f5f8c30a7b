"""What the benchmarks compare: Relink as it can be configured, what users would take instead, and the plain injector.

A new way to configure Relink is a line here: its name, the radios, the sections of the agents' configuration. If a loss makes
itself known in another way than by a rebuild on the other link, it is also a kind of its own, a class beside failover.Relink."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Contender:
    """One column of a comparison."""

    name: str
    title: str
    # Radios that acknowledge (`mac`), or that can't (`frame`).
    radios: str
    # What it goes through: a key of failover.NETWORKS, `injector` for none. Kinds of Relink begin with its name.
    kind: str = "relink"
    # Sections that both agents' configurations get.
    agent: str = ""
    # What the failover's packets are carried by: udp, or a connection (mptcp).
    stream: str = "udp"
    # Whether each loss has a stream of its own: a connection that was lost before does worse for a while.
    is_fresh: bool = False
    # How many times less link 2 carries than link 1, where airtime is limited.
    slower: int = 1
    # How often it is worth losing a link: some take long to recover.
    most_losses: int = 1000
    # Whether the agents record.
    records: bool = False
    # Whether frames are protected: by the agents, whatever --security says, or by the injector.
    is_protected: bool = False

    @property
    def is_relink(self):
        """Whether our agents take part, who must lose, double and disorder nothing."""
        return self.kind.startswith("relink")


ALL = (
    Contender("relink-mac", "Relink, MAC acknowledgment", "mac"),
    Contender("relink-recorded", "Relink, MAC acknowledgment, recording", "mac", records=True),
    Contender("relink-protected", "Relink, MAC acknowledgment, with a key", "mac", is_protected=True),
    Contender("relink-frame", "Relink, acknowledgment in frames", "frame"),
    Contender("relink-shared", "Relink, shared over both links", "mac", "relink-shared", '[session]\nsharing = "always"'),
    Contender("relink-mirrored", "Relink, mirrored on both links", "mac", "relink-shared", '[session]\nsharing = "always"\nmirror = [0]'),
    Contender("relink-slow", "Relink, shared, one link ten times slower", "mac", "relink-shared", '[session]\nsharing = "always"', slower=10),
    Contender("bonding", "bonding, active-backup, ARP every 100 ms", "mac", "bonding"),
    Contender("mptcp", "MPTCP, two subflows (a stream)", "mac", "mptcp", stream="mptcp", is_fresh=True),
    Contender("batman-adv", "batman-adv, defaults", "mac", "batman-adv", most_losses=5),
    Contender("injector-mac", "plain injector, MAC acknowledgment", "mac", "injector"),
    Contender("injector-protected", "plain injector that encrypts, MAC acknowledgment", "mac", "injector", is_protected=True),
    Contender("injector-frame", "plain injector, nothing acknowledges", "frame", "injector"),
)
CONTENDERS = {each.name: each for each in ALL}
# Who takes part in which benchmark.
FAILOVER = tuple(each.name for each in ALL if each.kind != "injector" and each.slower == 1 and not each.records and not each.is_protected)
SPEED = tuple(each.name for each in ALL if each.kind in ("relink", "injector"))
AIRTIME = ("relink-mac", "relink-shared", "relink-slow")
FLOODED = ("relink-mac", "relink-frame")
