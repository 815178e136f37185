"""What a removal of personal data takes away, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from judging import tables
from judging.errors import Conflict, Message
from judging.services.access import Actor, get_competition
from judging.services.personal_data.concerned import Concerned, concerned_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Numbers of what is removed, and of what stays.

    Attributes
    ----------
    n_people, n_judges, n_teams : int
        Who gets a pseudonym.
    n_kept : int
        People of this event who keep their accounts: they take part in another one, or are whoever asks.
    n_entries : int
        Entries of the audit log that may name somebody.
    n_files : int
        Decks and videos, which are deleted from the disk after 30 days.
    n_letters : int
        Letters to teams whose texts are removed.
    n_comments, n_scoresheets : int
        Comments, whose texts stay, and scoresheets, which stay with their scores.
    """

    n_people: int
    n_judges: int
    n_teams: int
    n_kept: int
    n_entries: int
    n_files: int
    n_letters: int
    n_comments: int
    n_scoresheets: int


def kept_by(actor: Actor) -> frozenset[int]:
    """Return the people who keep their accounts because they ask: nobody else could read the archive."""
    return frozenset() if actor.person_id is None else frozenset({actor.person_id})


def require_removable(row: tables.Competition) -> None:
    """Raise Conflict unless a competition is archived and has its personal data."""
    if row.archived_at is None:
        raise Conflict(Message("Archive the competition first: personal data are removed from an archived one only."))
    if row.personal_data_removed_at is not None:
        raise Conflict(Message("Personal data were removed from this competition already."))


def preview_removal(session: Session, actor: Actor, key: str) -> Preview:
    """Return what a removal would do, for an organiser."""
    row = get_competition(session, actor, key, "organiser")
    concerned = concerned_by(session, row, kept=kept_by(actor))
    sheet, score, assignment, round_row = tables.Scoresheet, tables.Score, tables.Assignment, tables.Round
    sheets = (
        select(sheet.id)
        .join(assignment, col(assignment.id) == col(sheet.assignment_id))
        .join(round_row, col(round_row.id) == col(assignment.round_id))
        .where(round_row.competition_id == row.id)
    )
    lines = select(func.count()).select_from(score).where(score.comment != "", col(score.scoresheet_id).in_(sheets))
    overall = select(func.count()).select_from(sheet).where(sheet.comment != "", col(sheet.id).in_(sheets))
    here = select(tables.Role.person_id).where(tables.Role.competition_id == row.id).distinct()
    letters = session.exec(letters_of(row)).all()
    return Preview(
        n_people=len(concerned.people),
        n_judges=len(concerned.judges),
        n_teams=len(concerned.teams),
        n_kept=len(set(session.exec(here)) - set(concerned.people)),
        n_entries=session.exec(
            select(func.count()).select_from(tables.AuditEntry).where(entries_of(row, concerned))
        ).one(),
        n_files=len(session.exec(files_of_competition(row)).all()),
        n_letters=sum(len(one.content["letters"]) for one in letters),
        n_comments=session.exec(lines).one() + session.exec(overall).one(),
        n_scoresheets=len(session.exec(sheets).all()),
    )


def entries_of(row: tables.Competition, concerned: Concerned) -> ColumnElement[bool]:
    """Return the condition of the entries of the log that may name somebody: of the event, and of its people."""
    entry = tables.AuditEntry
    return or_(col(entry.competition_id) == row.id, col(entry.person_id).in_(list(concerned.people)))


def letters_of(row: tables.Competition) -> SelectOfScalar[tables.TeamLetters]:
    """Return the statement that finds the letters of a competition."""
    letters, release, round_row = tables.TeamLetters, tables.Release, tables.Round
    return (
        select(letters)
        .join(release, col(release.id) == col(letters.release_id))
        .join(round_row, col(round_row.id) == col(release.round_id))
        .where(round_row.competition_id == row.id)
    )


def files_of_competition(row: tables.Competition) -> SelectOfScalar[tables.ProposalFile]:
    """Return the statement that finds the decks and videos of a competition which are in use."""
    file, proposal = tables.ProposalFile, tables.Proposal
    return (
        select(file)
        .join(proposal, col(proposal.id) == col(file.proposal_id))
        .where(proposal.competition_id == row.id, col(file.removed_at).is_(None))
    )
