"""Import of files: check, import, and the template to fill in."""

from __future__ import annotations

from flask import Response as Answer
from flask import render_template, request
from flask_babel import gettext as _

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.schemas.roster_rows import COLUMNS, KINDS
from judging.services.access import ROSTER_READERS, get_competition
from judging.services.competitions import definition_of
from judging.services.imports import files
from judging.services.imports.import_report import ImportReport
from judging.services.imports.loaded_file import load_file
from judging.web.languages import translate
from judging.web.organiser.blueprint import bp, frame
from judging.workbook.template import write_template

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/import")
def import_page(competition: str) -> str:
    """Show what can be imported, and the form."""
    return _page(competition)


@bp.post("/import")
def import_file(competition: str) -> str | tuple[str, int]:
    """Check an uploaded file, and import it unless only a check was requested.

    The answer is the page, not a redirect: importing the same file again changes nothing.
    """
    # Check access before the file: an auditor may read this page but not import.
    get_competition(this.session(), this.actor(), competition, "organiser")
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _page(competition, problem=_("Choose a file first.")), 422
    check_only = request.form.get("action") != "import"
    try:
        target = files.find_target(
            this.session(), this.actor(), competition, round_key=request.form.get("round") or None
        )
        this.end_reading()
        loaded = load_file(
            target, stream=upload.stream, filename=upload.filename[:200], kind=request.form.get("kind") or None
        )
        files.check_file(this.session(), this.actor(), loaded, at=this.now())
        with this.writing() as session:
            report = files.store_file(session, this.actor(), loaded, at=this.now(), check_only=check_only)
    except InvalidInput as error:
        complaints = [
            (translate(place), [translate(text) for text in texts]) for place, texts in error.messages.items()
        ]
        return _page(competition, problem=translate(error.message), complaints=complaints), 422
    except Conflict as error:
        return _page(competition, problem=translate(error.message)), 409
    return _page(competition, report=report)


@bp.get("/import/template.xlsx")
def import_template(competition: str) -> Answer:
    """Send the workbook to fill in."""
    row = get_competition(this.session(), this.actor(), competition, *ROSTER_READERS)
    answer = Answer(write_template(definition_of(row)), mimetype=_XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{row.key}-roster.xlsx")
    return answer


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
