"""Jobs: follow one, cancel one, take its file."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for

from judging import request as this
from judging import tables
from judging.api import paging
from judging.api.bodies import Blueprint
from judging.schemas.answers.event.jobs import JobSchema, JobsPageSchema
from judging.schemas.pages import PageQuerySchema
from judging.schemas.stored_messages import from_stored, problem_from_stored
from judging.services.jobs import job_requests

bp = Blueprint("api_jobs", __name__, description="Jobs: long work and how far it is")


@bp.get("/jobs")
@bp.arguments(PageQuerySchema, location="query")
@bp.response(200, JobsPageSchema)
def list_jobs(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the jobs that the signed-in person may follow, newest first."""
    before = paging.number_in(asked["cursor"])
    found = job_requests.list_jobs(this.session(), this.actor(), before=before, most=asked["limit"] + 1)
    rows, cursor = paging.cut(found, asked["limit"], lambda job: job.pk)
    return {"entries": [described(job) for job in rows], "next": paging.linked(cursor)}


@bp.get("/jobs/<int:number>")
@bp.response(200, JobSchema)
def get_job(number: int) -> dict[str, Any]:
    """Return how far a job is, or how it ended."""
    return described(job_requests.get_job(this.session(), this.actor(), number))


@bp.post("/jobs/<int:number>/cancel")
@bp.response(200, JobSchema)
def cancel_job(number: int) -> dict[str, Any]:
    """Cancel a job: at once while it waits, at its next step while it runs. A finished job stays as it is."""
    with this.writing() as session:
        job = job_requests.cancel_job(session, this.actor(), number, at=this.now())
    return described(job)


@bp.get("/jobs/<int:number>/file")
@bp.response(200, content_type="application/octet-stream")
def get_file(number: int) -> Response:
    """Return the file that a job has made; it is kept for a day."""
    job = job_requests.get_job(this.session(), this.actor(), number)
    file = job_requests.get_file(this.session(), job, "output")
    answer = Response(file.content, mimetype=file.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=file.name)
    return answer


def described(job: tables.Job) -> dict[str, Any]:
    """Return a job as the API shows it."""
    return {
        "number": job.id,
        "kind": job.kind,
        "state": job.state,
        "progress": job.progress,
        "step": None if job.step is None else from_stored(job.step),
        "problem": None if job.problem is None else str(problem_from_stored(job.problem)),
        "result": job.result,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
    }


def job_answer(job: tables.Job) -> Response:
    """Return the answer to a request that has become a job: 202, the job, and its address."""
    answer = jsonify(JobSchema().dump(described(job)))
    answer.status_code = 202
    answer.headers["Location"] = url_for("api_jobs.get_job", number=job.id)
    return answer
