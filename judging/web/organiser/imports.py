"""Import of files: check, adjust how they are read, import; the template to fill in."""

from __future__ import annotations

from flask import current_app, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from judging import request as this
from judging.errors import Conflict, InvalidInput, JudgingError, Message, NotFound
from judging.incoming_tables.mapping import TableMapping
from judging.request_language import translate
from judging.schemas.mapping_files import dump_mapping
from judging.schemas.roster_rows import COLUMNS, KINDS
from judging.schemas.stored_messages import problem_from_stored
from judging.services.access import ROSTER_READERS, get_competition
from judging.services.competitions.definitions import definition_of
from judging.services.imports import checking, destination, incoming_files, storing
from judging.services.imports.import_report import ImportReport, report_from_dict
from judging.services.imports.loaded_file import LoadedFile, corrected_file, load_file
from judging.services.imports.shown import ShownFile, show
from judging.services.jobs.job_requests import File, get_job
from judging.web.jobs import follow
from judging.web.organiser import mapping_form
from judging.web.organiser.blueprint import bp, frame
from judging.workbook.roster.columns import ROSTER
from judging.workbook.roster.template import write_template

# What the template calls the columns.
_HEADINGS = {kind: {column.name: column.heading for column in columns} for kind, columns in ROSTER.items()}

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A larger file is read by a job: its person sees how far it is, and the web process stays free for others.
_LARGE_BYTES = 200_000
_NOTHING = Message("Nothing was imported.")


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
    result = job.result or {}
    if "shown" not in result:
        # A job of an older version has the report alone.
        return _page(competition, report=report_from_dict(result))
    report = report_from_dict(result["report"]) if result["report"] is not None else None
    shown = ShownFile.from_dict(result["shown"])
    answer = _page(
        competition,
        report=report,
        shown=shown,
        file=result["file"],
        kind=result["kind"],
        round_key=job.request["round"] or "",
    )
    return (answer, 422) if report is None else answer


@bp.post("/import")
def import_file(competition: str) -> Answer | str | tuple[str, int]:
    """Read a file as its form says; check it, and import it unless only a check was requested.

    The answer is the page, not a redirect: importing the same file again changes nothing.
    """
    # Check access before the file: an auditor may read this page but not import.
    get_competition(this.session(), this.actor(), competition, "organiser")
    kind = request.form.get("kind") or None
    try:
        given = _given_file(competition)
        if given is None:
            return _page(competition, problem=_("Choose a file first.")), 422
        mapping = mapping_form.mapping_from_form(request.form, kind or "")
        check_only = request.form.get("action") != "import"
        if len(given.content) > _LARGE_BYTES:
            return _import_by_job(competition, given, kind, mapping, check_only=check_only)
        return _import_now(competition, given, kind, mapping, check_only=check_only)
    except (InvalidInput, Conflict) as error:
        return _refused(competition, error)


@bp.post("/import/corrected.xlsx")
def import_corrected(competition: str) -> Answer | tuple[str, int]:
    """Send the uploaded file with a column of complaints."""
    get_competition(this.session(), this.actor(), competition, "organiser")
    kind = request.form.get("kind") or None
    try:
        given = _given_file(competition)
        if given is None:
            return _page(competition, problem=_("Choose a file first.")), 422
        mapping = mapping_form.mapping_from_form(request.form, kind or "")
        loaded = _read(competition, given, kind, mapping)
        complaints = checking.find_complaints(this.session(), this.actor(), loaded, at=this.now())
        this.end_reading()
        content = corrected_file(loaded, complaints, given.content, translate)
    except (InvalidInput, Conflict) as error:
        return _refused(competition, error)
    answer = Answer(content, mimetype=_XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename="corrected.xlsx")
    return answer


@bp.post("/import/mapping.yaml")
def import_mapping(competition: str) -> Answer | tuple[str, int]:
    """Send how the file is read, for the command line and for other competitions."""
    get_competition(this.session(), this.actor(), competition, "organiser")
    kind = request.form.get("kind") or ""
    try:
        mapping = mapping_form.mapping_from_form(request.form, kind)
    except InvalidInput as error:
        return _refused(competition, error)
    if mapping is None:
        return _page(competition, problem=_("Choose a file first.")), 422
    answer = Answer(dump_mapping(mapping), mimetype="application/yaml")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{kind}-mapping.yaml")
    return answer


