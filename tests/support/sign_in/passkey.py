"""A passkey in software: it answers as a browser with a security key does, and also as an attacker's would."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class SoftwarePasskey:
    """One credential of one site."""

    def __init__(self, *, host: str = "localhost", origin: str = "http://localhost:8000") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.host, self.origin, self.count = host, origin, 0

    def create(self, options: str) -> str:
        """Return the answer to the options for a new passkey."""
        asked = json.loads(options)
        numbers = self.key.public_key().public_numbers()
        coordinates = (numbers.x.to_bytes(32), numbers.y.to_bytes(32))
        public_key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: coordinates[0], -3: coordinates[1]})
        length = len(self.credential_id).to_bytes(2)
        attested = bytes(16) + length + self.credential_id + public_key
        data = self._authenticator_data(PRESENT | VERIFIED | WITH_KEY) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", asked["challenge"])
        return self._answer(clientDataJSON=client_data, attestationObject=attestation)

    def get(self, options: str, *, flags: int = PRESENT | VERIFIED) -> str:
        """Return the answer to the options for a sign-in or a confirmation."""
        self.count += 1
        client_data = self._client_data("webauthn.get", json.loads(options)["challenge"])
        data = self._authenticator_data(flags)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client_data, authenticatorData=data, signature=signature)

    def _authenticator_data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response: bytes) -> str:
        identity = bytes_to_base64url(self.credential_id)
        encoded: dict[str, Any] = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps(
            {
                "id": identity,
                "rawId": identity,
                "type": "public-key",
                "response": encoded,
                "clientExtensionResults": {},
            }
        )
