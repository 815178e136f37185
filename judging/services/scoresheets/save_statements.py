"""The statements of a save, built once for the process: building one takes longer than executing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Insert, Row, and_, bindparam, exists, func, insert, or_
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate
from sqlmodel import Session

from judging.services import audit
from judging.services.access import live_session
from judging.tables.row_digests import digest_of_sheet, sheet_key
from judging.tables.types import metadata

_assignment, _competition, _judge, _person, _proposal, _role, _round, _taking_part, _score, _scoresheet, _session = (
    metadata.tables[name]
    for name in (
        *("assignment", "competition", "judge", "person", "proposal"),
        *("role", "round", "round_proposal", "score", "scoresheet", "sign_in_session"),
    )
)
_appeal_outcome, _appeal_reading = metadata.tables["appeal_outcome"], metadata.tables["appeal_reading"]
_SHEET = ("id", "version", "state", "source", "saved_at", "saved_by")
CONTENT = ("comment", "chair_note", "justification", "language", "confidence", "identity_revealed")


def _columns(names: Sequence[str]) -> list[ColumnElement[Any]]:
    return [_scoresheet.c[name].label(f"sheet_{name}") for name in names]


def _newest_version() -> ColumnElement[int]:
    other = _scoresheet.alias()
    return (
        sqlalchemy.select(func.coalesce(func.max(other.c.version), 0))
        .where(other.c.assignment_id == _assignment.c.id)
        .correlate(_assignment)
        .scalar_subquery()
    )


def _newest_scoresheet() -> ColumnElement[int]:
    # By its key: a condition on the version would be evaluated for every version.
    other = _scoresheet.alias()
    return (
        sqlalchemy.select(other.c.id)
        .where(other.c.assignment_id == _assignment.c.id)
        .order_by(other.c.version.desc())
        .limit(1)
        .correlate(_assignment)
        .scalar_subquery()
    )


def _is_withdrawn() -> ColumnElement[bool]:
    return (
        exists()
        .where(
            _taking_part.c.round_id == _assignment.c.round_id,
            _taking_part.c.proposal_id == _assignment.c.proposal_id,
            _taking_part.c.withdrawn_at.is_not(None),
        )
        .correlate(_assignment)
    )


def _is_asked_by_appeal() -> ColumnElement[bool]:
    """Return the condition that an appeal that is not settled asks for this scoresheet, of a competition in use."""
    settled = exists().where(_appeal_outcome.c.appeal_id == _appeal_reading.c.appeal_id).correlate(_appeal_reading)
    is_asked = exists().where(_appeal_reading.c.assignment_id == _assignment.c.id, ~settled).correlate(_assignment)
    archived = (_competition.c.id == _round.c.competition_id, _competition.c.archived_at.is_not(None))
    return and_(is_asked, ~exists().where(*archived).correlate(_round))


def _round_state() -> ColumnElement[str]:
    """Return the state of the round for this scoresheet: a closed round is open to a judge whom an appeal asks."""
    is_open = and_(_round.c.state == "closed", _is_asked_by_appeal())
    return sqlalchemy.case((is_open, sqlalchemy.literal("open")), else_=_round.c.state)


def _place_statement(*conditions: ColumnElement[bool]) -> sqlalchemy.Select[Any]:
    """Return the statement of a place: one row for each score of the newest version, or one row without a score."""
    # With the competition of judge and proposal, SQLite finds both by their keys and then the assignment by its key.
    of_competition = _proposal.c.competition_id == _competition.c.id
    newest = _scoresheet.c.id == _newest_scoresheet()
    return (
        sqlalchemy.select(
            _assignment.c.id.label("assignment_id"),
            _assignment.c.state.label("assignment_state"),
            _is_withdrawn().label("is_withdrawn"),
            _round.c.competition_id,
            _round.c.id.label("round_id"),
            _round.c.key.label("round_key"),
            _round_state().label("round_state"),
            _round.c.digest,
            _proposal.c.key.label("proposal_key"),
            _judge.c.key.label("judge_key"),
            _person.c.name.label("person_name"),
            *_columns((*_SHEET, *CONTENT)),
            _score.c.criterion,
            _score.c.value,
            _score.c.comment.label("line"),
        )
        .select_from(
            _assignment.join(_round, _round.c.id == _assignment.c.round_id)
            .join(_competition, _competition.c.id == _round.c.competition_id)
            .join(_judge, and_(_judge.c.id == _assignment.c.judge_id, _judge.c.competition_id == _competition.c.id))
            .join(_proposal, and_(_proposal.c.id == _assignment.c.proposal_id, of_competition))
            .join(_person, _person.c.id == _judge.c.person_id)
            .join(_role, and_(_role.c.person_id == _person.c.id, _role.c.competition_id == _competition.c.id))
            .outerjoin(_scoresheet, newest)
            .outerjoin(_score, _score.c.scoresheet_id == _scoresheet.c.id)
        )
        .where(
            _judge.c.person_id == bindparam("person_id"),
            _person.c.is_active,
            _role.c.role == "judge",
            *conditions,
        )
    )


def _append_statement(append: Insert) -> ReturningInsert[Any]:
    """Return the statement that appends a version, and inserts nothing when anything is not as it was read.

    The shared locks prevent closing the round or withdrawing the assignment during a save. SQLite has one writer at a
    time and needs none.
    """
    names = ("assignment_id", "version", "state", "source", *CONTENT, "saved_at", "saved_by", "sign_in_session_id")
    values = {name: bindparam(name, type_=_scoresheet.c[name].type) for name in names}
    chosen = (
        sqlalchemy.select(*values.values())
        .select_from(
            _assignment.join(_round, _round.c.id == _assignment.c.round_id)
            .join(_judge, _judge.c.id == _assignment.c.judge_id)
            .join(_person, _person.c.id == _judge.c.person_id)
            .join(_role, and_(_role.c.person_id == _person.c.id, _role.c.competition_id == _round.c.competition_id))
        )
        .where(
            _assignment.c.id == values["assignment_id"],
            _assignment.c.state == "active",
            ~_is_withdrawn(),
            or_(_round.c.state == "open", and_(_round.c.state == "closed", _is_asked_by_appeal())),
            _round.c.digest == bindparam("rules_digest"),
            _person.c.id == values["saved_by"],
            _person.c.is_active,
            _role.c.role == "judge",
            # Without a session it is a service that saves: the command line, or a job.
            or_(
                values["sign_in_session_id"].is_(None),
                exists().where(_session.c.id == values["sign_in_session_id"], _session.c.ended_at.is_(None)),
            ),
            _newest_version() == values["version"] - 1,
        )
        .with_for_update(read=True, of=[_assignment, _round])
    )
    return append.from_select(names, chosen).returning(_scoresheet.c.id)


def _append_whole_statement() -> ReturningUpdate[int]:
    """Return one statement of PostgreSQL that appends a version with its scores and its audit entry.

    A statement is a way over the network, and the head of the audit log is locked during this one only. Two saves may
    append the same version at once. Then the second waits for the first, and inserts nothing.
    """
    sheet = _append_statement(postgresql.insert(_scoresheet).on_conflict_do_nothing()).cte("sheet")
    names = ("criterion", "value", "comment")
    arrays = [bindparam(f"lines_{name}", type_=postgresql.ARRAY(_score.c[name].type)) for name in names]
    line = func.unnest(*arrays).table_valued(*names, name="line").render_derived()
    chosen = sqlalchemy.select(sheet.c.id, *(line.c[name] for name in names)).select_from(
        sheet.join(line, sqlalchemy.true())
    )
    lines = insert(_score).from_select(["scoresheet_id", *names], chosen).cte("lines")
    return audit.append_and_move_statement(only_with=sheet).add_cte(lines)


_BY_KEYS = (
    _place_statement(
        _competition.c.key == bindparam("competition_key"),
        _round.c.key == bindparam("round_key"),
        _proposal.c.key == bindparam("proposal_key"),
    )
    .add_columns(_session.c.id.label("session_id"))
    .join(_session, live_session())
)
_BY_ASSIGNMENT = _place_statement(_assignment.c.id == bindparam("assignment_id"))
_APPEND = _append_statement(insert(_scoresheet))
_APPEND_SCORES = insert(_score)
_APPEND_WHOLE = _append_whole_statement()


def rows_by_keys(session: Session, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """Return the rows of a judge's place.

    The values are ``competition_key``, ``round_key`` and ``proposal_key``, and those of ``access.live_session``.
    """
    return session.connection().execute(_BY_KEYS, values).all()


def rows_by_assignment(session: Session, person_id: int | None, assignment_id: int) -> Sequence[Row[Any]]:
    """Return the rows of a judge's place by the key of the assignment."""
    values = {"person_id": person_id, "assignment_id": assignment_id}
    return session.connection().execute(_BY_ASSIGNMENT, values).all()