@bp.get("/import/template.xlsx")
def import_template(competition: str) -> Answer:
    """Send the workbook to fill in."""
    row = get_competition(this.session(), this.actor(), competition, *ROSTER_READERS)
    answer = Answer(write_template(definition_of(row)), mimetype=_XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{row.key}-roster.xlsx")
    return answer


def _given_file(competition: str) -> File | None:
    """Return the file of the form: one that is uploaded now, or one that is kept since it was."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        media_type = (upload.mimetype or "application/octet-stream")[:100]
        return File(name=upload.filename[:200], media_type=media_type, content=upload.stream.read())
    number = request.form.get("kept", "")
    if not (number.isdecimal() and len(number) < 10):
        return None
    row = incoming_files.get_file(this.session(), this.actor(), competition, int(number))
    return File(name=row.name, media_type="application/octet-stream", content=row.content)


def _read(competition: str, given: File, kind: str | None, mapping: TableMapping | None) -> LoadedFile:
    """Return the file as it is to be read: as its form says, or as the last file with the same headings was."""
    target = destination.find_target(
        this.session(), this.actor(), competition, round_key=request.form.get("round") or None
    )
    this.end_reading()
    loaded = load_file(target, content=given.content, filename=given.name, kind=kind, mapping=mapping)
    if mapping is None:
        remembered = incoming_files.find_mapping(this.session(), this.actor(), competition, loaded)
        if remembered is not None:
            this.end_reading()
            loaded = load_file(target, content=given.content, filename=given.name, kind=kind, mapping=remembered)
    return loaded


def _import_now(
    competition: str, given: File, kind: str | None, mapping: TableMapping | None, *, check_only: bool
) -> str | tuple[str, int]:
    loaded = _read(competition, given, kind, mapping)
    # What was recognised is shown before it is stored, unless there was nothing to recognise.
    is_seen = mapping is not None or "seen" in request.form or not any(table.notes for table in loaded.read)
    check_only = check_only or not is_seen
    problem: InvalidInput | None = None
    try:
        checking.check_file(this.session(), this.actor(), loaded, at=this.now())
    except InvalidInput as error:
        problem = error
    report, number = None, None
    with this.writing() as session:
        if problem is None:
            report = storing.store_file(session, this.actor(), loaded, at=this.now(), check_only=check_only)
        if problem is not None or check_only:
            row = get_competition(session, this.actor(), competition, "organiser")
            number = incoming_files.keep_file(
                session, this.actor(), row, name=given.name, content=given.content, at=this.now()
            )
    shown = show(loaded, problem.messages, problem.message) if problem is not None else show(loaded)
    answer = _page(competition, report=report, shown=shown, file=number, kind=kind)
    return answer if problem is None else (answer, 422)


def _import_by_job(
    competition: str, given: File, kind: str | None, mapping: TableMapping | None, *, check_only: bool
) -> Answer:
    with this.writing() as session:
        job = storing.request_import(
            session,
            this.actor(),
            competition,
            given,
            round_key=request.form.get("round") or None,
            kind=kind,
            mapping=None if mapping is None else mapping.to_dict(),
            check_only=check_only or (mapping is None and "seen" not in request.form),
            at=this.now(),
        )
    return follow(job.pk)


def _refused(competition: str, error: JudgingError) -> tuple[str, int]:
    """Return the page with what has to be corrected; nothing was stored."""
    if not isinstance(error, InvalidInput):
        return _page(competition, problem=translate(error.message)), 409
    shown = ShownFile(
        tables=(),
        complaints=tuple((place, tuple(texts)) for place, texts in error.messages.items()),
        problem=_NOTHING if error.message == InvalidInput.default else error.message,
    )
    return _page(competition, shown=shown), 422


def _page(
    competition: str,
    *,
    report: ImportReport | None = None,
    shown: ShownFile | None = None,
    problem: str = "",
    file: int | None = None,
    kind: str | None = None,
    round_key: str | None = None,
) -> str:
    # A file with open questions has no mistakes for that.
    if shown is not None and shown.problem and (shown.complaints or not shown.has_questions):
        problem = translate(shown.problem)
    chosen_kind = request.form.get("kind", "") if kind is None else kind
    return render_template(
        "organiser/import.html",
        frame=frame(competition),
        columns=COLUMNS,
        headings=_HEADINGS,
        kinds=KINDS,
        kind=chosen_kind,
        round_key=request.form.get("round", request.args.get("round", "")) if round_key is None else round_key,
        report=report,
        shown=shown,
        # Only one table can be adjusted; of a workbook with a sheet for each kind each is read by its own headings.
        adjustable=shown.tables[0] if shown is not None and len(shown.tables) == 1 and chosen_kind else None,
        file=file,
        form_of=mapping_form,
        limit=f"{current_app.config['MAX_CONTENT_LENGTH'] / 1_000_000:g}",
        problem=problem,
        tab="import",
    )
