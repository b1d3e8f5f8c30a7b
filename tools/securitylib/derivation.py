"""docs/security.md in Python, from the keys on: the handshake (Noise NNpsk0), the keys it leads to, and what they protect. It shares
no code with the Swift side, so that one can be held against the other."""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_LENGTH = {8: 16, 9: 32}  # by the number of the cipher suite
DATA_HEADER, ACTION_HEADER, GCMP_HEADER, TAG = 26, 24, 8, 16


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand (RFC 5869, 2.3)."""
    output, block = b"", b""
    for counter in range(1, 256):
        if len(output) >= length:
            return output[:length]
        block = _mac(key, block + info + bytes([counter]))
        output += block
    raise ValueError("too long")


def _public(private: X25519PrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


class Noise:
    """Noise_NNpsk0_25519_AESGCM_SHA256, as one who knows both ephemeral keys sees it."""

    def __init__(self, prologue: bytes, psk: bytes) -> None:
        self.hash = self.chaining = b"Noise_NNpsk0_25519_AESGCM_SHA256"
        self.mix_hash(prologue)
        self.chaining, extra, self.key = self.derive(psk, 3)
        self.mix_hash(extra)

    def derive(self, material: bytes, count: int) -> list[bytes]:
        output = _expand(_mac(self.chaining, material), b"", 32 * count)
        return [output[32 * index:32 * index + 32] for index in range(count)]

    def mix_hash(self, data: bytes) -> None:
        self.hash = hashlib.sha256(self.hash + data).digest()

    def mix_key(self, material: bytes) -> None:
        self.chaining, self.key = self.derive(material, 2)

    def message(self, private: X25519PrivateKey, payload: bytes, secret: bytes | None = None) -> bytes:
        """The message that sends the ephemeral key and the payload; `secret` is that of the token ee."""
        public = _public(private)
        self.mix_hash(public)
        self.mix_key(public)
        if secret is not None:
            self.mix_key(secret)
        sealed = AESGCM(self.key).encrypt(bytes(12), payload, self.hash)
        self.mix_hash(sealed)
        return public + sealed


class Handshake:
    """A first handshake without a cookie: both messages, and the keys by sender and kind of traffic."""

    def __init__(self, cipher: int, psk: bytes, initiator: bytes, responder: bytes, ephemerals: tuple[bytes, bytes],
                 capabilities: tuple[bytes, bytes]) -> None:
        self.addresses = {"initiator": initiator, "responder": responder}
        noise = Noise(b"relink handshake" + bytes([1, cipher]) + initiator + responder, psk)
        first, second = (X25519PrivateKey.from_private_bytes(octets) for octets in ephemerals)
        self.request = b"\x01" + noise.message(first, bytes(16) + capabilities[0])
        secret = first.exchange(X25519PublicKey.from_public_bytes(_public(second)))
        self.response = b"\x02" + noise.message(second, b"\x00" + capabilities[1], secret)
        directions = dict(zip(("initiator", "responder"), noise.derive(b"", 2), strict=True))
        self.keys = {
            (sender, kind): _expand(key, b"relink " + kind.encode() + noise.hash, KEY_LENGTH[cipher])
            for sender, key in directions.items() for kind in ("data", "action")
        }

    def open_data(self, sender: str, frame: bytes) -> bytes:
        """The content of a data frame; raises InvalidTag when it is not authentic."""
        receiver = "responder" if sender == "initiator" else "initiator"
        gcmp = frame[DATA_HEADER:DATA_HEADER + GCMP_HEADER]
        additional = bytes([frame[0] & 0x8f, frame[1] & 0x47]) + self.addresses[receiver] + self.addresses[sender] \
            + frame[16:22] + bytes([frame[22] & 0x0f, 0, frame[24] & 0x0f, 0])
        return AESGCM(self.keys[sender, "data"]).decrypt(
            self._nonce(sender, gcmp), frame[DATA_HEADER + GCMP_HEADER:], additional)

    def open_action(self, sender: str, frame: bytes) -> bytes:
        """The content of an action frame; raises InvalidTag when it is not authentic."""
        body, tag = frame[ACTION_HEADER:-TAG], frame[-TAG:]
        additional = bytes([frame[0], frame[1] & 0xc7]) + frame[4:22] + bytes([frame[22] & 0x0f, 0]) + body
        AESGCM(self.keys[sender, "action"]).decrypt(self._nonce(sender, body[-GCMP_HEADER:]), tag, additional)
        return body[:-GCMP_HEADER]

    def _nonce(self, sender: str, gcmp: bytes) -> bytes:
        number = gcmp[0:2] + gcmp[4:8]
        return self.addresses[sender] + number[::-1]
