"""The judge of the table of losses must find what is wrong: each test breaks good evidence in one place."""

import unittest

import lablib.guest.table  # noqa: F401
from lablib import judge, judge_table
from lablib.guest.scenarios import SCENARIOS
from lablib.tests.test_judge import ADDBA_REQUEST, ADDBA_RESPONSE, FOREVER, event, frame, good


def evidence(scenario):
    """A run in which link 1 was lost and the session was rebuilt on link 2, under the name of a scenario."""
    run = good()
    run.record["scenario"] = scenario
    return run


class TableTests(unittest.TestCase):
    def failing(self, run):
        return [check.name for check in judge.judge(run) if not check.passed]

    def test_every_scenario_is_judged(self):
        self.assertEqual(set(judge_table.SCENARIOS) - set(SCENARIOS), set())

    def test_a_good_run_passes(self):
        self.assertEqual(self.failing(evidence("one-way")), [])

    def test_a_link_that_does_not_come_back(self):
        run = evidence("rfkill")
        self.assertEqual(self.failing(run), ["agent a: link 1 serves again", "agent b: link 1 serves again"])
        run.events["a"].append(event("linkAlive", 300, 1))
        run.events["b"].append(event("linkAlive", 300, 1))
        self.assertEqual(self.failing(run), [])

    def test_rebuilt_on_the_wrong_link(self):
        run = evidence("one-way")
        for told in run.events["b"]:
            if told["event"] == "rebuilt":
                told["link"] = 1
        self.assertEqual(self.failing(run), ["agent b holds the same session for rebuilt on link 2"])

    def test_another_session(self):
        run = evidence("one-way")
        for told in run.events["a"]:
            if told["event"] == "rebuilt":
                told["session"] = "ffffffffffffffff"
        self.assertIn("agent a holds the same session for rebuilt on link 2", self.failing(run))

    def test_a_request_that_nobody_acknowledged(self):
        run = evidence("one-way")
        del run.frames[5]
        self.assertEqual(self.failing(run), ["on the air: a rebuild request of a or b on link 2, acknowledged"])

    def test_nobody_of_the_two_asked(self):
        run = evidence("receiver-down")
        run.frames[4].transmitter = "02:00:00:00:00:99"
        self.assertIn("on the air: a rebuild request of a or b on link 2, acknowledged", self.failing(run))

    def test_a_session_that_was_not_rebuildable_ends_for_that(self):
        self.assertIn("the session ended: it was not rebuildable", self.failing(evidence("no-indicator")))

    def test_a_response_in_a_rebuild(self):
        run = evidence("one-way")
        run.frames.append(frame(7, 252, "b", 2, ADDBA_RESPONSE))
        self.assertEqual(self.failing(run), ["on the air: no response"])

    def test_a_session_left_hanging(self):
        run = evidence("one-way")
        run.events["b"] = [told for told in run.events["b"] if told["event"] != "ended"]
        run.events["b"].append(event("interrupted", 390, 2, session="1122334455667788"))
        self.assertEqual(self.failing(run), ["agent b: every session was rebuilt, established anew, or ended with a reason"])

    def test_an_end_without_a_reason(self):
        run = evidence("one-way")
        for told in run.events["a"]:
            told.pop("cause", None)
        self.assertEqual(self.failing(run), ["agent a: every session was rebuilt, established anew, or ended with a reason"])

    def test_the_first_candidate_was_not_tried(self):
        self.assertIn("on the air: requests on link 2, in vain", self.failing(evidence("next-candidate")))

    def test_a_loss_between_two_flaps_counts_only_where_the_radios_acknowledge(self):
        run = evidence("flapping")
        run.record["actions"] = [{"name": name, "monotonicNanoseconds": 1000 * number + at}
                                 for number in range(10) for name, at in ((f"loss {number}", 0), ("heal", 500))]
        self.assertEqual(judge_table.flaps(run)[8:], [(8000, 9000), (9000, judge_table.FOREVER)])
        run.record["acknowledgment"] = "frame"
        self.assertEqual(judge_table.flaps(run)[8:], [(8000, 8500), (9000, 9500)])

    def test_what_moves_a_session_between_two_flaps_is_a_rebuild_of_it(self):
        run = evidence("flapping")
        session = run.event("a", "established")["session"]
        moves = {node: [event("rebuilt", at, link, session=session) for at, link in ((1100, 2), (1800, 1), (2100, 2))] for node in "ab"}
        for node in "ab":
            run.events[node] = [told for told in run.events[node] if told["event"] != "rebuilt"] + moves[node]
        losses = [at * 1_000_000 for at in (1000, 2000, 3000)]

        def failing():
            return [check.name for check in judge_table.between_flaps(run, [1, 1, 2], losses) if not check.passed]

        self.assertEqual(failing(), [])
        moves["b"][1]["session"] = "ffffffffffffffff"
        moves["a"][2]["link"] = 1
        run.frames.append(frame(9, 2500, "b", 2, ADDBA_RESPONSE))
        self.assertEqual(failing(), [f"agent {node}: each loss struck the link that the same session was last rebuilt on" for node in "ab"]
                         + ["on the air: no response from the first loss on"])

    def test_a_loss_that_the_storm_made(self):
        run = evidence("frame-storm")
        run.record["notes"]["link"] = 1
        run.record["notes"]["storm"] = {"from": 0, "to": 200_000_000, "frames": 5000}
        run.events["a"].insert(2, event("linkLost", 150, 1))
        failing = self.failing(run)
        self.assertIn("nothing was held for lost during the storm", failing)
        self.assertIn("on the air: thousands of frames of other stations", failing)

    def test_a_frame_on_the_forbidden_channel(self):
        run = evidence("forbidden-channel")
        run.record["actions"].append({"name": "permit", "monotonicNanoseconds": FOREVER})
        run.record["notes"]["forbidden"] = {"links": [{"id": 2, "state": "down", "problem": "…; iw reg set US"}]}
        self.assertNotIn("on the air: nothing on the forbidden channel", self.failing(run))
        stray = frame(8, 260, "a", 2, ADDBA_REQUEST)
        stray.frequency = 5180
        run.frames.append(stray)
        self.assertIn("on the air: nothing on the forbidden channel", self.failing(run))


if __name__ == "__main__":
    unittest.main()
