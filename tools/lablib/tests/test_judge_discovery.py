"""The judge must find what is wrong with evidence of the scenario `discovery`."""

import unittest
from typing import Any
from unittest import mock

from lablib.evidence import ADDBA_REQUEST, VENDOR_SPECIFIC, Evidence, Frame
from lablib.guest.config import link_address, mld_address
from lablib.scenarios import discovery
from lablib.tests.sample import MILLISECOND, event, failing, frame, record_of

SESSION = "1122334455667788"
FREQUENCY = {1: 2412, 2: 2462}


def announcement(number: int, at: int, node: str, link: int, named: int | None = None) -> Frame:
    """An announcement of a node on a link, which may name another one."""
    body = (discovery.ANNOUNCEMENT + discovery.MULTI_LINK + bytes.fromhex(mld_address(node).replace(":", ""))
            + bytes([named or link]) + bytes.fromhex("dd09d2524c0a010700d103"))
    return Frame(number, at * MILLISECOND, FREQUENCY[link], 13, link_address(node, link), discovery.BROADCAST,
                 VENDOR_SPECIFIC, None, None, "", body)


def listed(node: str) -> list[dict[str, Any]]:
    """What `relink peers --json` says of a node."""
    return [{"device": mld_address(node), "origin": "discovered",
             "links": [{"id": link, "address": link_address(node, link)} for link in (1, 2)]}]


def good() -> Evidence:
    """A run of discovery as it should be."""
    actions = {"start-a": 0, "start-b": 1, "loss": 300, "stop-b": 1000, "stop-a": 9000}
    fate = {"sent": 200, "lost": [], "doubled": [], "inOrder": True, "firstNanoseconds": 110 * MILLISECOND, "lastNanoseconds": 900 * MILLISECOND}
    notes = {"peers": {"a": listed("b"), "b": listed("a")}, "left": [], "ping": fate,
             "neighbours": f"10.77.0.2 lladdr {mld_address('b')} REACHABLE"}
    record = record_of(discovery.discovery, actions=actions, notes=notes)
    own: dict[str, Any] = {"session": SESSION, "role": "initiator", "tid": 0}
    a = [event("peerAppeared", 100, 1, peer=mld_address("b")), event("peerChanged", 101, 2, peer=mld_address("b")),
         event("rebuilt", 320, 2, **own), event("peerVanished", 6200, peer=mld_address("b"))]
    b = [event("peerAppeared", 100, 1, peer=mld_address("a"))]
    frames: list[Frame] = []
    for at in (50, 150, 250):
        for node in "ab":
            frames += [announcement(len(frames) + link, at, node, link) for link in (1, 2)]
    frames.append(frame(len(frames) + 1, 310, "a", 2, ADDBA_REQUEST, rebuild=True))
    return Evidence(record, {"a": a, "b": b}, frames, "")


class DiscoveryTests(unittest.TestCase):
    def setUp(self) -> None:
        self.evidence = good()
        told = [(each.transmitter, mld_address(each.sender() or "?"), str(each.link)) for each in self.evidence.frames[:-1]]
        patch = mock.patch.object(discovery, "dissected", lambda folder: told)
        patch.start()
        self.addCleanup(patch.stop)
        self.told, self.notes = told, self.evidence.record["notes"]

    def failing(self) -> list[str]:
        return failing(self.evidence)

    def assert_fails(self, *words: str) -> None:
        """One check fails, and its name has these words."""
        names = self.failing()
        self.assertEqual(len(names), 1, names)
        for word in words:
            self.assertIn(word, names[0])

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(self.failing(), [])

    def test_a_device_that_does_not_announce_itself_on_a_link(self) -> None:
        for each in [each for each in self.evidence.frames if each.sender() == "b" and each.link == 2]:
            self.evidence.frames.remove(each)
        self.told[:] = [each for each in self.told if each[0] != link_address("b", 2)]
        self.assert_fails("agent b", "on link 2")

    def test_an_announcement_of_another_link_or_to_one_radio(self) -> None:
        self.evidence.frames[0] = announcement(1, 50, "a", 1, named=2)
        self.assert_fails("agent a", "on link 1")
        self.evidence = good()
        self.evidence.frames[0].receiver = link_address("b", 1)
        self.assert_fails("agent a", "on link 1")

    def test_a_dissector_that_reads_something_else(self) -> None:
        self.told[0] = (*self.told[0][:2], "7")
        self.assert_fails("relink.lua")

    def test_a_peer_that_came_twice_or_is_listed_otherwise(self) -> None:
        self.evidence.events["a"].insert(1, event("peerAppeared", 200, 1, peer=mld_address("b")))
        self.assert_fails("appeared")
        self.evidence = good()
        self.evidence.record["notes"]["peers"]["b"][0]["links"].pop()
        self.assert_fails("relink peers of agent b")

    def test_lost_packets_and_a_session_that_was_not_rebuilt(self) -> None:
        self.notes["ping"]["lost"] = [7]
        self.assert_fails("every packet")
        self.evidence = good()
        self.evidence.frames.pop()
        self.assert_fails("rebuild mark")

    def test_a_peer_that_vanished_too_soon_or_not_at_all(self) -> None:
        self.evidence.events["a"][-1]["monotonicNanoseconds"] = 3000 * MILLISECOND
        self.assert_fails("as long as the configuration says")
        self.evidence = good()
        self.evidence.events["b"].append(event("peerVanished", 400, peer=mld_address("a")))
        self.assert_fails("nobody vanished before")
        self.evidence = good()
        self.evidence.record["notes"]["left"] = listed("b")
        self.assert_fails("lists it no more")
