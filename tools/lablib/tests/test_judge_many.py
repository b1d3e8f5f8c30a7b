"""The judge of `many` must find what is wrong: each test breaks good evidence in one place."""

import unittest
from typing import Any

from lablib.evidence import Evidence
from lablib.guest import config
from lablib.scenarios import many
from lablib.tests.sample import MILLISECOND, event, failing, frame, record_of

CAST = config.ring(4, 8, 2)


def identifier(number: int) -> str:
    """The identifier of one of the sessions; the first one is that of the frames that `frame` makes."""
    return f"{0x1122334455667788 + number:016x}"


def sessions() -> dict[str, list[dict[str, Any]]]:
    """What the nodes' status lists when all is well."""
    ends: dict[str, list[dict[str, Any]]] = {node: [] for node in CAST.nodes}
    for number, (initiator, receiver, tid) in enumerate(CAST.listed()):
        for node, peer, role in ((initiator, receiver, "initiator"), (receiver, initiator, "receiver")):
            ends[node].append({"session": identifier(number), "peer": config.mld_address(peer), "tid": tid, "role": role, "state": "live"})
    return ends


def usage(at: int, wakeups: int, anonymous: int = 1500) -> dict[str, Any]:
    """One point of measurement."""
    used = {"wakeups": wakeups, "residentKiB": 30_000, "anonymousKiB": anonymous}
    return {"monotonicNanoseconds": at * MILLISECOND, "machine": {}, "agents": {node: dict(used) for node in CAST.nodes}}


def good() -> Evidence:
    """A run as it should be: one link fails, one session is rebuilt."""
    points = {"quiet": usage(1000, 100), "faults": usage(2000, 110), "healed": usage(3000, 200), "quiet again": usage(4000, 220),
              "end": usage(5000, 230)}
    notes = {"wanted": [list(each) for each in CAST.listed()], "usage": points,
             "sessions at the start": sessions(), "sessions at the end": sessions(), "seconds to settle at the end": 0.1}
    actions = {"fault": 2100, **{f"stop-{node}": 6000 for node in CAST.nodes}}
    record = record_of(many.many, actions=actions, nodes=list(CAST.nodes), clock="virtual", notes=notes)
    events = {node: [event("ended", 6001, 1, session=identifier(0))] for node in CAST.nodes}
    events["a"] = [event("interrupted", 2110, 1, session=identifier(0)), event("rebuilt", 2112, 2, session=identifier(0)), *events["a"]]
    return Evidence(record, events, [frame(1, 2111, "a", 2, 0, rebuild=True)])


class ManyTests(unittest.TestCase):
    def assert_fails(self, evidence: Evidence, words: str) -> None:
        names = failing(evidence)
        self.assertTrue(len(names) == 1 and words in names[0], names)

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(failing(good()), [])

    def test_a_session_that_is_not_live_at_one_end_fails(self) -> None:
        for node in ("a", "b"):
            evidence = good()
            evidence.record["notes"]["sessions at the end"][node][0]["state"] = "interrupted"
            self.assert_fails(evidence, "all 8 sessions are live at both ends")

    def test_two_ends_of_different_sessions_fail(self) -> None:
        evidence = good()
        evidence.record["notes"]["sessions at the end"]["a"][0]["session"] = "ff"
        self.assertIn("all 8 sessions are live at both ends", failing(evidence))

    def test_a_session_too_many_fails(self) -> None:
        evidence = good()
        listed = evidence.record["notes"]["sessions at the end"]["a"]
        listed.append(dict(listed[0], state="interrupted"))
        self.assert_fails(evidence, "there are no others")

    def test_a_session_established_anew_fails(self) -> None:
        evidence = good()
        for listed in evidence.record["notes"]["sessions at the end"].values():
            for each in listed:
                each["session"] = "ff" if each["session"] == identifier(3) else each["session"]
        self.assert_fails(evidence, "rebuilt and not established anew")

    def test_links_that_did_not_fail_fail(self) -> None:
        evidence = good()
        del evidence.record["actions"][0]
        self.assert_fails(evidence, "links failed and sessions were rebuilt")

    def test_a_loss_before_links_failed_fails(self) -> None:
        evidence = good()
        evidence.events["c"].append(event("linkLost", 1500, 1, cause="silence"))
        self.assert_fails(evidence, "before links failed")

    def test_an_agent_whose_events_broke_off_fails(self) -> None:
        evidence = good()
        del evidence.events["d"][-1]
        self.assert_fails(evidence, "followed to its end")

    def test_the_last_agent_need_not_tell_of_its_own_end(self) -> None:
        evidence = good()
        evidence.record["actions"][-1]["monotonicNanoseconds"] += 1000 * MILLISECOND
        self.assertEqual(failing(evidence), [])

    def test_a_rebuild_that_the_witness_did_not_hear_of_fails(self) -> None:
        evidence = good()
        evidence.frames.clear()
        self.assert_fails(evidence, "for every session that was rebuilt")

    def test_how_often_agents_wake_up_is_judged(self) -> None:
        for point, words in (("faults", "while nothing happens"), ("healed", "while links fail"), ("end", "afterwards")):
            evidence = good()
            evidence.record["notes"]["usage"][point]["agents"]["b"]["wakeups"] += 900
            self.assertTrue(any(words in name for name in failing(evidence)), point)
            evidence.record["clock"] = "real"
            self.assertEqual(failing(evidence), [])

    def test_an_agent_that_grows_fails(self) -> None:
        evidence = good()
        evidence.record["notes"]["usage"]["end"]["agents"]["d"]["anonymousKiB"] += 100_000
        self.assert_fails(evidence, "no agent grows")


class CastTests(unittest.TestCase):
    def test_all_sessions_are_between_different_nodes_and_no_two_are_the_same(self) -> None:
        for agents, number, receivers in ((10, 100, 2), (10, 100, 9), (2, 8, 1), (26, 400, 2)):
            listed = config.ring(agents, number, receivers).listed()
            self.assertEqual((len(listed), len(set(listed))), (number, number))
            self.assertTrue(all(a != b and tid < config.TIDS for a, b, tid in listed))

    def test_as_many_sessions_as_there_can_be(self) -> None:
        listed = config.ring(10, config.most_sessions(10, 3), 3).listed()
        self.assertEqual((len(set(listed)), max(tid for _, _, tid in listed)), (240, 7))


class FaultTests(unittest.TestCase):
    def test_the_same_seed_makes_the_same_faults(self) -> None:
        self.assertEqual(many.faults(7, "abc", (1, 2), 60), many.faults(7, "abc", (1, 2), 60))
        self.assertNotEqual(many.faults(7, "abc", (1, 2), 60), many.faults(8, "abc", (1, 2), 60))

    def test_every_fault_ends_in_time_and_no_radio_has_two(self) -> None:
        for seed in range(20):
            failed: dict[tuple[str, int], str | None] = {}
            for turn in many.faults(seed, "abcdefghij", (1, 2), 60):
                radio = turn.node, turn.link
                self.assertEqual(failed.get(radio), None if turn.fails else turn.kind)
                failed[radio] = turn.kind if turn.fails else None
                self.assertLessEqual(turn.at, 60)
            self.assertEqual(set(failed.values()), {None})


if __name__ == "__main__":
    unittest.main()
