"""Cards: what may be asked for, what is found out about them, which channels links get, what a report says and does not say."""

import os
import tempfile
import unittest
from typing import Any

from lablib import card_report, cards
from lablib.card_report import Result
from lablib.checked import Check
from lablib.evidence import Evidence
from lablib.guest import card
from lablib.guest.card import CardError
from lablib.guest.cards import Found, Interface, differences
from lablib.paths import LabError
from lablib.scenario import Scenario, discover
from lablib.scenarios.cards import cards_establish, cards_memory, cards_ping, cards_rebuild, cards_share, cards_speed


def radio(name: str, **bands: dict[int, tuple[int, list[str]]]) -> dict[str, Any]:
    """A radio as `relink links --json` has it; each band's channels by frequency, with number and restrictions."""
    return {"wiphy": name, "bands": [{"band": band.removeprefix("at"), "channels": [
        {"frequency": mhz, "channel": number, "restrictions": why} for mhz, (number, why) in channels.items()]} for band, channels in bands.items()]}


LOW: dict[int, tuple[int, list[str]]] = {2412: (1, []), 2437: (6, []), 2462: (11, []), 2467: (12, ["noInitiatingRadiation"])}
HIGH: dict[int, tuple[int, list[str]]] = {5180: (36, []), 5260: (52, ["radar"])}
SIX: dict[int, tuple[int, list[str]]] = {5955: (1, []), 5975: (5, [])}


class RequestTests(unittest.TestCase):
    def test_the_first_half_is_agent_as_and_options_are_said_again(self) -> None:
        asked = cards.request("phy2,phy0,phy1,phy3", "1,36", "phy9")
        self.assertEqual((asked.radios, asked.links, asked.channels, asked.witness, asked.pretend),
                         (("phy2", "phy0", "phy1", "phy3"), 2, (1, 36), "phy9", None))
        self.assertEqual(asked.option, "--radios phy2,phy0,phy1,phy3 --channels 1,36 --witness phy9")

    def test_radios_of_hwsim_are_made_with_one_more_for_the_witness(self) -> None:
        asked = cards.request("hwsim:4", None, "phy4")
        self.assertEqual((asked.radios, asked.pretend, asked.option), (("phy0", "phy1", "phy2", "phy3"), 5, "--radios hwsim:4 --witness phy4"))
        self.assertEqual(cards.request("hwsim:2", None, None).pretend, 2)

    def test_what_can_not_be_dealt_is_refused(self) -> None:
        wrong = [("phy0", None, None), ("phy0,phy1,phy2", None, None), ("phy0,", None, None), ("phy0,phy0", None, None), ("phy0,phy1", None, "phy1"),
                 ("phy0,phy1", "1,6", None), ("phy0,phy1", "one", None), ("a,b,c,d", "6,6", None), ("hwsim:3", None, None), ("hwsim:4", None, "phy2")]
        for words in wrong:
            with self.assertRaises(LabError, msg=str(words)):
                cards.request(*words)

    def test_what_needs_two_links_is_skipped_on_one(self) -> None:
        self.assertIn("4 radios", cards.skipped(cards_share, cards.request("a,b", None, None)) or "")
        self.assertIsNone(cards.skipped(cards_share, cards.request("a,b,c,d", None, None)))

    def test_all_that_is_for_cards_needs_neither_medium_nor_tests(self) -> None:
        played = [discover()[name] for name in cards.scenarios()]
        self.assertTrue(played)
        self.assertEqual([each.name for each in played if each.medium is not None or each.needs_tests], [])


class ChannelTests(unittest.TestCase):
    def test_links_get_channels_that_do_not_overlap(self) -> None:
        ends = (radio("phy0", at2=LOW), radio("phy1", at2=LOW))
        self.assertEqual(card.choose([ends, ends, ends], None), [2412, 2462, 2437])

    def test_only_what_both_ends_may_use_counts(self) -> None:
        ends = (radio("phy0", at2=LOW, at5=HIGH), radio("phy1", at5=HIGH))
        self.assertEqual(card.choose([ends], None), [5180])

    def test_where_no_channel_is_left_it_is_refused_with_the_remedy(self) -> None:
        ends = (radio("phy0", at5=HIGH), radio("phy1", at5=HIGH))
        with self.assertRaises(CardError) as refused:
            card.choose([ends, ends], None)
        self.assertRegex(str(refused.exception), r"link 2\).*iw reg set")

    def test_a_channel_is_asked_for_by_number_or_frequency(self) -> None:
        ends = (radio("phy0", at6=SIX, at2=LOW), radio("phy1", at6=SIX, at2=LOW))
        self.assertEqual(card.choose([ends, ends], [1, 5955]), [2412, 5955])

    def test_a_channel_that_may_not_be_used_is_refused_for_each_radio(self) -> None:
        ends = (radio("phy0", at2=LOW, at5=HIGH), radio("phy1", at2=LOW))
        with self.assertRaises(CardError) as refused:
            card.choose([ends, ends, ends], [12, 36, 11])
        self.assertEqual([reason.split()[0] for reason in refused.exception.reasons], ["phy0", "phy1", "phy1"])
        self.assertIn("noInitiatingRadiation", refused.exception.reasons[0])
        self.assertIn("phy1 has no channel 36", refused.exception.reasons[2])


