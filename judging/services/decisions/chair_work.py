"""What a chair is to do in a round beside what only one chair may: paper, calibration, release, appeals."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, or_, select

from judging import tables
from judging.services.access import Actor
from judging.services.competitions.definitions import is_practice
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.releases.in_force import SignedRelease
from judging.services.scoresheets import paper_comparing, paper_entries


def n_paper(session: Session, actor: Actor, competition_row: tables.Competition, round_row: tables.Round) -> int:
    """Return how many scoresheets on paper this chair may type now and has not typed yet.

    Those of judges without an account, who have no other way, and those that somebody else has typed once.
    """
    if round_row.state != "open" or not _has_paper(session, round_row):
        return 0
    sheets = paper_entries.list_paper(session, actor, competition_row.key, round_row.key).sheets
    return sum(sheet.may_type and _is_awaited(sheet) for sheet in sheets)


def is_to_be_calibrated(session: Session, round_row: tables.Round) -> bool:
    """Return whether a round is closed, and nobody has calibrated it."""
    if round_row.state != "closed" or is_practice(round_row):
        return False
    run = select(tables.CalibrationRun.id).where(tables.CalibrationRun.round_id == round_row.id).limit(1)
    return session.exec(run).first() is None


def is_to_be_released(round_row: tables.Round, releases: Sequence[SignedRelease]) -> bool:
    """Return whether a round is closed, and nobody has proposed a release; ask `is_to_be_calibrated` first."""
    return round_row.state == "closed" and not is_practice(round_row) and not releases


def n_open_appeals(session: Session, actor: Actor, competition_row: tables.Competition, round_row: tables.Round) -> int:
    """Return how many appeals are not settled, without those about proposals that are hidden from this chair."""
    appeal, outcome = tables.Appeal, tables.AppealOutcome
    keys = session.exec(
        select(tables.Proposal.key)
        .join(appeal, col(appeal.proposal_id) == col(tables.Proposal.id))
        .outerjoin(outcome, col(outcome.appeal_id) == col(appeal.id))
        .where(appeal.round_id == round_row.id, col(outcome.id).is_(None))
    ).all()
    hidden = hidden_proposals(session, actor, competition_row.pk) if keys else frozenset()
    return sum(key not in hidden for key in keys)


def _has_paper(session: Session, round_row: tables.Round) -> bool:
    """Return whether anything was typed from paper, or a judge without an account scores; most rounds have none."""
    assignment, judge, entry = tables.Assignment, tables.Judge, tables.PaperEntry
    found = (
        select(assignment.id)
        .join(judge, col(judge.id) == col(assignment.judge_id))
        .outerjoin(entry, col(entry.assignment_id) == col(assignment.id))
        .where(
            assignment.round_id == round_row.id,
            assignment.state == "active",
            or_(col(judge.person_id).is_(None), col(entry.id).is_not(None)),
        )
        .limit(1)
    )
    return session.exec(found).first() is not None


def _is_awaited(sheet: paper_entries.PaperSheet) -> bool:
    if sheet.state == paper_comparing.EMPTY:
        return sheet.judge.person_id is None
    if sheet.state == paper_comparing.TYPED_ONCE:
        return sheet.own is None
    return sheet.state == paper_comparing.DIFFERENT
