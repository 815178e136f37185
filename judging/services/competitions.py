"""Competitions and rounds as defined, and who has which job in them."""

from dataclasses import dataclass

from sqlmodel import Session

from judging import competition, tables
from judging.schemas.rubrics import load_competition_dict, load_round_dict
from judging.services.access import Actor, list_competitions


@dataclass(frozen=True, slots=True)
class Job:
    """One competition and the roles a person holds there."""

    competition: competition.Competition
    roles: frozenset[str]
    is_simulated: bool


def definition_of(row: tables.Competition) -> competition.Competition:
    """Return a stored competition as a value of the core."""
    return load_competition_dict(row.definition)


def rules_of(row: tables.Round) -> competition.Round:
    """Return a stored round (rubric, shortlist rule, policies) as a value of the core."""
    return load_round_dict(row.definition)


def list_jobs(session: Session, actor: Actor) -> list[Job]:
    """Return what the actor can do here, newest competition first."""
    return [
        Job(definition_of(row), actor.roles.get(row.id or 0, frozenset()), row.is_simulated)
        for row in list_competitions(session, actor, *tables.ROLES)
    ]