class FactTests(unittest.TestCase):
    def chip(self, files: dict[str, str], device: str) -> Any:
        """The chip that a folder of files tells of, as sysfs does; `device` is the radio's."""
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
                with open(f"{folder}/{path}", "w") as file:
                    file.write(text + "\n")
            os.makedirs(f"{folder}/bus/pci", exist_ok=True)
            os.makedirs(f"{folder}/{device}", exist_ok=True)
            os.symlink(f"{folder}/bus/pci", f"{folder}/{device}/subsystem")
            os.makedirs(f"{folder}/class/phy0")
            os.symlink(f"{folder}/{device}", f"{folder}/class/phy0/device")
            return card.chip("phy0", f"{folder}/class")

    def test_a_usb_device_is_the_one_that_the_interface_belongs_to(self) -> None:
        files = {"usb/1-1/idVendor": "0e8d", "usb/1-1/idProduct": "7612", "usb/1-1/product": "802.11ac", "usb/1-1/1-1:1.0/bInterfaceClass": "ff"}
        self.assertEqual(self.chip(files, "usb/1-1/1-1:1.0"), {"bus": "usb", "id": "0e8d:7612", "product": "802.11ac"})

    def test_a_pci_device_has_its_own_ids_and_not_those_of_its_bridge(self) -> None:
        files = {"pci/bridge/vendor": "0x8086", "pci/bridge/device": "0x1901", "pci/bridge/card/vendor": "0x168c", "pci/bridge/card/device": "0x0030"}
        self.assertEqual(self.chip(files, "pci/bridge/card"), {"bus": "pci", "id": "168c:0030"})

    def test_a_radio_without_a_device_has_none(self) -> None:
        self.assertIsNone(self.chip({}, "virtual/hwsim0"))

    def test_only_a_driver_that_offers_it_lets_a_radio_be_moved(self) -> None:
        listed = "\tSupported commands:\n\t\t * new_interface\n\t\t * set_wiphy_netns\n\t\t * set_channel\n"
        self.assertTrue(card.can_move(listed))
        self.assertFalse(card.can_move(listed.replace("\t\t * set_wiphy_netns\n", "")))

    def test_addresses_are_masked_wherever_they_stand(self) -> None:
        told = {"a": ["set wlx00c0caabcdef down (ip link set wlx00c0caabcdef down)", 7], "b": {"c": "00:C0:ca:ab:cd:ef and 00-c0-ca-ab-cd-ef"}}
        self.assertEqual(card.masked(told), {"a": ["set wlx00c0ca… down (ip link set wlx00c0ca… down)", 7],
                                             "b": {"c": "00:C0:ca:… and 00-c0-ca:…"}})
        self.assertEqual(card.masked("at 12:34:56 in 5f263f910d45de81 of 0e8d:7612"), "at 12:34:56 in 5f263f910d45de81 of 0e8d:7612")


class DifferenceTests(unittest.TestCase):
    WAS = Found("phy0", (Interface("wlan0", "managed", "02:00:00:00:00:01", False, (("192.0.2.1/24", "scope", "global"),)),), {"switch": "0"})

    def test_nothing_is_told_where_nothing_differs(self) -> None:
        self.assertEqual(differences({"phy0": self.WAS}, {"phy0": self.WAS}), [])

    def test_whatever_differs_is_told(self) -> None:
        was = self.WAS.interfaces[0]
        changed = {
            "wlan0 is gone": Found("phy0", (), {"switch": "0"}), "phy0 is gone": None,
            "relink1 is new": Found("phy0", (was, Interface("relink1", "monitor", "", True, ())), {"switch": "0"}),
            "'is_up': True": Found("phy0", (Interface("wlan0", "managed", was.address, True, was.addresses),), {"switch": "0"}),
            "'addresses': ()": Found("phy0", (Interface("wlan0", "managed", was.address, False, ()),), {"switch": "0"}),
            "rfkill switch": Found("phy0", (was,), {"switch": "1"}),
        }
        for words, now in changed.items():
            told = differences({"phy0": self.WAS}, {"phy0": now})
            self.assertEqual(len(told), 1, told)
            self.assertIn(words, told[0])


