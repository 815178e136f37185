"""Stored versions of scoresheets as values.

The current scoresheet of an assignment is its highest version: the judge goes on from it. The highest submitted
version counts until another one is submitted: a draft after it changes nothing for others. What others see of a
scoresheet is the version that counts, and before there is one the newest draft (``is_effective``). Scoresheets of
recused or withdrawn assignments never count.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from judging import tables
from judging.schemas.scoresheets import SheetContent
from judging.services.audit import stored_rows
from judging.tables.row_digests import digest_of_sheet, sheet_key

IMPORTED = "import"
"""The source of a version that somebody else than the judge has entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One stored version of a scoresheet."""

    scoresheet_id: int
    assignment_id: int
    version: int
    state: str
    source: str
    saved_at: datetime
    saved_by: int | None
    sheet: SheetContent
    # Of a version that somebody else than the judge has entered: the second person.
    confirmed_by: int | None = None
    entered_from: str | None = None
    from_paper: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentSheet:
    """The current scoresheet of one active assignment."""

    judge_id: int
    proposal_id: int
    version: Version
    is_submitted: bool
    """Whether a version was submitted, this one or an earlier one: it counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version to be stored."""

    assignment_id: int
    version: int
    state: str
    sheet: SheetContent
    # Time of scoring, when it is known and differs from the time of saving, for example from a file.
    scored_at: datetime | None = None
    # Who entered it, when that differs from sheet to sheet.
    saved_by: int | None = None
    # The name of the file that it came from.
    entered_from: str | None = None
    # Whether it was typed from paper.
    from_paper: bool = False
    # The session in which the judge confirmed what somebody else has typed.
    sign_in_session_id: int | None = None


def has_submitted(session: Session, assignment_id: int) -> bool:
    """Return whether a version of an assignment's scoresheet was submitted: it counts."""
    sheet = tables.Scoresheet
    submitted = select(sheet.id).where(sheet.assignment_id == assignment_id, sheet.state == "submitted").limit(1)
    return session.exec(submitted).first() is not None


def has_saved(session: Session, judge: tables.Judge) -> bool:
    """Return whether a judge has any version of any scoresheet."""
    sheet = tables.Scoresheet
    saved = (
        select(sheet.id)
        .join(tables.Assignment, col(tables.Assignment.id) == col(sheet.assignment_id))
        .where(tables.Assignment.judge_id == judge.id)
        .limit(1)
    )
    return session.exec(saved).first() is not None


def find_current(session: Session, assignment_id: int) -> Version | None:
    """Return the highest version of an assignment's scoresheet."""
    return next(iter(list_versions(session, assignment_id, newest_only=True)), None)


def list_versions(session: Session, assignment_id: int, *, newest_only: bool = False) -> list[Version]:
    """Return every version of an assignment's scoresheet, newest first."""
    rows = session.exec(
        select(tables.Scoresheet)
        .where(tables.Scoresheet.assignment_id == assignment_id)
        .order_by(col(tables.Scoresheet.version).desc())
        .limit(1 if newest_only else None)
    ).all()
    scores = scores_by_sheet(session, [row.pk for row in rows])
    return [_version(row, scores.get(row.pk, ())) for row in rows]


def scores_by_sheet(session: Session, scoresheet_ids: Collection[int]) -> dict[int, list[tables.Score]]:
    """Return the scores of some scoresheets by the scoresheet's key, in one query."""
    return _by_sheet(session.exec(select(tables.Score).where(col(tables.Score.scoresheet_id).in_(scoresheet_ids))))


def current_scoresheets(session: Session, round_id: int, *, judge_id: int | None = None) -> list[CurrentSheet]:
    """Return the current scoresheet of every active assignment of a round, or of one judge, in a fixed order.

    Drafts are included, also those after a submitted version. Two queries for a round of any size.
    """
    conditions = [col(tables.Assignment.round_id) == round_id, col(tables.Assignment.state) == "active", is_newest()]
    if judge_id is not None:
        conditions.append(col(tables.Assignment.judge_id) == judge_id)
    rows = session.exec(
        select(tables.Scoresheet, tables.Assignment, was_submitted())
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .where(*conditions)
        .order_by(col(tables.Assignment.id))
    ).all()
    scores = session.exec(
        select(tables.Score)
        .join(tables.Scoresheet, col(tables.Scoresheet.id) == col(tables.Score.scoresheet_id))
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .where(*conditions)
    ).all()
    by_sheet = _by_sheet(scores)
    return [
        CurrentSheet(
            judge_id=assignment.judge_id,
            proposal_id=assignment.proposal_id,
            version=_version(sheet, by_sheet.get(sheet.pk, ())),
            is_submitted=is_submitted,
        )
        for sheet, assignment, is_submitted in rows
    ]


