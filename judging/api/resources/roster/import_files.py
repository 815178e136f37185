"""Files of an import: the template to fill in, and an uploaded file with its complaints beside its rows."""

from __future__ import annotations

from flask import Response, request

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.resources.roster.imports import BODY, uploaded
from judging.request_language import translate
from judging.services.access import ROSTER_READERS, get_competition
from judging.services.competitions.definitions import definition_of
from judging.services.imports import checking, destination, incoming_files
from judging.services.imports.loaded_file import corrected_file, load_file
from judging.workbook.roster.template import write_template

bp = Blueprint("import_files", __name__, description="The template of imports, and files with their complaints")

_ADDRESS = "/competitions/<competition>/imports"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get(f"{_ADDRESS}/template.xlsx")
@bp.response(200, content_type=_XLSX)
def get_template(competition: str) -> Response:
    """Return the workbook to fill in, with a sheet for each kind of rows."""
    row = get_competition(this.session(), this.actor(), competition, *ROSTER_READERS)
    definition = definition_of(row)
    this.end_reading()
    return _workbook(write_template(definition), f"{competition}-roster.xlsx")


@bp.post(f"{_ADDRESS}/corrected.xlsx")
@bp.doc(**BODY)
@bp.response(200, content_type=_XLSX)
@bp.alt_response(422, description="No file was sent, it cannot be read, or its kind or mapping is unknown")
def mark_file(competition: str) -> Response:
    """Return a file as a workbook with a column of complaints; nothing is stored."""
    get_competition(this.session(), this.actor(), competition, "organiser")
    given = uploaded(request)
    target = destination.find_target(this.session(), this.actor(), competition, round_key=given.round_key)
    this.end_reading()
    content, name = given.file.content, given.file.name
    loaded = load_file(target, content=content, filename=name, kind=given.kind, mapping=given.mapping)
    if given.mapping is None:
        remembered = incoming_files.find_mapping(this.session(), this.actor(), competition, loaded)
        this.end_reading()
        if remembered is not None:
            loaded = load_file(target, content=content, filename=name, kind=given.kind, mapping=remembered)
    complaints = checking.find_complaints(this.session(), this.actor(), loaded, at=this.now())
    this.end_reading()
    return _workbook(corrected_file(loaded, complaints, content, translate), "corrected.xlsx")


def _workbook(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype=_XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
