"""A judge's own practice, compared."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.answers.practice import PracticeComparisonSchema
from judging.services.scoresheets import scoring
from judging.services.scoresheets.practice_comparisons import compare_practice

bp = Blueprint("practice", __name__, description="A judge's own scores of practice proposals beside the agreed ones")


@bp.get("/competitions/<competition>/rounds/<round_key>/scoresheets/<proposal>/comparison")
@bp.response(200, PracticeComparisonSchema)
@bp.alt_response(404, description="Not assigned to this judge")
@bp.alt_response(409, description="Not a round of practice, or not submitted by this judge yet")
def get_comparison(competition: str, round_key: str, proposal: str) -> dict[str, Any]:
    """Return the judge's submitted scores of a practice proposal, the agreed ones, and the median of the others."""
    place = scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
    comparison = compare_practice(this.session(), place)
    return {
        "n_others": comparison.n_others,
        "criteria": [
            {
                "criterion": compared.criterion.key,
                "own": compared.own,
                "agreed": None if compared.reference is None else compared.reference.score,
                "reason": {}
                if compared.reference is None or compared.reference.reason is None
                else compared.reference.reason.by_language,
                "panel": compared.panel,
            }
            for compared in comparison.criteria
        ],
    }
