"""A stream of packets goes on while its link goes deaf: again and again, or once."""

import contextlib
import os
import random

from .. import streams
from ..checked import Check
from ..guest.air import run
from ..guest.contenders import CONTENDERS
from ..guest.streaming import NETWORKS, SIZE, A, B, contender_of, lose, stream
from ..judging import link_lost
from ..scenario import scenario

LOSSES = 6


@scenario("failover", "a stream of packets goes on while its link goes deaf again and again (tools/bench failover)", 400, clock="real",
          is_default=False, records=False, kept_short=True)
def failover(stage):
    contender = contender_of(stage)
    with NETWORKS[contender.kind](stage, contender) as network:
        losses = min(stage.options["losses"] or LOSSES, contender.most_losses)
        luck, sent, cuts = random.Random(stage.options["seed"]), 0, []
        for part in range(losses if contender.is_fresh else 1):
            numbers = (part,) if contender.is_fresh else range(losses)
            sent += stream(stage, network, contender, sent, lambda numbers=numbers: cuts.extend(
                lose(stage, network, each, luck) for each in numbers))
    stage.note("stream", {"contender": contender.name, "rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": cuts})


@failover.judge
def judge_failover(evidence):
    """Nothing lost, nothing doubled, nothing out of order with Relink. How long gaps are, and how others do, is for tools/bench."""
    stream = evidence.record["notes"]["stream"]
    figures = streams.figures(streams.read(os.path.join(evidence.folder, "arrivals.txt")), stream["sent"], stream["cuts"], stream["rate"])
    evidence.record["notes"]["figures"] = figures
    for what in ("lost", "duplicated", "outOfOrder") if CONTENDERS[stream["contender"]].is_relink else ():
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    yield Check("packets arrived before and after each loss", figures["received"] > 0 and bool(stream["cuts"]), str(figures["received"]))


@scenario("demo", "a stream of packets while link 1 goes deaf once; rebuilt on link 2, with nothing on the air that is not needed (tools/demo)",
          clock="real", is_default=False)
def demo(stage):
    contender = contender_of(stage)
    with quiet_hosts(stage), NETWORKS[contender.kind](stage, contender) as network:
        cuts = []

        def loss():
            at = stage.act("loss", "link 1 goes deaf, its interfaces stay up", stage.air.deafen, A, 1)
            cuts.append((at, network.moved(1, at)))

        sent = stream(stage, network, contender, 0, loss)
    stage.note("stream", {"contender": contender.name, "rate": stage.options["rate"], "size": SIZE, "sent": sent, "cuts": cuts})


@demo.judge
def judge_demo(evidence):
    """Link 1 is lost under a stream: the same dialogues on the air, and every packet arrives."""
    yield from link_lost(evidence)
    yield from judge_failover(evidence)


@contextlib.contextmanager
def quiet_hosts(stage):
    """While it lasts, new interfaces have no IPv6, whose own packets would want a session of their own."""

    def set_ipv6(is_off):
        for node in (A, B):
            path = "/proc/sys/net/ipv6/conf/default/disable_ipv6"
            run(*stage.air.inside(node, "sh", "-c", f"echo {int(is_off)} > {path}"))

    set_ipv6(True)
    try:
        yield
    finally:
        set_ipv6(False)
