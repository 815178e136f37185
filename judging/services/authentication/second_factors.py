"""The second factors of a person: an authenticator app, recovery codes, and passkeys (see ``passkeys``).

A person sets and removes only their own. Whoever has lost all of them asks the one who runs the server
(``judging people --reset-second-factor``): no organiser can set, reset or read a second factor of anybody else.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import or_, update
from sqlmodel import Session, col, func, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.services import audit
from judging.services.access import Actor, has_second_factor, require_person
from judging.services.audit import stored_rows
from judging.services.authentication.secret_box import SecretBox
from judging.services.authentication.sessions import end_all
from judging.services.authentication.tokens import hash_of
from judging.tables.row_digests import digest_of_row, key_of
from judging.tables.types import metadata

N_RECOVERY_CODES = 10
STEP_SECONDS = 30
_codes = metadata.tables["recovery_code"]
_STEPS_AROUND = (-1, 0, 1)
_NOBODY = Message("The command line has no second factor of its own.")
_WRONG = Message("This code is not right, or was used already. Wait for the next one and enter it at once.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFactors:
    """The second factors of one person.

    Attributes
    ----------
    passkeys : list of tables.Passkey
    has_app : bool
        Whether a code of an authenticator app has been accepted once.
    app_since : datetime or None
    n_recovery_codes : int
        Unused recovery codes.
    """

    passkeys: list[tables.Passkey]
    has_app: bool
    app_since: datetime | None
    n_recovery_codes: int

    @property
    def has_any(self) -> bool:
        """Return whether the person can confirm; recovery codes alone are no second factor."""
        return bool(self.passkeys) or self.has_app


def own_factors(session: Session, person_id: int) -> OwnFactors:
    """Return the second factors of a person."""
    app = session.get(tables.Authenticator, person_id)
    passkeys = session.exec(
        select(tables.Passkey).where(tables.Passkey.person_id == person_id).order_by(col(tables.Passkey.id))
    ).all()
    codes = session.exec(
        select(func.count())
        .select_from(tables.RecoveryCode)
        .where(tables.RecoveryCode.person_id == person_id, col(tables.RecoveryCode.used_at).is_(None))
    ).one()
    since = app.confirmed_at if app is not None else None
    return OwnFactors(passkeys=list(passkeys), has_app=since is not None, app_since=since, n_recovery_codes=codes)


def has_any(session: Session, person_id: int) -> bool:
    """Return whether a person has a second factor."""
    return bool(session.exec(select(has_second_factor()).where(tables.Person.id == person_id)).first())


def begin_app(session: Session, actor: Actor, box: SecretBox, *, at: datetime) -> None:
    """Store a new secret for an authenticator app; it counts after the first code of the app.

    Raises
    ------
    Conflict
        When the person has an app already: remove it first.
    """
    person_id = require_person(actor, _NOBODY)
    app = session.get(tables.Authenticator, person_id) or tables.Authenticator(
        person_id=person_id, encrypted_secret="", created_at=at
    )
    if app.confirmed_at is not None:
        raise Conflict(Message("You have an authenticator app already. Remove it first."))
    app.encrypted_secret, app.created_at = box.encrypted(pyotp.random_base32()), at
    session.add(app)
    _record(session, actor, "factor.begun", at=at, kind="code")


def new_secret(session: Session, actor: Actor, box: SecretBox) -> str:
    """Return the secret that waits for its first code, for the QR code; NotFound when there is none."""
    app = session.get(tables.Authenticator, require_person(actor, _NOBODY))
    secret = None if app is None or app.confirmed_at is not None else box.decrypted(app.encrypted_secret)
    if secret is None:
        raise NotFound
    return secret


def confirm_app(session: Session, actor: Actor, box: SecretBox, code: str, *, at: datetime) -> None:
    """Accept the first code of a new app; from then on the app counts."""
    person_id = require_person(actor, _NOBODY)
    app = session.get(tables.Authenticator, person_id)
    if app is None or app.confirmed_at is not None:
        raise NotFound
    step = _step_of(box, app, code, at=at)
    if step is None:
        raise InvalidInput({"code": _WRONG})
    app.confirmed_at, app.last_step = at, step
    session.add(app)
    _record(session, actor, "factor.added", at=at, kind="code")


def remove_app(session: Session, actor: Actor, *, at: datetime) -> None:
    """Remove the authenticator app."""
    person_id = require_person(actor, _NOBODY)
    app = session.get(tables.Authenticator, person_id)
    if app is None:
        raise NotFound
    session.delete(app)
    session.flush()
    forget_codes_without_factor(session, person_id)
    _record(session, actor, "factor.removed", at=at, kind="code")


def new_recovery_codes(session: Session, actor: Actor, *, at: datetime) -> list[str]:
    """Return new recovery codes, which are shown once; the earlier ones no longer work."""
    person_id = require_person(actor, _NOBODY)
    if not has_any(session, person_id):
        raise Conflict(Message("Add a passkey or an authenticator app first; recovery codes are for its loss."))
    _delete(session, tables.RecoveryCode, person_id)
    codes = [_new_code() for _ in range(N_RECOVERY_CODES)]
    session.add_all(
        tables.RecoveryCode(person_id=person_id, code_hash=_hash_of_code(code), created_at=at) for code in codes
    )
    _record(session, actor, "factor.added", at=at, kind="recovery_code")
    return codes


def use_code(session: Session, person_id: int, box: SecretBox, text: str, *, at: datetime) -> str | None:
    """Return how a person has confirmed by a text, ``code`` or ``recovery_code``; None when it is neither.

    What was accepted once is not accepted again: a code that somebody read over the shoulder is worthless.
    """
    app = session.get(tables.Authenticator, person_id)
    step = None if app is None or app.confirmed_at is None else _step_of(box, app, text, at=at)
    if step is not None and _claim_step(session, person_id, step):
        return "code"
    used = session.execute(
        update(tables.RecoveryCode)
        .where(
            col(tables.RecoveryCode.person_id) == person_id,
            col(tables.RecoveryCode.code_hash) == _hash_of_code(text),
            col(tables.RecoveryCode.used_at).is_(None),
        )
        .values(used_at=at)
        .returning(*_codes.columns)
    ).mappings()
    rows = [dict(row) for row in used]
    # The next entry, of the sign-in or of the confirmation, binds that the code is used: it must not be revived.
    stored_rows.note(session, {key_of(_codes, row): digest_of_row(_codes, row) for row in rows})
    return "recovery_code" if rows else None


def mark_confirmed(session: Session, actor: Actor, method: str, *, at: datetime) -> None:
    """Store that the actor confirmed in this session, and by which second factor."""
    session.execute(
        update(tables.SignInSession)
        .where(col(tables.SignInSession.id) == actor.session_id)
        .values(confirmed_at=at, confirmed_by=method)
    )
    _record(session, actor, "factor.confirmed", at=at, kind=method)


def reset(session: Session, actor: Actor, person_id: int, *, at: datetime) -> None:
    """Remove all second factors of a person and end all sessions, for whoever runs the server; it is recorded."""
    if not actor.is_operator:
        raise NotFound
    for table in (tables.Passkey, tables.Authenticator, tables.RecoveryCode):
        _delete(session, table, person_id)
    end_all(session, person_id, "revoked", at=at)
    audit.record(session, actor, "factor.reset", f"person {person_id}", at=at)


def forget_codes_without_factor(session: Session, person_id: int) -> None:
    """Delete recovery codes that no longer stand in for anything."""
    if not has_any(session, person_id):
        _delete(session, tables.RecoveryCode, person_id)


def _delete(
    session: Session,
    table: type[tables.Passkey] | type[tables.Authenticator] | type[tables.RecoveryCode],
    person_id: int,
) -> None:
    # One by one: the session reports each to the audit log.
    for row in session.exec(select(table).where(col(table.person_id) == person_id)).all():
        session.delete(row)
    session.flush()


def _step_of(box: SecretBox, app: tables.Authenticator, text: str, *, at: datetime) -> int | None:
    """Return the time step to which a code belongs, of the present one and those beside it."""
    secret = box.decrypted(app.encrypted_secret)
    code = "".join(text.split())
    if secret is None or not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    hotp, now = pyotp.HOTP(secret), int(at.timestamp()) // STEP_SECONDS
    steps = [now + offset for offset in _STEPS_AROUND if hmac.compare_digest(hotp.at(now + offset), code)]
    return max(steps, default=None)


def _claim_step(session: Session, person_id: int, step: int) -> bool:
    """Return whether no code of this time step or a later one was accepted before; no two requests claim one step."""
    app = tables.Authenticator
    claimed = session.scalars(
        update(app)
        .where(col(app.person_id) == person_id, or_(col(app.last_step).is_(None), col(app.last_step) < step))
        .values(last_step=step)
        .returning(col(app.person_id))
    )
    return bool(claimed.all())


def _new_code() -> str:
    """Return 120 random bits in groups that can be read and typed: a plain SHA-256 of so many cannot be guessed."""
    text = base64.b32encode(secrets.token_bytes(15)).decode()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _hash_of_code(text: str) -> str:
    return hash_of("".join(character for character in text.upper() if character.isalnum()))


def _record(session: Session, actor: Actor, action: str, *, at: datetime, kind: str) -> None:
    detail = {"kind": kind, "session": actor.session_id}
    audit.record(session, actor, action, f"person {actor.person_id}", at=at, detail=detail)
