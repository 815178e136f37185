"""The scores of a round as a tidy table: one row for each score, for a statistician's own analysis."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session

from judging.services.access import READERS, Actor, get_round
from judging.services.competitions.definitions import rules_of
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.runs.ratings import CountedScores, ScaledCriterion, collect_scores, scaled_criteria


def read_ratings(
    session: Session, actor: Actor, competition_key: str, round_key: str
) -> tuple[CountedScores, tuple[ScaledCriterion, ...]]:
    """Return the scores that count now, and the criteria with their weights and scales.

    A chair's own conflicts of interest are respected: such proposals are left out, with their scores.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    criteria = scaled_criteria(rules_of(round_row).rubric)
    scores = collect_scores(session, round_row, tuple(criterion.key for criterion in criteria))
    hidden = hidden_proposals(session, actor, competition_row.pk)
    visible = {key: of for key, of in scores.proposals.items() if key not in hidden}
    kept = tuple(score for score in scores.scores if score.proposal in visible)
    return replace(scores, proposals=visible, scores=kept), criteria
