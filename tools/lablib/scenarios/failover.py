"""A stream of packets goes on while its link goes deaf: again and again, or once."""

import contextlib
import functools
import os
import random
from collections.abc import Iterator
from statistics import median
from typing import Any

from .. import streams
from ..benchmarks import Benchmark, Figure, Round, pooled
from ..checked import Check
from ..evidence import Evidence
from ..guest.air import run
from ..guest.contenders import CONTENDERS
from ..guest.network import Network
from ..guest.stage import Stage
from ..guest.streaming import NETWORKS, SIZE, A, B, contender_of, lose, stream
from ..judging import Checks, link_lost
from ..scenario import Demonstration, scenario

LOSSES = 6
# Upper bound of what a loss takes, with the return of the link.
SECONDS_PER_LOSS = 3


def failover_result(evidence: Evidence) -> Round | None:
    """Gaps in milliseconds, and what became of the packets; `None` when the stream was not played to its end."""
    figures: dict[str, Any] | None = evidence.record["notes"].get("figures")
    return figures and {**figures, "losses": len(figures["gaps"])}


def total(key: str, title: str) -> Figure:
    """A count, of all rounds together."""
    return Figure(key, title, statistic=sum, has_interval=False)


FAILOVER = Benchmark(
    contenders=("relink-mac", "relink-contexts", "relink-active", "relink-frame", "relink-shared", "relink-mirrored", "bonding", "mptcp",
                "batman-adv"),
    result=failover_result, options={"rate": 200, "losses": 3, "rounds": 10},
    figures=(
        total("losses", "losses"),
        Figure("medianGap", "gap: median, ms", 1, statistic=pooled(median), of="gaps"),
        Figure("highGap", "95th percentile", 1, statistic=pooled(lambda gaps: streams.percentile(sorted(gaps), 95)), of="gaps"),
        Figure("leastGap", "least", 1, statistic=pooled(min), of="gaps", has_interval=False),
        Figure("longestGap", "longest", 1, statistic=pooled(max), of="gaps", has_interval=False),
        Figure("medianCalm", "without a loss, ms", 1, statistic=pooled(median), of="calm"),
        total("sent", "sent"), total("lost", "lost"), total("duplicated", "duplicated"), total("outOfOrder", "out of order")))


@scenario("failover", "a stream of packets goes on while its link goes deaf again and again (tools/bench failover)", 400,
          lambda options: SECONDS_PER_LOSS * (options["losses"] or LOSSES), clock="real", is_default=False, records=False, kept_short=True,
          benchmark=FAILOVER)
def failover(stage: Stage) -> None:
    contender = contender_of(stage)
    with NETWORKS[contender.kind](stage, contender) as network:
        losses = min(stage.options["losses"] or LOSSES, contender.most_losses)
        luck, sent = random.Random(stage.options["seed"]), 0
        cuts: list[tuple[int, int]] = []
        for numbers in [range(each, each + 1) for each in range(losses)] if contender.is_fresh else [range(losses)]:
            sent += stream(stage, network, contender, sent, functools.partial(lose_each, stage, network, numbers, luck, cuts))
    stage.note("stream", {"contender": contender.name, "rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": cuts})


def lose_each(stage: Stage, network: Network, numbers: range, luck: random.Random, cuts: list[tuple[int, int]]) -> None:
    """One loss after the other; adds when each was, and when the stream was on another link."""
    for number in numbers:
        cuts.append(lose(stage, network, number, luck))


@failover.judge
def judge_failover(evidence: Evidence) -> Checks:
    """Nothing lost, nothing doubled, nothing out of order with Relink. How long gaps are, and how others do, is for tools/bench."""
    stream = evidence.record["notes"]["stream"]
    figures = streams.figures(streams.read(os.path.join(evidence.folder, "arrivals.txt")), stream["sent"], stream["cuts"], stream["rate"])
    evidence.record["notes"]["figures"] = figures
    for what in streams.COUNTED if CONTENDERS[stream["contender"]].is_relink else ():
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    yield Check("packets arrived before and after each loss", figures["received"] > 0 and bool(stream["cuts"]), str(figures["received"]))


@scenario("demo", "a stream of packets while link 1 goes deaf once; rebuilt on link 2, with nothing on the air that is not needed (tools/demo)",
          clock="real", is_default=False, demonstration=Demonstration(failover, ("bonding", "mptcp"), 5))
def demo(stage: Stage) -> None:
    contender = contender_of(stage)
    with quiet_hosts(stage), NETWORKS[contender.kind](stage, contender) as network:
        cuts: list[tuple[int, int | None]] = []

        def loss() -> None:
            at = stage.act("loss", "link 1 goes deaf, its interfaces stay up", stage.air.deafen, A, 1)
            cuts.append((at, network.moved(1, at)))

        sent = stream(stage, network, contender, 0, loss)
    stage.note("stream", {"contender": contender.name, "rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": cuts})


@demo.judge
def judge_demo(evidence: Evidence) -> Checks:
    """Link 1 is lost under a stream: the same dialogues on the air, and every packet arrives."""
    yield from link_lost(evidence)
    yield from judge_failover(evidence)


@contextlib.contextmanager
def quiet_hosts(stage: Stage) -> Iterator[None]:
    """While it lasts, new interfaces have no IPv6, whose own packets would want a session of their own."""

    def set_ipv6(is_off: bool) -> None:
        for node in (A, B):
            path = "/proc/sys/net/ipv6/conf/default/disable_ipv6"
            run(*stage.air.inside(node, "sh", "-c", f"echo {int(is_off)} > {path}"))

    set_ipv6(True)
    try:
        yield
    finally:
        set_ipv6(False)
