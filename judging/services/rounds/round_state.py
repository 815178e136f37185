"""The state of a round as one short value: two equal states give the same reader the same pages.

Everything that a service changes in a competition (scoresheets, runs, decisions, awards, meetings, releases, rules,
rosters, assignments, conflicts of interest, the state of a round) is recorded in the audit log by the transaction that
changes it. The entries are chained, and one writer at a time appends to the chain. Therefore the hash of the newest
entry of a competition stands for everything before it, and no row of the tables behind it has to be read.

What the caches of pages and the ETags of answers cannot see is a change of the database by hand: restart the service
after one.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import Select, String, and_, bindparam
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import NotFound
from judging.services.access import READERS, Actor, require_role
from judging.services.audit.actions import VIEWED
from judging.services.decisions.conflicts_of_interest import hidden_proposals


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundState:
    """What the pages of a round depend on, for one reader.

    Attributes
    ----------
    round_id : int
    newest_entry : str or None
        Hash of the newest audit entry of the competition that changed something: reading changes nothing.
    newest_scoresheet : int or None
        Key of the newest scoresheet of the round.
    result_digest : str or None
        Of the newest run of the round.
    newest_result : int or None
        Key of the newest result that a job has stored for the round, such as a comparison of models.
    competition_digest, round_digest : str
        Of the definitions.
    is_simulated : bool
    state : {"draft", "open", "closed"}
    closes_at : datetime or None
    roles : frozenset of str
        Of the reader in this competition.
    city : str or None
        The city that the reader represents as a chair.
    hidden : frozenset of str
        Keys of the proposals with which the reader declared a conflict of interest.
    """

    round_id: int
    newest_entry: str | None
    newest_scoresheet: int | None
    result_digest: str | None
    newest_result: int | None
    competition_digest: str
    round_digest: str
    is_simulated: bool
    state: str
    closes_at: datetime | None
    roles: frozenset[str]
    city: str | None
    hidden: frozenset[str]

    def fields(self) -> list[tuple[str, object]]:
        """Return every field with its value, in a fixed order; sets, which have none of their own, as sorted lists."""
        values = ((field.name, getattr(self, field.name)) for field in dataclasses.fields(self))
        return [(name, sorted(value) if isinstance(value, frozenset) else value) for name, value in values]


def state_for(session: Session, actor: Actor, competition_key: str, round_key: str) -> RoundState:
    """Return the state of a round for an actor who may see its results.

    Two statements. On PostgreSQL another transaction may commit between two statements of a reader: whoever stores what
    was made from a state compares that state with the one afterwards.

    Raises
    ------
    NotFound, NotAllowed
        As `access.get_round`.
    """
    row = session.execute(_STATE, {"competition": competition_key, "round": round_key}).one_or_none()
    if row is None:
        raise NotFound
    require_role(actor, row.competition_id, *READERS)
    if row.round_id is None:
        raise NotFound
    return RoundState(
        round_id=row.round_id,
        newest_entry=row.newest_entry,
        newest_scoresheet=row.newest_scoresheet,
        result_digest=row.result_digest,
        newest_result=row.newest_result,
        competition_digest=row.competition_digest,
        round_digest=row.round_digest,
        is_simulated=row.is_simulated,
        state=row.state,
        closes_at=row.closes_at,
        roles=actor.roles.get(row.competition_id, frozenset()),
        city=actor.cities.get(row.competition_id),
        hidden=hidden_proposals(session, actor, row.competition_id),
    )


def _statement() -> Select[Any]:
    competition_id, round_id = col(tables.Competition.id), col(tables.Round.id)
    newest_entry = (
        select(tables.AuditEntry.hash)
        .where(tables.AuditEntry.competition_id == competition_id, ~col(tables.AuditEntry.action).startswith(VIEWED))
        .order_by(col(tables.AuditEntry.id).desc())
        .limit(1)
        .correlate(tables.Competition)
    )
    newest_scoresheet = (
        select(tables.Scoresheet.id)
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .where(tables.Assignment.round_id == round_id)
        .order_by(col(tables.Scoresheet.id).desc())
        .limit(1)
        .correlate(tables.Round)
    )
    result_digest = (
        select(tables.CalibrationRun.result_digest)
        .where(tables.CalibrationRun.round_id == round_id)
        .order_by(col(tables.CalibrationRun.number).desc())
        .limit(1)
        .correlate(tables.Round)
    )
    newest_result = (
        select(tables.StoredResult.id)
        .where(tables.StoredResult.round_id == round_id)
        .order_by(col(tables.StoredResult.id).desc())
        .limit(1)
        .correlate(tables.Round)
    )
    of_round = and_(
        col(tables.Round.competition_id) == competition_id, col(tables.Round.key) == bindparam("round", type_=String)
    )
    return (
        sqlalchemy.select(
            competition_id.label("competition_id"),
            col(tables.Competition.digest).label("competition_digest"),
            col(tables.Competition.is_simulated).label("is_simulated"),
            newest_entry.scalar_subquery().label("newest_entry"),
            round_id.label("round_id"),
            col(tables.Round.digest).label("round_digest"),
            col(tables.Round.state).label("state"),
            col(tables.Round.closes_at).label("closes_at"),
            newest_scoresheet.scalar_subquery().label("newest_scoresheet"),
            result_digest.scalar_subquery().label("result_digest"),
            newest_result.scalar_subquery().label("newest_result"),
        )
        .select_from(tables.Competition)
        .outerjoin(tables.Round, of_round)
        .where(col(tables.Competition.key) == bindparam("competition", type_=String))
    )


# Composed once: every page asks it, and composing takes as long as asking.
_STATE = _statement()
