"""The running order of a round's pitches, as it is and as the organiser changes it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Listed, Message
from judging.services import audit
from judging.services.access import Actor, get_round
from judging.services.pitches.moves import Stage, append_move, get_stage, store_unless_moved_on


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPitch:
    """One proposal in the running order; ``place`` counts from 1, ``team`` is a name."""

    place: int
    proposal: tables.Proposal
    team: str
    pitch: tables.Pitch | None
    is_withdrawn: bool = False

    @property
    def is_left_out(self) -> bool:
        """Return whether the team does not come to the stage."""
        return self.is_withdrawn or (self.pitch is not None and self.pitch.is_left_out)

    @property
    def began_at(self) -> datetime | None:
        """Return when the clock of this pitch was started."""
        return None if self.pitch is None else self.pitch.began_at

    @property
    def waits(self) -> bool:
        """Return whether the team is still to be called."""
        return self.began_at is None and not self.is_left_out


def order_of(session: Session, round_row: tables.Round) -> list[PlacedPitch]:
    """Return the running order of a round; proposals without a place come last, by their keys."""
    rows = session.exec(
        select(tables.Proposal, tables.Team.name, tables.Pitch, tables.RoundProposal.withdrawn_at)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .outerjoin(
            tables.Pitch,
            (col(tables.Pitch.proposal_id) == col(tables.Proposal.id))
            & (col(tables.Pitch.round_id) == col(tables.RoundProposal.round_id)),
        )
        .where(tables.RoundProposal.round_id == round_row.id)
    ).all()
    placed = sorted(rows, key=lambda row: _position(row[2], row[0].key))
    return [
        PlacedPitch(place=place, proposal=proposal, team=team, pitch=pitch, is_withdrawn=withdrawn_at is not None)
        for place, (proposal, team, pitch, withdrawn_at) in enumerate(placed, 1)
    ]


def order_with_places(session: Session, round_row: tables.Round) -> list[PlacedPitch]:
    """Return the running order with a stored row for every proposal; for a transaction that writes.

    Conflict when somebody else stores the first rows at the same moment.
    """
    order = order_of(session, round_row)
    new = [
        tables.Pitch(round_id=round_row.pk, proposal_id=one.proposal.pk, place=one.place)
        for one in order
        if one.pitch is None
    ]
    if new:
        store_unless_moved_on(session, new)
    return order_of(session, round_row) if new else order


def drawn(keys: Sequence[str], seed: str) -> list[str]:
    """Return keys in the order of a lot that anybody can draw again: by the SHA-256 of ``seed/key`` in UTF-8.

    >>> drawn(["P01", "P02", "P03"], "3 5")
    ['P02', 'P01', 'P03']
    """
    return sorted(keys, key=lambda key: (hashlib.sha256(f"{seed}/{key}".encode()).hexdigest(), key))


def movable(stage: Stage, order: Sequence[PlacedPitch]) -> list[PlacedPitch]:
    """Return the pitches whose place can still change: neither begun nor called."""
    return [one for one in order if one.began_at is None and (one.pitch is None or one.pitch.id != stage.pitch_id)]


def set_order(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    order: Sequence[str],
    number: int,
    at: datetime,
) -> None:
    """Give the pitches that have not begun another order.

    Parameters
    ----------
    session : Session
    actor : Actor
        An organiser.
    competition_key, round_key : str
    order : sequence of str
        The keys of all proposals whose place can still change, first one first.
    number : int
        Of the newest move that the actor has seen.
    at : datetime

    Raises
    ------
    InvalidInput
        When a key is missing, unknown or there twice.
    Conflict
        When somebody has moved on in the meantime, the round is closed or has no pitches.
    """
    stage = get_stage(session, actor, competition_key, round_key, "organiser", number=number)
    placed = order_with_places(session, stage.round_row)
    known = [one.proposal.key for one in movable(stage, placed)]
    if sorted(order) != sorted(known):
        raise InvalidInput({"order": _complaint(order, known)})
    _store(session, stage, placed, order)
    append_move(session, actor, stage, stage.unmoved("order", at=at))
    audit.record_in_round(
        session,
        actor,
        "pitches.ordered",
        stage.competition_row,
        stage.round_row,
        at=at,
        detail={"order": list(order), "number": stage.number + 1},
    )


def draw_order(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, seed: str, number: int, at: datetime
) -> None:
    """Draw the order of the pitches that have not begun by lot; see ``drawn``. It raises what ``set_order`` raises."""
    stage = get_stage(session, actor, competition_key, round_key, "organiser", number=number)
    placed = order_with_places(session, stage.round_row)
    order = drawn([one.proposal.key for one in movable(stage, placed)], seed)
    if not order:
        raise Conflict(Message("Every pitch has begun; there is nothing to draw."))
    _store(session, stage, placed, order)
    append_move(session, actor, stage, stage.unmoved("draw", at=at))
    audit.record_in_round(
        session,
        actor,
        "pitches.drawn",
        stage.competition_row,
        stage.round_row,
        at=at,
        detail={"seed": seed, "order": order, "number": stage.number + 1},
    )


def require_organiser(session: Session, actor: Actor, competition_key: str, round_key: str) -> None:
    """Raise what ``set_order`` would raise for a person who may not change the order of this round."""
    get_round(session, actor, competition_key, round_key, "organiser")


def find_lot(session: Session, round_row: tables.Round) -> str | None:
    """Return the seed of the lot by which the order was drawn last; None when it was not, or was changed since.

    An order that was drawn at another installation, from which the event came, is in the log of that one.
    """
    for entry in (tables.AuditEntry, tables.FormerEntry):
        newest = session.exec(
            select(entry.action, entry.detail)
            .where(
                entry.competition_id == round_row.competition_id,
                col(entry.action).in_(("pitches.drawn", "pitches.ordered")),
                col(entry.subject).endswith(f"/{round_row.key}", autoescape=True),
            )
            .order_by(col(entry.id).desc())
            .limit(1)
        ).first()
        if newest is not None:
            action, detail = newest
            return str(detail["seed"]) if action == "pitches.drawn" else None
    return None


def put_last(session: Session, placed: Sequence[PlacedPitch], pitch: tables.Pitch) -> None:
    """Move a pitch behind all others."""
    pitch.place = 1 + max(one.pitch.place for one in placed if one.pitch is not None)
    session.add(pitch)


def _position(pitch: tables.Pitch | None, key: str) -> tuple[bool, int, str]:
    return pitch is None, 0 if pitch is None else pitch.place, key


def _store(session: Session, stage: Stage, placed: Sequence[PlacedPitch], order: Sequence[str]) -> None:
    """Give the places that are free, in their order, to the keys in theirs."""
    by_key = {one.proposal.key: one.pitch for one in placed}
    fixed = [one.pitch for one in placed if one.proposal.key not in set(order)]
    for place, pitch in enumerate([*fixed, *(by_key[key] for key in order)], 1):
        if pitch is not None and pitch.place != place:
            pitch.place = place
            session.add(pitch)


def _complaint(order: Sequence[str], known: Sequence[str]) -> Message:
    twice = sorted({key for key in order if order.count(key) > 1})
    if twice:
        return Message("Named twice: {keys}.", keys=Listed(twice))
    if unknown := sorted(set(order) - set(known)):
        return Message("Not among the pitches that still wait: {keys}.", keys=Listed(unknown))
    return Message("Missing in the order: {keys}.", keys=Listed(sorted(set(known) - set(order))))
