"""Importing a text as a file, and what the report says in short."""

from __future__ import annotations

import io

import pytest
from sqlmodel import Session

from judging.errors import InvalidInput
from judging.services.imports import files
from judging.services.imports.import_report import ImportReport
from tests.support.event import AT, COMPETITION, Event


def send(session: Session, event: Event, kind: str, text: str, **options: object) -> ImportReport:
    return files.import_file(
        session,
        event.actor(session, str(options.pop("role", "organiser"))),
        COMPETITION,
        stream=io.BytesIO(text.encode()),
        filename=f"{kind}.csv",
        kind=kind,
        at=AT,
        **options,  # type: ignore[arg-type]  # round_key and check_only as they are named
    )


def counts(report: ImportReport) -> list[tuple[str, int, int, int]]:
    return [(one.kind, one.n_new, one.n_changed, one.n_unchanged) for one in report.outcomes]


def complaints_of(session: Session, event: Event, kind: str, text: str, **options: object) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as caught:
        send(session, event, kind, text, **options)
    return {str(place): [str(line) for line in lines] for place, lines in caught.value.messages.items()}
