"""The judges of the ways to lose a link, and of what befalls radios, must find what is wrong: each test breaks good evidence in one place."""

import unittest

from lablib.evidence import ADDBA_REQUEST, ADDBA_RESPONSE, Evidence
from lablib.judging import FOREVER
from lablib.scenario import Scenario
from lablib.scenarios import losses
from lablib.scenarios.losses import flapping, next_candidate, no_indicator, one_way, receiver_down
from lablib.scenarios.radios import forbidden_channel, frame_storm, rfkill
from lablib.tests.sample import event, failing, frame, good, in_frames


def evidence(scenario: Scenario) -> Evidence:
    """A run in which link 1 was lost and the session was rebuilt on link 2, under the name of a scenario."""
    run = good()
    run.record["scenario"] = scenario.name
    return run


class TableTests(unittest.TestCase):
    def test_a_good_run_passes(self) -> None:
        self.assertEqual(failing(evidence(one_way)), [])

    def test_a_link_that_does_not_come_back(self) -> None:
        run = evidence(rfkill)
        self.assertEqual(failing(run), ["agent a: link 1 serves again", "agent b: link 1 serves again"])
        run.events["a"].append(event("linkAlive", 300, 1))
        run.events["b"].append(event("linkAlive", 300, 1))
        self.assertEqual(failing(run), [])

    def test_rebuilt_on_the_wrong_link(self) -> None:
        run = evidence(one_way)
        for told in run.events["b"]:
            if told["event"] == "rebuilt":
                told["link"] = 1
        self.assertEqual(failing(run), ["agent b holds the same session for rebuilt on link 2"])

    def test_another_session(self) -> None:
        run = evidence(one_way)
        for told in run.events["a"]:
            if told["event"] == "rebuilt":
                told["session"] = "ffffffffffffffff"
        self.assertIn("agent a holds the same session for rebuilt on link 2", failing(run))

    def test_a_request_that_nobody_acknowledged(self) -> None:
        run = evidence(one_way)
        del run.frames[5]
        self.assertEqual(failing(run), ["on the air: a rebuild request of a or b on link 2, acknowledged"])

    def test_nobody_of_the_two_asked(self) -> None:
        run = evidence(receiver_down)
        run.frames[4].transmitter = "02:00:00:00:00:99"
        self.assertIn("on the air: a rebuild request of a or b on link 2, acknowledged", failing(run))

    def test_a_session_that_was_not_rebuildable_ends_for_that(self) -> None:
        self.assertIn("the session ended: it was not rebuildable", failing(evidence(no_indicator)))

    def test_a_response_in_a_rebuild(self) -> None:
        run = evidence(one_way)
        run.frames.append(frame(7, 252, "b", 2, ADDBA_RESPONSE))
        self.assertEqual(failing(run), ["on the air: no response"])

    def test_a_session_left_hanging(self) -> None:
        run = evidence(one_way)
        run.events["b"] = [told for told in run.events["b"] if told["event"] != "ended"]
        run.events["b"].append(event("interrupted", 390, 2, session="1122334455667788"))
        self.assertEqual(failing(run), ["agent b: every session was rebuilt, established anew, or ended with a reason"])

    def test_an_end_without_a_reason(self) -> None:
        run = evidence(one_way)
        for told in run.events["a"]:
            told.pop("cause", None)
        self.assertEqual(failing(run), ["agent a: every session was rebuilt, established anew, or ended with a reason"])

    def test_the_first_candidate_was_not_tried(self) -> None:
        self.assertIn("on the air: requests on link 2, in vain", failing(evidence(next_candidate)))

    def test_each_flap_is_judged_up_to_the_next_one(self) -> None:
        for change in (lambda run: run, in_frames):
            run = evidence(flapping)
            run.record["actions"] = [{"name": name, "monotonicNanoseconds": 1000 * number + at}
                                     for number in range(losses.FLAPS) for name, at in ((f"loss {number}", 0), ("heal", 500))]
            change(run)
            last = 1000 * (losses.FLAPS - 1)
            self.assertEqual(losses.flaps(run)[-2:], [(last - 1000, last), (last, FOREVER)])

    def test_what_moves_a_session_between_two_flaps_is_a_rebuild_of_it(self) -> None:
        run = evidence(flapping)
        session = run.events["a"][1]["session"]
        moves = {node: [event("rebuilt", at, link, session=session) for at, link in ((1100, 2), (1800, 1), (2100, 2))] for node in "ab"}
        for node in "ab":
            run.events[node] = [told for told in run.events[node] if told["event"] != "rebuilt"] + moves[node]

        def between() -> list[str]:
            cuts = [at * 1_000_000 for at in (1000, 2000, 3000)]
            return [check.name for check in losses.between_flaps(run, [1, 1, 2], cuts) if not check.passed]

        self.assertEqual(between(), [])
        moves["b"][1]["session"] = "ffffffffffffffff"
        moves["a"][2]["link"] = 1
        run.frames.append(frame(9, 2500, "b", 2, ADDBA_RESPONSE))
        self.assertEqual(between(), [f"agent {node}: each loss struck the link that the same session was last rebuilt on" for node in "ab"]
                         + ["on the air: no response from the first loss on"])

    def test_a_loss_that_the_storm_made(self) -> None:
        run = evidence(frame_storm)
        run.record["notes"]["link"] = 1
        run.record["notes"]["storm"] = {"from": 0, "to": 200_000_000, "frames": 5000}
        run.events["a"].insert(2, event("linkLost", 150, 1))
        names = failing(run)
        self.assertIn("nothing was held for lost during the storm", names)
        self.assertIn("on the air: thousands of frames of other stations", names)

    def test_a_frame_on_the_forbidden_channel(self) -> None:
        run = evidence(forbidden_channel)
        run.record["actions"].append({"name": "permit", "monotonicNanoseconds": FOREVER})
        run.record["notes"]["forbidden"] = {"links": [{"id": 2, "state": "down", "problem": "…; iw reg set US"}]}
        self.assertNotIn("on the air: nothing on the forbidden channel", failing(run))
        stray = frame(8, 260, "a", 2, ADDBA_REQUEST)
        stray.frequency = 5180
        run.frames.append(stray)
        self.assertIn("on the air: nothing on the forbidden channel", failing(run))


if __name__ == "__main__":
    unittest.main()