class ReportTests(unittest.TestCase):
    SURVEY: dict[str, Any] = {
        "relink": "0.1.0", "kernel": "6.1.0-56-amd64", "architecture": "x86_64", "distribution": None, "networkManager": False,
        "radios": [{"wiphy": "phy0", "driver": "mt76x2u", "vendor": "00:c0:ca", "chip": {"bus": "usb", "id": "0e8d:7612", "product": "802.11ac"},
                    "firmware": "0.0.00", "regulatoryDomain": "DE",
                    "check": {"verdict": "unusable", "problem": {"name": "radioHeld", "cause": "wlx00c0caabcdef is up", "remedy": "set it down"},
                              "ways": [{"way": "active", "injected": 3, "echoes": 2, "falseEchoes": 1, "burst": {"injected": 300, "echoes": 299}}]}}],
        "links": [{"id": 1, "a": "phy0", "b": "phy1", "frequency": 2412}]}

    def page(self, results: list[Result], left: list[str] | None, faults: list[str]) -> str:
        return card_report.page(card_report.content(self.SURVEY, results, left, "tools/lab --radios phy0,phy1", faults))

    def test_it_says_what_was_found_played_and_left(self) -> None:
        results = [Result("one", "", "passed", "5 ms", {}, [], {"a": ["mac"], "b": ["frame"]}), Result("two", "", "failed", "", {}, ["it holds: no"]),
                   Result("three", "", "skipped", "it needs 2 links")]
        page = self.page(results, [], [])
        wanted = [
            "| mt76x2u | usb 0e8d:7612 (802.11ac) | 00:c0:ca | 0.0.00 | DE | unusable |", "wlx00c0ca… is up; set it down",
            "phy0, active: 2 of 3 frames brought a TX report, 1 of them a false one; 299 of 300 at once",
            "| 1 | phy0 | phy1 | 2412 | mac | frame |", "| one | passed | 5 ms |",
            "- two: it holds: no", "| three | skipped | it needs 2 links |", "as they were found", "6.1.0-56-amd64"]
        for words in wanted:
            self.assertIn(words, page)
        self.assertNotIn("abcdef", page)

    def test_what_kept_it_from_playing_and_what_is_not_as_it_was_stand_in_it(self) -> None:
        page = self.page([], ["phy0: interface wlan0 is gone"], ["phy0 is held"])
        self.assertIn("**Not played:** phy0 is held", page)
        self.assertIn("**The cards are not as they were found:**\n\n- phy0: interface wlan0 is gone", page)

    def test_where_nobody_looked_it_does_not_say_that_nothing_changed(self) -> None:
        self.assertNotIn("as they were", self.page([], None, []))


