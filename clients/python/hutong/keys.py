# SPDX-License-Identifier: Apache-2.0
"""Key files: CURVE's (ZPL), and Ed25519 for signatures (PROTOCOL, 13), for which the package `cryptography` is wanted."""
from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from .errors import SignatureWrong


@dataclass(frozen=True)
class Keys:
    """What stands in a key file."""
    party: str
    public: bytes
    secret: "bytes | None" = None

    @classmethod
    def read(cls, path: str) -> "Keys":
        with open(path, encoding="ascii") as file:
            found = dict(re.findall(r'^\s*([\w-]+) = "(.*)"\s*$', file.read(), re.M))
        for name in ("public-key", "secret-key"):
            if len(found.get(name, "x" * 40 if name == "secret-key" else "")) != 40:
                raise ValueError("%s: no %s of 40 characters" % (path, name))
        secret = found.get("secret-key")
        return cls(found.get("party", ""), found["public-key"].encode(), secret.encode() if secret else None)

    def __repr__(self) -> str:  # a secret key shows up in no log
        return "Keys(party=%r, public=%r)" % (self.party, self.public)


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def root(records: "list[bytes]") -> bytes:
    """Of RFC 6962's tree over the records' hashes."""
    level = [_hash(b"\0", _hash(each)) for each in records]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [_hash(b"\1", *level[at:at + 2]) for at in range(0, len(level) - 1, 2)] + odd
    return level[0]


class Signer:
    """A party's secret key, from NAME.pem_secret."""

    def __init__(self, path: str):
        from cryptography.hazmat.primitives import serialization
        with open(path, "rb") as file:
            self._key = serialization.load_pem_private_key(file.read(), None)
        public = self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.key_id = _hash(b"\1", public)[:8]

    def sign(self, envelopes: "list[bytes]") -> bytes:
        return self._key.sign(b"hutong/envelopes/v1\n" + root(envelopes))


class Verifier:
    """The exchange's public key, from exchange-signing.pub: `ed25519:BASE64`."""

    def __init__(self, path: str):
        from cryptography.hazmat.primitives.asymmetric import ed25519
        with open(path, encoding="ascii") as file:
            algorithm, _, public = file.read().strip().partition(":")
        if algorithm != "ed25519":
            raise ValueError("%s: only ed25519 is verified here, not %s" % (path, algorithm))
        raw = base64.b64decode(public, validate=True)
        self.key_id, self._key = _hash(b"\1", raw)[:8], ed25519.Ed25519PublicKey.from_public_bytes(raw)

    def check(self, receipts: "list[bytes]", signature) -> None:
        from cryptography.exceptions import InvalidSignature
        try:
            if signature.key_id != self.key_id:
                raise InvalidSignature
            self._key.verify(signature.signature, b"hutong/receipts/v1\n" + root(receipts))
        except InvalidSignature:
            raise SignatureWrong("receipts, key %s" % signature.key_id.hex()) from None
