"""The judge must find what is wrong: each test breaks good evidence in one place."""

import unittest

from lablib.evidence import ADDBA_REQUEST, ADDBA_RESPONSE, Evidence
from lablib.scenarios.clean_up import clean_up
from lablib.scenarios.idle import idle
from lablib.scenarios.ping import ping
from lablib.tests.sample import MILLISECOND, event, failing, frame, good, in_frames


def good_ping() -> Evidence:
    """A run of ping as it should be."""
    evidence = good()
    counters = {"fromHost": 203, "toHost": 203, "queueFull": 0, "hostBusy": 0, "spoofed": 0, "misdirected": 0}
    evidence.record |= {"scenario": ping.name, "notes": {
        "ping": {"sent": 200, "lost": [], "doubled": [], "inOrder": True, "firstNanoseconds": 110 * MILLISECOND,
                 "lastNanoseconds": 390 * MILLISECOND},
        "neighbours": "10.77.0.2 lladdr 02:52:4c:00:00:0b REACHABLE \n",
        "status": {node: {"interface": {"counters": dict(counters)}} for node in ("a", "b")}}}
    for node, session in (("a", "1122334455667788"), ("b", "8877665544332211")):
        own = {"session": session, "tid": 0, "role": "initiator"}
        evidence.events[node] = [event("established", 104, 1, **own), event("interrupted", 250, 1, **own),
                                 event("rebuilt", 251, 2, **own), event("ended", 401, 2, **own)]
    return evidence


class PingTests(unittest.TestCase):
    def test_good_evidence_passes(self) -> None:
        self.assertEqual(failing(good_ping()), [])

    def test_a_lost_a_doubled_and_a_late_packet_fail(self) -> None:
        for key, value, name in (("lost", [77], "every packet was answered"), ("doubled", [78], "no packet was doubled"),
                                 ("inOrder", False, "the answers came in order"),
                                 ("lastNanoseconds", 190 * MILLISECOND, "the loss came in the middle")):
            evidence = good_ping()
            evidence.record["notes"]["ping"][key] = value
            self.assertEqual(failing(evidence), [name])

    def test_an_address_that_arp_did_not_find_fails(self) -> None:
        evidence = good_ping()
        evidence.record["notes"]["neighbours"] = "10.77.0.2 FAILED \n"
        self.assertEqual(failing(evidence), ["the peer's MLD address was found by ARP"])

    def test_a_session_established_anew_fails(self) -> None:
        evidence = good_ping()
        evidence.events["b"][2]["event"] = "establishedAnew"
        self.assertEqual(failing(evidence), ["agent b's session was established once and rebuilt once",
                                                  "agent b's session lives on link 2"])

    def test_a_second_interruption_fails(self) -> None:
        for acknowledgment in ("mac", "frame"):
            evidence = good_ping()
            evidence.record["acknowledgment"] = acknowledgment
            own = evidence.events["a"]
            own[3:3] = [dict(own[1], monotonicNanoseconds=260 * MILLISECOND), dict(own[2], monotonicNanoseconds=261 * MILLISECOND)]
            self.assertEqual(failing(evidence), ["agent a's session was established once and rebuilt once"])

    def test_a_drop_and_traffic_that_went_elsewhere_fail(self) -> None:
        for key, value in (("hostBusy", 1), ("spoofed", 2), ("toHost", 199)):
            evidence = good_ping()
            evidence.record["notes"]["status"]["b"]["interface"]["counters"][key] = value
            self.assertEqual(failing(evidence), ["relink0 of agent b carried all of it and dropped nothing"])


class CleanUpTests(unittest.TestCase):
    def test_an_interface_that_outlives_its_process_fails(self) -> None:
        evidence = good()
        lines = ["relink0: <UP> mtu 1400", "relink1: <UP> mtu 2304"]
        evidence.record |= {"scenario": clean_up.name, "notes": {"snapshots": {
            "before": [], "SIGTERM": [], "SIGINT": [], "after all": [], "running before SIGTERM": lines,
            "running after SIGKILL": lines, "SIGKILL": lines[1:]}}}
        self.assertEqual(failing(evidence), [])
        evidence.record["notes"]["snapshots"]["SIGKILL"] = lines
        self.assertEqual(failing(evidence),
                         ["relink0 goes with the process, even after SIGKILL"])


