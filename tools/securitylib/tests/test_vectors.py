import unittest
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag

from securitylib.vectors import NAMES, Vectors


class VectorTests(unittest.TestCase):
    def each(self) -> Iterator[Vectors]:
        for name in NAMES:
            with self.subTest(name):
                yield Vectors(name)

    def test_messages(self) -> None:
        for vectors in self.each():
            handshake = vectors.handshake()
            self.assertEqual(handshake.request, vectors.one("request"))
            self.assertEqual(handshake.response, vectors.one("response"))

    def test_data_frames_decrypt(self) -> None:
        for vectors in self.each():
            handshake = vectors.handshake()
            for sender, count in (("initiator", 3), ("responder", 1)):
                frames = vectors.all(sender + "-data")
                self.assertEqual(len(frames), count)
                for frame in frames:
                    self.assertEqual(handshake.open_data(sender, frame), vectors.one("text"))

    def test_action_frames_are_authentic(self) -> None:
        for vectors in self.each():
            handshake = vectors.handshake()
            for sender, count in (("initiator", 2), ("responder", 1)):
                frames = vectors.all(sender + "-action")
                self.assertEqual(len(frames), count)
                for frame in frames:
                    self.assertEqual(handshake.open_action(sender, frame), bytes([127, 9, 8, 7]))

    def test_logged_keys(self) -> None:
        """What the key log has is what the handshake leads to."""
        for vectors in self.each():
            handshake = vectors.handshake()
            logged: dict[tuple[str, str], bytes] = {}
            names = {vectors.one(name).hex(":"): name for name in ("initiator", "responder")}
            for line in vectors.all("logged-key"):
                kind, sender, receiver, identifier, digits = line.decode().split()
                self.assertEqual({names[sender], names[receiver]}, {"initiator", "responder"})
                self.assertEqual(identifier, "0")
                logged[names[sender], kind] = bytes.fromhex(digits)
            self.assertEqual(logged, handshake.keys)

    def test_changed_frames_are_not(self) -> None:
        for vectors in self.each():
            handshake = vectors.handshake()
            for kind, opener in (("data", handshake.open_data), ("action", handshake.open_action)):
                frame = bytearray(vectors.all("initiator-" + kind)[0])
                self.assertRaises(InvalidTag, opener, "responder", bytes(frame))
                frame[-17] ^= 1
                self.assertRaises(InvalidTag, opener, "initiator", bytes(frame))


if __name__ == "__main__":
    unittest.main()
