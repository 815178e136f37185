"""Importing a text as a file, and what the report says in short."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from judging.errors import InvalidInput
from judging.incoming_tables.complaints import HOW_READ
from judging.services.imports import destination, storing
from judging.services.imports.import_report import ImportReport
from judging.services.imports.loaded_file import load_file
from tests.support.event import AT, COMPETITION, Event


def send(
    session: Session,
    event: Event,
    kind: str | None,
    text: str | bytes,
    *,
    filename: str = "",
    round_key: str | None = None,
    check_only: bool = False,
    role: str = "organiser",
    is_confirmed: bool = True,
) -> ImportReport:
    """Import a CSV text, or the content of the file that is named; scores are confirmed by the chair at once."""
    actor = event.actor(session, role)
    loaded = load_file(
        destination.find_target(session, actor, COMPETITION, round_key=round_key),
        content=text.encode() if isinstance(text, str) else text,
        filename=filename or f"{kind}.csv",
        kind=kind,
    )
    confirmed_by = event.people["chair"].pk if is_confirmed else None
    return storing.store_file(session, actor, loaded, at=AT, check_only=check_only, confirmed_by=confirmed_by)


def counts(report: ImportReport) -> list[tuple[str, int, int, int]]:
    return [(one.kind, one.n_new, one.n_changed, one.n_unchanged) for one in report.outcomes]


def complaints_of(
    session: Session, event: Event, kind: str, text: str, *, round_key: str | None = None
) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as caught:
        send(session, event, kind, text, round_key=round_key)
    return {
        str(place): [str(line) for line in lines] for place, lines in caught.value.messages.items() if place != HOW_READ
    }
