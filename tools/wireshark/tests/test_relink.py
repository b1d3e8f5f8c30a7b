"""Tests of relink.lua: every field of every frame that docs/protocol.md shows, links between frames, and bad input."""
import os
import random
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
import unittest.mock
from collections.abc import Iterable

from lablib.evidence import ADDBA_REQUEST, ADDBA_RESPONSE, BLOCK_ACK, Evidence, witness

from .dissection import (
    BARE,
    CAPTURES,
    FCS_RADIOTAP,
    PADDED_RADIOTAP,
    PLAIN_RADIOTAP,
    RADIOTAP,
    SCRIPT,
    SESSION,
    Packet,
    example,
    examples,
    fcs,
    has_lua,
    keyed,
    numbers,
    other_installed,
    payload_check,
    rows,
    sentences,
    trees,
    tshark,
)

OUI = bytes.fromhex("d2524c")
# Offsets in the examples.
FLAGS, REASON, SESSION_ID, REBUILD_NUMBER, FIELD = 0x35, 0x36, 0x3c, 0x44, 0x48
LENGTH = 0x2f
PAYLOAD = 0x22


def flags(octet: int) -> dict[str, list[str]]:
    """The fields of the session element's flags."""
    names = {"supports_rebuild": 1, "supports_sharing": 2, "rebuild": 4, "sharing": 8, "acknowledgment_requested": 16, "from_receiver": 32}
    found = {f"flags.{name}": ["1" if octet & bit else "0"] for name, bit in names.items()}
    return {"flags": [f"0x{octet:02x}"], **found}


def element(octet: int, transmission: str, *, station: int | None = None, link: str = "1", reason: str = "0",
            rebuild_number: str = "0") -> dict[str, list[str]]:
    """The fields of a session element."""
    device = {"mld": [f"02:52:4c:00:00:0{station}"], "link": [link]} if station is not None else {}
    return {**device, "type": ["1"], "version": ["1"], **flags(octet), "reason": [reason], "transmission": [transmission],
            "session": [SESSION], "rebuild_number": [rebuild_number]}


