"""The scores of a round as a tidy table, for an analysis of one's own."""

from __future__ import annotations

from typing import Any

from flask import Response

from judging import request as this
from judging.api.bodies import Blueprint
from judging.reading_log import logged
from judging.schemas.answers.result.ratings import RatingsSchema
from judging.services.bundle.parts import ratings_csv
from judging.services.runs.tidy_ratings import read_ratings

bp = Blueprint("ratings", __name__, description="The scores of a round as a tidy table")

_ADDRESS = "/competitions/<competition>/rounds/<round_key>/ratings"


@bp.get(_ADDRESS)
@bp.response(200, RatingsSchema)
@logged("viewed.ratings")
def get_ratings(competition: str, round_key: str) -> dict[str, Any]:
    """Return every score that counts now, one row each, with the criteria's weights and scales."""
    scores, criteria = read_ratings(this.session(), this.actor(), competition, round_key)
    return {
        "criteria": [criterion._asdict() for criterion in criteria],
        "ratings": [
            {
                **score._asdict(),
                "score": score.value,
                "proposal_city": scores.proposals[score.proposal][0],
                "category": scores.proposals[score.proposal][1],
                "judge_city": scores.judges[score.judge],
            }
            for score in sorted(scores.scores)
        ],
    }


@bp.get(f"{_ADDRESS}.csv")
@bp.response(200, content_type="text/csv")
@logged("viewed.ratings")
def get_ratings_csv(competition: str, round_key: str) -> Response:
    """Return the same table as CSV, in the form of `ratings.csv` of a results bundle."""
    scores, _ = read_ratings(this.session(), this.actor(), competition, round_key)
    return Response(ratings_csv(scores), content_type="text/csv; charset=utf-8")
