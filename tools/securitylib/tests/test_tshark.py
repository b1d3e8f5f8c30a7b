import os
import shutil
import struct
import subprocess
import tempfile
import unittest
from collections.abc import Sequence

from securitylib.vectors import NAMES, Vectors

IEEE802_11 = 105  # the link type of frames without radiotap


def write_pcap(path: str, frames: Sequence[bytes]) -> None:
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, IEEE802_11))
        for index, frame in enumerate(frames):
            file.write(struct.pack("<IIII", index, 0, len(frame), len(frame)) + frame)


@unittest.skipUnless(shutil.which("tshark"), "tshark is not installed")
class TsharkTests(unittest.TestCase):
    """tshark takes nonce and additional data from the MAC header. So it can read frames whose link addresses are the MLD addresses:
    it finds our layout to be GCMP's."""

    def decrypted(self, frames: Sequence[bytes], key: bytes) -> list[list[str]]:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "frames.pcap")
            write_pcap(path, frames)
            result = subprocess.run(
                ["tshark", "-r", path, "-o", "wlan.enable_decryption:TRUE", "-o", f'uat:80211_keys:"tk","{key.hex()}"',
                 "-T", "fields", "-e", "frame.number", "-e", "wlan.analysis.tk", "-e", "llc.type", "-e", "data.data"],
                capture_output=True, text=True, check=True, env=dict(os.environ, HOME=folder))
        return [line.split("\t") for line in result.stdout.splitlines()]

    def test_gcmp(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                vectors = Vectors(name)
                key = vectors.handshake().keys["initiator", "data"]
                frame = vectors.all("initiator-data")[2]
                [[_, tk, ethertype, data]] = self.decrypted([frame], key)
                self.assertEqual(tk, key.hex())
                self.assertEqual(int(ethertype, 16), 0x88b5)
                self.assertEqual(bytes.fromhex(data), vectors.one("text")[8:])


if __name__ == "__main__":
    unittest.main()