EXPECTED = {
    "session request": {
        **element(1, "257", station=0), "expert.establishment": [""], "message": ["session request"]},
    "session response": {
        **element(1, "513", station=1), "expert.establishment": [""], "message": ["session response"]},
    "rebuild request": {
        **element(5, "258", station=0, link="2", rebuild_number="1"), "field.type": ["1"], "field.length": ["8"],
        "position.start": ["3"], "position.next": ["6"], "rebuild": ["1"], "expert.rebuild": [""],
        "message": ["rebuild request"]},
    "refusal of a rebuild": {
        **element(4, "514", station=1, link="2", reason="1", rebuild_number="1"), "refusal": ["1"],
        "rebuild_refusal": ["1"], "expert.refusal": [""], "message": ["refusal of a rebuild"]},
    "sharing request": {
        **element(10, "262", station=0, link="2", rebuild_number="2"), "field.type": ["2"], "field.length": ["2"],
        "links": ["0x0006"], "share": ["1"], "expert.share": [""], "message": ["sharing request"]},
    "refusal of sharing": {
        **element(8, "515", station=1, link="2", reason="6", rebuild_number="2"), "refusal": ["1"],
        "share_refusal": ["1"], "expert.refusal": [""], "message": ["refusal of sharing"]},
    "session end": {**element(0, "259"), "expert.session_end": [""], "message": ["session end"]},
    "heartbeat": {
        "type": ["2"], "version": ["1"], "heartbeat.flags": ["0x06"], "heartbeat.flags.acknowledgment_requested": ["0"],
        "heartbeat.flags.radio_acknowledges": ["1"], "heartbeat.flags.link_alive": ["1"], "transmission": ["260"],
        "heartbeat.interval": ["98"], "heartbeat.sessions": ["1"], "session": [SESSION],
        "heartbeat.rebuild_number": ["1"], "heartbeat.bits": ["0x02"], "heartbeat.receiver": ["0"],
        "heartbeat.live": ["1"], "heartbeat.links": ["0x0004"], "message": ["heartbeat"]},
    "session acknowledgment": {
        "type": ["3"], "version": ["1"], "acknowledges": ["258"], "message": ["session acknowledgment"]},
    "block acknowledgment": {
        "type": ["4"], "version": ["1"], "session": [SESSION], "block_ack.start": ["3"], "block_ack.length": ["1"],
        "block_ack.bitmap": ["06"], "block_ack.received": ["4", "5"], "block_ack.count": ["2"],
        "message": ["block acknowledgment"]},
    "announcement": {
        "type": ["9", "10"], "version": ["1", "1"], "mld": ["02:52:4c:00:00:00"], "link": ["1"],
        "announcement.supports": ["0x07"], "announcement.supports.rebuild": ["1"], "announcement.supports.sharing": ["1"],
        "announcement.supports.radio_acknowledges": ["1"], "announcement.supports.protection": ["0"],
        "announcement.interval": ["977"], "message": ["announcement"]},
    "payload": {
        "type": ["5"], "version": ["1"], "payload.length": ["6"], "transmission": ["261"], "session": [SESSION],
        "payload.sequence": ["3"], "payload.ahead": ["0"], "payload.data": ["52:65:6c:69:6e:6b"],
        "payload.check": ["0x47c3c2e6"],
        "payload.check.status": ["1"], "message": ["payload"]},
    "probe": {
        "type": ["11"], "version": ["1"], "payload.length": ["6"], "transmission": ["262"], "session": [SESSION],
        "payload.sequence": ["0"], "payload.ahead": ["0"], "payload.data": ["00:00:00:00:00:00"],
        "payload.check": ["0x3263b740"],
        "payload.check.status": ["1"], "message": ["probe"]},
}
SENTENCES = {
    "session request": "Session 8b5d21f093c46e17 is asked for on link 1, supporting rebuild",
    "session response": "Session 8b5d21f093c46e17 is agreed on, supporting rebuild",
    "rebuild request": "Rebuild 1 of session 8b5d21f093c46e17 is asked for on link 2, position 3 to 6",
    "refusal of a rebuild": "Rebuild 1 of session 8b5d21f093c46e17 is refused: unknown session",
    "sharing request": "Sharing 2 of session 8b5d21f093c46e17 is asked for on link 2, to live on links 1, 2",
    "refusal of sharing": "Sharing 2 of session 8b5d21f093c46e17 is refused: sharing not supported",
    "session end": "Session 8b5d21f093c46e17 ends: a user ended it",
    "heartbeat": "Heartbeat 260: link alive, next in 98 TU, session 8b5d21f093c46e17 live on link 2",
    "session acknowledgment": "Transmission 258 arrived",
    "block acknowledgment": "All of session 8b5d21f093c46e17 before 3 arrived, and 2 more",
    "announcement": "Device 02:52:4c:00:00:00 announces itself on link 1, supporting rebuild, sharing, radio acknowledges, next in 977 TU",
    "payload": "Payload 3 of session 8b5d21f093c46e17, 6 octets",
    "probe": "Probe of session 8b5d21f093c46e17, 6 octets",
}
LINKS = ("response_in", "response_to", "acknowledged_in", "acknowledges_frame", "mac_acknowledged_in")
# Fields that no example has alone; each has a test below.
ELSEWHERE = {*LINKS, "handshake.kind", "handshake.message", "protected", "protection.packet_number", "protection.key",
             "protection.tag", "field.value", "heartbeat.field", "heartbeat.ht.information", "heartbeat.ht.aggregation",
             "heartbeat.ht.modulations", "heartbeat.vht.information", "heartbeat.vht.modulations", "heartbeat.sender.mld_address",
             "heartbeat.sender.link_id", "heartbeat.sender.frequency", "heartbeat.sender.address", "malformed",
             "expert.unknown", "expert.cut_by_capture", "expert.check", "expert.malformed"}


def setUpModule() -> None:
    if not has_lua():
        print("relink.lua: not tested, since tshark with Lua is not there", flush=True)
        raise unittest.SkipTest("tshark with Lua is not there")
    if other := other_installed():
        raise RuntimeError(f"tshark would test {other}, which differs: remove it, or install this one")


def tree(frame: bytes, link_type: int = BARE) -> dict[str, list[str]]:
    """The fields of one frame."""
    return trees([frame], link_type)[0]


def unlinked(frames: Iterable[bytes], link_type: int = BARE) -> list[dict[str, list[str]]]:
    """The fields of each frame, but those that name another frame."""
    return [{name: values for name, values in found.items() if name not in LINKS} for found in trees(list(frames), link_type)]


def sentence(frame: bytes) -> str:
    """The Info column of one frame."""
    return sentences([frame])[0]


def with_fields(octets: bytes) -> bytes:
    """The rebuild request with other fields behind the fixed part of its element."""
    frame = bytearray(examples()["rebuild request"][:FIELD] + octets)
    frame[LENGTH] = len(frame) - LENGTH - 1
    return bytes(frame)


def action(octets: bytes) -> bytes:
    """A vendor-specific action frame with our organization identifier."""
    return examples()["heartbeat"][:24] + b"\x7f" + OUI + octets


