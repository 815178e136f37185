"""Signed heads: what an outsider keeps to notice that the audit log was cut, rewritten or put back.

A head names the newest entry of the log by its position (the key of the row) and its hash, with the time and the
installation, and is signed with the installation's key (Ed25519). The hash covers everything before it. Whoever can
write to the database and read the key can make new heads, but cannot take back those that others keep.
"""

from __future__ import annotations

import os
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from sqlmodel import Session, select

from judging import tables
from judging.errors import JudgingError
from judging.tables.types import metadata

_TIME = "%Y%m%dT%H%M%SZ"
_HEAD = re.compile(r"judging-head\.1\.(\d{1,12})\.([0-9a-f]{64})\.(\d{8}T\d{6}Z)\.([\w-]{43})\.([\w-]{86})", re.ASCII)
_BREAKS = re.compile(r"[\s>]+")
_entry, _head = metadata.tables["audit_entry"], metadata.tables["audit_head"]
_NEWEST = sqlalchemy.select(_entry.c.id, _entry.c.hash).join(_head, _head.c.hash == _entry.c.hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """The newest entry of the log at one moment.

    Attributes
    ----------
    position : int
        The key of the entry.
    hash : str
        Of the entry, which covers all before it.
    at : datetime
        When it was signed, to the second.
    installation : str
        The public key of the installation, base64url.
    signature : str
        base64url; of everything else.
    """

    position: int
    hash: str
    at: datetime
    installation: str
    signature: str

    @property
    def text(self) -> str:
        """Return the head as one word to print, to send and to keep."""
        return f"{_signed_text(self.position, self.hash, self.at, self.installation)}.{self.signature}"

    @property
    def is_genuine(self) -> bool:
        """Return whether the key that the head names has signed it."""
        key = Ed25519PublicKey.from_public_bytes(_decoded(self.installation))
        content = _signed_text(self.position, self.hash, self.at, self.installation)
        try:
            key.verify(_decoded(self.signature), content.encode())
        except InvalidSignature:
            return False
        return True


class HeadSigner:
    """The key of this installation."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.installation = _encoded(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, position: int, entry_hash: str, *, at: datetime) -> SignedHead:
        """Return the signed head of an entry."""
        at = at.astimezone(UTC).replace(microsecond=0)
        content = _signed_text(position, entry_hash, at, self.installation)
        signature = _encoded(self._key.sign(content.encode()))
        return SignedHead(
            position=position, hash=entry_hash, at=at, installation=self.installation, signature=signature
        )

    def newest(self, session: Session, *, at: datetime) -> SignedHead | None:
        """Return the signed head of the log; None while the log is empty."""
        row = session.connection().execute(_NEWEST).one_or_none()
        return None if row is None else self.sign(row.id, row.hash, at=at)


def open_signer(path: Path) -> HeadSigner:
    """Return the signer with the key of a file, which is made with mode 0600 when it is missing.

    Raises
    ------
    JudgingError
        When the file contains no key, or others may read it.
    """
    if not path.exists():
        _make_key(path)
    if path.stat().st_mode & 0o077:
        raise JudgingError(f"Others may read {path}, the key of the audit log. Set its mode to 0600.")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise JudgingError(f"{path} contains no private key: restore it from a copy.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise JudgingError(f"{path} contains no Ed25519 key: restore it from a copy.")
    return HeadSigner(key)


def find_heads(text: str) -> list[SignedHead]:
    """Return every head in a text, for example a mail, once and in the order of their positions.

    A head that a mail program has broken into lines, or quoted with ``>``, is found too.
    """
    heads = set()
    for position, entry_hash, time, installation, signature in _HEAD.findall(text) + _HEAD.findall(
        _BREAKS.sub("", text)
    ):
        try:
            at = datetime.strptime(time, _TIME).replace(tzinfo=UTC)
        except ValueError:
            # No service has signed a time that does not exist.
            continue
        heads.add(
            SignedHead(position=int(position), hash=entry_hash, at=at, installation=installation, signature=signature)
        )
    return sorted(heads, key=lambda head: (head.position, head.at, head.signature))


def head_faults(session: Session, heads: Iterable[SignedHead], installation: str | None) -> Iterator[str]:
    """Yield one sentence for each head that the log does not fit.

    Parameters
    ----------
    session : Session
    heads : iterable of SignedHead
        That somebody kept outside of the database.
    installation : str or None
        The public key that must have signed them; None accepts any.
    """
    newest = session.connection().execute(sqlalchemy.select(sqlalchemy.func.max(_entry.c.id))).scalar_one() or 0
    for head in heads:
        name = f"Head of {head.at:%Y-%m-%d %H:%M:%S} UTC (position {head.position})"
        if not head.is_genuine:
            yield f"{name}: its signature is not valid."
            continue
        if installation is not None and head.installation != installation:
            yield f"{name}: it was signed by another key than that of this installation, {head.installation}."
        entry = session.exec(select(tables.AuditEntry.hash).where(tables.AuditEntry.id == head.position)).one_or_none()
        if head.position > newest:
            yield f"{name}: the log ends at {newest}. Its last entries were removed, or an older copy was put back."
        elif entry != head.hash:
            yield f"{name}: there is another entry now. The log up to there was rewritten, or an older copy continued."


class _Process:
    """The key that this process signs with: a process serves one installation."""

    signer: HeadSigner | None = None


def use_key(path: Path | None) -> None:
    """Let this process sign heads with the key of a file; None lets it sign none."""
    _Process.signer = None if path is None else open_signer(path)


def newest_head(session: Session, *, at: datetime) -> SignedHead | None:
    """Return the signed head of the log; None without a key (``use_key``) or without an entry."""
    return None if _Process.signer is None else _Process.signer.newest(session, at=at)


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        # Complete or not at all; of several processes that start at once, the first makes the key.
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()


def _signed_text(position: int, entry_hash: str, at: datetime, installation: str) -> str:
    return f"judging-head.1.{position}.{entry_hash}.{at:{_TIME}}.{installation}"


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
