"""Evidence as it should be, for tests that break it in one place."""

from collections.abc import Mapping
from typing import Any

from lablib.evidence import ACK, ADDBA_REQUEST, ADDBA_RESPONSE, BLOCK_ACK, VENDOR_SPECIFIC, Evidence, Frame
from lablib.guest.config import link_address
from lablib.guest.control import Event
from lablib.judging import judge
from lablib.scenario import Scenario
from lablib.scenarios.loss import up_but_dead

MILLISECOND = 1_000_000
ELEMENT = "dd18d2524c0101{flags:02x}0000{number:02x}0000008877665544332211{rebuild:08x}"


def frame(number: int, at: int, node: str, link: int, action: int | None = None, rebuild: bool = False, status: int | None = None) -> Frame:
    """A Block Ack action frame of a node, or (action `None`) the ACK for one of its frames."""
    peer = "b" if node == "a" else "a"
    if action is None:
        return Frame(number, at * MILLISECOND, {1: 2412, 2: 2462}[link], ACK, "", link_address(node, link))
    body = bytes.fromhex(ELEMENT.format(flags=5 if rebuild else 1, number=number, rebuild=int(rebuild) << 24))
    return Frame(number, at * MILLISECOND, {1: 2412, 2: 2462}[link], 13, link_address(node, link),
                 link_address(peer, link), BLOCK_ACK, action, status, "", body)


def event(kind: str, at: int, link: int | None = None, **fields: Any) -> Event:
    """One event of an agent."""
    told = {"event": kind, "monotonicNanoseconds": at * MILLISECOND, **fields}
    return told | ({"link": link} if link else {})


def good() -> Evidence:
    """A run of up-but-dead as it should be."""
    session: dict[str, Any] = {"session": "1122334455667788"}
    record = record_of(up_but_dead, actions={"loss": 200, "stop-a": 400})
    a = [event("sessionRequested", 100, 1, **session), event("established", 103, 1, **session),
         event("linkLost", 250, 1), event("interrupted", 250, 1, **session), event("rebuildRequested", 250, 2, **session),
         event("rebuilt", 251, 2, **session), event("ended", 401, 2, cause="userRequest", **session)]
    b = [event("established", 104, 1, **session), event("rebuilt", 251, 2, **session), event("ended", 402, 2, cause="peerLeaving", **session)]
    frames = [frame(1, 101, "a", 1, ADDBA_REQUEST), frame(2, 101, "a", 1), frame(3, 102, "b", 1, ADDBA_RESPONSE),
              frame(4, 102, "b", 1), frame(5, 250, "a", 2, ADDBA_REQUEST, rebuild=True), frame(6, 250, "a", 2)]
    return Evidence(record, {"a": a, "b": b}, frames)


def record_of(scenario: Scenario, acknowledgment: str = "mac", actions: Mapping[str, int] | None = None, **fields: Any) -> dict[str, Any]:
    """The record of a run in which nothing went wrong. `actions` has milliseconds."""
    done = [{"name": name, "monotonicNanoseconds": at * MILLISECOND} for name, at in (actions or {}).items()]
    return {"scenario": scenario.name, "acknowledgment": acknowledgment, "run": 1, "kernel": "6.1", "clock": "real", "processor": "host",
            "hasKey": False, "error": None, "witnessDropped": 0, "actions": done, "exits": [{"name": "stop-a", "status": 0}],
            "before": {"a": ["wlan0"]}, "after": {"a": ["wlan0"]}, "notes": {}, **fields}


def in_frames(evidence: Evidence) -> Evidence:
    """The same run on radios that don't acknowledge: each ACK is a session acknowledgment of the frame before it instead."""
    evidence.record["acknowledgment"] = "frame"
    for index in [index for index, each in enumerate(evidence.frames) if each.subtype == ACK]:
        acked = evidence.frames[index - 1]
        body = b"\x7f\xd2\x52\x4c\x03\x01" + acked.transmission
        evidence.frames[index] = Frame(acked.number + 1, acked.nanoseconds, acked.frequency, 13, acked.receiver,
                                       acked.transmitter, VENDOR_SPECIFIC, None, None, "", body)
    return evidence


def failing(evidence: Evidence) -> list[str]:
    """The names of the checks that do not hold."""
    return [check.name for check in judge(evidence) if not check.passed]