def payload_frame(own: bytes) -> bytes:
    """A frame with a payload frame's own octets, and a check that holds."""
    return examples()["payload"][:PAYLOAD] + own + payload_check(own)


def carrying(octets: bytes) -> bytes:
    """A payload frame that carries these octets."""
    numbers_and_session = examples()["payload"][PAYLOAD + 4:PAYLOAD + 22]
    return payload_frame(b"\x05\x01" + struct.pack("<H", len(octets)) + numbers_and_session + octets)


def acknowledgment(number: int) -> bytes:
    """The session acknowledgment that goes back to where the examples' initiator sends from on link 2."""
    return example("session acknowledgment", (0x1e, struct.pack("<I", number)))


class ExampleTests(unittest.TestCase):
    def test_every_field_of_every_example(self) -> None:
        self.assertEqual(set(examples()), set(EXPECTED))
        self.maxDiff = None
        for name, found in zip(examples(), unlinked(examples().values()), strict=True):
            self.assertEqual(found, EXPECTED[name], name)

    def test_every_field_there_is_is_tested(self) -> None:
        listed = subprocess.run(["tshark", "-G", "fields", "-X", f"lua_script:{SCRIPT}"], capture_output=True, text=True)
        defined = {row.split("\t")[2] for row in listed.stdout.splitlines() if row.startswith("F\t")}
        expected = {name for fields in EXPECTED.values() for name in fields} | ELSEWHERE
        self.assertEqual({name for name in defined if name.startswith("relink.")}, {f"relink.{name}" for name in expected})

    def test_the_columns_tell_it_in_a_sentence(self) -> None:
        alone = [frame for name, frame in examples().items() if name != "session acknowledgment"]
        names = [name for name in examples() if name != "session acknowledgment"]
        for name, found in zip(names, rows(alone, "_ws.col.Protocol", "_ws.col.Info"), strict=True):
            self.assertEqual(found, ("Relink", SENTENCES[name]))

        self.assertEqual(sentence(example("session acknowledgment")), SENTENCES["session acknowledgment"])

    def test_with_radiotap_and_with_an_fcs(self) -> None:
        packets = {name: PLAIN_RADIOTAP + frame for name, frame in examples().items()}
        packets |= {f"{name}, FCS": FCS_RADIOTAP + frame + fcs(frame) for name, frame in examples().items()}
        payload = example("payload")
        packets["payload, padded"] = PADDED_RADIOTAP + payload[:26] + b"\0\0" + payload[26:]
        for name, found in zip(packets, unlinked(packets.values(), RADIOTAP), strict=True):
            self.assertEqual(found, EXPECTED[name.partition(",")[0]], name)

    def test_with_an_ht_control_field_and_as_a_retry(self) -> None:
        headers = {name: 26 if name == "payload" else 24 for name in examples()}
        changed = [frame[:1] + b"\x88" + frame[2:headers[name]] + bytes(4) + frame[headers[name]:]
                   for name, frame in examples().items()]
        for name, found, text in zip(examples(), unlinked(changed), sentences(changed), strict=True):
            self.assertEqual(found, EXPECTED[name], name)
            self.assertTrue(text.startswith(SENTENCES[name]) and text.endswith(", retry"), text)

    def test_fields_behind_the_sessions_of_a_heartbeat(self) -> None:
        capabilities = bytes.fromhex("010d3c001bffff0000000000000000")
        found = tree(example("heartbeat") + b"\x7f\x01\x05" + capabilities)
        self.assertEqual(found["heartbeat.field"], ["127", "1"])
        self.assertEqual(found["field.value"], ["05"])
        self.assertEqual((found["heartbeat.ht.information"], found["heartbeat.ht.aggregation"]), (["0x003c"], ["0x1b"]))
        self.assertEqual(found["heartbeat.ht.modulations"], ["ff:ff:00:00:00:00:00:00:00:00"])
        self.assertIn("Malformed heartbeat: cut short", tshark([example("heartbeat") + capabilities[:-1]], "-V"))
        both = tree(example("heartbeat") + capabilities + bytes.fromhex("020c91048003faff0000faff0000"))
        self.assertEqual(both["heartbeat.field"], ["1", "2"])
        self.assertEqual(both["heartbeat.vht.information"], ["0x03800491"])
        self.assertEqual(both["heartbeat.vht.modulations"], ["fa:ff:00:00:fa:ff:00:00"])
        sender = bytes.fromhex("0318" "02524c000000" "01" "6c09" "02524c000100" "02" "3c14" "02524c000200")
        links = tree(example("heartbeat") + sender)
        self.assertEqual(links["heartbeat.sender.mld_address"], ["02:52:4c:00:00:00"])
        self.assertEqual((links["heartbeat.sender.link_id"], links["heartbeat.sender.frequency"]), (["1", "2"], ["2412", "5180"]))
        self.assertEqual(links["heartbeat.sender.address"], ["02:52:4c:00:01:00", "02:52:4c:00:02:00"])

    def test_severities(self) -> None:
        severities = {"session request": "Chat", "session response": "Chat", "session end": "Chat",
                      "rebuild request": "Note", "refusal of a rebuild": "Warning", "sharing request": "Note",
                      "refusal of sharing": "Warning"}
        for name, severity in severities.items():
            text = tshark([example(name)], "-V")
            self.assertIn(f"[Expert Info ({severity}/", text[text.index("\nRelink:"):], name)
        self.assertIn("[Expert Info (Error/Malformed): Malformed heartbeat: cut short]",
                      tshark([example("heartbeat")[:-1]], "-V"))


