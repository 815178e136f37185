"""A mail server of the tests' own, with TLS and login, that does as each test tells it."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as Connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config import Smtp
from tests.support.programs.network import free_port

USER, PASSWORD = "judging", "mail password"


@dataclass
class Mailbox:
    """What the mail server has accepted, and how it answers."""

    texts: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    # The envelope senders, to which a mail server reports what it does not deliver.
    senders: list[str] = field(default_factory=list)
    # The next answers to RCPT and to the text; an empty list accepts everything.
    to_recipient: list[str] = field(default_factory=list)
    to_text: list[str] = field(default_factory=list)
    # Accept the text, but end the connection instead of saying so.
    drops_after_text: bool = False
    seconds_before_recipient: float = 0.0
    seconds_before_answer: float = 0.0

    @property
    def messages(self) -> list[EmailMessage]:
        """Return the accepted messages, parsed."""
        return [message_from_bytes(text, policy=default) for text in self.texts]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Connection, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to a recipient."""
        await asyncio.sleep(self.seconds_before_recipient)
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Connection, envelope: Envelope
    ) -> str:
        """Answer to the text."""
        await asyncio.sleep(self.seconds_before_answer)
        if self.to_text:
            return self.to_text.pop(0)
        assert isinstance(envelope.content, bytes)
        self.texts.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        self.senders.append(str(envelope.mail_from))
        if self.drops_after_text:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 accepted"


def make_certificate(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 with its key into a file, and return it: it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail server of the tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def running_mail_server(mailbox: Mailbox, folder: Path, *, security: str = "starttls") -> Iterator[Smtp]:
    """Serve a mailbox on a free port; yields the settings for it."""
    certificate, port = make_certificate(folder), free_port()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    options: dict[str, Any] = {"authenticator": _is_ours, "auth_required": True}
    if security == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    else:
        # The connection is encrypted from its begin on; aiosmtpd looks for STARTTLS only.
        options |= {"auth_require_tls": False}
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        ssl_context=context if security == "tls" else None,
        **options,
    )
    controller.start()
    try:
        yield Smtp(
            host="127.0.0.1",
            port=port,
            user=USER,
            password=PASSWORD,
            sender="judging@example.org",
            security=security,
            ca_file=str(certificate),
        )
    finally:
        controller.stop()


def _is_ours(_server: SMTP, _session: Connection, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False)
