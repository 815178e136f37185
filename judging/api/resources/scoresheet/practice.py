"""A judge's own practice compared, and that of the panel for its chairs."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.errors import Conflict, Message
from judging.reading_log import logged
from judging.schemas.answers.scoresheet.practice import PracticeComparisonSchema, PracticePanelSchema
from judging.services.scoresheets import scoring
from judging.services.scoresheets.practice_comparisons import compare_practice
from judging.services.scoresheets.practice_readings import PracticePanel, practice_panel

bp = Blueprint("practice", __name__, description="Scores of practice proposals beside the agreed ones")


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


@bp.get("/competitions/<competition>/rounds/<round_key>/practice")
@bp.response(200, PracticePanelSchema)
@bp.alt_response(409, description="Not a round of practice")
@logged("viewed.practice")
def list_judges(competition: str, round_key: str) -> PracticePanel:
    """Return every judge's submitted practice beside the agreed scores, for chairs, organisers and auditors."""
    panel = practice_panel(this.session(), this.actor(), competition, round_key)
    if not panel.is_practice:
        raise Conflict(Message("This round is no practice."))
    return panel