class ProtectionTests(unittest.TestCase):
    def test_handshakes(self) -> None:
        for name, kind in (("handshake request", "1"), ("handshake response", "2")):
            found = tree(keyed()[name])
            self.assertEqual((found["type"], found["handshake.kind"], found["message"]), (["6"], [kind], ["handshake"]))
            self.assertNotIn("protected", found)
        self.assertEqual(sentence(keyed()["handshake request"]), "Handshake request, 66 octets")

    def test_an_authenticated_frame_is_read_as_ever(self) -> None:
        found = tree(keyed()["session end"])
        protection = {"protected": ["1"], "protection.packet_number": ["1"], "protection.key": ["0"],
                      "protection.tag": ["82:be:4c:ff:90:bd:de:76:be:e5:2b:2e:6f:b8:6a:eb"]}
        self.assertEqual(found, {**EXPECTED["session end"], **protection})
        self.assertEqual(sentence(keyed()["session end"]), SENTENCES["session end"] + ", protected")

    def test_an_encrypted_payload_is_known_by_the_frames_before_it(self) -> None:
        heartbeat = example("heartbeat", (4, example("rebuild request")[4:16])) + keyed()["session end"][-31:]
        self.assertNotIn("Protected payload", sentence(keyed()["payload"]))
        found = sentences([heartbeat, keyed()["payload"]])
        self.assertTrue(found[0].endswith(", protected"), found[0])
        self.assertEqual(found[1], "Protected payload, 36 octets")


class FilterTests(unittest.TestCase):
    def test_rebuild_finds_rebuild_requests_and_nothing_else(self) -> None:
        frames = list(examples().values())
        names = list(examples())
        self.assertEqual(numbers(frames, "relink.rebuild", options=()), [names.index("rebuild request") + 1])
        self.assertEqual(numbers(frames, "relink.rebuild_refusal"), [names.index("refusal of a rebuild") + 1])
        self.assertEqual(numbers(frames, "relink.share", options=()), [names.index("sharing request") + 1])
        self.assertEqual(numbers(frames, "relink.share_refusal"), [names.index("refusal of sharing") + 1])
        self.assertEqual(numbers(frames, f"relink.session == {SESSION}"),
                         [index + 1 for index, name in enumerate(names) if name not in ("session acknowledgment", "announcement")])

    def test_frames_of_others_are_not_ours(self) -> None:
        others = [
            example("session request", (0x30, b"\x00\x50\xf2")), example("session request", (0x33, b"\x02")),
            example("session request", (0x18, b"\x04")), example("session request", (0x19, b"\x03")),
            example("heartbeat", (0x19, b"\x00\x17\xf2")), example("heartbeat", (0x18, b"\x7e")),
            example("heartbeat", (0, b"\xe0")), example("heartbeat", (1, b"\x40")), example("payload", (0x20, b"\x08\x00")),
            example("payload", (PAYLOAD, b"\x06")), example("payload", (0x18, b"\x80")), example("payload", (1, b"\x01")),
        ]
        self.assertEqual(numbers(others, "relink"), [])
        self.assertEqual([row[0] for row in rows(others, "_ws.lua.error")], [""] * len(others))

    def test_a_copy_among_the_plugins_does_not_disturb(self) -> None:
        with tempfile.TemporaryDirectory() as home, unittest.mock.patch.dict(os.environ, HOME=home):
            told = subprocess.run(["tshark", "-G", "folders"], capture_output=True, text=True, check=True).stdout
            [folder] = [each.strip() for each in re.findall("^Personal Lua Plugins:(.*)$", told, re.M)]
            self.assertTrue(folder.startswith(home), folder)
            os.makedirs(folder)
            shutil.copy(SCRIPT, folder)
            self.assertEqual(numbers([example("heartbeat")], "relink"), [1])


