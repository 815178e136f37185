"""The competition ``trial`` of the cases: proposals P001 to P012 and 007, judges J1 to J5, and three open rounds.

They have one criterion from 0 to 10 (``one``), one from 0 to 100 (``hundred``), and three from 1 to 5 (``multi``).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, select

from judging import db, tables
from judging.errors import InvalidInput
from judging.incoming_tables.complaints import HOW_READ
from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.reading import QUESTION, read_file
from judging.schemas.definitions.definition_files import load_definition
from judging.schemas.score_file import known_of, ratings_of
from judging.schemas.score_form import ScoreForm
from judging.services.access import Actor, operator
from judging.services.competitions.definitions import store_definitions
from judging.services.imports import destination, storing
from judging.services.imports.import_report import ImportReport
from judging.services.imports.loaded_file import LoadedFile, load_file
from judging.services.scoresheets.versions import current_scoresheets
from tests.support.event import AT as EVENT_AT

CASES = Path(__file__).parents[2] / "incoming_tables" / "cases"
AT = EVENT_AT + timedelta(days=60)
Scores = dict[tuple[str, ...], float]


@contextmanager
def opened_trial(migrated: Path, path: Path) -> Iterator[Session]:
    """Yield a session of a new database with the trial competition, its roster and open rounds."""
    shutil.copy(migrated, path)
    engine = db.create_engine_for(f"sqlite:///{path}")
    with db.open_session(engine) as session:
        store_definitions(session, operator(), load_definition(CASES / "trial"), at=AT)
        for kind, name in (("proposals", "roster-proposals.csv"), ("judges", "roster-judges.csv")):
            imported(session, CASES / "trial" / name, kind, None)
        for row in session.exec(select(tables.Round)).all():
            row.state, row.opened_at = "open", AT
            session.add(row)
        session.flush()
        for key in ("multi", "hundred"):
            imported(session, CASES / "trial" / "roster-proposals.csv", "proposals", key)
        session.commit()
        yield session
    engine.dispose()


def imported(
    session: Session,
    path: Path,
    kind: str,
    round_key: str | None,
    mapping: TableMapping | None = None,
    headings: dict[str, str] | None = None,
) -> tuple[ImportReport, LoadedFile]:
    """Import a file as the command does."""
    return imported_content(session, path.read_bytes(), path.name, kind, round_key, mapping, headings)


def imported_content(
    session: Session,
    content: bytes,
    filename: str,
    kind: str,
    round_key: str | None,
    mapping: TableMapping | None = None,
    headings: dict[str, str] | None = None,
) -> tuple[ImportReport, LoadedFile]:
    """Import the content of a file."""
    actor: Actor = operator()
    target = destination.find_target(session, actor, "trial", round_key=round_key)
    loaded = load_file(target, content=content, filename=filename, kind=kind, mapping=mapping, headings=headings)
    return storing.store_file(session, actor, loaded, at=AT), loaded


def stored(session: Session, round_key: str) -> Scores:
    """Return the scores that a round has."""
    round_row = next(row for row in session.exec(select(tables.Round)).all() if row.key == round_key)
    judges = {row.id: row.key for row in session.exec(select(tables.Judge))}
    proposals = {row.id: row.key for row in session.exec(select(tables.Proposal))}
    return {
        (proposals[sheet.proposal_id], judges[sheet.judge_id], criterion): score
        for sheet in current_scoresheets(session, round_row.pk)
        for criterion, score in sheet.version.sheet.scores.items()
    }


def outcome_of_import(
    session: Session, content: bytes, filename: str, round_key: str, kind: str = "scores"
) -> tuple[str, Scores, str]:
    """Import a file and take it back: return ``read``, ``asked`` or ``refused``, the scores, and what was said."""
    try:
        with session.begin_nested() as savepoint:
            report, loaded = imported_content(session, content, filename, kind, round_key)
            found = stored(session, round_key)
            savepoint.rollback()
    except InvalidInput as error:
        session.rollback()
        return _asked_or_refused(error), {}, str(error)
    session.expire_all()
    notes = [str(note) for table in loaded.read for note in table.notes]
    return "read", found, "\n".join(notes + [str(note) for outcome in report.outcomes for note in outcome.notes])


def outcome_of_calibrate(content: bytes, filename: str, form: ScoreForm) -> tuple[str, Scores, str]:
    """Read a file as ``judging calibrate`` does; see ``outcome_of_import``."""
    try:
        table = read_file(content, filename, known_of(form))
        ratings_of(table, form)
    except InvalidInput as error:
        return _asked_or_refused(error), {}, str(error)
    scores = {
        tuple(row.values[name] for name in ("proposal", "judge", "criterion") if name in row.values): float(
            row.values["score"]
        )
        for row in table.rows
        if "score" in row.values
    }
    return "read", scores, "\n".join(map(str, table.notes))


def _asked_or_refused(error: InvalidInput) -> str:
    return "asked" if set(error.messages) <= {QUESTION, HOW_READ} else "refused"
