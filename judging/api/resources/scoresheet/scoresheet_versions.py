"""The versions of a judge's own scoresheet: each save is one, and none is ever removed."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api import paging
from judging.api.bodies import Blueprint
from judging.schemas.answers.scoresheet.scoresheets import VersionsPageSchema
from judging.schemas.pages import PageQuerySchema
from judging.services.scoresheets import saving, scoring
from judging.services.scoresheets.versions import list_versions

bp = Blueprint("scoresheet_versions", __name__, description="The versions of a judge's own scoresheet")


@bp.get("/competitions/<competition>/rounds/<round_key>/scoresheets/<proposal>/versions")
@bp.arguments(PageQuerySchema, location="query")
@bp.response(200, VersionsPageSchema)
@bp.alt_response(404, description="Not assigned to this judge")
def list_own(asked: dict[str, Any], competition: str, round_key: str, proposal: str) -> dict[str, Any]:
    """Return every version of one of the judge's own scoresheets, newest first."""
    place = scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
    before = paging.number_in(asked["cursor"])
    found = [
        version
        for version in list_versions(this.session(), place.assignment_id)
        if before is None or version.version < before
    ]
    rows, cursor = paging.cut(found, asked["limit"], lambda version: version.version)
    return {
        "entries": [
            {
                "version": version.version,
                "state": version.state,
                "source": version.source,
                "saved_at": version.saved_at,
                "total": saving.stored_sheet(place.rules, version).total,
                "scores": version.sheet.scores,
                "comments": version.sheet.comments,
                "comment": version.sheet.comment,
            }
            for version in rows
        ],
        "next": paging.linked(cursor),
    }
