"""The pages of jobs: how far one is, its end, its file, and the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging import tables
from judging.errors import InvalidInput, JudgingError, RubricError
from judging.request_language import translate
from judging.schemas.stored_messages import from_stored, problem_from_stored
from judging.services.access import ROSTER_READERS
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.jobs import heartbeats, job_requests
from judging.services.jobs.lifecycle import FILES_KEPT
from judging.services.jobs.waiting import wait_for_job
from judging.tables.jobs import UNFINISHED
from judging.web.job_origins import Origin, origin_of
from judging.web.showing import localised

bp = Blueprint("jobs", __name__, url_prefix="/jobs")

# Before this share is done, an estimate of the time left would be a guess.
_LEAST_SHARE = 0.05
_SECONDS_BETWEEN_PAGES = 2
_JUST_NOW = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job with what its page says about it."""

    row: tables.Job
    title: str
    place: str
    time_zone: str
    target: str | None
    origin: Origin | None

    @property
    def is_unfinished(self) -> bool:
        """Return whether it waits or runs."""
        return self.row.state in UNFINISHED

    @property
    def has_file(self) -> bool:
        """Return whether jobs of this kind make a file to download."""
        return self.row.kind in _WITH_FILE

    @property
    def step(self) -> str:
        """Return what it does now."""
        if self.row.cancelled_at is not None and self.is_unfinished:
            return str(_("Being cancelled"))
        if self.row.state == "waiting":
            return str(_("Waiting for its turn"))
        return translate(from_stored(self.row.step)) if self.row.step else str(_("Starting"))

    @property
    def percent(self) -> int:
        """Return the share that is done, in whole percent."""
        return int(self.row.progress * 100)

    @property
    def time_left(self) -> str:
        """Return the estimated time left in words; empty when it is not known."""
        if self.row.state != "running" or self.row.started_at is None or self.row.progress < _LEAST_SHARE:
            return ""
        elapsed = (this.now() - self.row.started_at).total_seconds()
        seconds = max(1, ceil(elapsed * (1 - self.row.progress) / self.row.progress))
        if seconds < 90:
            return str(_("about %(n)s seconds left", n=seconds))
        return str(_("about %(n)s minutes left", n=ceil(seconds / 60)))

    @property
    def state_in_words(self) -> str:
        """Return the state in the reader's language."""
        words = {
            "waiting": _("waiting"),
            "running": _("running"),
            "done": _("done"),
            "failed": _("failed"),
            "cancelled": _("cancelled"),
        }
        return str(words[self.row.state])


@bp.get("")
def jobs() -> str:
    """List the jobs that this person may follow."""
    rows = job_requests.list_jobs(this.session(), this.actor())
    return render_template("jobs/list.html", shown_jobs=[_shown(row) for row in rows])


@bp.get("/<int:number>")
def job(number: int) -> AnyResponse:
    """Show how far a job is; when it is done, go to its result."""
    shown = _shown(job_requests.get_job(this.session(), this.actor(), number))
    # What was wrong with a file is listed on the page of the import.
    is_ended = shown.row.state == "done" or (shown.row.kind == "import" and shown.row.state == "failed")
    if is_ended and shown.target is not None:
        if shown.row.kind == "calibration":
            flash(_("Calibrated: this is run %(number)s.", number=(shown.row.result or {})["run"]))
        return redirect(shown.target, code=303)
    return make_response(
        render_template(
            "jobs/job.html",
            shown_job=shown,
            has_worker=not shown.is_unfinished or heartbeats.is_any_alive(this.session(), at=this.now()),
            problem=_problem_texts(shown.row),
            seconds=_SECONDS_BETWEEN_PAGES,
            starts_download=_has_just_made_a_file(shown.row),
            kept_hours=FILES_KEPT // timedelta(hours=1),
        )
    )


@bp.get("/<int:number>/progress")
def progress(number: int) -> dict[str, str | int]:
    """Return how far a job is, in the reader's language: the page asks for it twice a second."""
    shown = _shown(job_requests.get_job(this.session(), this.actor(), number))
    return {
        "state": shown.row.state,
        "step": shown.step,
        "percent": shown.percent,
        "time_left": shown.time_left,
    }


@bp.post("/<int:number>/cancel")
def cancel(number: int) -> AnyResponse:
    """Cancel a job that is not finished."""
    with this.writing() as session:
        job_requests.cancel_job(session, this.actor(), number, at=this.now())
    return redirect(url_for(".job", number=number), code=303)


