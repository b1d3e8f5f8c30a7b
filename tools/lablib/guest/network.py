"""The network that a stream of packets goes through: the agents (streaming.py), or what users would take instead (peers.py)."""

from typing import Protocol, Self


class Network(Protocol):
    """While the `with` block runs, packets get from one host to the other."""

    # The other host's.
    address: str

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    def link(self) -> int:
        """The link that the stream is on."""

    def moved(self, link: int, since: int) -> int | None:
        """Waits until the stream is on another link. Returns when it was; `None` when it had left this one before."""

    def recovered(self, link: int) -> None:
        """Waits until the link serves again."""

    def is_quiet(self) -> bool:
        """True if nothing is on its way any more."""
