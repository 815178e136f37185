"""A judge's own assignments with their progress and deadline."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from judging import competition, tables
from judging.errors import NotFound
from judging.services.access import Actor, get_competition
from judging.services.competitions import definition_of, rules_of
from judging.services.scoresheets.scoring import get_judge
from judging.services.scoresheets.versions import CurrentSheet, Version, current_scoresheets

NOT_STARTED, STARTED, SUBMITTED, RECUSED = "not-started", "started", "submitted", "recused"
REOPENED = "reopened"
"""A draft after a submitted version, which counts until another one is submitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One assignment in the queue; ``team`` is None if rules hide it, ``total`` is None while a score is missing."""

    proposal: tables.Proposal
    team: tables.Team | None
    state: str
    version: Version | None
    total: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundQueue:
    """One judge's assignments in one round, by the key of the proposal."""

    row: tables.Round
    rules: competition.RoundRules
    entries: tuple[Entry, ...]

    @property
    def is_open(self) -> bool:
        """Return whether scores can be entered."""
        return self.row.state == "open"

    @property
    def to_score(self) -> tuple[Entry, ...]:
        """Return the entries from which the judge is not recused."""
        return tuple(entry for entry in self.entries if entry.state != RECUSED)

    @property
    def n_submitted(self) -> int:
        """Return the number of scoresheets that count."""
        return sum(entry.state in (SUBMITTED, REOPENED) for entry in self.entries)

    def next_after(self, proposal_key: str = "") -> Entry | None:
        """Return the next entry that is not submitted, continuing at the start of the queue after its end."""
        waiting = [entry for entry in self.to_score if entry.state != SUBMITTED and entry.proposal.key != proposal_key]
        return next((entry for entry in waiting if entry.proposal.key > proposal_key), next(iter(waiting), None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """All assignments of one judge in one competition; open rounds come first."""

    definition: competition.CompetitionRules
    competition: tables.Competition
    judge: tables.Judge
    rounds: tuple[RoundQueue, ...]

    def round(self, key: str) -> RoundQueue:
        """Return one round's queue by the round's key."""
        for queue in self.rounds:
            if queue.row.key == key:
                return queue
        raise NotFound


def get_queue(session: Session, actor: Actor, competition_key: str) -> Queue:
    """Return the actor's own queue for all rounds that have been opened."""
    competition_row = get_competition(session, actor, competition_key, "judge")
    judge = get_judge(session, actor, competition_row.pk)
    rounds = session.exec(
        select(tables.Round)
        .where(tables.Round.competition_id == competition_row.id, tables.Round.state != "draft")
        .order_by(col(tables.Round.position))
    ).all()
    queues = [_round_queue(session, row, judge) for row in rounds]
    queues.sort(key=lambda queue: (not queue.is_open, -queue.row.position))
    return Queue(
        competition=competition_row, definition=definition_of(competition_row), judge=judge, rounds=tuple(queues)
    )


def _round_queue(session: Session, row: tables.Round, judge: tables.Judge) -> RoundQueue:
    rules = rules_of(row)
    rows = session.exec(
        select(tables.Assignment, tables.Proposal, tables.Team)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .where(
            tables.Assignment.round_id == row.id,
            tables.Assignment.judge_id == judge.id,
            tables.Assignment.state != "withdrawn",
        )
        .order_by(col(tables.Proposal.key))
    ).all()
    own_sheets = current_scoresheets(session, row.pk, judge_id=judge.id)
    sheets = {current.proposal_id: current for current in own_sheets}
    return RoundQueue(
        row=row,
        rules=rules,
        entries=tuple(
            _entry(rules, assignment, proposal, team, sheets.get(proposal.pk)) for assignment, proposal, team in rows
        ),
    )


def _entry(
    rules: competition.RoundRules,
    assignment: tables.Assignment,
    proposal: tables.Proposal,
    team: tables.Team,
    sheet: CurrentSheet | None,
) -> Entry:
    state = NOT_STARTED
    if assignment.state == "recused":
        state = RECUSED
    elif sheet is not None and sheet.version.state == "submitted":
        state = SUBMITTED
    elif sheet is not None:
        state = REOPENED if sheet.is_submitted else STARTED
    version = sheet.version if sheet else None
    return Entry(
        proposal=proposal,
        team=None if rules.privacy.teams_hidden else team,
        state=state,
        version=version,
        total=rules.rubric.total_if_complete(version.sheet.scores) if version else None,
    )
