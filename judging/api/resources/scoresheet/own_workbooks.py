"""A judge's own scoresheets of a round as a workbook: downloaded, filled in anywhere, uploaded and merged."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.answers.scoresheet.own_workbooks import MergeQuerySchema, MergeSchema
from judging.services.scoresheets import own_workbook, queues

bp = Blueprint("own_workbooks", __name__, description="A judge's own scoresheets as a workbook")

_ADDRESS = "/competitions/<competition>/rounds/<round_key>/scoresheets.xlsx"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CLOSED = "The round is closed"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@bp.get(_ADDRESS)
@bp.response(200, content_type=_XLSX)
@bp.alt_response(409, description=_CLOSED)
def get_workbook(competition: str, round_key: str) -> Response:
    """Return the workbook of the own scoresheets of an open round."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    own_workbook.open_round(mine, round_key)
    this.end_reading()
    answer = Response(own_workbook.write_file(mine, round_key, secret=_secret()), mimetype=_XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{competition}-{round_key}.xlsx")
    return answer


@bp.post(_ADDRESS)
@bp.arguments(MergeQuerySchema, location="query")
@bp.doc(**_BODY)
@bp.response(200, MergeSchema)
@bp.alt_response(409, description=f"{_CLOSED}, or something was changed elsewhere too and `keep` is missing")
@bp.alt_response(422, description="No file was sent, or it is not this judge's workbook of this round")
def merge(query: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Store what an uploaded workbook changes, as drafts; with `preview`, only say what that is."""
    this.count_version()
    mine = queues.get_queue(this.session(), this.actor(), competition)
    own_workbook.open_round(mine, round_key)
    upload = request.files.get("file")
    content = b"" if upload is None else upload.read()
    this.end_reading()
    rows, versions = own_workbook.read_file(content, mine, round_key, secret=_secret())
    fresh = queues.get_queue(this.session(), this.actor(), competition)
    merged = own_workbook.merge(this.session(), fresh, round_key, rows, versions)
    saved: list[str] = []
    if not query["preview"]:
        with this.writing() as session:
            saved = own_workbook.store(
                session, this.actor(), fresh.round(round_key), merged, keep=query["keep"], at=this.now()
            )
    return {
        "saved": saved,
        "left_out": merged.left_out,
        "rows": [
            {
                "proposal": row.entry.proposal.key,
                "changes": [
                    {
                        **{name: getattr(change, name) for name in ("field", "before", "in_file", "stored")},
                        "is_conflict": change.is_conflict,
                    }
                    for change in row.changes
                ],
                "refused": row.refused,
            }
            for row in merged.rows
        ],
    }


def _secret() -> str:
    return str(current_app.secret_key or "")
