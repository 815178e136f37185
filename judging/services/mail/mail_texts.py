"""The texts of a competition's e-mails: standard, or an organiser's own, each version kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.rubric import LANGUAGES
from judging.schemas.mail_texts import check_text
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition, require_person
from judging.services.competitions.definitions import definition_of
from judging.services.mail.editable_letters import EDITABLE, NEEDED, example_of, standard_text, write_letter
from judging.services.mail.written_letter import WrittenLetter

_NEEDS_PERSON = Message("A text records who wrote it: sign in as an organiser.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTextInUse:
    """The text of one kind of e-mail in one language; ``version`` counts what organisers saved, 0 before the first."""

    kind: str
    language: str
    subject: str
    body: str
    version: int
    is_standard: bool
    saved_at: datetime | None = None
    saved_by: str = ""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Return the placeholders that the text may have."""
        return EDITABLE[self.kind].placeholders


def list_texts(session: Session, actor: Actor, competition_key: str) -> list[MailTextInUse]:
    """Return every text in use, by kind and language, for organisers and auditors."""
    row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    newest = _newest(session, row.pk)
    keys = {text.saved_by for text in newest.values()}
    people = session.exec(select(tables.Person.id, tables.Person.name).where(col(tables.Person.id).in_(keys)))
    names = {pk: name for pk, name in people if pk is not None}
    return [
        _in_use(kind, language, newest.get((kind, language)), names)
        for kind in EDITABLE
        for language in definition_of(row).languages
    ]


def get_text(session: Session, actor: Actor, competition_key: str, kind: str, language: str) -> MailTextInUse:
    """Return one text in use; NotFound for a kind that has none or a language that the competition has not."""
    for text in list_texts(session, actor, competition_key):
        if (text.kind, text.language) == (kind, language):
            return text
    raise NotFound


def save_text(
    session: Session,
    actor: Actor,
    competition_key: str,
    kind: str,
    language: str,
    *,
    subject: str,
    body: str,
    base_version: int | None = None,
    at: datetime,
) -> None:
    """Store a new version of a text; messages that wait are written with it, too. The caller commits.

    Raises
    ------
    InvalidInput
        For an unknown placeholder, a needed one that is missing, and an empty or too long text.
    Conflict
        When somebody saved another version than ``base_version`` meanwhile, or nothing is different.
    """
    row = get_competition(session, actor, competition_key, "organiser")
    session.refresh(row, with_for_update={"key_share": True})
    current = get_text(session, actor, competition_key, kind, language)
    _require_base(current, base_version)
    typed = checked_text(kind, subject, body)
    if typed == (current.subject, current.body):
        raise Conflict(Message("This is the text in use. Nothing was changed."))
    _append(session, actor, row, current, *typed, at=at)
    _record(session, actor, "mail_text.changed", row, current, at=at)


def reset_text(session: Session, actor: Actor, competition_key: str, kind: str, language: str, *, at: datetime) -> None:
    """Go back to the standard text; Conflict when it is in use. The caller commits."""
    row = get_competition(session, actor, competition_key, "organiser")
    session.refresh(row, with_for_update={"key_share": True})
    current = get_text(session, actor, competition_key, kind, language)
    if current.is_standard:
        raise Conflict(Message("The standard text is in use. Nothing was changed."))
    _append(session, actor, row, current, None, None, at=at)
    _record(session, actor, "mail_text.reset", row, current, at=at)


def checked_text(kind: str, subject: str, body: str) -> tuple[str, str]:
    """Return a text when it can be sent; InvalidInput otherwise, NotFound for an unknown kind."""
    if kind not in EDITABLE:
        raise NotFound
    rules = EDITABLE[kind]
    reason = NEEDED.get(rules.required, "")
    return check_text(subject, body, known=rules.placeholders, required=rules.required, needed_for=reason)


def preview_of(
    session: Session, actor: Actor, competition_key: str, kind: str, language: str, text: tuple[str, str]
) -> WrittenLetter:
    """Return an example of a message with a text."""
    row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    name = definition_of(row).name
    facts = example_of(name, dict.fromkeys(LANGUAGES, "…"), name=actor.name)
    return write_letter(kind, facts, language, name=actor.name, link="https://…/sign-in/…", own=text)


def own_texts(session: Session, competition_id: int | None, kind: str) -> dict[str, tuple[str, str]]:
    """Return subject and body by language where organisers wrote their own."""
    if competition_id is None or kind not in EDITABLE:
        return {}
    newest = _newest(session, competition_id)
    return {
        row.language: (row.subject, row.body)
        for (of_kind, _), row in newest.items()
        if of_kind == kind and row.subject is not None and row.body is not None
    }


def _newest(session: Session, competition_id: int) -> dict[tuple[str, str], tables.MailText]:
    table = tables.MailText
    newest = select(func.max(table.id)).where(table.competition_id == competition_id)
    rows = session.exec(select(table).where(col(table.id).in_(newest.group_by(table.kind, table.language))))
    return {(row.kind, row.language): row for row in rows}


def _in_use(kind: str, language: str, row: tables.MailText | None, names: dict[int, str]) -> MailTextInUse:
    is_standard = row is None or row.subject is None or row.body is None
    subject, body = standard_text(kind, language)
    return MailTextInUse(
        kind=kind,
        language=language,
        subject=subject if row is None or row.subject is None else row.subject,
        body=body if row is None or row.body is None else row.body,
        version=0 if row is None else row.version,
        is_standard=is_standard,
        saved_at=None if row is None else row.saved_at,
        saved_by="" if row is None else names.get(row.saved_by, ""),
    )


def _require_base(current: MailTextInUse, base_version: int | None) -> None:
    if base_version is not None and base_version != current.version:
        raise Conflict(Message("{name} has changed this text meanwhile. Look at it first.", name=current.saved_by))


def _append(
    session: Session,
    actor: Actor,
    row: tables.Competition,
    current: MailTextInUse,
    subject: str | None,
    body: str | None,
    *,
    at: datetime,
) -> None:
    session.add(
        tables.MailText(
            competition_id=row.pk,
            kind=current.kind,
            language=current.language,
            version=current.version + 1,
            subject=subject,
            body=body,
            saved_at=at,
            saved_by=require_person(actor, _NEEDS_PERSON),
        )
    )
    session.flush()


def _record(
    session: Session, actor: Actor, action: str, row: tables.Competition, current: MailTextInUse, *, at: datetime
) -> None:
    subject = f"{row.key} {current.kind} {current.language}"
    detail = {"version": current.version + 1}
    audit.record(session, actor, action, subject, at=at, competition_id=row.pk, detail=detail)
