"""The vectors that the Swift tests make sure of: lines of a name and hexadecimal digits; a name may come several times."""

import os

from .derivation import Handshake

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "LinkSecurityTests", "Vectors")
NAMES = ("gcmp128", "gcmp256")


class Vectors:
    """One file."""

    def __init__(self, name: str) -> None:
        with open(os.path.join(FOLDER, name + ".txt"), encoding="ascii") as file:
            self.lines = [(field, bytes.fromhex(digits)) for field, digits in (line.split() for line in file)]

    def all(self, field: str) -> list[bytes]:
        return [octets for name, octets in self.lines if name == field]

    def one(self, field: str) -> bytes:
        [octets] = self.all(field)
        return octets

    def handshake(self) -> Handshake:
        """The same handshake, computed here."""
        return Handshake(
            self.one("cipher")[0], self.one("key"), self.one("initiator"), self.one("responder"),
            (self.one("initiator-ephemeral"), self.one("responder-ephemeral")),
            (self.one("initiator-capabilities"), self.one("responder-capabilities")))
