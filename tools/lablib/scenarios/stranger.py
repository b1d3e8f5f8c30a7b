"""A stranger takes the agents' access points for such as serve somebody, while a stream goes on."""

import json
import os
import random
import struct
import time
from collections import Counter
from itertools import chain

from .. import streams
from ..checked import Check
from ..evidence import ACK, BLOCK_ACK, DELBA, OUI, VENDOR_SPECIFIC, Evidence, Frame
from ..guest import strangers
from ..guest.attacking import Attacker
from ..guest.attacks import STRANGER
from ..guest.config import node_with
from ..guest.control import Event
from ..guest.stage import Stage
from ..guest.streaming import NETWORKS, SIZE, carry, contender_of
from ..judging import BEACON, FOREVER, Checks, same_session, settled
from ..scenario import SECURITIES, scenario
from .idle import REKEY_SECONDS

# Packets of the stream, and frames of the stranger, a second.
RATE, FRAMES = 25, 50
# In seconds: how long in tests, and before and after it.
SECONDS, PEACE = 20, 1
ADDRESS = STRANGER.hex(":")
QOS_DATA, NULL, ACTIONS = 0x28, 0x24, (0x0d, 0x0e)
# An action frame that a radio returns has its category with this added; HT's is 7.
RETURNED_HT = 128 + 7
# Kept: all but ACKs to the agents; those to the stranger are kept.
HEARD = f"wlan[0] != 0xd4 or wlan[4:4] == 0x{STRANGER[:4].hex()}"
BEACONS_A_SECOND = 1 / 1.024
# The body of the QoS Data frame that a radio is tried with.
TRIAL = bytes(number * 37 % 256 for number in range(64))
# The kinds of frames of the witness.
STRANGERS, RELINKS, BEACONS, ACKS, ANSWERS, OTHER = "stranger's", "Relink's", "beacon", "ACK", "answer of the kernel", "other"


@scenario("stranger", "a stranger probes, authenticates, associates, sends data, BlockAckReq, PS-Poll and action frames, to and as from the agents' "
          "access points, while a stream goes on: nothing is lost, no session ends, nobody answers (--seconds)", 60, SECONDS,
          heard=HEARD, securities=SECURITIES, records=False)
def stranger(stage: Stage) -> None:
    contender, seconds = contender_of(stage), stage.options["seconds"]
    frames = list(chain.from_iterable(strangers.frames().values()))
    random.Random(stage.options["seed"]).shuffle(frames)
    with Attacker(stage) as radios, NETWORKS[contender.kind](stage, contender) as network:

        def meanwhile() -> None:
            time.sleep(PEACE)
            stage.act("stranger", f"a stranger sends {FRAMES} frames a second for {seconds} s", lambda: None)
            with radios.send(frames, FRAMES, seconds) as program:
                stage.note("sent", json.loads(program.wait(seconds + 60))["sent"])
            time.sleep(PEACE)
            stage.act("gone", "the stranger is gone", stage.collect)

        sent = carry(stage, network.address, f"{stage.folder}/arrivals.txt", RATE, network.is_quiet, meanwhile)
    stage.note("stream", {"rate": RATE, "size": SIZE, "sent": sent})
    stage.note("isAnchored", stage.air.acknowledgment == "mac" and stage.air.anchor != "none")


@stranger.judge
def judge_stranger(evidence: Evidence) -> Checks:
    """Nothing leaves a radio but Relink's own frames, beacons, ACKs, and what the kernel can't be kept from; sessions are unharmed."""
    notes = evidence.record["notes"]
    figures = streams.figures(streams.read(os.path.join(evidence.folder, "arrivals.txt")), notes["stream"]["sent"], [], RATE)
    for what in streams.COUNTED:
        yield Check(f"the receiver counts no packet {what}", figures["received"] > 0 and figures[what] == 0, f"{figures[what]} of {figures['sent']}")
    yield same_session(evidence)
    since, until = evidence.done("stranger"), evidence.action("stop-a") or FOREVER
    told = [f"{node}: {event['event']} of link {event.get('link')}, {event.get('cause', 'no cause')}" for node in evidence.events
            for event in evidence.events[node] if since <= event["monotonicNanoseconds"] < until and not is_renewal(evidence, node, event)]
    yield Check("the stranger changes no session, no link and no key", not told, "; ".join(told[:8]))
    yield from on_the_air(evidence)
    yield from settled(evidence)


