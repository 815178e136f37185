"""Import of files: check, import, and the template to fill in."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Answer

from judging import request as this
from judging.errors import Conflict, InvalidInput, JudgingError, NotFound
from judging.schemas.roster_rows import COLUMNS, KINDS
from judging.schemas.stored_messages import problem_from_stored
from judging.services.access import ROSTER_READERS, get_competition
from judging.services.competitions import definition_of
from judging.services.imports import files
from judging.services.imports.import_report import ImportReport, report_from_dict
from judging.services.imports.loaded_file import load_file
from judging.services.jobs.job_requests import File, get_job
from judging.web.jobs import follow
from judging.web.languages import translate
from judging.web.organiser.blueprint import bp, frame
from judging.workbook.template import write_template

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# A larger file is read by a job: its person sees how far it is, and the web process stays free for others.
_LARGE_BYTES = 200_000


@bp.get("/import")
def import_page(competition: str) -> Answer | str | tuple[str, int]:
    """Show what can be imported, and the form; with ``job``, what came of the import of a large file."""
    number = request.args.get("job", "")
    if not (number.isdecimal() and len(number) < 10):
        return _page(competition)
    row = get_competition(this.session(), this.actor(), competition, "organiser")
    job = get_job(this.session(), this.actor(), int(number))
    if job.kind != "import" or job.competition_id != row.id:
        raise NotFound
    if job.problem is not None:
        return _refused(competition, problem_from_stored(job.problem))
    if job.state != "done":
        return follow(job.pk)
    return _page(competition, report=report_from_dict(job.result or {}))


@bp.post("/import")
def import_file(competition: str) -> Answer | str | tuple[str, int]:
    """Check an uploaded file, and import it unless only a check was requested.

    The answer is the page, not a redirect: importing the same file again changes nothing.
    """
    # Check access before the file: an auditor may read this page but not import.
    get_competition(this.session(), this.actor(), competition, "organiser")
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _page(competition, problem=_("Choose a file first.")), 422
    check_only = request.form.get("action") != "import"
    if (request.content_length or 0) > _LARGE_BYTES:
        return _import_by_job(competition, upload, check_only=check_only)
    try:
        target = files.find_target(
            this.session(), this.actor(), competition, round_key=request.form.get("round") or None
        )
        this.end_reading()
        loaded = load_file(
            target, content=upload.stream.read(), filename=upload.filename[:200], kind=request.form.get("kind") or None
        )
        files.check_file(this.session(), this.actor(), loaded, at=this.now())
        with this.writing() as session:
            report = files.store_file(session, this.actor(), loaded, at=this.now(), check_only=check_only)
    except (InvalidInput, Conflict) as error:
        return _refused(competition, error)
    return _page(competition, report=report)


@bp.get("/import/template.xlsx")
def import_template(competition: str) -> Answer:
    """Send the workbook to fill in."""
    row = get_competition(this.session(), this.actor(), competition, *ROSTER_READERS)
    answer = Answer(write_template(definition_of(row)), mimetype=_XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{row.key}-roster.xlsx")
    return answer


def _import_by_job(competition: str, upload: FileStorage, *, check_only: bool) -> Answer:
    media_type = (upload.mimetype or "application/octet-stream")[:100]
    file = File(name=(upload.filename or "")[:200], media_type=media_type, content=upload.stream.read())
    with this.writing() as session:
        job = files.request_import(
            session,
            this.actor(),
            competition,
            file,
            round_key=request.form.get("round") or None,
            kind=request.form.get("kind") or None,
            check_only=check_only,
            at=this.now(),
        )
    return follow(job.pk)


def _refused(competition: str, error: JudgingError) -> tuple[str, int]:
    """Return the page with what has to be corrected; nothing was stored."""
    if not isinstance(error, InvalidInput):
        return _page(competition, problem=translate(error.message)), 409
    complaints = [(translate(place), [translate(text) for text in texts]) for place, texts in error.messages.items()]
    return _page(competition, problem=translate(error.message), complaints=complaints), 422


def _page(
    competition: str,
    *,
    report: ImportReport | None = None,
    problem: str = "",
    complaints: list[tuple[str, list[str]]] | None = None,
) -> str:
    return render_template(
        "organiser/import.html",
        frame=frame(competition),
        columns=COLUMNS,
        kinds=KINDS,
        kind=request.form.get("kind", ""),
        round_key=request.form.get("round", request.args.get("round", "")),
        report=report,
        problem=problem,
        complaints=complaints or [],
        tab="import",
    )
