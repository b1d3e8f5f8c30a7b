"""Standard error of an agent is a pipe that is full and that nobody reads."""

import contextlib
import fcntl
import os

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.losing import both_rebuilt, lose
from ..guest.stage import Stage
from ..guest.streaming import SIZE, carry
from ..judging import Checks, same_session
from ..scenario import ACKNOWLEDGMENTS, scenario
from .progress import ENDINGS, PAUSES, torn

A, B = config.INITIATOR, config.RECEIVER
RATE = 200


def fill(pipe: int) -> int:
    """Fills a pipe, of which this is an end, as a reader that stopped leaves it; returns how many bytes went in. What is non-blocking is
    another opening of it, so that for its writers all is as it was."""
    written = 0
    other = os.open(f"/proc/self/fd/{pipe}", os.O_WRONLY | os.O_NONBLOCK)
    try:
        for size in (fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ), 4096, 1):
            with contextlib.suppress(BlockingIOError):
                while True:
                    written += os.write(other, bytes(size))
    finally:
        os.close(other)
    return written


@scenario("unread-stderr", "standard error of both agents is a full pipe that nobody reads; a stream and a failover go on, SIGTERM ends "
          "the agents", 120, acknowledgments=ACKNOWLEDGMENTS, records=False)
def unread_stderr(stage: Stage) -> None:
    pipes = {node: os.pipe() for node in stage.agents}
    try:
        for node, agent in stage.agents.items():
            agent.configure(config.host_section(node))
            agent.stderr = pipes[node][1]
        stage.establish()
        stage.know_neighbours()
        stage.note("filled", {node: fill(end) for node, (_, end) in pipes.items()})

        def loss() -> None:
            stage.pause(0.5)
            at = lose(stage, 1)
            both_rebuilt(stage, 2, at)
            stage.pause(0.5)

        sent = carry(stage, config.host_address(B), f"{stage.folder}/arrivals.txt", RATE, stage.is_quiet, loss)
        stage.note("stream", {"rate": RATE, "size": SIZE, "sent": sent})
        stage.finish()
    finally:
        for ends in pipes.values():
            for end in ends:
                os.close(end)


@unread_stderr.judge
def judge_unread_stderr(evidence: Evidence) -> Checks:
    """As if it were read; the agents ended with status 0, as everywhere."""
    notes, limit = evidence.record["notes"], PAUSES[evidence.acknowledgment]
    yield Check("both pipes were full", set(notes["filled"]) == {A, B} and all(notes["filled"].values()), str(notes["filled"]))
    yield same_session(evidence)
    yield from torn(evidence, ENDINGS)
    loss = evidence.done("loss")
    for node in (A, B):
        event = evidence.event(node, "rebuilt", since=loss)
        yield Check(f"agent {node} holds the session for rebuilt on link 2", event is not None and event.get("link") == 2, str(event))
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    figures = streams.figures(arrivals, notes["stream"]["sent"], [(loss, loss + 1_000_000_000)], RATE)
    notes["figures"] = figures
    for what in streams.COUNTED:
        yield Check(f"the receiver counts no packet {what}", figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    yield Check(f"payloads pause for {limit} ms at most", figures["gaps"][0] <= limit, f"{figures['gaps'][0]:.1f} ms")
    ended = [action["name"] for action in evidence.record["actions"] if action["name"].startswith("stop-")]
    yield Check("both agents were told to end", ended == [f"stop-{A}", f"stop-{B}"], ", ".join(ended))
