"""Passkeys: WebAuthn credentials with which a person signs in, or confirms that it is them.

A challenge is a signed text that says for what and for whom it was made, and when. It is stored only when a passkey has
signed it, so that showing a page writes nothing, and the same answer is not accepted twice.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import webauthn
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.incoming_text import normalised
from judging.schemas.strict_json import parse_json
from judging.services import audit
from judging.services.access import Actor, require_person
from judging.services.authentication.second_factors import forget_codes_without_factor
from judging.services.authentication.tokens import hash_of

CHALLENGE_LIFETIME = timedelta(minutes=10)
MOST_PASSKEYS = 20
MAX_NAME = 80
_REFUSED = Message("This passkey was not accepted. Reload the page and try again.")
_VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class Site:
    """The site that passkeys are made for.

    Attributes
    ----------
    host : str
        The host name of the base address; browsers accept no number in its place.
    origin : str
    secret_key : str
        Signs the challenges.
    """

    host: str
    origin: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class Verified:
    """An answer whose signature is right. ``accept`` stores that it was used; before that it opens nothing."""

    passkey_id: int
    person_id: int
    sign_count: int
    challenge_hash: str


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey whose answer is right, to be stored by ``add``."""

    credential_id: str
    public_key: bytes
    sign_count: int
    challenge_hash: str


def creation_options(site: Site, person: tables.Person, known: list[tables.Passkey], *, bound_to: str) -> str:
    """Return the JSON with which a browser makes a new passkey for a person.

    ``bound_to`` names the session that asks; an answer from another session is refused.
    """
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Judging",
        user_id=str(person.pk).encode(),
        user_name=person.email,
        user_display_name=person.name,
        challenge=_challenge(site, "add", bound_to),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_descriptors(known),
    )
    return webauthn.options_to_json(options)


def request_options(site: Site, known: list[tables.Passkey], *, purpose: str, bound_to: str) -> str:
    """Return the JSON with which a browser asks for a passkey: one of the known ones, or any when there is none."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=_challenge(site, purpose, bound_to),
        allow_credentials=_descriptors(known),
        user_verification=_VERIFIED,
    )
    return webauthn.options_to_json(options)


def check_new(site: Site, answer: str, *, bound_to: str) -> NewPasskey:
    """Return the passkey of a browser's answer to ``creation_options``; raise InvalidInput when it is not right."""
    challenge = _challenge_in(site, answer, "add", bound_to)
    try:
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise InvalidInput({"passkey": _REFUSED}) from error
    return NewPasskey(
        credential_id=bytes_to_base64url(verified.credential_id),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        challenge_hash=hash_of(challenge.decode()),
    )


