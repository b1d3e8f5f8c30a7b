"""What the benchmarks compare: Relink as it can be configured, what users would take instead, and the plain injector.

A new way to configure Relink is a line here: its name, the radios, the sections of the agents' configuration. If a loss makes
itself known in another way than by a rebuild on the other link, it is also a kind of its own, a class beside streaming.Relink."""

from dataclasses import dataclass

from ..scenario import SECURITIES


@dataclass(frozen=True)
class Contender:
    """One column of a comparison."""

    name: str
    title: str
    # The kind of the radios (scenario.RADIOS).
    radios: str
    # The network it goes through: a key of streaming.NETWORKS, `injector` for none. Kinds of Relink begin with its name.
    kind: str = "relink"
    # Sections that both agents' configurations get.
    agent: str = ""
    # Protection that its frames can have: by the agents, or by the injector.
    securities: tuple[str, ...] = SECURITIES
    # What the failover's packets are carried by: udp, or a connection (mptcp).
    stream: str = "udp"
    # Whether each loss has a stream of its own: a connection that was lost before does worse for a while.
    is_fresh: bool = False
    # How many times less link 2 carries than link 1, where airtime is limited.
    slower: int = 1
    # Number of losses of a link that are worthwhile in one run: some take long to recover.
    most_losses: int = 1000
    # Whether the agents record.
    records: bool = False

    @property
    def is_relink(self) -> bool:
        """Whether our agents take part, who must lose, double and disorder nothing."""
        return self.kind.startswith("relink")

    def called(self, security: str) -> str:
        """Its title, with what protects its frames where that can be chosen."""
        return self.title + {"psk": ", with a key", "open": ", without a key"}[security] * (len(self.securities) > 1)


SHARING = '[session]\nsharing = "always"'
PLAIN = ("open",)
ALL = (
    Contender("relink-mac", "Relink, MAC acknowledgment", "mac"),
    Contender("relink-recorded", "Relink, MAC acknowledgment, recording", "mac", records=True),
    Contender("relink-contexts", "Relink, MAC acknowledgment, channel contexts", "contexts"),
    Contender("relink-active", "Relink, MAC acknowledgment, active monitor", "active"),
    Contender("relink-frame", "Relink, acknowledgment in frames", "frame"),
    Contender("relink-shared", "Relink, shared over both links", "mac", "relink-shared", SHARING),
    Contender("relink-mirrored", "Relink, mirrored on both links", "mac", "relink-shared", SHARING + "\nmirror = [0]"),
    Contender("relink-slow", "Relink, shared, one link ten times slower", "mac", "relink-shared", SHARING, slower=10),
    Contender("bonding", "bonding, active-backup, ARP every 100 ms", "mac", "bonding", securities=PLAIN),
    Contender("mptcp", "MPTCP, two subflows (a stream)", "mac", "mptcp", securities=PLAIN, stream="mptcp", is_fresh=True),
    Contender("batman-adv", "batman-adv, defaults", "mac", "batman-adv", securities=PLAIN, most_losses=1),
    Contender("injector-mac", "batching injector, MAC acknowledgment", "mac", "injector"),
    Contender("injector-frame", "batching injector, nothing acknowledges", "frame", "injector"),
)
CONTENDERS = {each.name: each for each in ALL}
