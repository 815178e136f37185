"""Results files and bundles, collected, written and recorded in one step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from judging.services.access import Actor
from judging.services.bundle import making
from judging.services.exports import workbook


def export_round(
    session: Session,
    actor: Actor,
    competition: str,
    round_key: str,
    *,
    run_number: int | None = None,
    language: str = "en",
    format: str = "xlsx",  # noqa: A002 - the word of the service
    translate: Callable[[str], str] = str,
    at: datetime,
) -> tuple[str, bytes]:
    """Return the name and the content of a results file."""
    collected = workbook.collect_export(
        session,
        actor,
        competition,
        round_key,
        run_number=run_number,
        language=language,
        format=format,
        translate=translate,
        at=at,
    )
    workbook.record_export(session, actor, collected, at=at)
    return collected.filename, workbook.write_export(collected)


def make_bundle(
    session: Session,
    actor: Actor,
    competition: str,
    round_key: str,
    *,
    run_number: int | None = None,
    at: datetime,
) -> tuple[str, bytes]:
    """Return the name and the content of a bundle."""
    collected = making.collect_bundle(session, actor, competition, round_key, run_number=run_number, at=at)
    content = making.write_bundle(collected, made_by=actor.name, at=at)
    making.record_bundle(session, actor, collected, content, at=at)
    return collected.filename, content