class JudgeTests(unittest.TestCase):
    def test_good_evidence_passes(self) -> None:
        self.assertEqual(failing(good()), [])

    def test_a_rebuild_with_a_response_fails(self) -> None:
        evidence = good()
        evidence.frames.append(frame(7, 251, "b", 2, ADDBA_RESPONSE))
        self.assertTrue(any("no response" in name for name in failing(evidence)))

    def test_a_rebuild_without_its_mark_fails(self) -> None:
        evidence = good()
        evidence.frames[4] = frame(5, 250, "a", 2, ADDBA_REQUEST)
        self.assertTrue(any("rebuild mark" in name for name in failing(evidence)))

    def test_two_requests_fail(self) -> None:
        evidence = good()
        evidence.frames.append(frame(7, 251, "a", 2, ADDBA_REQUEST, rebuild=True))
        self.assertTrue(any("one ADDBA Request" in name for name in failing(evidence)))

    def test_each_missing_acknowledgment_fails(self) -> None:
        for index in (1, 3, 5):
            evidence = good()
            del evidence.frames[index]
            self.assertTrue(any("an ACK of the radio" in name for name in failing(evidence)), index)

    def test_an_acknowledgment_for_somebody_else_fails(self) -> None:
        evidence = good()
        evidence.frames[5].receiver = "02:00:00:00:00:99"
        self.assertTrue(any("an ACK of the radio" in name for name in failing(evidence)))

    def test_a_frame_of_another_session_fails(self) -> None:
        for index in (0, 4):
            evidence = good()
            evidence.frames[index].body = evidence.frames[index].body.replace(b"\x88\x77", b"\x88\x78")
            self.assertEqual(failing(evidence), ["the frames name the session of the events"])

    def test_without_acks_each_frame_needs_its_own_session_acknowledgment(self) -> None:
        self.assertEqual(failing(in_frames(good())), [])
        for index in (1, 3, 5):
            evidence = in_frames(good())
            del evidence.frames[index]
            self.assertTrue(any("a session acknowledgment" in name for name in failing(evidence)), index)

    def test_without_acks_a_request_that_no_event_told_of_fails(self) -> None:
        evidence = in_frames(good())
        evidence.frames.insert(0, frame(0, 101, "a", 1, ADDBA_REQUEST))
        self.assertEqual(failing(evidence), ["on the air: ADDBA Request, then ADDBA Response, on link 1",
                                             "on the air: a session acknowledgment of the agent for each"])

    def test_a_session_interrupted_again_at_the_receiver_fails(self) -> None:
        evidence = good()
        evidence.events["b"].insert(2, event("interrupted", 300, 2, session="1122334455667788"))
        self.assertEqual(failing(evidence), ["the session stays live at the receiver"])

    def test_a_malformed_frame_fails(self) -> None:
        evidence = good()
        evidence.frames[0].malformed = "[Malformed Packet: IEEE 802.11]"
        self.assertEqual(failing(evidence), ["nothing on the air is malformed"])

    def test_a_loss_told_before_the_loss_fails(self) -> None:
        evidence = good()
        evidence.events["b"].insert(1, event("linkLost", 150, 2))
        self.assertEqual(failing(evidence), ["nothing was held for lost that was not"])

    def test_another_session_at_the_receiver_fails(self) -> None:
        evidence = good()
        evidence.events["b"][1]["session"] = "ffff"
        self.assertEqual(len(failing(evidence)), 1)

    def test_a_rebuild_that_the_receiver_does_not_know_of_fails(self) -> None:
        evidence = good()
        del evidence.events["b"][1]
        self.assertEqual(failing(evidence), ["agent b holds the same session for rebuilt on link 2"])

    def test_an_interface_left_behind_fails(self) -> None:
        evidence = good()
        evidence.record["after"] = {"a": ["relink1", "wlan0"]}
        self.assertEqual(failing(evidence), ["interfaces are as before"])

    def test_a_bad_exit_status_fails(self) -> None:
        evidence = good()
        evidence.record["exits"][0]["status"] = 1
        self.assertEqual(failing(evidence), ["the agents end with status 0"])

    def test_a_scenario_that_broke_off_fails(self) -> None:
        evidence = good()
        evidence.record["error"] = "after 30 s still waiting"
        self.assertEqual(failing(evidence), ["the scenario was played to its end"])

    def test_idle_judges_growth_and_processor_time(self) -> None:
        evidence = good()
        usage = {"before": {"residentKiB": 1000, "processorNanoseconds": 0},
                 "after": {"residentKiB": 1400, "processorNanoseconds": 20 * MILLISECOND}}
        evidence.record |= {"scenario": idle.name, "notes": {"usage": {"a": usage}, "nanoseconds": 1000 * MILLISECOND}}
        evidence.record["actions"][0]["name"] = "idle"
        evidence.events["a"] = evidence.events["a"][:2]
        evidence.events["b"] = evidence.events["b"][:1]
        self.assertEqual(failing(evidence), ["agent a does not grow", "agent a takes less than 1% of a core"])
        evidence.record["processor"] = "emulated"
        self.assertEqual(failing(evidence), ["agent a does not grow"])

    def test_idle_judges_wakeups_where_programs_take_no_time(self) -> None:
        evidence = good()
        usage = {kind: {"residentKiB": 1000, "processorNanoseconds": 0, "wakeups": count} for kind, count in (("before", 100), ("after", 179))}
        evidence.record |= {"scenario": idle.name, "clock": "virtual", "notes": {"usage": {"a": usage}, "nanoseconds": 10_000 * MILLISECOND}}
        evidence.record["actions"][0]["name"] = "idle"
        evidence.events["a"] = evidence.events["a"][:2]
        evidence.events["b"] = evidence.events["b"][:1]
        self.assertEqual(failing(evidence), [])
        usage["after"]["wakeups"] += 1
        self.assertEqual(failing(evidence), ["agent a wakes up less than 8 times a second"])


    def test_idle_judges_the_age_of_keys(self) -> None:
        for hours, age, wrong in ((0.1, 360, []), (2, 3605, []), (2, 3611, ["agent a's keys were renewed in time"]),
                                  (1.01, 3700, ["agent a's keys were renewed in time", "agent a renewed keys"])):
            evidence = good()
            status = {"a": {"peers": [{"security": {"keyAgeSeconds": age}}]}}
            evidence.record |= {"scenario": idle.name, "hasKey": True, "notes": {"usage": {}, "nanoseconds": hours * 3600 * 10**9, "status": status}}
            evidence.record["actions"][0]["name"] = "idle"
            evidence.events["a"] = evidence.events["a"][:2]
            evidence.events["b"] = evidence.events["b"][:1]
            self.assertEqual(failing(evidence), wrong)


if __name__ == "__main__":
    unittest.main()
