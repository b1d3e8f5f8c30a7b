"""A stream of packets goes on while its link goes deaf: again and again, or once."""

import contextlib
import os
import random
from collections.abc import Iterable, Iterator

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest.air import run
from ..guest.contenders import CONTENDERS
from ..guest.stage import Stage
from ..guest.streaming import NETWORKS, SIZE, A, B, contender_of, lose, stream
from ..judging import Checks, link_lost
from ..scenario import scenario

LOSSES = 6


@scenario("failover", "a stream of packets goes on while its link goes deaf again and again (tools/bench failover)", 400, clock="real",
          is_default=False, records=False, kept_short=True)
def failover(stage: Stage) -> None:
    contender = contender_of(stage)
    with NETWORKS[contender.kind](stage, contender) as network:
        losses = min(stage.options["losses"] or LOSSES, contender.most_losses)
        luck, sent = random.Random(stage.options["seed"]), 0
        cuts: list[tuple[int, int]] = []
        for part in range(losses if contender.is_fresh else 1):

            def lose_all(numbers: Iterable[int] = (part,) if contender.is_fresh else range(losses)) -> None:
                cuts.extend(lose(stage, network, each, luck) for each in numbers)

            sent += stream(stage, network, contender, sent, lose_all)
    stage.note("stream", {"contender": contender.name, "rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": cuts})


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
          clock="real", is_default=False)
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