def bound_sheet(sheet: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return name and digest of a version of a scoresheet, for its audit entry; see ``append``."""
    scores = [(line["criterion"], line["value"], line["comment"]) for line in lines]
    key = sheet_key(sheet["assignment_id"], sheet["version"])
    return {key: digest_of_sheet(_scoresheet, sheet, scores)}


def append(
    session: Session, sheet: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], entry: Mapping[str, Any]
) -> bool:
    """Append a version with its scores and its audit entry; return False when anything is not as ``sheet`` expects.

    Parameters
    ----------
    session : Session
    sheet : mapping
        The columns of the scoresheet, and ``rules_digest``.
    lines : sequence of mapping
        Criterion, value and comment of each score.
    entry : mapping
        From ``audit.values_of``.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        arrays = {f"lines_{name}": [line[name] for line in lines] for name in ("criterion", "value", "comment")}
        return connection.execute(_APPEND_WHOLE, {**sheet, **arrays, **entry}).first() is not None
    scoresheet_id = connection.execute(_APPEND, sheet).scalar_one_or_none()
    if scoresheet_id is None:
        return False
    if lines:
        connection.execute(_APPEND_SCORES, [{"scoresheet_id": scoresheet_id, **line} for line in lines])
    audit.append(session, entry)
    return True
