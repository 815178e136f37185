"""Open, close and reopen rounds, and an overview of a competition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from judging import competition, tables
from judging.errors import Conflict, InvalidInput, Listed, Message
from judging.schemas.local_times import load_local_time
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition, get_round
from judging.services.assignments.declared_conflicts import close_conflicted
from judging.services.competitions.definitions import definition_of, is_practice, list_rounds, rules_of
from judging.services.rounds import practice
from judging.services.rounds.checklist import Checklist, require_confirmed
from judging.services.rounds.closing_cost import ClosingCost
from judging.services.rounds.deadlines import close_locked
from judging.services.rounds.progress import JudgeProgress, RoundProgress, progress_of
from judging.services.rules.sealed_versions import seal_first
from judging.services.webhooks.deliveries import tell

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """One round: its rules, its state, and its progress."""

    row: tables.Round
    rules: competition.RoundRules
    progress: RoundProgress

    @property
    def unfinished(self) -> tuple[JudgeProgress, ...]:
        """Return the judges with missing scoresheets, those with most missing first."""
        return tuple(judge for judge in self.progress.judges if judge.n_open)

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Return the reasons why this round cannot be opened."""
        obstacles = []
        if not self.progress.n_proposals and not self.rules.practice:
            obstacles.append(
                Message("No proposal takes part in this round yet. Import proposals or assignments into it.")
            )
        if not self.progress.judges and not self.rules.practice:
            obstacles.append(Message("No judge has an assignment in this round yet. Import assignments or make some."))
        return tuple(obstacles)


@dataclass(frozen=True, slots=True)
class Overview:
    """A competition with its rounds, numbers and last imports."""

    row: tables.Competition
    definition: competition.CompetitionRules
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
        tuple(
            RoundStatus(round_row, rules_of(round_row), progress_of(session, round_row))
            for round_row in list_rounds(session, row)
        ),
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


def open_round(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    at: datetime,
    checked: Checklist | None = None,
    knowingly: bool = False,
) -> tables.Round:
    """Open a round for scoring and seal its rules.

    Parameters
    ----------
    session, actor, competition_key, round_key
        An organiser.
    at : datetime
    checked : Checklist, optional
        Computed a moment ago; pages, API and command line always give it.
    knowingly : bool
        Open although the checklist has warnings.

    Raises
    ------
    Conflict
        When the round has been opened before or cannot be, or when there are warnings and nobody has confirmed them.
    """
    row, round_row = _get_locked(session, actor, competition_key, round_key)
    if round_row.state != "draft":
        raise Conflict(Message("Round {round} has been opened before.", round=round_row.key))
    if is_practice(round_row):
        practice.follow_roster(session, row, at=at)
        practice.require_all_on_roster(session, round_row)
    if obstacles := RoundStatus(round_row, rules_of(round_row), progress_of(session, round_row)).obstacles:
        raise Conflict(obstacles[0])
    require_confirmed(session, round_row, checked, knowingly=knowingly)
    close_conflicted(session, row)
    round_row.state, round_row.opened_at = "open", at
    seal_first(session, round_row, by=actor.person_id, at=at)
    session.add(round_row)
    session.flush()
    practice.follow_roster(session, row, at=at)
    detail: dict[str, Any] = {"rules": round_row.digest}
    if checked is not None and checked.warnings:
        detail["confirmed"] = [str(warning.text) for warning in checked.warnings]
    audit.record_in_round(session, actor, "round.opened", row, round_row, at=at, detail=detail)
    tell(session, "round.opened", row, round_row, at=at, content={"rules_digest": round_row.digest})
    return round_row


def close_round(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    at: datetime,
    knowingly: bool = False,
    cost: ClosingCost | None = None,
) -> tables.Round:
    """Close a round for scoring.

    When scoresheets are missing, the caller must confirm this with ``knowingly``. The entry of the audit log names
    judges with open scoresheets, proposals with too few, and with ``cost``, computed a moment ago, the precision.
    """
    row, round_row = _get_locked(session, actor, competition_key, round_key)
    if round_row.state != "open":
        raise Conflict(Message("Round {round} is not open.", round=round_row.key))
    unfinished = [judge for judge in progress_of(session, round_row).judges if judge.n_open]
    if unfinished and not knowingly:
        raise Conflict(
            Message(
                "Not finished yet: {judges}. Confirm that you close the round without their missing scoresheets.",
                judges=Listed((judge.name for judge in unfinished), in_prose=True),
            )
        )
    close_locked(session, actor, row, round_row, by_itself=False, cost=cost, at=at)
    return round_row


def reopen_round(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    reason: str,
    deadline: str = "",
    at: datetime,
) -> tables.Round:
    """Reopen a closed round for scoring, for a reason that is recorded.

    ``deadline`` is local time of the competition. Without one, the old deadline stays if it has not passed; otherwise
    the round has none.
    """
    row, round_row = _get_locked(session, actor, competition_key, round_key)
    if round_row.state != "closed":
        raise Conflict(Message("Round {round} is not closed.", round=round_row.key))
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput({"reason": Message("Say why; everyone who checks this competition will read it.")})
    if len(reason) > LONGEST_REASON:
        raise InvalidInput({"reason": Message("At most {n} characters.", n=LONGEST_REASON)})
    if deadline.strip():
        round_row.closes_at = load_local_time(deadline, definition_of(row).zone, at=at)
    elif round_row.closes_at is not None and round_row.closes_at <= at:
        # It would close the round again within seconds.
        round_row.closes_at = None
    # What was entered while it was closed.
    close_conflicted(session, row, locked=round_row)
    round_row.state, round_row.closed_at = "open", None
    session.add(round_row)
    session.flush()
    detail = {"reason": reason, "deadline": None if round_row.closes_at is None else round_row.closes_at.isoformat()}
    audit.record_in_round(session, actor, "round.reopened", row, round_row, at=at, detail=detail)
    tell(session, "round.reopened", row, round_row, at=at, content={"rules_digest": round_row.digest})
    return round_row


def _get_locked(
    session: Session, actor: Actor, competition_key: str, round_key: str
) -> tuple[tables.Competition, tables.Round]:
    row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    # Saving takes a shared lock, so a round cannot be closed during a save.
    session.refresh(round_row, with_for_update={"key_share": True})
    return row, round_row
