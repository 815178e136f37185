"""A judge's own assignments with their progress and deadline."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import competition, tables
from judging.errors import Conflict, NotFound
from judging.services.access import Actor, get_competition
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.competitions.taking_part import is_not_withdrawn
from judging.services.pitches.running_order import order_of
from judging.services.scoresheets import saving
from judging.services.scoresheets.given_back import given_back
from judging.services.scoresheets.scoring import get_judge
from judging.services.scoresheets.versions import CurrentSheet, Version, current_scoresheets

NOT_STARTED, STARTED, SUBMITTED = "not-started", "started", "submitted"
RECUSED, ABSTAINED = "recused", "abstained"
GIVEN_BACK = (RECUSED, ABSTAINED)
REOPENED = "reopened"
"""A draft after a submitted version, which counts until another one is submitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One assignment in the queue; ``team`` is None if rules hide it, ``total`` is None while a score is missing."""

    assignment_id: int
    proposal: tables.Proposal
    team: tables.Team | None
    state: str
    version: Version | None
    total: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundQueue:
    """One judge's assignments in one round, in an order of the judge's own; in a round with pitches, the running order.

    With one order for all, the same proposals would always be scored first, by judges who have seen nothing yet, and
    the same ones last. The order of a judge never changes.
    """

    row: tables.Round
    rules: competition.RoundRules
    entries: tuple[Entry, ...]

    @property
    def is_open(self) -> bool:
        """Return whether scores can be entered."""
        return self.row.state == "open"

    @property
    def is_practice_to_do(self) -> bool:
        """Return whether this is practice with scoresheets to submit, which comes before all other work."""
        return self.rules.practice is not None and self.is_open and self.n_waiting > 0

    @property
    def to_score(self) -> tuple[Entry, ...]:
        """Return the entries that the judge has not given back."""
        return tuple(entry for entry in self.entries if entry.state not in GIVEN_BACK)

    @property
    def n_submitted(self) -> int:
        """Return the number of scoresheets that count."""
        return sum(entry.state in (SUBMITTED, REOPENED) for entry in self.entries)

    @property
    def n_reopened(self) -> int:
        """Return the number of drafts after a submitted version, which counts meanwhile."""
        return sum(entry.state == REOPENED for entry in self.entries)

    def next_after(self, proposal_key: str = "") -> Entry | None:
        """Return the next entry that is not submitted, continuing at the start of the queue after its end."""
        keys = [entry.proposal.key for entry in self.entries]
        start = keys.index(proposal_key) + 1 if proposal_key in keys else 0
        following = (*self.entries[start:], *self.entries[:start])
        return next((entry for entry in following if _waits(entry) and entry.proposal.key != proposal_key), None)

    @property
    def n_waiting(self) -> int:
        """Return the number of scoresheets that are not submitted as they are."""
        return sum(map(_waits, self.entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """All assignments of one judge in one competition; open rounds come first, and practice before the others."""

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
    queues = [queue_of_round(session, row, judge) for row in rounds]
    queues.sort(key=lambda queue: (not queue.is_open, not queue.is_practice_to_do, -queue.row.position))
    return Queue(
        competition=competition_row, definition=definition_of(competition_row), judge=judge, rounds=tuple(queues)
    )


def queue_of_round(session: Session, row: tables.Round, judge: tables.Judge) -> RoundQueue:
    """Return one judge's queue of a round; the caller checks permissions."""
    rules = rules_of(row)
    rows = session.exec(
        select(tables.Assignment, tables.Proposal, tables.Team)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .where(
            tables.Assignment.round_id == row.id,
            tables.Assignment.judge_id == judge.id,
            tables.Assignment.state != "withdrawn",
            is_not_withdrawn(),
        )
    ).all()
    if rules.pitches is not None:
        places = {one.proposal.key: one.place for one in order_of(session, row)}
        rows = sorted(rows, key=lambda found: places.get(found[1].key, len(places)))
    else:
        rows = sorted(rows, key=lambda found: _place_in_queue(judge, row, found[1]))
    own_sheets = current_scoresheets(session, row.pk, judge_id=judge.id)
    sheets = {current.proposal_id: current for current in own_sheets}
    return RoundQueue(
        row=row,
        rules=rules,
        entries=tuple(
            _entry(rules, assignment, proposal, team, sheets.get(proposal.pk)) for assignment, proposal, team in rows
        ),
    )


def _place_in_queue(judge: tables.Judge, row: tables.Round, proposal: tables.Proposal) -> bytes:
    return hashlib.sha256(f"{judge.key}/{row.key}/{proposal.key}".encode()).digest()


def _waits(entry: Entry) -> bool:
    return entry.state not in (SUBMITTED, *GIVEN_BACK)


def _entry(
    rules: competition.RoundRules,
    assignment: tables.Assignment,
    proposal: tables.Proposal,
    team: tables.Team,
    sheet: CurrentSheet | None,
) -> Entry:
    state = NOT_STARTED
    if assignment.state == "recused":
        state = ABSTAINED if given_back(assignment.reason).is_abstention else RECUSED
    elif sheet is not None and sheet.version.state == "submitted":
        state = SUBMITTED
    elif sheet is not None:
        state = REOPENED if sheet.is_submitted else STARTED
    version = sheet.version if sheet else None
    return Entry(
        assignment_id=assignment.pk,
        proposal=proposal,
        team=None if rules.privacy.teams_hidden else team,
        state=state,
        version=version,
        total=rules.rubric.total_if_complete(version.sheet.scores) if version else None,
    )


def deadline_of(found: RoundQueue) -> datetime:
    """Return the deadline of an open round; NotFound when it has none."""
    if found.row.closes_at is None:
        raise NotFound
    if not found.is_open:
        raise Conflict(saving.CLOSED_TEXT)
    return found.row.closes_at


def deadline_uid(competition_key: str, round_key: str, host: str) -> str:
    """Return the name of a deadline in calendars; two installations use different hosts."""
    return f"{competition_key}-{round_key}-deadline@{host.split(':', maxsplit=1)[0]}"
