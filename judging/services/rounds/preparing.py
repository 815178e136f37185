"""What is left to do until the first round of a competition opens, one step after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from judging import tables
from judging.services.access import Actor
from judging.services.authentication.sessions import SessionLimits
from judging.services.competitions.definitions import is_practice, list_rounds, rules_of
from judging.services.people.waiting import n_waiting_for_link


@dataclass(frozen=True, slots=True)
class PreparationStep:
    """One step: its name, whether it is done, and how many there are of what it is about."""

    name: str
    is_done: bool
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """The steps until a round opens, in the order in which they are done with the fewest pages.

    Attributes
    ----------
    round_row : Round
        The first one that is ranked.
    readings, cross_city : int
        What its rules say about who scores what.
    steps : tuple of PreparationStep
        ``proposals``, ``judges``, ``chair``, ``links``, ``plan``, ``open``.
    """

    round_row: tables.Round
    readings: int
    cross_city: int
    steps: tuple[PreparationStep, ...]

    @property
    def next(self) -> PreparationStep:
        """Return the first step that is not done; the last one is done when the round is open."""
        return next(step for step in self.steps if not step.is_done)


def preparation_of(
    session: Session,
    actor: Actor,
    competition_row: tables.Competition,
    *,
    at: datetime,
    limits: SessionLimits,
    has_mail: bool,
) -> Preparation | None:
    """Return the steps until the first ranked round opens; None when it has been opened. The caller checks the role.

    Sessions outside ``limits`` are over.
    """
    ranked = [row for row in list_rounds(session, competition_row) if not is_practice(row)]
    if not ranked or ranked[0].state != "draft" or competition_row.archived_at is not None:
        return None
    round_row = ranked[0]
    rules = rules_of(round_row)
    here = competition_row.pk
    n_proposals = session.exec(
        select(func.count()).select_from(tables.RoundProposal).where(tables.RoundProposal.round_id == round_row.pk)
    ).one()
    n_judges = session.exec(
        select(func.count())
        .select_from(tables.Judge)
        .where(tables.Judge.competition_id == here, col(tables.Judge.is_active))
    ).one()
    n_chairs = session.exec(
        select(func.count())
        .select_from(tables.Role)
        .where(tables.Role.competition_id == here, tables.Role.role == "chair")
    ).one()
    n_assigned = session.exec(
        select(func.count(func.distinct(col(tables.Assignment.proposal_id)))).where(
            tables.Assignment.round_id == round_row.pk, tables.Assignment.state == "active"
        )
    ).one()
    n_waiting = n_waiting_for_link(session, actor, here, at=at, limits=limits, has_mail=has_mail)
    return Preparation(
        round_row=round_row,
        readings=rules.readings.per_proposal,
        cross_city=rules.readings.cross_city,
        steps=(
            PreparationStep("proposals", n_proposals > 0, n_proposals),
            PreparationStep("judges", n_judges > 0, n_judges),
            PreparationStep("chair", n_chairs > 0, n_chairs),
            PreparationStep("links", n_judges > 0 and n_waiting == 0, n_waiting),
            PreparationStep("plan", n_assigned >= n_proposals > 0, n_assigned),
            PreparationStep("open", is_done=False),
        ),
    )
