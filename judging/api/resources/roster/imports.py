"""Import of files: rosters, assignments and scores from workbooks and text files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request, Response, request

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.resources.event.jobs import job_answer
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.incoming_tables.mapping import TableMapping
from judging.request_language import translate
from judging.schemas.answers.event.jobs import JobSchema
from judging.schemas.answers.roster.imports import ImportAnswerSchema
from judging.schemas.entries import ImportFormSchema, PreviewSchema
from judging.schemas.mapping_files import mapping_of
from judging.schemas.stored_messages import problem_from_stored
from judging.schemas.strict_json import parse_json
from judging.services.access import get_competition
from judging.services.imports import storing
from judging.services.imports.import_report import ImportReport, report_from_dict
from judging.services.imports.shown import ShownFile
from judging.services.jobs.job_requests import File, get_job

bp = Blueprint("imports", __name__, description="Rosters, assignments and scores from files")

_ADDRESS = "/competitions/<competition>/imports"
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **{
                            name: {"type": "string", "description": field.metadata["description"]}
                            for name, field in ImportFormSchema().fields.items()
                        },
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A file that a form has brought, with how it is to be read."""

    file: File
    kind: str | None
    round_key: str | None
    mapping: TableMapping | None


def uploaded(sent: Request) -> UploadedFile:
    """Return the file of a form.

    Raises
    ------
    InvalidInput
        When there is none, or its kind or mapping is unknown.
    """
    form = {name: text for name, text in sent.form.items() if text}
    unknown = ImportFormSchema().validate(form)
    if unknown:
        raise InvalidInput({str(name): [Message("This value is not known here.")] for name in unknown})
    upload = sent.files.get("file")
    if upload is None or not upload.filename:
        raise InvalidInput({"file": [Message("Choose a file first.")]})
    mapping = mapping_of(parse_json(form["mapping"].encode())) if "mapping" in form else None
    if mapping is not None and form.get("kind") not in (None, mapping.kind):
        raise InvalidInput({"mapping": [Message("The mapping is of another kind of rows.")]})
    media_type = (upload.mimetype or "application/octet-stream")[:100]
    return UploadedFile(
        file=File(name=upload.filename[:200], media_type=media_type, content=upload.stream.read()),
        kind=form.get("kind") or (None if mapping is None else mapping.kind),
        round_key=form.get("round"),
        mapping=mapping,
    )


@bp.post(_ADDRESS)
@bp.arguments(PreviewSchema, location="query")
@bp.doc(**BODY)
@bp.response(202, JobSchema)
@bp.alt_response(422, description="No file was sent, or its kind or mapping is unknown")
def import_file(query: dict[str, bool], competition: str) -> Response:
    """Ask for the import of a file (xlsx, csv and others); when the job is done, read `imports/{number}`."""
    get_competition(this.session(), this.actor(), competition, "organiser")
    given = uploaded(request)
    with this.writing() as session:
        job = storing.request_import(
            session,
            this.actor(),
            competition,
            given.file,
            round_key=given.round_key,
            kind=given.kind,
            mapping=None if given.mapping is None else given.mapping.to_dict(),
            check_only=query["preview"],
            at=this.now(),
        )
    return job_answer(job)


@bp.get(f"{_ADDRESS}/<int:number>")
@bp.response(200, ImportAnswerSchema)
@bp.alt_response(409, description="The job is no import, is not done, or was cancelled")
def get_import(competition: str, number: int) -> dict[str, Any]:
    """Return what came of an import: what was stored or would be, complaints, questions and how the file was read."""
    row = get_competition(this.session(), this.actor(), competition, "organiser")
    job = get_job(this.session(), this.actor(), number)
    if job.competition_id != row.id:
        raise NotFound
    if job.kind != "import":
        raise Conflict(Message("Job {number} is no import.", number=number))
    if job.problem is not None:
        raise problem_from_stored(job.problem)
    if job.state != "done":
        raise Conflict(Message("This import is not done."))
    result: Mapping[str, Any] = job.result or {}
    report = None if result.get("report") is None else report_from_dict(result["report"])
    shown = ShownFile.from_dict(result["shown"]) if "shown" in result else ShownFile(tables=())
    return {
        "is_stored": report is not None and report.is_stored,
        "outcomes": [] if report is None else outcomes_of(report),
        "complaints": [
            {"place": translate(place), "messages": [translate(text) for text in texts]}
            for place, texts in shown.complaints
        ],
        "tables": [
            {
                "kind": table.kind,
                "n_rows": table.n_rows,
                "mapping": _sendable(table.mapping),
                "notes": [translate(note) for note in table.notes],
                "questions": [
                    {
                        "name": question.name,
                        "text": translate(question.text),
                        "answers": {answer: translate(text) for answer, text in question.answers},
                    }
                    for question in table.questions
                ],
            }
            for table in shown.tables
        ],
    }


def _sendable(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping as it may be sent with the file; the page's letters of columns are left out."""
    columns = [{name: value for name, value in column.items() if name != "letters"} for column in mapping["columns"]]
    return {**mapping, "columns": columns}


def outcomes_of(report: ImportReport) -> list[dict[str, Any]]:
    """Return what came of each kind of rows, with notes in the language of the request."""
    return [
        {
            "kind": outcome.kind,
            "n_new": outcome.n_new,
            "n_changed": outcome.n_changed,
            "n_unchanged": outcome.n_unchanged,
            "changes": outcome.changes,
            "notes": [translate(note) for note in outcome.notes],
        }
        for outcome in report.outcomes
    ]
