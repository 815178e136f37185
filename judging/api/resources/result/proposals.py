"""One proposal of a round with all its scoresheets, for chairs, organisers and auditors."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.reading_log import logged
from judging.schemas.answers.result.proposals import WholeProposalSchema
from judging.services.decisions import proposals

bp = Blueprint("proposals", __name__, description="Proposals of a round and their scoresheets")


@bp.get("/competitions/<competition>/rounds/<round_key>/proposals/<proposal>")
@bp.response(200, WholeProposalSchema)
@logged("viewed.proposal")
def get_proposal(competition: str, round_key: str, proposal: str) -> dict[str, Any]:
    """Return a proposal and every judge's scoresheet for it; a conflict of interest of the reader hides it."""
    entry, sheets = proposals.get_proposal(this.session(), this.actor(), competition, round_key, proposal)
    return {**asdict(entry), "scoresheets": sheets}
