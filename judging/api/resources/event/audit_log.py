"""The audit log of a competition."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api import paging
from judging.api.bodies import Blueprint
from judging.schemas.answers.event.audit_log import LogPageSchema, LogQuerySchema
from judging.services.audit import listing, signed_heads

bp = Blueprint("api_audit_log", __name__, description="The audit log")


@bp.get("/competitions/<competition>/log")
@bp.arguments(LogQuerySchema, location="query")
@bp.response(200, LogPageSchema)
def list_log(asked: dict[str, Any], competition: str) -> dict[str, Any]:
    """Return a page of the log: what was done, by whom and when. It contains no scores."""
    limit, before = asked.pop("limit"), paging.number_in(asked.pop("cursor"))
    if before is not None:
        asked["before"] = before
    page = listing.list_entries(this.session(), this.actor(), competition, listing.LogFilters(**asked), size=limit)
    head = signed_heads.newest_head(this.session(), at=this.now())
    return {
        "entries": page.entries,
        "next_before": page.next_before,
        "next": paging.linked(None if page.next_before is None else paging.encoded(page.next_before)),
        "head": None if head is None else head.text,
    }
