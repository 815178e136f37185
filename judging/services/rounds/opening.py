"""Opening, closing and reopening rounds, and how far they have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from judging import competition, tables
from judging.errors import Conflict, InvalidInput, Message
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition, get_round
from judging.services.competitions import definition_of, list_rounds, rules_of
from judging.services.rounds.progress import JudgeProgress, RoundProgress, progress_of
from judging.services.rules.sealed_versions import seal_first

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """One round: its rules, its state, and its scoresheets so far."""

    row: tables.Round
    rules: competition.Round
    progress: RoundProgress

    @property
    def unfinished(self) -> tuple[JudgeProgress, ...]:
        """Return the judges who have not handed in everything, those with most to do first."""
        return tuple(judge for judge in self.progress.judges if judge.n_open)

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Return what keeps this round from being opened."""
        found = []
        if not self.progress.n_proposals:
            found.append(Message("No proposal takes part in this round yet. Import proposals or assignments into it."))
        if not self.progress.judges:
            found.append(Message("No judge has an assignment in this round yet. Import assignments or make some."))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Overview:
    """A competition as its organiser sees it."""

    row: tables.Competition
    definition: competition.Competition
    rounds: tuple[RoundStatus, ...]
    n_judges: int
    n_teams: int
    n_proposals: int
    imports: Sequence[tables.AuditEntry]


def overview(session: Session, actor: Actor, competition_key: str) -> Overview:
    """Return a competition's rounds, counts and last imports."""
    row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    imports = session.exec(
        select(tables.AuditEntry)
        .where(tables.AuditEntry.competition_id == row.id, tables.AuditEntry.action == "file.imported")
        .order_by(col(tables.AuditEntry.id).desc())
        .limit(5)
    ).all()
    return Overview(
        row,
        definition_of(row),
        tuple(RoundStatus(one, rules_of(one), progress_of(session, one)) for one in list_rounds(session, row)),
        n_judges=_count(session, tables.Judge, row),
        n_teams=_count(session, tables.Team, row),
        n_proposals=_count(session, tables.Proposal, row),
        imports=imports,
    )


def _count(session: Session, table: type[tables.Judge | tables.Team | tables.Proposal], row: tables.Competition) -> int:
    return session.exec(select(func.count()).select_from(table).where(col(table.competition_id) == row.id)).one()


def round_status(session: Session, actor: Actor, competition_key: str, round_key: str) -> RoundStatus:
    """Return one round with its progress."""
    _, row = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    return RoundStatus(row, rules_of(row), progress_of(session, row))


def open_round(session: Session, actor: Actor, competition_key: str, round_key: str, *, at: datetime) -> tables.Round:
    """Let judges score; from here on the rules are sealed."""
    row, one = _get_locked(session, actor, competition_key, round_key)
    if one.state != "draft":
        raise Conflict(Message("Round {round} has been opened before.", round=one.key))
    if obstacles := RoundStatus(one, rules_of(one), progress_of(session, one)).obstacles:
        raise Conflict(obstacles[0])
    one.state, one.opened_at = "open", at
    seal_first(session, one, by=actor.person_id, at=at)
    session.add(one)
    session.flush()
    audit.record_in_round(session, actor, "round.opened", row, one, at=at, detail={"rules": one.digest})
    return one


def close_round(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, at: datetime, knowingly: bool = False
) -> tables.Round:
    """Let nobody score any more.

    When judges have not finished, whoever closes must say that this is known; who they were is written down.
    """
    row, one = _get_locked(session, actor, competition_key, round_key)
    if one.state != "open":
        raise Conflict(Message("Round {round} is not open.", round=one.key))
    unfinished = [judge for judge in progress_of(session, one).judges if judge.n_open]
    if unfinished and not knowingly:
        raise Conflict(
            Message(
                "Not finished yet: {judges}. Confirm that you close the round without their missing scoresheets.",
                judges=", ".join(judge.name for judge in unfinished),
            )
        )
    one.state, one.closed_at = "closed", at
    detail = {"unfinished": {judge.key: judge.n_open for judge in unfinished}}
    session.add(one)
    session.flush()
    audit.record_in_round(session, actor, "round.closed", row, one, at=at, detail=detail)
    return one


def reopen_round(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, reason: str, at: datetime
) -> tables.Round:
    """Let judges score again in a closed round, for a reason that is written down."""
    row, one = _get_locked(session, actor, competition_key, round_key)
    if one.state != "closed":
        raise Conflict(Message("Round {round} is not closed.", round=one.key))
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput({"reason": Message("Say why; everyone who checks this competition will read it.")})
    if len(reason) > LONGEST_REASON:
        raise InvalidInput({"reason": Message("At most {n} characters.", n=LONGEST_REASON)})
    one.state, one.closed_at = "open", None
    session.add(one)
    session.flush()
    audit.record_in_round(session, actor, "round.reopened", row, one, at=at, detail={"reason": reason})
    return one


def _get_locked(
    session: Session, actor: Actor, competition_key: str, round_key: str
) -> tuple[tables.Competition, tables.Round]:
    row, one = get_round(session, actor, competition_key, round_key, "organiser")
    # Judges who save hold a shared lock: a round does not close under a save.
    session.refresh(one, with_for_update=True)
    return row, one
