"""A link on which every second frame is lost for a second."""

import os
from typing import Any

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.faults import Fault, mend, strike
from ..guest.stage import Stage
from ..guest.streaming import SIZE, carry
from ..judging import Checks
from ..scenario import scenario
from .progress import AIR, ENDINGS, torn

A, B = config.INITIATOR, config.RECEIVER
RATE = 200
FADES = 5
LASTS, WELL = 1.0, 1.0
FADE = {"loss": 0.5}


@scenario("fade", "one frame in two is lost on the session's link for a second, again and again; each time costs one failover at most", 120,
          heard=None, medium=AIR, records=False)
def fade(stage: Stage) -> None:
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
    stage.establish()
    stage.know_neighbours()
    spans: list[dict[str, Any]] = []

    def each() -> None:
        stage.pause(0.5)
        for number in range(FADES):
            link = stage.session_link()
            faults = [Fault(f"fade {number}", "one frame in two is lost", FADE, *ends) for ends in ((A, B), (B, A))]
            at = [strike(stage, fault, link) for fault in faults][0]
            stage.pause(LASTS)
            spans.append({"link": link, "at": at, "until": mend(stage, faults[0], link)})
            stage.pause(WELL)

    sent = carry(stage, config.host_address(B), f"{stage.folder}/arrivals.txt", RATE, stage.is_quiet, each, patience=60)
    stage.note("stream", {"rate": RATE, "size": SIZE, "sent": sent})
    stage.note("fades", spans)
    stage.finish()


@fade.judge
def judge_fade(evidence: Evidence) -> Checks:
    """Nothing is lost, and no fade moves the session twice."""
    yield from torn(evidence, ENDINGS)
    notes = evidence.record["notes"]
    spans = notes["fades"]
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    figures = streams.figures(arrivals, notes["stream"]["sent"], [(span["at"], span["until"]) for span in spans], RATE)
    notes["figures"] = figures
    for what in streams.COUNTED:
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    ends = [*(span["at"] for span in spans[1:]), evidence.done("stop-a")]
    moves = [sum(event["event"] == "interrupted" and event["role"] == "initiator" and span["at"] <= event["monotonicNanoseconds"] < end
                 for event in evidence.events[A]) for span, end in zip(spans, ends, strict=True)]
    notes["told"] = f"interruptions by each fade: {moves}; pauses in ms: {figures['gaps']}"
    yield Check("there were fades", len(spans) == FADES, str(len(spans)))
    yield Check("each fade costs one failover at most", all(count <= 1 for count in moves), str(moves))
    last = arrivals[-1][2] if arrivals else 0
    yield Check("the stream lasted over all of it", bool(spans) and last > spans[-1]["until"], f"{figures['received']} received")
