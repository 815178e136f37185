"""From the scoresheets that count now to the ratings that calibration starts from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import sqlalchemy
from sqlalchemy import Row, ScalarSelect
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from judging import tables
from judging.calibration.ratings import Ratings, ratings_from_rows
from judging.services.competitions import rules_of


def collect_ratings(session: Session, round_row: tables.Round) -> Ratings:
    """Return the submitted scores of a round on 0..100, with everything the models may use.

    Parameters
    ----------
    session : Session
    round_row : tables.Round

    Returns
    -------
    ratings : Ratings
        The newest version of each active assignment, when it is submitted: a reopened scoresheet counts again once it
        is submitted again. Every proposal of the round and every judge with an active assignment is listed, so that
        nobody disappears for want of scores. Names are the keys of proposals, judges, cities and categories.
    """
    rubric = rules_of(round_row).rubric
    proposals = session.exec(
        select(tables.Proposal.key, tables.Team.city, tables.Proposal.category)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .where(tables.RoundProposal.round_id == round_row.id)
    ).all()
    judges = session.exec(
        select(tables.Judge.key, tables.Judge.city)
        .join(tables.Assignment, col(tables.Assignment.judge_id) == col(tables.Judge.id))
        .where(tables.Assignment.round_id == round_row.id, tables.Assignment.state == "active")
        .distinct()
    ).all()
    proposal_city = {key: city for key, city, _ in proposals}
    # A scoresheet may stand on a proposal that has since left the round.
    rows = [row for row in _submitted_scores(session, round_row, rubric.keys) if row[0] in proposal_city]
    return ratings_from_rows(
        [row[0] for row in rows],
        [row[1] for row in rows],
        criterion=[row[2] for row in rows],
        score=[np.nan if row[3] is None else row[3] for row in rows],
        scored_at=[row[4].timestamp() for row in rows],
        criteria=rubric.keys,
        weights=rubric.weights,
        minimum=[criterion.scale.minimum for criterion in rubric.criteria],
        maximum=[criterion.scale.maximum for criterion in rubric.criteria],
        step=[criterion.scale.step for criterion in rubric.criteria],
        proposals=proposal_city,
        judges=[key for key, _ in judges],
        proposal_city=proposal_city,
        judge_city=dict(judges),
        category={key: category for key, _, category in proposals if category is not None},
    ).to_percent()


def newest_version() -> ScalarSelect[int]:
    """Return the number of the newest version beside an enclosing query's scoresheet."""
    other = aliased(tables.Scoresheet)
    newest = select(func.max(other.version)).where(other.assignment_id == tables.Scoresheet.assignment_id)
    return newest.correlate(tables.Scoresheet).scalar_subquery()


def _submitted_scores(
    session: Session, round_row: tables.Round, criteria: tuple[str, ...]
) -> Sequence[Row[str, str, str, float | None, datetime]]:
    # SQLModel's select has no overload for five columns; SQLAlchemy's own does the same.
    return session.execute(
        sqlalchemy.select(
            col(tables.Proposal.key),
            col(tables.Judge.key),
            col(tables.Score.criterion),
            col(tables.Score.value),
            col(tables.Scoresheet.saved_at),
        )
        .select_from(tables.Assignment)
        .join(tables.Proposal, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Scoresheet, col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id))
        .join(tables.Score, col(tables.Score.scoresheet_id) == col(tables.Scoresheet.id))
        .where(
            col(tables.Assignment.round_id) == round_row.id,
            col(tables.Assignment.state) == "active",
            col(tables.Scoresheet.state) == "submitted",
            col(tables.Scoresheet.version) == newest_version(),
            col(tables.Score.value).is_not(None),
            col(tables.Score.criterion).in_(criteria),
        )
    ).all()