def add(session: Session, actor: Actor, new: NewPasskey, *, name: str, at: datetime) -> tables.Passkey:
    """Store a new passkey of the actor."""
    person_id = require_person(actor, Message("The command line has no passkeys."))
    n_known = len(session.exec(select(tables.Passkey.id).where(tables.Passkey.person_id == person_id)).all())
    if n_known >= MOST_PASSKEYS:
        raise Conflict(Message("You have {n} passkeys. Remove one first.", n=MOST_PASSKEYS))
    _claim_challenge(session, new.challenge_hash, at=at)
    label = " ".join(normalised(name, "NFKC", limit=MAX_NAME).split())[:MAX_NAME]
    row = tables.Passkey(
        person_id=person_id,
        credential_id=new.credential_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        name=label or f"{at:%Y-%m-%d}",
        created_at=at,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(Message("This passkey is stored already.")) from error
    detail = {"kind": "passkey", "passkey": row.pk, "session": actor.session_id}
    audit.record(session, actor, "factor.added", f"person {person_id}", at=at, detail=detail)
    return row


def remove(session: Session, actor: Actor, passkey_id: int, *, at: datetime) -> None:
    """Remove one of the actor's own passkeys; NotFound for any other."""
    row = session.get(tables.Passkey, passkey_id)
    if row is None or row.person_id != actor.person_id:
        raise NotFound
    session.delete(row)
    session.flush()
    forget_codes_without_factor(session, row.person_id)
    detail = {"kind": "passkey", "passkey": passkey_id, "session": actor.session_id}
    audit.record(session, actor, "factor.removed", f"person {actor.person_id}", at=at, detail=detail)


def check(session: Session, site: Site, answer: str, *, purpose: str, bound_to: str) -> Verified:
    """Return whose passkey has signed the challenge of ``request_options``; raise InvalidInput when none has."""
    challenge = _challenge_in(site, answer, purpose, bound_to)
    credential = _parsed(answer)
    row = session.exec(
        select(tables.Passkey)
        .join(tables.Person, col(tables.Person.id) == col(tables.Passkey.person_id))
        .where(tables.Passkey.credential_id == str(credential.get("id", ""))[:1400], col(tables.Person.is_active))
    ).one_or_none()
    if row is None:
        raise InvalidInput({"passkey": _REFUSED})
    try:
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise InvalidInput({"passkey": _REFUSED}) from error
    return Verified(row.pk, row.person_id, verified.new_sign_count, hash_of(challenge.decode()))


def accept(session: Session, verified: Verified, *, at: datetime) -> None:
    """Store that an answer was used; raise InvalidInput when it was used before, or the passkey is no longer there."""
    _claim_challenge(session, verified.challenge_hash, at=at)
    changed = session.scalars(
        update(tables.Passkey)
        .where(col(tables.Passkey.id) == verified.passkey_id, col(tables.Passkey.person_id) == verified.person_id)
        .values(sign_count=verified.sign_count, last_used_at=at)
        .returning(col(tables.Passkey.id))
    )
    if not changed.all():
        raise InvalidInput({"passkey": _REFUSED})


def _descriptors(known: list[tables.Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(row.credential_id)) for row in known]


def _signer(site: Site, purpose: str) -> URLSafeTimedSerializer:
    settings = {"digest_method": sha256}
    return URLSafeTimedSerializer(site.secret_key, salt=f"judging passkey {purpose}", signer_kwargs=settings)


def _challenge(site: Site, purpose: str, bound_to: str) -> bytes:
    return str(_signer(site, purpose).dumps([secrets.token_urlsafe(16), hash_of(bound_to)])).encode()


def _challenge_in(site: Site, answer: str, purpose: str, bound_to: str) -> bytes:
    """Return the challenge that an answer says it signed, if we made it for this purpose and session lately."""
    try:
        client_data = parse_json(webauthn.base64url_to_bytes(_parsed(answer)["response"]["clientDataJSON"]))
        challenge = webauthn.base64url_to_bytes(client_data["challenge"])
        lifetime = int(CHALLENGE_LIFETIME.total_seconds())
        _, bound = _signer(site, purpose).loads(challenge.decode("ascii"), max_age=lifetime)
    except (BadData, ValueError, KeyError, TypeError) as error:
        raise InvalidInput({"passkey": _REFUSED}) from error
    if bound != hash_of(bound_to):
        raise InvalidInput({"passkey": _REFUSED})
    return challenge


def _parsed(answer: str) -> dict[str, Any]:
    content = parse_json(answer.encode(errors="replace"))
    return content if isinstance(content, dict) else {}


def _claim_challenge(session: Session, challenge_hash: str, *, at: datetime) -> None:
    session.execute(delete(tables.UsedChallenge).where(col(tables.UsedChallenge.expires_at) < at))
    if session.get(tables.UsedChallenge, challenge_hash) is not None:
        raise InvalidInput({"passkey": _REFUSED})
    session.add(tables.UsedChallenge(challenge_hash=challenge_hash, expires_at=at + 2 * CHALLENGE_LIFETIME))
    try:
        session.flush()
    except IntegrityError as error:
        raise InvalidInput({"passkey": _REFUSED}) from error