def is_renewal(evidence: Evidence, node: str, event: Event) -> bool:
    """True if an agent reports keys that it renewed because they were old enough."""
    before = [each["monotonicNanoseconds"] for each in evidence.events[node]
              if each["event"] == "secured" and each["monotonicNanoseconds"] < event["monotonicNanoseconds"]]
    return event["event"] == "secured" and bool(before) and event["monotonicNanoseconds"] - before[-1] >= REKEY_SECONDS * 10**9


def on_the_air(evidence: Evidence) -> Checks:
    """The kind of each frame of the witness; those of the stranger are known one by one, since he has the agents' addresses, too."""
    notes = evidence.record["notes"]
    known = {strangers.key(frame) for each in strangers.frames().values() for frame in each}
    seen: Counter[str] = Counter()
    strays: list[Frame] = []
    for frame in evidence.frames:
        kind = kind_of(frame, known)
        seen[kind] += 1
        if kind == OTHER:
            strays.append(frame)
    yield Check("the witness has each frame of the stranger", seen[STRANGERS] == notes["sent"] > len(known), f"{seen[STRANGERS]} of {notes['sent']}")
    yield Check("nothing leaves an agent's radio but its own frames, beacons and ACKs", not strays,
                f"{len(strays)}: {', '.join(f'{each}, type {each.subtype:#x}, to {each.receiver}' for each in strays[:5])}")
    yield Check("radios that acknowledge do, for the stranger, too", (seen[ACKS] > 0) == (evidence.acknowledgment == "mac"), str(seen[ACKS]))
    beacons = [frame for frame in evidence.frames if frame.subtype == BEACON]
    yield Check("access points show no SSID, and that they are private", all(map(is_hidden, beacons)) and bool(beacons) == notes["isAnchored"],
                ", ".join(frame.body[8:40].hex() for frame in beacons if not is_hidden(frame))[:200] or f"{len(beacons)} beacons")
    times = [frame.nanoseconds for frame in evidence.frames]
    seconds = (max(times, default=0) - min(times, default=0)) / 1e9
    by_sender = Counter(frame.transmitter for frame in beacons)
    yield Check("each sends one beacon in 1,000 time units", all(count <= seconds * BEACONS_A_SECOND + 2 for count in by_sender.values()),
                f"{dict(by_sender)} in {seconds:.0f} s")
    notes["told"] = f"{notes['sent']:,} frames of the stranger, {seen[ACKS]:,} acknowledged; of the kernel: {seen[ANSWERS]} answers"


def kind_of(frame: Frame, known: set[strangers.Key]) -> str:
    """Whose a frame is, and what."""
    if (frame.subtype, frame.transmitter, frame.receiver, frame.body) in known:
        return STRANGERS
    if frame.subtype == ACK:
        return ACKS
    if frame.subtype == BEACON:
        return BEACONS
    to_peer = bool(frame.link and node_with(frame.receiver, frame.link))
    if frame.subtype in ACTIONS:
        if frame.element or frame.category == VENDOR_SPECIFIC and frame.body[1:4] == OUI:
            return RELINKS
        if to_peer and (frame.category == RETURNED_HT or frame.category == BLOCK_ACK and frame.action == DELBA):
            return ANSWERS
    # A radio is tried with frames to an address that nobody has, before the stranger comes.
    is_trial = (frame.subtype == NULL or frame.subtype == QOS_DATA and TRIAL in frame.body) and not to_peer and frame.receiver != ADDRESS
    return RELINKS if frame.subtype == QOS_DATA and to_peer or is_trial else OTHER


def is_hidden(beacon: Frame) -> bool:
    """True of a beacon with an empty SSID and the privacy bit."""
    capabilities, element, length = struct.unpack_from("<HBB", beacon.body, 10)
    return bool(capabilities & 0x10) and (element, length) == (0, 0)