def assignments_with_own_sheets(session: Session, round_id: int) -> frozenset[int]:
    """Return the assignments of a round whose judge has saved a version, or confirmed one that was typed from paper.

    Nobody else may save another one.
    """
    sheet = tables.Scoresheet
    rows = session.exec(
        select(sheet.assignment_id)
        .join(tables.Assignment, col(tables.Assignment.id) == col(sheet.assignment_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Assignment.round_id == round_id, or_(col(sheet.source) != IMPORTED, is_confirmed_by_its_judge()))
        .distinct()
    )
    return frozenset(rows)


def is_confirmed_by_its_judge() -> ColumnElement[bool]:
    """Return the SQL condition that the judge has confirmed a version typed from paper; the query joins the judge."""
    return and_(
        col(tables.Scoresheet.from_paper).is_(True),
        col(tables.Scoresheet.confirmed_by) == col(tables.Judge.person_id),
    )


def append(
    session: Session,
    versions: Sequence[NewVersion],
    *,
    source: str,
    at: datetime,
    saved_by: int | None,
    confirmed_by: int | None = None,
) -> None:
    """Store new versions in one statement; the database refuses a version number that exists.

    The caller records them in the audit log: their digests wait in the session (``stored_rows.take``).
    """
    rows = [
        {
            "assignment_id": new.assignment_id,
            "version": new.version,
            "state": new.state,
            "source": source,
            "comment": new.sheet.comment,
            "chair_note": new.sheet.chair_note or None,
            "justification": new.sheet.justification,
            "language": new.sheet.language,
            "confidence": new.sheet.confidence,
            "identity_revealed": new.sheet.identity_revealed,
            "saved_at": new.scored_at or at,
            "saved_by": saved_by if new.saved_by is None else new.saved_by,
            "confirmed_by": confirmed_by,
            "entered_from": new.entered_from,
            "from_paper": new.from_paper or None,
            "sign_in_session_id": new.sign_in_session_id,
        }
        for new in versions
    ]
    if not rows:
        return
    stored_rows.note(session, _digests(rows, versions))
    ids = session.scalars(
        insert(tables.Scoresheet).returning(col(tables.Scoresheet.id), sort_by_parameter_order=True), rows
    ).all()
    lines: list[dict[str, Any]] = [
        {"scoresheet_id": scoresheet_id, "criterion": criterion, "value": value, "comment": comment}
        for scoresheet_id, new in zip(ids, versions, strict=True)
        for criterion, value, comment in _lines(new.sheet)
    ]
    if lines:
        session.execute(insert(tables.Score), lines)


def _lines(sheet: SheetContent) -> list[tuple[str, float | None, str]]:
    criteria = dict.fromkeys((*sheet.scores, *sheet.comments))
    return [(criterion, sheet.scores.get(criterion), sheet.comments.get(criterion, "")) for criterion in criteria]


def _digests(rows: Sequence[dict[str, Any]], versions: Sequence[NewVersion]) -> dict[str, str]:
    table = tables.metadata.tables["scoresheet"]
    return {
        sheet_key(new.assignment_id, new.version): digest_of_sheet(table, row, _lines(new.sheet))
        for row, new in zip(rows, versions, strict=True)
    }


def _by_sheet(scores: Iterable[tables.Score]) -> dict[int, list[tables.Score]]:
    by_sheet: dict[int, list[tables.Score]] = {}
    for score in scores:
        by_sheet.setdefault(score.scoresheet_id, []).append(score)
    return by_sheet


def _version(row: tables.Scoresheet, scores: Sequence[tables.Score]) -> Version:
    return Version(
        scoresheet_id=row.pk,
        assignment_id=row.assignment_id,
        version=row.version,
        state=row.state,
        source=row.source,
        saved_at=row.saved_at,
        saved_by=row.saved_by,
        confirmed_by=row.confirmed_by,
        entered_from=row.entered_from,
        from_paper=bool(row.from_paper),
        sheet=SheetContent(
            scores={score.criterion: score.value for score in scores if score.value is not None},
            comments={score.criterion: score.comment for score in scores if score.comment},
            comment=row.comment,
            chair_note=row.chair_note or "",
            justification=row.justification,
            language=row.language,
            confidence=row.confidence,
            identity_revealed=row.identity_revealed,
        ),
    )


def is_newest() -> ColumnElement[bool]:
    """Return the SQL condition that a query's scoresheet is the newest version of its assignment."""
    newest: ColumnElement[bool] = col(tables.Scoresheet.version) == _newest()
    return newest


def was_submitted() -> ColumnElement[bool]:
    """Return the SQL expression whether a version of a query's scoresheet was submitted, that one or an earlier one."""
    submitted: ColumnElement[bool] = _newest_submitted().is_not(None)
    return submitted


def is_effective() -> ColumnElement[bool]:
    """Return the SQL condition that a query's scoresheet is the one that others see.

    That is the newest submitted version, and before a version is submitted the newest draft.
    """
    return col(tables.Scoresheet.version) == func.coalesce(_newest_submitted(), _newest())


def counts_in_results(newest_scoresheet: int | None = None) -> ColumnElement[bool]:
    """Return the SQL condition that a query's scoresheet counts; the query must contain its assignment.

    ``newest_scoresheet`` excludes every version saved after that scoresheet: keys increase with time.
    """
    return and_(
        col(tables.Assignment.state) == "active",
        col(tables.Scoresheet.state) == "submitted",
        col(tables.Scoresheet.version) == _newest_submitted(newest_scoresheet),
    )


def _newest_submitted(newest_scoresheet: int | None = None) -> Any:
    return _newest(newest_scoresheet, state="submitted")


def _newest(newest_scoresheet: int | None = None, *, state: str | None = None) -> Any:
    other = aliased(tables.Scoresheet)
    newest = select(func.max(other.version)).where(other.assignment_id == tables.Scoresheet.assignment_id)
    if newest_scoresheet is not None:
        newest = newest.where(col(other.id) <= newest_scoresheet)
    if state is not None:
        newest = newest.where(other.state == state)
    return newest.correlate(tables.Scoresheet).scalar_subquery()
