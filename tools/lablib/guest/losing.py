"""Actions of scenarios on links, and waits for their results at both ends."""

from typing import Any

from . import config
from .stage import Stage

A, B = config.INITIATOR, config.RECEIVER


def lose(stage: Stage, link: int, name: str = "loss", nodes: tuple[str, ...] = (A,)) -> int:
    """A link goes deaf, its interfaces stay up."""

    def deafen() -> None:
        for node in nodes:
            stage.air.deafen(node, link)

    return stage.act(name, f"link {link} goes deaf, its interfaces stay up", deafen)


def heal(stage: Stage, link: int, node: str = A) -> int:
    """A link that was made deaf hears again."""
    return stage.act("heal", f"link {link} hears again", stage.air.hear, node, link)


def both_rebuilt(stage: Stage, link: int, since: int) -> None:
    """Both ends hold the session for live on this link."""
    for agent in stage.agents.values():
        stage.wait(agent, "rebuilt", since=since, link=link)


def both_anew(stage: Stage, since: int, link: int | None = None) -> None:
    """A new session lives at both ends."""
    fields: dict[str, Any] = {"link": link} if link else {}
    stage.wait(stage.initiator, "establishedAnew", since=since, **fields)
    stage.wait(stage.receiver, "established", "establishedAnew", since=since, **fields)


class ThirdLink:
    """While it lasts, both nodes have a third link, in their configuration too."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def __enter__(self) -> None:
        air = self.stage.air
        air.add_link(3)
        for node, agent in self.stage.agents.items():
            peer = B if node == A else A
            lines = config.link_section(node, 3, air.radios[node, 3], air.acknowledgment, anchor=air.anchor)
            agent.configure("\n".join(["[[peers.links]]", "id = 3", f'address = "{config.link_address(peer, 3)}"', *lines]))

    def __exit__(self, *_: object) -> None:
        for agent in self.stage.agents.values():
            agent.clear()
        self.stage.air.take_back(3)
