"""What a judge does with one assignment: look at it, save, submit, reopen. Giving it back: ``given_back``.

The round's state decides whether scores can be entered. At its deadline, ``closes_at``, a round closes by itself
(``rounds.deadlines``); a round that was opened after its deadline accepts scoresheets until somebody closes it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import RoundRules
from judging.errors import NotFound
from judging.schemas.scoresheets import IncomingSheet
from judging.services.access import Actor, get_round, require_role
from judging.services.appeals.open_readings import is_open_for
from judging.services.competitions.definitions import rules_of
from judging.services.competitions.taking_part import is_not_withdrawn
from judging.services.scoresheets import saving
from judging.services.scoresheets.saving import StoredSheet
from judging.services.scoresheets.versions import Version, find_current


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAssignment:
    """One assignment with its competition, round, judge, proposal and current scoresheet."""

    competition: tables.Competition
    round: tables.Round
    rules: RoundRules
    judge: tables.Judge
    assignment: tables.Assignment
    proposal: tables.Proposal
    team: tables.Team | None
    current: Version | None
    # In a closed round: whether an appeal asks for this scoresheet.
    is_asked_by_appeal: bool = False

    @property
    def is_open(self) -> bool:
        """Return whether the judge can still change this scoresheet."""
        is_open = self.round.state == "open" or self.is_asked_by_appeal
        return is_open and self.assignment.state == "active"

    @property
    def is_finished_practice(self) -> bool:
        """Return whether this is a submitted practice scoresheet, which stays as it is."""
        return self.rules.practice is not None and self.current is not None and self.current.state == "submitted"

    @property
    def base_version(self) -> int:
        """Return the version on which the next save must be based."""
        return self.current.version if self.current else 0

    @property
    def assignment_id(self) -> int:
        """Return the key of the assignment."""
        return self.assignment.pk


def get_judge(session: Session, actor: Actor, competition_id: int) -> tables.Judge:
    """Return the actor's entry in the roster of judges."""
    require_role(actor, competition_id, "judge")
    judge = session.exec(
        select(tables.Judge).where(
            tables.Judge.competition_id == competition_id, tables.Judge.person_id == actor.person_id
        )
    ).one_or_none()
    # `person_id == None` in SQL would match the judges without an account.
    if judge is None or actor.person_id is None:
        raise NotFound
    return judge


def get_place(session: Session, actor: Actor, competition: str, round_key: str, proposal_key: str) -> OwnAssignment:
    """Return the actor's own assignment of a proposal; NotFound for any other assignment."""
    competition_row, round_row = get_round(session, actor, competition, round_key, "judge")
    judge = get_judge(session, actor, round_row.competition_id)
    row = session.exec(
        select(tables.Assignment, tables.Proposal)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(
            tables.Assignment.round_id == round_row.id,
            tables.Assignment.judge_id == judge.id,
            tables.Proposal.key == proposal_key,
            is_not_withdrawn(),
        )
    ).one_or_none()
    if row is None or round_row.state == "draft" or row[0].state == "withdrawn":
        raise NotFound
    assignment, proposal = row
    rules = rules_of(round_row)
    return OwnAssignment(
        competition=competition_row,
        round=round_row,
        rules=rules,
        judge=judge,
        assignment=assignment,
        proposal=proposal,
        team=None if rules.privacy.teams_hidden else session.get(tables.Team, proposal.team_id),
        current=find_current(session, assignment.pk),
        is_asked_by_appeal=round_row.state == "closed" and is_open_for(session, assignment.pk),
    )


def save_scoresheet(
    session: Session, actor: Actor, assignment_id: int, incoming: IncomingSheet, *, source: str, at: datetime
) -> StoredSheet:
    """Append the next version of the actor's own scoresheet, with one session; see ``saving``.

    Raises
    ------
    NotFound
        When the assignment is not the actor's.
    Conflict
        When the round is not open, the judge is recused, or another version was saved in the meantime.
    InvalidInput
        When an incomplete sheet is submitted.
    """
    place = saving.get_place_of(session, actor, assignment_id)
    same = saving.compare(place, incoming)
    return same or saving.store(session, place, incoming, source=source, at=at)


def reopen_scoresheet(session: Session, actor: Actor, assignment_id: int, *, at: datetime) -> StoredSheet:
    """Append a draft with the submitted content; the submitted version counts until another one is submitted."""
    place = saving.get_place_of(session, actor, assignment_id)
    stored = saving.stored_sheet(place.rules, place.current)
    incoming = IncomingSheet(sheet=stored.sheet, base_version=stored.version, submit=False)
    same = saving.compare(place, incoming)
    return same or saving.store(session, place, incoming, source="form", at=at)
