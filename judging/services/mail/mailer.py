"""What a request needs in order to queue e-mail: the address of the sender, and the key of the links."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailer:
    """The e-mail of an installation. An installation without a mail server has none.

    Attributes
    ----------
    sender : str
        The address that messages come from.
    base_url : str
        The address of the service, without a slash at the end.
    token_key : bytes
        Derived from the secret key of the installation.
    """

    sender: str
    base_url: str
    token_key: bytes = field(repr=False)

    def token_of(self, seed: str) -> str:
        """Return the token of the sign-in link of a message.

        Whoever reads the database has the seed and not the key. So a message that waits holds no usable link, and each
        attempt to send it makes the same one.
        """
        digest = hmac.digest(self.token_key, seed.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def new_message_id(self) -> str:
        """Return a Message-ID that no other message has."""
        return new_message_id(self.sender.rpartition("@")[2] or "localhost")


def new_message_id(domain: str) -> str:
    """Return a Message-ID that no other message has, and that nobody can guess: reports are believed who name it."""
    return f"<{secrets.token_hex(16)}@{domain}>"


def mailer_of(*, secret_key: str, sender: str, base_url: str) -> Mailer:
    """Return the mailer of an installation."""
    key = hmac.digest(secret_key.encode(), b"judging: tokens of sign-in links in e-mail", "sha256")
    return Mailer(sender=sender, base_url=base_url, token_key=key)
