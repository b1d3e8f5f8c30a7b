"""Somebody forges frames that say that an agent's radio sleeps, while a stream goes on."""

import json
import os
import time
from itertools import pairwise

from .. import streams
from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.attacking import Attacker
from ..guest.attacks import ACTION, BROADCAST, LINKS, NODES, Frame, address
from ..guest.stage import Stage
from ..guest.streaming import NETWORKS, SIZE, carry, contender_of
from ..judging import Checks, same_session
from ..scenario import scenario

A, B = config.INITIATOR, config.RECEIVER
RATE = 200
NULL, SLEEPS = 0x48, 0x10
# A flood of forgeries: how many a second, and for how many seconds.
FLOOD, SECONDS = 50, 5
# The most that a pause between two packets may exceed the usual one, in milliseconds.
PAUSE = 150
EVERY = [(node, peer, link) for node, peer in (NODES, NODES[::-1]) for link in LINKS]


def forged(node: str, peer: str, link: int) -> list[Frame]:
    """Frames to a node's access point as from its peer: a Null frame, and action frames to the access point and, in any BSS, to all."""
    point, transmitter = address(node, link), address(peer, link)
    return [Frame(link, bytes([kind, SLEEPS, 0, 0]) + receiver + transmitter + third + bytes(2) + body)
            for kind, receiver, third, body in ((NULL, point, point, b""), (ACTION, point, BROADCAST, b"\x04\x00"),
                                                (ACTION, BROADCAST, BROADCAST, b"\x04\x00"))]


@scenario("asleep", "somebody lets the kernels take the agents' radios for asleep, at one end, at both, and at both 50 times a second: "
          "payloads go on", 60, acknowledgments=("mac", "contexts"), securities=("psk", "open"), records=False)
def asleep(stage: Stage) -> None:
    contender = contender_of(stage)
    with Attacker(stage) as radios, NETWORKS[contender.kind](stage, contender) as network:

        def send(name: str, what: str, frames: list[Frame], rate: int, seconds: int) -> None:
            stage.act(name, what, lambda: None)
            with radios.send(frames, rate, seconds) as program:
                stage.note(name, json.loads(program.wait(seconds + 30))["sent"])
            time.sleep(2)
            stage.collect()

        def meanwhile() -> None:
            time.sleep(1)
            stage.note("before", stage.initiator.status())
            send("one", "the receiver is said to sleep, once", forged(A, B, 1)[:1], 1, 1)
            time.sleep(12)
            both = [frame for each in EVERY for frame in forged(*each)[:1]]
            send("both", "all radios are said to sleep", both, 1000, 1)
            time.sleep(12)
            every = [frame for each in EVERY for frame in forged(*each)]
            send("flood", f"all radios are said to sleep, {FLOOD} times a second", every, FLOOD, SECONDS)

        sent = carry(stage, network.address, f"{stage.folder}/arrivals.txt", RATE, network.is_quiet, meanwhile)
    stage.note("stream", {"rate": RATE, "size": SIZE, "sent": sent})


@asleep.judge
def judge_asleep(evidence: Evidence) -> Checks:
    """The stream goes on, whatever is said of the radios; each agent has seen that."""
    notes = evidence.record["notes"]
    yield same_session(evidence)
    arrivals = streams.read(os.path.join(evidence.folder, "arrivals.txt"))
    figures = streams.figures(arrivals, notes["stream"]["sent"], [], RATE)
    for what in streams.COUNTED:
        yield Check(f"the receiver counts no packet {what}", figures["received"] > 0 and figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    for name in ("one", "both", "flood"):
        since = evidence.done(name)
        pauses = [later[2] - earlier[2] for earlier, later in pairwise(arrivals) if since <= later[2] <= since + (SECONDS + 2) * 10**9]
        longest = max(pauses, default=10**12) / streams.MILLISECOND - 1000 / RATE
        yield Check(f"after {name}, no pause of the stream exceeds {PAUSE} ms", longest <= PAUSE, f"{longest:.1f} ms")
        notes["told"] = f"{notes.get('told', 'longest pauses')}, {name} {longest:.1f} ms"
    stations = [link.get("station") for peer in notes["before"]["peers"] for link in peer["links"]]
    yield Check("the peer was a station of each access point", all(stations), str(stations))
    for node in (A, B):
        dropped = {link["id"]: link["counters"]["sleeping"] for link in notes["status"][node]["links"]}
        yield Check(f"agent {node} counts frames that say so on both links", all(count > FLOOD for count in dropped.values()), str(dropped))
        # Without a station that is added anew, a pause is short, too, since missing reports have the agent ask; but they are missing.
        missing = {link["id"]: link["unreported"] for peer in notes["status"][node]["peers"] for link in peer["links"]}
        yield Check(f"the kernel holds back no frame of agent {node}: each was reported", not any(missing.values()), str(missing))