@bp.get("/<int:number>/file")
def file(number: int) -> Response:
    """Send the file that a job has made."""
    row = job_requests.get_job(this.session(), this.actor(), number)
    made = job_requests.get_file(this.session(), row, "output")
    answer = Response(made.content, mimetype=made.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=made.name)
    return answer


def follow(number: int) -> AnyResponse:
    """Answer a request for a job: with its result if it is done in a moment, otherwise with its page."""
    finished = wait_for_job(this.engine(), number)
    if finished.state == "done" and finished.kind in _WITH_FILE:
        return redirect(url_for("jobs.file", number=number), code=303)
    return redirect(url_for("jobs.job", number=number), code=303)


_WITH_FILE = ("workbook", "bundle", "method_report", "minutes", "letters", "paper_forms")


def _has_just_made_a_file(row: tables.Job) -> bool:
    ended = row.ended_at
    return row.state == "done" and row.kind in _WITH_FILE and ended is not None and this.now() - ended < _JUST_NOW


def _shown(row: tables.Job) -> ShownJob:
    titles = {
        "appeal_effect": _("What a further scoresheet could change"),
        "calibration": _("Calibration"),
        "comparison": _("Comparison of the models"),
        "deck": _("Pages of a deck"),
        "rules_effect": _("Effect of other rules"),
        "workbook": _("Workbook of results"),
        "bundle": _("Results bundle"),
        "method_report": _("Method report"),
        "minutes": _("Minutes of a meeting"),
        "paper_forms": _("Blank scoresheets"),
        "letters": _("Letters to teams as PDF"),
        "removal": _("Removal of personal data"),
        "import": _("Import of a file"),
        "verification": _("Verification of a results bundle"),
    }
    session = this.session()
    competition = session.get(tables.Competition, row.competition_id) if row.competition_id else None
    round_row = session.get(tables.Round, row.round_id) if row.round_id else None
    names = [localised(definition_of(competition).name)] if competition else []
    names += [localised(rules_of(round_row).name)] if round_row else []
    return ShownJob(
        row,
        str(titles.get(row.kind, row.kind)),
        " · ".join(names),
        definition_of(competition).time_zone if competition else "UTC",
        _target(row, competition, round_row),
        origin_of(row, competition, round_row),
    )


def _target(row: tables.Job, competition: tables.Competition | None, round_row: tables.Round | None) -> str | None:
    """Return the address of the page that shows the result; None when the job's own page does."""
    if competition is not None and row.kind == "import":
        return url_for("organiser.import_page", competition=competition.key, job=row.id)
    if competition is not None and row.kind == "removal":
        return url_for("organiser.archive", competition=competition.key)
    if competition is not None and row.kind == "deck" and this.actor().has_role(competition.pk, *ROSTER_READERS):
        return url_for("organiser.files", competition=competition.key) if row.state == "done" else None
    if competition is None or round_row is None:
        return None
    where: dict[str, Any] = {"competition": competition.key, "round_key": round_row.key}
    result = row.result or {}
    if row.kind == "appeal_effect":
        return url_for("chair.appeal", number=row.request["appeal"], **where)
    if row.kind == "verification":
        return None if row.state == "done" else url_for("chair.release", **where)
    if row.kind == "calibration":
        return url_for("chair.ranking", run=result.get("run") if row.request.get("model") else None, **where)
    if row.kind == "comparison":
        return url_for("chair.sensitivity", run=row.request["run"], **where)
    if row.kind == "rules_effect":
        return url_for("chair.rules", preview=row.id if row.request.get("typed") else None, **where)
    if row.kind in ("bundle", "method_report") and row.state != "done":
        return url_for("chair.release", **where)
    if row.kind == "minutes" and row.state != "done":
        return url_for("chair.agenda", number=row.request["meeting"], **where)
    if row.kind == "paper_forms" and row.state != "done":
        return url_for("chair.paper", **where)
    if row.kind == "letters" and row.state != "done":
        return url_for("organiser.letters", **where)
    if row.kind == "workbook" and row.state != "done":
        return url_for("organiser.show_round", **where)
    return None


def _problem_texts(row: tables.Job) -> list[str]:
    """Return why a job failed, in the reader's language: the message first, then complaints."""
    if row.problem is None:
        return []
    error: JudgingError = problem_from_stored(row.problem)
    if isinstance(error, RubricError):
        return list(error.complaints)
    texts = [translate(error.message)]
    if isinstance(error, InvalidInput):
        texts += [f"{translate(place)}: {translate(text)}" for place, all_ in error.messages.items() for text in all_]
    return texts