class LinkTests(unittest.TestCase):
    def test_requests_and_responses(self) -> None:
        names = ("session request", "session request", "session response", "rebuild request", "refusal of a rebuild",
                 "sharing request", "refusal of sharing")
        found = rows([example(name) for name in names], "relink.response_in", "relink.response_to")
        self.assertEqual(found, [("3", ""), ("3", ""), ("", "2"), ("5", ""), ("", "4"), ("7", ""), ("", "6")])

    def test_other_responses_are_not_linked(self) -> None:
        changes = {"token": (0x1a, b"\x5d"), "session": (SESSION_ID, b"\x00"), "rebuild number": (REBUILD_NUMBER, b"\x02"),
                   "receiver": (4, b"\x06")}
        for name, change in changes.items():
            frames = [example("rebuild request"), example("refusal of a rebuild", change)]
            found = rows(frames, "relink.response_in", "relink.response_to")
            self.assertEqual(found, [("", ""), ("", "")], name)

    def test_acknowledgments_by_transmission_number(self) -> None:
        frames = [example("rebuild request"), acknowledgment(0x103), acknowledgment(0x102), example("payload"),
                  acknowledgment(0x105), acknowledgment(0x102)]
        found = rows(frames, "relink.acknowledged_in", "relink.acknowledges_frame")
        self.assertEqual(found, [("3", ""), ("", ""), ("", "1"), ("5", ""), ("", "4"), ("", "1")])
        self.assertEqual(sentences(frames)[1:3], ["Transmission 259 arrived", "Transmission 258 arrived, frame 1"])

    def test_links_are_there_whatever_is_asked_for(self) -> None:
        frames = [example("rebuild request"), acknowledgment(0x102)]
        with_radiotap = [PLAIN_RADIOTAP + frame for frame in frames]
        for packets, link_type in ((frames, BARE), (with_radiotap, RADIOTAP)):
            self.assertIn("[Acknowledged by the agent in: 2]", tshark(packets, "-2", "-V", link_type=link_type))
            self.assertEqual(numbers(packets, "relink.acknowledged_in == 2", link_type), [1])
            self.assertEqual(numbers(packets, "relink.acknowledges_frame == 1", link_type, options=()), [2])

    def test_the_radios_acknowledgment(self) -> None:
        def ack(address: str) -> bytes:
            return bytes.fromhex("d4000000") + bytes.fromhex(address)

        initiator, other = "02524c000200", "02524c000300"
        frames = [example("rebuild request"), ack(other), ack(initiator), ack(initiator), example("rebuild request")]
        self.assertEqual([row[0] for row in rows(frames, "relink.mac_acknowledged_in")], ["3", "", "", "", ""])
        between = [example("rebuild request"), example("payload", (PAYLOAD, b"\x06")), ack(initiator)]
        self.assertEqual([row[0] for row in rows(between, "relink.mac_acknowledged_in")], ["", "", ""])


class RecordedTests(unittest.TestCase):
    """What agents sent over kernel radios: the dissector finds what the lab's judge finds by its own reading."""

    def test_rebuilds_and_who_acknowledged_them(self) -> None:
        captures = sorted(CAPTURES.glob("*.pcap"))
        self.assertTrue(captures)
        for path in captures:
            frames = [frame for frame in witness(str(path), 0) if frame.category == BLOCK_ACK and frame.is_rebuild]
            for display_filter, action in (("relink.rebuild", ADDBA_REQUEST), ("relink.rebuild_refusal", ADDBA_RESPONSE)):
                expected = [frame.number for frame in frames if frame.action == action]
                self.assertEqual(numbers(path, display_filter), expected, path.name)
            self.assertEqual(numbers(path, "relink.malformed or _ws.lua.error"), [], path.name)
        for name, field in (("up-but-dead-mac", "relink.mac_acknowledged_in"), ("up-but-dead-frame", "relink.acknowledged_in")):
            evidence = Evidence({"acknowledgment": name.rpartition("-")[2]}, {}, witness(str(CAPTURES / f"{name}.pcap"), 0))
            for frame in evidence.frames:
                if frame.is_rebuild:
                    found = numbers(CAPTURES / f"{name}.pcap", f"{field} and frame.number == {frame.number}")
                    self.assertEqual(bool(found), evidence.is_acknowledged(frame), (name, frame.number))


