"""Tests of the comparison: what differs is found, and a rule explains what it says and nothing else."""
import unittest
from collections.abc import Mapping
from typing import Any

from decodelib.comparison import COLUMNS, Comparison
from decodelib.rules import RULES, Difference, explain

ADDRESS, OTHER = "02:52:4c:01:00:0a", "02:52:4c:01:00:0b"
FRAME: dict[str, Any] = {"number": 1, "interface": 0, "length": 33, "type": 0, "subtype": 13, "ra": ADDRESS, "ta": OTHER, "tid": 4,
         "category": 3, "action": 0, "dialogToken": 42, "malformed": None}
ROW = {"frame.interface_id": "0", "frame.len": "33", "wlan.fc.type_subtype": "0x000d", "wlan.ra": ADDRESS,
       "wlan.ta": f"{OTHER},{ADDRESS}", "wlan.fixed.baparams.tid": "0x0004", "wlan.fixed.category_code": "3",
       "wlan.fixed.action_code": "0x00", "wlan.fixed.dialog_token": "0x2a"}


def compared(frame: Mapping[str, Any] | None = None, row: Mapping[str, str] | None = None) -> Comparison:
    """The comparison of one frame, with some values replaced or, of ours, (None) left out."""
    comparison = Comparison()
    changed = {key: value for key, value in {**FRAME, **(frame or {})}.items() if value is not None or key == "malformed"}
    comparison.compare("x.pcap", [changed], [{**ROW, **(row or {})}])
    return comparison


class ComparisonTests(unittest.TestCase):
    def test_the_same_is_the_same(self) -> None:
        self.assertEqual(compared().unexplained, [])
        self.assertEqual(compared().values, len(COLUMNS) + 1)

    def test_every_other_value_is_found(self) -> None:
        for key in ("length", "ra", "ta", "tid", "category", "dialogToken"):
            for value in (99, None):
                self.assertEqual(len(compared({key: value}).unexplained), 1, (key, value))

    def test_a_value_that_only_tshark_has_is_found(self) -> None:
        self.assertEqual(len(compared(row={"wlan.bssid": ADDRESS}).unexplained), 1)

    def test_other_frames_in_number_and_order_are_found(self) -> None:
        comparison = Comparison()
        comparison.compare("x.pcap", [{**FRAME, "number": 2}], [ROW, ROW])
        self.assertEqual(len(comparison.unexplained), 2)

    def test_packets_of_other_link_types_are_no_802_11_frames_for_tshark_either(self) -> None:
        packet: dict[str, Any] = {"number": 1, "interface": 0, "length": 3, "linkType": 1, "malformed": None}
        cases: list[tuple[dict[str, str], int]] = [({}, 0), ({"wlan.fc.type_subtype": "0x0008"}, 2), ({"frame.len": "4"}, 1)]
        for row, disagreements in cases:
            comparison = Comparison()
            comparison.compare("x.pcap", [packet], [{"frame.len": "3", **row}])
            self.assertEqual((comparison.frames, len(comparison.unexplained)), (1, disagreements), row)

    def test_channels_of_prism_headers_are_frequencies(self) -> None:
        for channel, frequency in [("7", 2442), ("14", 2484), ("36", 5180)]:
            self.assertEqual(compared({"frequency": frequency}, {"prism.did.channel": channel}).unexplained, [])
            self.assertEqual(len(compared({"frequency": frequency + 5}, {"prism.did.channel": channel}).unexplained), 1)

    def test_faults_are_compared(self) -> None:
        self.assertEqual(len(compared({"malformed": "octet 9: a length of 0 is impossible"}).unexplained), 1)
        malformed = compared({"type": 1}, {"wlan.fc.type_subtype": "0x001d", "_ws.malformed": "[Malformed Packet: x]"})
        self.assertEqual(len(malformed.unexplained), 1)


class RuleTests(unittest.TestCase):
    def explanation(self, key: str, ours: object, theirs: object, row: Mapping[str, str] | None = None, **frame: Any) -> str | None:
        """The name of the rule that explains a difference."""
        return self.named(Difference(key, ours, theirs, {**FRAME, **frame}, row or {}))

    @staticmethod
    def named(difference: Difference) -> str | None:
        """The name of the rule that explains a difference."""
        rule = explain(difference)
        return rule.name if rule else None

    def test_each_explains_its_case(self) -> None:
        header_cut = {key: value for key, value in FRAME.items() if key in ("number", "interface", "length")}
        header_cut["malformed"] = "octet 10: cut short: 6 octets needed, 4 there"
        cut = Difference("ra", None, ADDRESS, header_cut, {})
        version = Difference("ra", None, ADDRESS, {**header_cut, "malformed": "octet 0: version 1 is not known"}, {})
        names = [
            self.explanation("interface", 0, None), self.named(cut), self.named(version),
            self.explanation("malformed", None, "[Malformed Packet: x]"),
            self.explanation("ta", ADDRESS, None, type=1, subtype=14), self.explanation("ra", None, ADDRESS, type=3),
            self.explanation("action", 1, None, category=13),
            self.explanation("malformed", None, "[Malformed Packet: x]", type=None, linkType=1),
            self.explanation("signal", -50, None, row={"ppi.length": "32"})]
        self.assertEqual(names, [rule.name for rule in RULES])

    def test_none_explains_another(self) -> None:
        cut = "octet 48: cut short: 6 octets needed, 4 there"
        cases: list[tuple[str, object, object, dict[str, Any]]] = [
                ("interface", 1, None, {}), ("interface", 0, 1, {}), ("ra", None, ADDRESS, {"malformed": cut}),
                ("tid", 4, 5, {"malformed": cut}), ("ta", ADDRESS, None, {"type": 1, "subtype": 11}),
                ("malformed", None, "[Malformed Packet: x]", {"type": 1}), ("action", 1, None, {}),
                ("action", 1, 2, {"category": 13}), ("signal", -50, None, {}), ("length", 3, 4, {"linkType": 1})]
        for key, ours, theirs, frame in cases:
            self.assertIsNone(self.explanation(key, ours, theirs, **frame), (key, ours, theirs, frame))


if __name__ == "__main__":
    unittest.main()
