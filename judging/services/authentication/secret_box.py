"""Secrets that the service itself must read again, encrypted with a key of the settings.

The secret of an authenticator app cannot be stored as a hash: the service computes the codes too. With a copy of the
database alone, nobody computes them.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SecretBox:
    """Encrypts and decrypts with a key that is derived from the secret key of the settings and a purpose."""

    def __init__(self, secret_key: str, *, purpose: str = "judging authenticator secrets") -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def encrypted(self, secret: str) -> str:
        """Return a secret as it is stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypted(self, stored: str) -> str | None:
        """Return a stored secret; None when it was encrypted with another key or was changed."""
        try:
            return self._fernet.decrypt(stored.encode()).decode()
        except InvalidToken:
            return None