class VariantTests(unittest.TestCase):
    def test_a_request_for_what_the_receiver_asks(self) -> None:
        frame = example("rebuild request", (FLAGS, b"\x35"))
        self.assertEqual(tree(frame), {**EXPECTED["rebuild request"], **flags(0x35)})
        self.assertIn("is asked for by its receiver on link 2", sentence(frame))

    def test_what_a_session_supports(self) -> None:
        for octet, text in ((0, "without rebuild"), (2, "supporting sharing"), (3, "supporting rebuild and sharing")):
            frame = example("session request", (FLAGS, bytes([octet])))
            self.assertTrue(sentence(frame).endswith(", " + text), octet)
            self.assertEqual(tree(frame)["flags.supports_sharing"], ["1" if octet & 2 else "0"])

    def test_a_refusal_of_a_session_is_none_of_a_rebuild(self) -> None:
        frame = example("session response", (0x1b, b"\x25"), (REASON, b"\x05"))
        found = tree(frame)
        self.assertEqual((found["refusal"], found["message"]), (["1"], ["refusal of a session"]))
        self.assertNotIn("rebuild_refusal", found)
        self.assertEqual(sentence(frame), "Session 8b5d21f093c46e17 is refused: too many sessions")
        self.assertIn("is refused: unspecified", sentence(example("refusal of a rebuild", (REASON, b"\xfe"))))

    def test_an_end_with_the_rebuild_mark_is_no_rebuild(self) -> None:
        self.assertNotIn("rebuild", tree(example("session end", (FLAGS - 0x10, b"\x04"))))

    def test_the_sharing_mark_goes_before_the_rebuild_mark(self) -> None:
        found = tree(example("sharing request", (FLAGS, b"\x0e")))
        self.assertEqual((found["flags.rebuild"], found["share"], found["message"]), (["1"], ["1"], ["sharing request"]))
        self.assertNotIn("rebuild", found)
        self.assertNotIn("rebuild_refusal", tree(example("refusal of sharing", (FLAGS, b"\x0c"))))

    def test_links_in_words(self) -> None:
        for links, text in ((b"\x00\x00", "is asked for on link 2"), (b"\x00\xc0", "to live on link 14"),
                            (b"\x07\x00", "to live on links 0, 1, 2")):
            self.assertTrue(sentence(example("sharing request", (FIELD + 2, links))).endswith(text), text)
        self.assertIn("Links: 0x0006 (1, 2)", tshark([example("sharing request")], "-V"))

    def test_why_sessions_end(self) -> None:
        for code, text in ((36, "the agent stops"), (38, "the session is not known"), (39, "inactivity"),
                           (99, "reason code 99")):
            self.assertTrue(sentence(example("session end", (0x1c, bytes([code])))).endswith(": " + text), code)

    def test_fields_that_are_not_known_are_skipped(self) -> None:
        found = tree(with_fields(bytes.fromhex("7702abcd" "0500" "01080300000006000000")))
        self.assertEqual((found["field.type"], found["field.length"]), (["119", "5", "1"], ["2", "0", "8"]))
        self.assertEqual((found["field.value"], found["position.next"]), (["ab:cd"], ["6"]))

    def test_a_request_without_a_position_and_without_a_device(self) -> None:
        self.assertTrue(sentence(with_fields(b"")).endswith("is asked for on link 2"))
        frame = example("session request")
        self.assertIn("is asked for, supporting", sentence(frame[:0x21] + frame[0x2e:]))
        self.assertNotIn("mld", tree(example("session request", (0x24, b"\x11"))))

    def test_a_device_without_a_link(self) -> None:
        frame = bytearray(example("session request"))
        frame[0x22:0x2e] = bytes.fromhex("0a6b00000702524c000000")
        self.assertEqual(tree(bytes(frame)).get("mld"), ["02:52:4c:00:00:00"])
        self.assertNotIn("link", tree(bytes(frame)))

    def test_announcements(self) -> None:
        whole = example("announcement")
        elements = whole[0x1e:]
        later = b"\xdd\x05" + OUI + b"\x7f\x01"
        found = tree(action(b"\x09\x01" + later + elements + later))
        self.assertEqual((found["mld"], found["link"], found["announcement.interval"]), (["02:52:4c:00:00:00"], ["1"], ["977"]))
        nothing = bytearray(whole)
        nothing[-4] = 0
        self.assertIn("supporting nothing", sentence(bytes(nothing)))
        without_link = bytes.fromhex("ff0a6b0000" "07" "02524c000000")
        self.assertEqual(tree(action(b"\x09\x01" + without_link + elements[13:]))["malformed"], ["no link ID"])
        nothing[-5] = 2
        self.assertEqual(tree(bytes(nothing))["malformed"], ["an element of another version"])

    def test_heartbeats(self) -> None:
        entry = bytes.fromhex("0100000000000080" "07000000" "01" "0000")
        found = tree(action(b"\x02\x01\x01" + bytes.fromhex("05000000" "f500" "02") + 2 * entry))
        self.assertEqual(found["heartbeat.flags.acknowledgment_requested"], ["1"])
        self.assertEqual(found["session"], ["0x8000000000000001"] * 2)
        self.assertEqual((found["heartbeat.receiver"], found["heartbeat.live"]), (["1", "1"], ["0", "0"]))
        frame = action(b"\x02\x01\x01" + bytes.fromhex("05000000" "f500" "01") + entry)
        self.assertEqual(sentence(frame), "Heartbeat 5: link not alive, next in 245 TU, session 8000000000000001 interrupted")

    def test_block_acknowledgments_wrap(self) -> None:
        head = b"\x04\x01" + bytes.fromhex("176ec493f0215d8b")
        found = tree(action(head + bytes.fromhex("feffffff" "02" "0d80")))
        self.assertEqual(found["block_ack.received"], ["4294967294", "0", "1", "13"])
        self.assertEqual(tree(action(head + bytes(5)))["block_ack.count"], ["0"])

    def test_payloads(self) -> None:
        empty = tree(payload_frame(bytes.fromhex("0501" "0000" "05010000" "176ec493f0215d8b" "03000000" "0300")))
        self.assertEqual((empty["payload.length"], empty["payload.check.status"]), (["0"], ["1"]))
        self.assertNotIn("payload.data", empty)
        self.assertEqual(empty["payload.ahead"], ["3"])
        long = payload_frame(bytes.fromhex("0501" "0008" "05010000" "176ec493f0215d8b" "03000000" "0000") + bytes(range(256)) * 8)
        self.assertEqual(tree(long)["payload.check.status"], ["1"])

    def test_what_a_payload_carries_is_read_as_ethernet(self) -> None:
        datagram = bytes.fromhex("4500001c0001000040110000" "0a000001" "0a000002" "1234" "0050" "0008" "0000")
        carried = carrying(bytes.fromhex("02524c000001" "02524c000000" "0800") + datagram)
        broken = carried[:-1] + bytes([carried[-1] ^ 1])
        frames = [carried, example("payload"), broken, carrying(bytes.fromhex("02524c000001" "02524c000000" "0800" "45"))]
        fields = ("udp.dstport", "eth.src", "_ws.col.Source", "_ws.col.Protocol", "relink.malformed", "_ws.lua.error")
        found = rows(frames, *fields)
        link = ("02:52:4c:00:02:00", "Relink", "", "")
        self.assertEqual(found, [("80", "02:52:4c:00:00:00", *link), ("", "", *link), ("", "", *link),
                                 ("", "02:52:4c:00:00:00", *link)])
        self.assertEqual(sentence(carried), "Payload 3 of session 8b5d21f093c46e17, 42 octets")


