"""Where the pitches are, for everybody in the room: who is on the stage, how long still, who comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlalchemy import Select, String, bindparam
from sqlmodel import Session, col, func

from judging import tables
from judging.competition import CompetitionRules, RoundRules
from judging.errors import NotFound
from judging.services.access import READERS, Actor, Claim, get_round, live_session
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.pitches.moves import Stage, find_stage
from judging.services.pitches.running_order import PlacedPitch, order_of

EVERYONE = ("judge", "chair", "organiser", "auditor")
"""The order of the teams and who is on the stage is no secret in the room. Nothing of this shows a score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PitchesState:
    """The stage with the running order; ``stage`` is None in a round without pitches."""

    competition: CompetitionRules
    competition_row: tables.Competition
    round_row: tables.Round
    rules: RoundRules
    stage: Stage | None
    order: Sequence[PlacedPitch]

    @property
    def current(self) -> PlacedPitch | None:
        """Return the pitch that is called or on the stage."""
        wanted = None if self.stage is None else self.stage.pitch_id
        return None if wanted is None else next((one for one in self.order if _id(one) == wanted), None)

    @property
    def next(self) -> PlacedPitch | None:
        """Return the team that will be called next."""
        wanted = None if self.stage is None else self.stage.pitch_id
        return next((one for one in self.order if one.waits and (wanted is None or _id(one) != wanted)), None)

    @property
    def coming(self) -> Sequence[PlacedPitch]:
        """Return the pitches that take place, in their order."""
        return [one for one in self.order if not one.is_left_out]

    @property
    def n_th(self) -> int:
        """Return the place of the current pitch among those that take place; 0 without one."""
        current = self.current
        return 0 if current is None else 1 + next((n for n, one in enumerate(self.coming) if one is current), -1)


def state_of(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> PitchesState:
    """Return where the pitches of a round are; the caller checks permissions."""
    stage = find_stage(session, competition_row, round_row)
    return PitchesState(
        competition=definition_of(competition_row),
        competition_row=competition_row,
        round_row=round_row,
        rules=rules_of(round_row),
        stage=stage,
        order=() if stage is None else order_of(session, round_row),
    )


def get_state(session: Session, actor: Actor, competition_key: str, round_key: str) -> PitchesState:
    """Return where the pitches of a round are, for everybody with a role in the competition; judges once it is open."""
    found = get_round(session, actor, competition_key, round_key, *EVERYONE)
    if found[1].state == "draft" and not actor.has_role(found[0].pk, *READERS):
        raise NotFound
    return state_of(session, *found)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the state of the pitches depends on: who asks every three seconds gets nothing new while it is the same."""

    round_id: int
    round_state: str
    rules_digest: str
    number: int


def find_stamp(session: Session, claim: Claim, competition_key: str, round_key: str) -> Stamp | None:
    """Return the stamp of a round for a signed-in person with a role in its competition, in one statement.

    None when anything is missing; ``get_state`` then says what. The title of a proposal and the name of a team are no
    part of it: a roster that is imported again during a pitch is seen with the next move.
    """
    signed = {"person_id": claim.person_id, "token_hash": claim.token_hash, "earliest": claim.earliest}
    keys = {"competition": competition_key, "round": round_key}
    row = session.connection().execute(_STAMP, {**signed, **keys}).one_or_none()
    return None if row is None else Stamp(*row)


def _id(one: PlacedPitch) -> int | None:
    return None if one.pitch is None else one.pitch.id


def _statement() -> Select[*tuple[Any, ...]]:
    move, round_ = tables.PitchMove, tables.Round
    newest = (
        sqlalchemy.select(func.max(col(move.number)))
        .where(col(move.round_id) == col(round_.id))
        .correlate(round_)
        .scalar_subquery()
    )
    has_role = sqlalchemy.exists().where(
        col(tables.Role.person_id) == col(tables.Person.id),
        col(tables.Role.competition_id) == col(tables.Competition.id),
    )
    return (
        sqlalchemy.select(col(round_.id), col(round_.state), col(round_.digest), func.coalesce(newest, 0))
        .select_from(tables.Person)
        .join(tables.SignInSession, live_session())
        .join(tables.Competition, col(tables.Competition.key) == bindparam("competition", type_=String))
        .join(
            round_,
            sqlalchemy.and_(
                col(round_.competition_id) == col(tables.Competition.id),
                col(round_.key) == bindparam("round", type_=String),
            ),
        )
        .where(col(tables.Person.id) == bindparam("person_id"), col(tables.Person.is_active), has_role)
    )


# Built once: building a statement takes longer than executing it.
_STAMP = _statement()
