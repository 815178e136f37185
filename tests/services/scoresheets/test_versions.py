"""Which version of a scoresheet counts: the same in SQL and of what was read."""

from sqlmodel import Session, col, select

from judging import tables
from judging.schemas.scoresheets import SheetContent
from judging.services.scoresheets.versions import (
    NewVersion,
    append,
    counts_in_results,
    current_scoresheets,
    is_effective,
)
from tests.support.event import AT, make_event

# By case: the versions in the order of saving, the state of the assignment, and the version that counts.
CASES: tuple[tuple[tuple[str, ...], str, int | None], ...] = (
    ((), "active", None),
    (("draft",), "active", None),
    (("draft", "submitted"), "active", 2),
    (("submitted", "draft"), "active", 1),
    (("submitted", "draft", "draft"), "active", 1),
    (("submitted", "draft", "submitted"), "active", 3),
    (("submitted",), "recused", None),
    (("submitted",), "withdrawn", None),
)


def test_sql_and_python_agree_on_the_version_that_counts(session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    assignments = session.exec(select(tables.Assignment).order_by(col(tables.Assignment.id)).limit(len(CASES))).all()
    for assignment, (states, state_of_assignment, _) in zip(assignments, CASES, strict=True):
        assignment.state, assignment.reason = state_of_assignment, "asked to"
        for number, state in enumerate(states, start=1):
            new = NewVersion(assignment_id=assignment.pk, version=number, state=state, sheet=SheetContent())
            append(session, [new], source="form", at=AT, saved_by=None)
    session.flush()
    expected = {
        assignment.pk: counted
        for assignment, (_, _, counted) in zip(assignments, CASES, strict=True)
        if counted is not None
    }
    in_sql = session.exec(
        select(tables.Scoresheet.assignment_id, tables.Scoresheet.version)
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .where(counts_in_results())
    ).all()
    in_python = {
        current.version.assignment_id
        for current in current_scoresheets(session, event.round_row.pk)
        if current.is_submitted
    }
    assert dict(in_sql) == expected
    assert in_python == set(expected)


def test_others_see_the_submitted_version_while_a_draft_is_written_after_it(session: Session) -> None:
    make_event(session, n_proposals=6, n_judges=6, scored=False)
    assignments = session.exec(select(tables.Assignment).order_by(col(tables.Assignment.id)).limit(2)).all()
    for assignment, states in zip(assignments, (("submitted", "draft", "draft"), ("draft", "draft")), strict=True):
        for number, state in enumerate(states, start=1):
            new = NewVersion(assignment_id=assignment.pk, version=number, state=state, sheet=SheetContent())
            append(session, [new], source="form", at=AT, saved_by=None)
    seen = session.exec(
        select(tables.Scoresheet.version).where(is_effective()).order_by(col(tables.Scoresheet.assignment_id))
    ).all()
    assert seen == [1, 2]


def test_a_version_saved_after_the_newest_that_a_run_has_seen_is_left_out(session: Session) -> None:
    make_event(session, n_proposals=6, n_judges=6, scored=False)
    assignment = session.exec(select(tables.Assignment).order_by(col(tables.Assignment.id)).limit(1)).one()
    for number in (1, 2, 3):
        new = NewVersion(assignment_id=assignment.pk, version=number, state="submitted", sheet=SheetContent())
        append(session, [new], source="form", at=AT, saved_by=None)
    saved = session.exec(select(tables.Scoresheet).order_by(col(tables.Scoresheet.version))).all()
    newest_seen = [
        session.exec(
            select(tables.Scoresheet.version)
            .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
            .where(counts_in_results(scoresheet.pk))
        ).one()
        for scoresheet in saved
    ]
    assert newest_seen == [1, 2, 3]
