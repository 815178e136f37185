"""What a person has still to score, in all competitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import Actor
from judging.services.competitions.taking_part import is_not_withdrawn
from judging.services.scoresheets.versions import is_newest


@dataclass(frozen=True, slots=True)
class Waiting:
    """The number of own scoresheets that are not submitted as they are, and the first deadline of their rounds."""

    n_sheets: int
    deadline: datetime | None


def waiting(session: Session, actor: Actor) -> Mapping[int, Waiting]:
    """Return what waits for the actor in open rounds, by the key of the competition; one query."""
    if actor.person_id is None:
        return {}
    submitted = (
        select(tables.Scoresheet.id)
        .where(
            and_(
                col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id),
                col(tables.Scoresheet.state) == "submitted",
                is_newest(),
            )
        )
        .correlate(tables.Assignment)
        .exists()
    )
    rows = session.exec(
        select(tables.Round.competition_id, func.count(), func.min(tables.Round.closes_at))
        .join(tables.Assignment, col(tables.Assignment.round_id) == col(tables.Round.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(
            tables.Judge.person_id == actor.person_id,
            tables.Round.state == "open",
            tables.Assignment.state == "active",
            is_not_withdrawn(),
            ~submitted,
        )
        .group_by(col(tables.Round.competition_id))
    )
    return {competition_id: Waiting(n_sheets, deadline) for competition_id, n_sheets, deadline in rows}
