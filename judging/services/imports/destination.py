"""Where a file goes: the competition with its rounds and roster, and the round that was chosen with the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import RoundRules
from judging.errors import Message, NotFound
from judging.services.access import Actor, get_competition
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports.loaded_file import ImportTarget, names_of_roster


@dataclass(frozen=True, slots=True)
class Destination:
    """The destination of a file: the competition, its rounds, and the round chosen with the file."""

    row: tables.Competition
    rounds: Mapping[str, tables.Round]
    chosen: tables.Round | None
    rules: RoundRules | None


def find_destination(
    session: Session, actor: Actor, competition_key: str, round_key: str | None, *, is_locked: bool = False
) -> Destination:
    """Return the competition of an organiser with its rounds; locked when something is to be stored."""
    row = get_competition(session, actor, competition_key, "organiser")
    query = (
        select(tables.Round)
        .where(tables.Round.competition_id == row.id)
        .order_by(col(tables.Round.position))
        .execution_options(populate_existing=True)
    )
    # Locked, so that nobody saves a scoresheet or closes the round between checking and storing.
    rows = session.exec(query.with_for_update(key_share=True) if is_locked else query).all()
    rounds = {row_of_round.key: row_of_round for row_of_round in rows}
    if round_key is not None and round_key not in rounds:
        raise NotFound(Message("There is no round {round} in this competition.", round=round_key))
    chosen = rounds[round_key] if round_key is not None else None
    return Destination(row, rounds, chosen, rules_of(chosen) if chosen is not None else None)


def find_target(session: Session, actor: Actor, competition_key: str, *, round_key: str | None = None) -> ImportTarget:
    """Return what a file is checked against.

    Parameters
    ----------
    session : Session
        A reading session is enough.
    actor : Actor
        An organiser of the competition.
    competition_key : str
    round_key : str, optional
        The round of the assignments and scores, which the proposals enter.
    """
    destination = find_destination(session, actor, competition_key, round_key)
    return ImportTarget(
        competition_key=competition_key,
        round_key=round_key,
        competition=definition_of(destination.row),
        rules=destination.rules,
        names=names_of_roster(CompetitionRoster.of(session, destination.row)),
    )