class BadInputTests(unittest.TestCase):
    def assert_no_error(self, packets: Iterable[Packet], link_type: int = BARE) -> None:
        """Neither a Lua error nor another complaint."""
        self.assertEqual(numbers(packets, "_ws.lua.error", link_type, options=()), [])
        self.assertNotIn("Lua Error", tshark(packets, "-2", "-V", link_type=link_type))

    def test_every_example_cut_at_every_octet(self) -> None:
        cuts, expected = [], []
        for name, frame in examples().items():
            # The frame is ours as soon as its organization identifier and type are there, or its EtherType and type.
            ours = PAYLOAD + 1 if name in ("payload", "probe") else frame.index(OUI) + 4
            cuts += [frame[:length] for length in range(len(frame))]
            expected += [("cut short" if length >= ours else "", "") for length in range(len(frame))]
        for packets, link_type in ((cuts, BARE), ([PLAIN_RADIOTAP + cut for cut in cuts], RADIOTAP)):
            found = rows(packets, "relink.malformed", "relink.message", link_type=link_type)
            for cut, row, row_expected in zip(cuts, found, expected, strict=True):
                self.assertEqual(row, row_expected, cut.hex())
            self.assert_no_error(packets, link_type)

    def test_the_fcs_is_no_part_of_a_frame_that_is_cut(self) -> None:
        cuts = [frame[:-1] for frame in examples().values()]
        found = rows([FCS_RADIOTAP + cut + fcs(cut) for cut in cuts], "relink.malformed", "relink.message", link_type=RADIOTAP)
        self.assertEqual(found, [("cut short", "")] * len(cuts))

    def test_elements_cut_at_every_octet_with_a_length_that_fits(self) -> None:
        lengths = range(4, 34)
        frames = [example("rebuild request", (LENGTH, bytes([length])))[:LENGTH + 1 + length] for length in lengths]
        for length, found in zip(lengths, trees(frames), strict=True):
            is_whole = length == 24  # without any fields
            self.assertEqual("malformed" not in found, is_whole, length)
            self.assertEqual("rebuild" in found, is_whole, length)

    def test_frames_cut_by_the_capture_are_not_malformed(self) -> None:
        packets = [(frame[:-2], len(frame)) for frame in examples().values()]
        for name, found, text in zip(examples(), trees(packets), sentences(packets), strict=True):
            self.assertEqual(found.get("expert.cut_by_capture"), [""], name)
            self.assertNotIn("malformed", found)
            self.assertTrue(text.endswith(", cut by the capture"), name)

    def test_lengths_that_contradict(self) -> None:
        head = b"\x04\x01" + bytes.fromhex("176ec493f0215d8b" "00000000")
        for frame, text in (
                (action(b"\x02\x01" + bytes(7) + b"\x21" + bytes(33 * 15)), "33 sessions in a heartbeat, more than 32"),
                (action(head + b"\x81" + bytes(129)), "a bitmap of 129 octets, more than 128"),
                (with_fields(b"\x01\x07" + bytes(7)), "a resumption position of 7 octets"),
                (with_fields(b"\x02\x01\x06"), "a set of links of 1 octets"),
                (with_fields(b"\x77\x07" + bytes(6)), "cut short"), (with_fields(b"\x77"), "cut short"),
                (example("payload", (PAYLOAD + 2, b"\x07")), "cut short"),
                (example("payload", (PAYLOAD + 2, b"\xff\xff")), "cut short")):
            found = tree(frame)
            self.assertEqual((found.get("malformed"), found.get("expert.malformed")), ([text], [""]), frame.hex())
            self.assertNotIn("message", found)
        self.assertNotIn("malformed", tree(action(b"\x02\x01" + bytes(7) + b"\x20" + bytes(32 * 15))))
        self.assertNotIn("malformed", tree(action(head + b"\x80" + bytes(128))))

    def test_a_check_that_does_not_hold(self) -> None:
        payload = example("payload")
        offsets = range(PAYLOAD + 4, len(payload))
        frames = [example("payload", (offset, bytes([payload[offset] ^ 0x10]))) for offset in offsets]
        for offset, found in zip(offsets, trees(frames), strict=True):
            self.assertEqual((found["payload.check.status"], found["expert.check"]), (["0"], [""]), offset)
        self.assertTrue(sentence(example("payload", (len(example("payload")) - 1, b"\0"))).endswith(", check wrong"))

    def test_versions_and_types_that_are_not_known(self) -> None:
        for name, offset in (("rebuild request", 0x34), ("heartbeat", 0x1d), ("payload", PAYLOAD + 1)):
            found = tree(example(name, (offset, b"\x02")))
            self.assertEqual((found["version"], found["expert.unknown"]), (["2"], [""]), name)
            self.assertFalse({"rebuild", "message", "malformed", "session"} & set(found), name)
        for kind in (1, 5, 10):
            found = tree(example("heartbeat", (0x1c, bytes([kind]))))
            self.assertEqual((found["type"], found["expert.unknown"]), ([str(kind)], [""]))
            self.assertNotIn("message", found)

    def test_random_octets(self) -> None:
        seed = int(os.environ.get("RELINK_SEED") or random.SystemRandom().getrandbits(32))
        print(f"relink.lua: RELINK_SEED={seed}", flush=True)
        numbers_drawn = random.Random(seed)
        frames = list(examples().values())
        packets = []
        for _ in range(4000):
            frame = bytearray(numbers_drawn.choice(frames))
            way = numbers_drawn.randrange(3)
            if way == 0:  # some octets, others
                for _ in range(numbers_drawn.randint(1, 6)):
                    frame[numbers_drawn.randrange(len(frame))] = numbers_drawn.randrange(256)
            else:  # the rest, or everything
                start = numbers_drawn.choice([24, 28, 32, 36, 48, 52]) if way == 1 else 0
                frame[start:] = numbers_drawn.randbytes(numbers_drawn.randrange(120))
            packets.append(bytes(frame))
        packets += [carrying(numbers_drawn.randbytes(numbers_drawn.randrange(14, 80))) for _ in range(200)]
        for link_type in (BARE, RADIOTAP):
            self.assert_no_error(packets, link_type)
        self.assert_no_error([PLAIN_RADIOTAP + packet for packet in packets], RADIOTAP)
        self.assert_no_error([(packet, len(packet) + 3) for packet in packets])


if __name__ == "__main__":
    unittest.main()
