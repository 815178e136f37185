"""The audit log of a competition: page by page, and as a file."""

from __future__ import annotations

from typing import Any

from flask import Response

from judging import request as this
from judging.api import paging
from judging.api.bodies import Blueprint
from judging.schemas.answers.event.audit_log import (
    FormerEntriesSchema,
    LogFileSchema,
    LogPageSchema,
    LogQuerySchema,
)
from judging.services import audit
from judging.services.access import READERS, get_competition
from judging.services.audit import listing, signed_heads
from judging.workbook import log_table

bp = Blueprint("api_audit_log", __name__, description="The audit log")

_LOG = "/competitions/<competition>/log"
_HEADINGS = ("number", "at", "actor", "action", "subject", "subject_name", "detail", "address", "stored", "hash")
_MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get(_LOG)
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


@bp.get(f"{_LOG}/former")
@bp.arguments(LogQuerySchema, location="query")
@bp.response(200, FormerEntriesSchema)
def list_former_log(asked: dict[str, Any], competition: str) -> dict[str, Any]:
    """Return a page of what the installations recorded at which the competition was before."""
    limit, before = asked.pop("limit"), paging.number_in(asked.pop("cursor"))
    if before is not None:
        asked["before"] = before
    session, actor = this.session(), this.actor()
    page = listing.list_former_entries(session, actor, competition, listing.LogFilters(**asked), size=limit)
    return {
        "entries": page.entries,
        "next_before": page.next_before,
        "next": paging.linked(None if page.next_before is None else paging.encoded(page.next_before)),
        "logs": listing.list_former_logs(session, actor, competition),
    }


@bp.post(f"{_LOG}/file")
@bp.arguments(LogFileSchema, required=False)
@bp.response(200, content_type="application/octet-stream")
def log_file(asked: dict[str, Any], competition: str) -> Response:
    """Return the log as CSV or workbook, newest first, with times in UTC; that somebody took it is recorded."""
    form = asked.pop("format")
    session, actor = this.session(), this.actor()
    filters = listing.LogFilters(**asked)
    page = listing.list_entries(session, actor, competition, filters, size=listing.MOST_EXPORTED[form])
    head = signed_heads.newest_head(session, at=this.now())
    this.end_reading()
    write = log_table.xlsx_of if form == "xlsx" else log_table.csv_of
    rows = [_cells(entry) for entry in page.entries]
    content = write(_HEADINGS, rows, note=("head", "" if head is None else head.text))
    with this.writing() as writing:
        row = get_competition(writing, this.actor(), competition, *READERS)
        detail = {"entries": len(rows), "format": form}
        audit.record(
            writing, this.actor(), "log.exported", row.key, at=this.now(), competition_id=row.pk, detail=detail
        )
    answer = Response(content, mimetype=_MEDIA_TYPES[form])
    answer.headers.set("Content-Disposition", "attachment", filename=f"{competition}_log.{form}")
    return answer


def _cells(entry: listing.LogEntry) -> list[str]:
    return [
        str(entry.number),
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.subject,
        entry.subject_name,
        log_table.plain(entry.detail),
        entry.address,
        log_table.plain(entry.stored),
        entry.hash,
    ]
