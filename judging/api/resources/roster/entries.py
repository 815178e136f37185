"""Entries that a platform posts: teams and proposals, added or changed by key."""

from __future__ import annotations

from typing import Any

from flask import Response

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.faults import problem_of
from judging.api.resources.event.jobs import job_answer
from judging.api.resources.roster.imports import outcomes_of
from judging.errors import InvalidInput
from judging.request_language import translate
from judging.schemas.answers.event.jobs import JobSchema
from judging.schemas.answers.roster.imports import EntriesAnswerSchema
from judging.schemas.entries import EntriesSchema, PreviewSchema
from judging.services.access import get_competition
from judging.services.imports import entries, storing
from judging.services.imports.destination import find_target
from judging.services.imports.entries import RefusedValue
from judging.services.jobs.job_requests import File

bp = Blueprint("entries", __name__, description="Teams and proposals that a platform posts")

MOST_AT_ONCE = 200
"""More rows are a job."""


@bp.post("/competitions/<competition>/entries")
@bp.arguments(PreviewSchema, location="query")
@bp.arguments(EntriesSchema)
@bp.response(200, EntriesAnswerSchema)
@bp.alt_response(202, schema=JobSchema, description="More than 200 rows: follow the job, then read `imports/{number}`")
@bp.alt_response(409, description="The rules were changed at the same moment, or the round is closed")
@bp.alt_response(422, description="Values that cannot be stored, each with its place in `errors`; nothing was stored")
def post_entries(query: dict[str, bool], posted: dict[str, Any], competition: str) -> dict[str, Any] | Response:
    """Add or change teams and proposals by key: all of them or none; with `preview`, only say what would happen."""
    get_competition(this.session(), this.actor(), competition, "organiser")
    check_only, round_key = query["preview"], posted.pop("round")
    target = find_target(this.session(), this.actor(), competition, round_key=round_key)
    if len(posted["teams"]) + len(posted["proposals"]) > MOST_AT_ONCE:
        file = File(name=entries.FILENAME, media_type=entries.MEDIA_TYPE, content=entries.content_of(posted))
        with this.writing() as session:
            job = storing.request_import(
                session,
                this.actor(),
                competition,
                file,
                round_key=round_key,
                kind=entries.KIND,
                mapping=None,
                check_only=check_only,
                at=this.now(),
            )
        return job_answer(job)
    this.end_reading()
    loaded = entries.load_entries(target, posted)
    able, refused = entries.preview_basis(this.session(), this.actor(), loaded, at=this.now())
    if refused and not check_only:
        return _refusal(refused)
    this.end_reading()
    with this.writing() as session:
        result = entries.store_entries(session, this.actor(), able, at=this.now(), check_only=check_only)
    return {
        "is_stored": result.report.is_stored,
        "added": result.added,
        "outcomes": outcomes_of(result.report),
        "refused": [_described(one) for one in refused],
    }


def _refusal(refused: tuple[RefusedValue, ...]) -> Response:
    places: dict[str, list[str]] = {}
    for one in refused:
        places.setdefault(f"{one.kind}.{one.index}.{one.column}", []).append(one.text)
    return problem_of(InvalidInput(places, entries.NOTHING), refused=[_described(one) for one in refused])


def _described(one: RefusedValue) -> dict[str, Any]:
    return {
        "list": one.kind,
        "index": one.index,
        "key": one.key,
        "field": one.column,
        "value": one.value,
        "message": translate(one.text),
    }
