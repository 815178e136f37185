"""Collect the scoresheets that count, and convert them to the ratings for calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from judging import tables
from judging.calibration.coding import ratings_from_rows
from judging.calibration.ratings import Ratings
from judging.competition import digest_of
from judging.rubric import Rubric
from judging.services.competitions.taking_part import takes_part
from judging.services.scoresheets.versions import counts_in_results


class CountedScore(NamedTuple):
    """One score of a scoresheet that counts, in the units of its criterion's scale; names are keys."""

    proposal: str
    judge: str
    criterion: str
    value: float
    scored_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedScores:
    """The input of ratings, except the rules.

    Attributes
    ----------
    proposals : mapping of key to (city, category or None)
        Every proposal of the round, scored or not.
    judges : mapping of key to city
        Every judge with an active assignment.
    scores : tuple of CountedScore
    """

    proposals: Mapping[str, tuple[str, str | None]]
    judges: Mapping[str, str]
    scores: tuple[CountedScore, ...]

    def scores_digest(self) -> str:
        """Return the SHA-256 of the scores as they were given: no weight and no scale is in it."""
        return digest_of({"scores": sorted([*score[:4], score.scored_at.isoformat()] for score in self.scores)})

    def design_digest(self) -> str:
        """Return the SHA-256 of who takes part: proposals with city and category, judges with their city."""
        return digest_of(
            {"proposals": {key: list(of) for key, of in self.proposals.items()}, "judges": dict(self.judges)}
        )

    def to_dict(self) -> dict[str, Any]:
        """Return who took part, as a run records it: a later change of the rosters must not change what it was."""
        return {"proposals": {key: list(value) for key, value in self.proposals.items()}, "judges": dict(self.judges)}


class ScaledCriterion(NamedTuple):
    """What ratings need of a criterion: key, weight, and the scale of its scores."""

    key: str
    weight: float
    minimum: float
    maximum: float
    step: float


def scaled_criteria(rubric: Rubric) -> tuple[ScaledCriterion, ...]:
    """Return what ratings need of a rubric."""
    return tuple(
        ScaledCriterion(
            key, float(rubric.weights[key]), *(float(part) for part in (scale.minimum, scale.maximum, scale.step))
        )
        for key, scale in ((criterion.key, criterion.scale) for criterion in rubric.criteria)
    )


def collect_scores(
    session: Session,
    round_row: tables.Round,
    criteria: tuple[str, ...],
    *,
    newest_scoresheet: int | None = None,
    recorded: Mapping[str, Any] | None = None,
) -> CountedScores:
    """Return the submitted scores of a round on some criteria.

    To get the input of an earlier run, ``newest_scoresheet`` excludes every version that was saved later, and
    ``recorded`` says who took part (``CountedScores.to_dict``): judges may have left since, and proposals may have been
    withdrawn.
    """
    scores = _submitted_scores(session, round_row, criteria, newest_scoresheet)
    if recorded is not None:
        listed = {key: (city, category) for key, (city, category) in recorded["proposals"].items()}
        return CountedScores(
            proposals=listed,
            judges=recorded["judges"],
            scores=tuple(score for score in scores if score.proposal in listed and score.judge in recorded["judges"]),
        )
    proposals = session.exec(
        select(tables.Proposal.key, tables.Team.city, tables.Proposal.category)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .where(takes_part(round_row))
    ).all()
    judges = session.exec(
        select(tables.Judge.key, tables.Judge.city)
        .join(tables.Assignment, col(tables.Assignment.judge_id) == col(tables.Judge.id))
        .where(tables.Assignment.round_id == round_row.id, tables.Assignment.state == "active")
        .distinct()
    ).all()
    listed = {key: (city, category) for key, city, category in proposals}
    # A scoresheet may belong to a proposal that has been withdrawn, or removed from the round.
    return CountedScores(
        proposals=listed,
        judges=dict(judges),
        scores=tuple(score for score in scores if score.proposal in listed),
    )


def ratings_of(scores: CountedScores, criteria: Sequence[ScaledCriterion]) -> Ratings:
    """Return scores as ratings on 0..100 under the criteria of a rubric."""
    proposal_city = {key: city for key, (city, _) in scores.proposals.items()}
    return ratings_from_rows(
        [score.proposal for score in scores.scores],
        [score.judge for score in scores.scores],
        criterion=[score.criterion for score in scores.scores],
        score=[score.value for score in scores.scores],
        scored_at=[score.scored_at.timestamp() for score in scores.scores],
        criteria=[criterion.key for criterion in criteria],
        weights={criterion.key: criterion.weight for criterion in criteria},
        minimum=[criterion.minimum for criterion in criteria],
        maximum=[criterion.maximum for criterion in criteria],
        step=[criterion.step for criterion in criteria],
        proposals=proposal_city,
        judges=scores.judges,
        proposal_city=proposal_city,
        judge_city=scores.judges,
        category={key: category for key, (_, category) in scores.proposals.items() if category is not None},
    ).to_percent()


def _submitted_scores(
    session: Session, round_row: tables.Round, criteria: tuple[str, ...], newest_scoresheet: int | None
) -> list[CountedScore]:
    # Two queries: in one, names and time of a scoresheet would be read and converted again for each of its scores, and
    # every page of a round needs this.
    counted = (col(tables.Assignment.round_id) == round_row.id, counts_in_results(newest_scoresheet))
    sheets = {
        scoresheet_id: (proposal, judge, saved_at)
        for scoresheet_id, proposal, judge, saved_at in session.exec(
            select(tables.Scoresheet.id, tables.Proposal.key, tables.Judge.key, tables.Scoresheet.saved_at)
            .select_from(tables.Assignment)
            .join(tables.Proposal, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
            .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
            .join(tables.Scoresheet, col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id))
            .where(*counted)
        ).all()
    }
    values = session.exec(
        select(tables.Score.scoresheet_id, tables.Score.criterion, tables.Score.value)
        .select_from(tables.Assignment)
        .join(tables.Scoresheet, col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id))
        .join(tables.Score, col(tables.Score.scoresheet_id) == col(tables.Scoresheet.id))
        .where(*counted, col(tables.Score.value).is_not(None), col(tables.Score.criterion).in_(criteria))
    ).all()
    scores = []
    for scoresheet_id, criterion, value in values:
        # A scoresheet that was submitted between the two queries belongs to the next answer.
        if scoresheet_id in sheets and value is not None:
            proposal, judge, saved_at = sheets[scoresheet_id]
            scores.append(CountedScore(proposal, judge, criterion, value, saved_at))
    return scores