class JudgeTests(unittest.TestCase):
    """The judges of what is played on cards find broken evidence."""

    MILLISECOND = 1_000_000

    def at(self, milliseconds: float, event: str, **fields: Any) -> dict[str, Any]:
        return {"event": event, "monotonicNanoseconds": int(milliseconds * self.MILLISECOND), "session": "s", "role": "initiator", **fields}

    def failed(self, scenario: Scenario, notes: dict[str, Any], a: list[dict[str, Any]], b: list[dict[str, Any]],
               arrivals: list[tuple[int, int, int]], actions: dict[str, float] | None = None) -> list[str]:
        """The names of the checks that do not hold."""
        did = [{"name": key, "what": key, "monotonicNanoseconds": int(value * self.MILLISECOND)} for key, value in (actions or {}).items()]
        record = {"scenario": scenario.name, "acknowledgment": "auto", "nodes": ["a", "b"], "actions": did, "notes": notes}
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/arrivals.txt", "w") as file:
                file.writelines(f"{number} {sent} {at}\n" for number, sent, at in arrivals)
            assert scenario.judged is not None
            checks: list[Check] = list(scenario.judged(Evidence(record, {"a": a, "b": b}, [], folder)))
        return [check.name for check in checks if not check.passed]

    def stream(self, *numbers: int) -> list[tuple[int, int, int]]:
        return [(number, 0, place * 5 * self.MILLISECOND) for place, number in enumerate(numbers)]

    def rebuild(self, arrivals: list[tuple[int, int, int]], session: str = "s", links: tuple[int, ...] = (1, 2)) -> list[str]:
        notes = {"kinds": ["interface down"], "links": list(links),
                 "stream": {"rate": 200, "size": 100, "sent": 4, "cuts": [(7 * self.MILLISECOND, 30 * self.MILLISECOND)]}}
        a = [self.at(1, "sessionRequested"), self.at(2, "established"), self.at(8, "interrupted"), self.at(8, "rebuildRequested"),
             self.at(9, "rebuilt", session=session)]
        return self.failed(cards_rebuild, notes, a, [self.at(2, "established"), self.at(9, "rebuilt")], arrivals, {"loss 0": 7})

    def test_a_rebuild_must_be_of_the_same_session_and_lose_nothing(self) -> None:
        self.assertEqual(self.rebuild(self.stream(0, 1, 2, 3)), [])
        self.assertEqual(self.rebuild(self.stream(0, 1, 2, 3), session="other"),
                         ["loss 1 (interface down): agent a holds the same session for rebuilt"])
        self.assertEqual(self.rebuild(self.stream(0, 1, 3)), ["the receiver counts no packet lost"])
        self.assertEqual(self.rebuild(self.stream(0, 1, 3), links=(1,)), [])
        self.assertEqual(self.rebuild(self.stream(0, 1, 1, 2, 3), links=(1,)), ["the receiver counts no packet duplicated"])
        self.assertEqual(self.rebuild(self.stream(0, 2, 1, 3), links=(1,)), ["the receiver counts no packet outOfOrder"])

    def test_a_shared_session_must_not_be_interrupted(self) -> None:
        notes = {"stream": {"rate": 200, "size": 100, "sent": 3, "cuts": []}}
        lost = [self.at(5, "sharedLinkLost", link=1), self.at(9, "sharedLinkLost", link=2)]
        self.assertEqual(self.failed(cards_share, notes, lost, [], self.stream(0, 1, 2)), [])
        self.assertEqual(self.failed(cards_share, notes, [*lost, self.at(10, "interrupted")], [], self.stream(0, 1, 2)),
                         ["nothing was interrupted, rebuilt or ended"])
        self.assertEqual(self.failed(cards_share, notes, lost[:1], [], self.stream(0, 1, 2)), ["each of the two links was lost in turn"])
        self.assertEqual(self.failed(cards_share, notes, lost, [], self.stream(0, 2)), ["the receiver counts no packet lost"])

    def test_every_ping_must_be_answered_once(self) -> None:
        fate = {"sent": 400, "lost": [], "doubled": [], "medianRoundTripNanoseconds": 1, "longestRoundTripNanoseconds": 2, "longestGapNanoseconds": 3}
        self.assertEqual(self.failed(cards_ping, {"ping": fate}, [], [], []), [])
        self.assertEqual(self.failed(cards_ping, {"ping": fate | {"lost": [7]}}, [], [], []), ["every ping was answered"])
        self.assertEqual(self.failed(cards_ping, {"ping": fate | {"doubled": [7]}}, [], [], []), ["none was answered twice"])

    def test_an_agent_must_not_grow_and_its_session_must_live(self) -> None:
        usage = {"anonymousKiB": 2000, "processorNanoseconds": 1}

        def failed(grown: int, live: str) -> list[str]:
            after = {"a": usage | {"anonymousKiB": 2000 + grown}, "b": usage}
            notes = {"memory": {"nanoseconds": 10**9, "before": {"a": usage, "b": usage}, "after": after}, "live": {"a": ["live"], "b": [live]},
                     "stream": {"rate": 200, "size": 100, "sent": 3, "cuts": []}}
            return self.failed(cards_memory, notes, [], [], self.stream(0, 1))

        self.assertEqual(failed(10, "live"), [])
        self.assertEqual(failed(5000, "live"), ["agent a grows by less than 1024 KiB"])
        self.assertEqual(failed(10, "rebuilding"), ["agent b's session is live in the end"])

    def test_each_round_must_establish_one_session_at_both_ends(self) -> None:
        notes = {"rounds": [0, 10 * self.MILLISECOND]}
        second = [self.at(11, "sessionRequested", session="t"), self.at(12, "established", session="t")]
        a = [self.at(1, "sessionRequested"), self.at(2, "established"), *second]
        b = [self.at(2, "established"), self.at(12, "established", session="t")]
        self.assertEqual(self.failed(cards_establish, notes, a, b, []), [])
        self.assertEqual(self.failed(cards_establish, notes, a, b[:1], []), ["round 2: both ends hold the same session for established"])

    def test_speed_must_be_more_than_none(self) -> None:
        speed = {"seconds": 5, "tcp": {"bitsPerSecond": 5_000_000}, "udp": {"bitsPerSecond": 4_000_000, "lostPercent": 0.0}}
        self.assertEqual(self.failed(cards_speed, {"speed": speed}, [], [], []), [])
        self.assertEqual(self.failed(cards_speed, {"speed": speed | {"udp": {"bitsPerSecond": 0, "lostPercent": 100.0}}}, [], [], []),
                         ["TCP and UDP get through"])


if __name__ == "__main__":
    unittest.main()
