"""The minutes of a closed meeting as a file: asked for, collected, written, and recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from judging import tables
from judging.documents import html, pdf, word
from judging.documents.meeting_minutes import MeetingMinutes, minutes_document
from judging.errors import Conflict, Message
from judging.services import audit
from judging.services.access import READERS, Actor, get_round
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.decisions import meetings, minutes
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.jobs.job_requests import File, request_job

FORMATS = {"pdf": pdf.MEDIA_TYPE, "docx": word.MEDIA_TYPE, "html": html.MEDIA_TYPE}
"""Format -> media type."""
STILL_OPEN = Message("This meeting is open. Its minutes are written when it is closed.")
_WRITERS = {"pdf": pdf.write_pdf, "docx": word.write_docx, "html": html.write_html}


@dataclass(frozen=True, eq=False, kw_only=True)
class CollectedMinutes:
    """The minutes of a meeting before they are written."""

    competition_key: str
    round_key: str
    format: str
    told: MeetingMinutes

    @property
    def filename(self) -> str:
        """Return the name of the file."""
        name = f"{self.competition_key}_{self.round_key}_meeting-{self.told.number}"
        return f"{name}_{self.told.language}.{self.format}"


def request_minutes(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    number: int,
    *,
    language: str,
    format: str,  # noqa: A002 - the word that pages and the API use for it
    at: datetime,
) -> tables.Job:
    """Ask for the minutes of a meeting as a file; see `collect_minutes`."""
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    _require_closed(meetings.get_meeting(session, actor, competition_key, round_key, number))
    request = {
        "competition": competition_key,
        "round": round_key,
        "meeting": number,
        "language": language,
        "format": format,
    }
    return request_job(
        session, actor, "minutes", competition=competition_row, round_row=round_row, request=request, at=at
    )


def collect_minutes(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    number: int,
    *,
    language: str = "en",
    format: str = "pdf",  # noqa: A002 - the word that pages and the API use for it
    translate: Callable[[str], str] = str,
) -> CollectedMinutes:
    """Return the minutes of a closed meeting for a reader of the results.

    Proposals with a conflict of interest of the actor have their key only.

    Parameters
    ----------
    session : Session
        A reading session is enough.
    actor : Actor
    competition_key, round_key : str
    number : int
        Of the meeting.
    language : str
    format : {"pdf", "docx", "html"}
    translate : callable
        Translates a `judging.errors.Message` into that language.

    Raises
    ------
    Conflict
        While the meeting is open.
    NotFound
        When the round has no meeting of this number.
    """
    if format not in FORMATS:
        raise ValueError(f"format: {format!r} is not one of {', '.join(FORMATS)}")
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    meeting = meetings.get_meeting(session, actor, competition_key, round_key, number)
    closed_at, stored = _require_closed(meeting)
    definition = definition_of(competition_row)
    hidden = hidden_proposals(session, actor, competition_row.pk)
    seen = minutes.without_hidden(stored, hidden)
    told = MeetingMinutes(
        competition=definition.name.in_locale(language),
        round=rules_of(round_row).name.in_locale(language),
        number=number,
        opened_at=meeting.opened_at,
        closed_at=closed_at,
        zone=definition.zone,
        minutes=seen,
        named=minutes.proposals_named(seen),
        language=language,
        say=translate,
    )
    return CollectedMinutes(competition_key=competition_key, round_key=round_key, format=format, told=told)


def write_minutes(collected: CollectedMinutes) -> File:
    """Return the minutes as a file; it needs no database.

    Raises
    ------
    NoChineseFont
        When a PDF has Chinese text, and the machine no Chinese font.
    """
    content = _WRITERS[collected.format](minutes_document(collected.told))
    return File(name=collected.filename, media_type=FORMATS[collected.format], content=content)


def record_minutes(session: Session, actor: Actor, collected: CollectedMinutes, file: File, *, at: datetime) -> None:
    """Record in the audit log that the minutes were taken as a file, with its digest."""
    competition_row, round_row = get_round(session, actor, collected.competition_key, collected.round_key, *READERS)
    detail = {
        "format": collected.format,
        "language": collected.told.language,
        "sha256": hashlib.sha256(file.content).hexdigest(),
    }
    name = f"meeting {collected.told.number}"
    audit.record_in_round(session, actor, "minutes.exported", competition_row, round_row, name, at=at, detail=detail)


def _require_closed(meeting: tables.Meeting) -> tuple[datetime, dict[str, object]]:
    if meeting.closed_at is None or meeting.minutes is None:
        raise Conflict(STILL_OPEN)
    return meeting.closed_at, meeting.minutes
