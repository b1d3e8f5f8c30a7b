"""The judges of standard error that nobody reads and of exchanged link IDs must find what is wrong: each test breaks good evidence in one
place."""

import tempfile
import unittest
from typing import Any

from lablib.evidence import Evidence
from lablib.scenarios.exchanged import EVENT, LINK_ID, MOST, exchange, exchanged_ids
from lablib.scenarios.unread import RATE, unread_stderr
from lablib.tests.sample import MILLISECOND, event, failing, record_of
from lablib.tests.streamed import delayed, steady, write

SESSION: dict[str, Any] = {"session": "1122334455667788"}
SENT = 400


class UnreadTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.evidence = self.good("mac", 10)

    def good(self, acknowledgment: str, pause: int) -> Evidence:
        """A run as it should be."""
        events = {node: [event("established", 100, 1, **SESSION), event("rebuilt", 1010, 2, **SESSION)] for node in ("a", "b")}
        write(self.folder, delayed(steady(SENT, RATE), 1000 * MILLISECOND, (1000 + pause) * MILLISECOND))
        record = record_of(unread_stderr, acknowledgment, {"loss": 1000, "stop-a": 3000, "stop-b": 3001},
                           notes={"filled": {"a": 65536, "b": 65536}, "stream": {"rate": RATE, "size": 100, "sent": SENT}})
        return Evidence(record, events, [], self.folder)

    def test_good_evidence_passes(self) -> None:
        for acknowledgment, pause in (("mac", 150), ("frame", 250)):
            self.assertEqual(failing(self.good(acknowledgment, pause)), [])

    def test_a_stream_that_pauses(self) -> None:
        for acknowledgment, limit in (("mac", 150), ("frame", 250)):
            self.assertEqual(failing(self.good(acknowledgment, limit + 20)), [f"payloads pause for {limit} ms at most"])

    def test_a_lost_packet(self) -> None:
        write(self.folder, steady(SENT, RATE)[1:])
        self.assertEqual(failing(self.evidence), ["the receiver counts no packet lost"])

    def test_a_session_that_was_not_rebuilt(self) -> None:
        for node in ("a", "b"):
            evidence = self.good("mac", 10)
            del evidence.events[node][1]
            self.assertEqual(failing(evidence), [f"agent {node} holds the session for rebuilt on link 2"])

    def test_a_pipe_that_had_room(self) -> None:
        self.evidence.record["notes"]["filled"]["b"] = 0
        self.assertEqual(failing(self.evidence), ["both pipes were full"])

    def test_an_agent_that_did_not_end(self) -> None:
        self.evidence.record["exits"][0]["status"] = -9
        self.assertEqual(failing(self.evidence), ["the agents end with status 0"])
        evidence = self.good("mac", 10)
        del evidence.record["actions"][2]
        self.assertEqual(failing(evidence), ["both agents were told to end"])


class ExchangedTests(unittest.TestCase):
    def setUp(self) -> None:
        events = {node: [event(EVENT, 100 * link, link, cause=LINK_ID) for link in (1, 2)] for node in ("a", "b")}
        self.evidence = Evidence(record_of(exchanged_ids), events, [])

    def test_good_evidence_passes(self) -> None:
        self.assertEqual(failing(self.evidence), [])

    def test_an_end_that_reports_nothing_or_one_link(self) -> None:
        del self.evidence.events["b"][1]
        self.assertEqual(failing(self.evidence), ["agent b reports that the IDs of links 1 and 2 differ"])
        self.evidence.events["b"] = []
        self.assertEqual(failing(self.evidence), ["agent b reports that the IDs of links 1 and 2 differ"])

    def test_another_cause(self) -> None:
        self.evidence.events["a"].append(event(EVENT, 500, 1, cause="channelMismatch"))
        self.assertEqual(failing(self.evidence), ["agent a reports no other disagreement"])

    def test_reports_without_end(self) -> None:
        self.evidence.events["a"] += [event(EVENT, 500 + number, 1, cause=LINK_ID) for number in range(MOST)]
        self.assertEqual(failing(self.evidence), [f"agent a reports it {MOST} times at most"])

    def test_exchanges_the_ids_alone(self) -> None:
        self.assertEqual(exchange('id = 1\nchannel = 1\n[[peers.links]]\nid = 2\nid = 3\n'), 'id = 2\nchannel = 1\n[[peers.links]]\nid = 1\nid = 3\n')


if __name__ == "__main__":
    unittest.main()
