"""Fixtures keep what they are about, frame by frame."""

import os
import struct
import tempfile
import unittest

from lablib import fixtures
from lablib.evidence import BLOCK_ACK, BLOCK_ACK_REQUEST, Frame


def pcap(packets: list[bytes]) -> bytes:
    """A little-endian pcap file with radiotap frames."""
    header = struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 127)
    return header + b"".join(struct.pack("<IIII", 1, 2, len(packet), len(packet)) + packet for packet in packets)


class FixtureTests(unittest.TestCase):
    def test_what_stands_around_interesting_frames_is_kept(self) -> None:
        frames = [Frame(number + 1, subtype=8) for number in range(40)]
        frames[10].category = BLOCK_ACK
        frames[12].subtype = BLOCK_ACK_REQUEST
        frames[39].subtype = 0
        self.assertEqual(fixtures.interesting(frames), {*range(6, 17), *range(35, 40)})

    def test_only_what_is_kept_is_copied_and_octet_by_octet(self) -> None:
        packets = [bytes([number] * (number + 1)) for number in range(5)]
        with tempfile.TemporaryDirectory() as folder:
            whole, part = os.path.join(folder, "whole"), os.path.join(folder, "part")
            with open(whole, "wb") as file:
                file.write(pcap(packets))
            fixtures.trim(whole, part, {1, 4})
            with open(part, "rb") as file:
                self.assertEqual(file.read(), pcap([packets[1], packets[4]]))

    def test_every_fixture_has_its_table_and_is_small(self) -> None:
        names = [name for name in os.listdir(fixtures.FOLDER) if name.endswith(".pcap")]
        self.assertTrue(names)
        for name in names:
            path = os.path.join(fixtures.FOLDER, name)
            self.assertLessEqual(os.path.getsize(path), fixtures.LIMIT)
            with open(path + ".tsv") as file:
                header = file.readline().rstrip("\n").split("\t")
            self.assertEqual(header, [fixtures.NAMES.get(column, column) for column in fixtures.COLUMNS])


if __name__ == "__main__":
    unittest.main()
