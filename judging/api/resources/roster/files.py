"""Decks and videos of proposals: upload, list, read, remove, use again."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, current_app, request, url_for

from judging import request as this
from judging.api.bodies import Blueprint
from judging.errors import Conflict, InvalidInput, Message
from judging.file_parts import send_part
from judging.media.file_store import FileStore
from judging.media.recognising_media import PDF
from judging.media.video_container import WEBM
from judging.schemas.answers.roster.proposal_files import AddedFilesSchema, FilesOfProposalSchema, PutBackFileSchema
from judging.services.proposal_files import readers, receiving, uploads

bp = Blueprint("api_files", __name__, description="Decks and videos of proposals")

_ADDRESS = "/competitions/<competition>/files"
_FILE = "/competitions/<competition>/proposals/<proposal>/files/<kind>"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "proposal": {
                            "type": "string",
                            "description": "Its key; otherwise each name begins with one.",
                        },
                    },
                }
            }
        },
    }
}


@bp.get(_ADDRESS)
@bp.response(200, FilesOfProposalSchema(many=True))
def list_files(competition: str) -> list[dict[str, Any]]:
    """Return all proposals with their decks and videos, and those that were replaced or removed."""
    kept = _store()
    return [
        {
            "proposal": entry.proposal.key,
            "files": [
                {
                    "kind": row.kind,
                    "name": row.name,
                    "media_type": row.media_type,
                    "n_bytes": row.n_bytes,
                    "digest": row.digest,
                    "uploaded_at": row.uploaded_at,
                    "pages": len(entry.files.rendered.pages) if row.kind == "deck" and entry.files.rendered else 0,
                    "address": url_for(
                        "api_files.get_file", competition=competition, proposal=entry.proposal.key, kind=row.kind
                    ),
                }
                for row in (entry.files.deck, entry.files.video)
                if row is not None
            ],
            "earlier": [
                {
                    "number": row.id,
                    "kind": row.kind,
                    "name": row.name,
                    "digest": row.digest,
                    "uploaded_at": row.uploaded_at,
                    "removed_at": row.removed_at,
                    "is_kept": kept.path_of(row.digest).exists(),
                }
                for row in entry.earlier
            ],
        }
        for entry in uploads.list_files(this.session(), this.actor(), competition)
    ]


@bp.post(_ADDRESS)
@bp.response(200, AddedFilesSchema)
@bp.alt_response(422, description="No file was sent, or none could be stored")
@bp.doc(**_BODY)
def add_files(competition: str) -> dict[str, Any]:
    """Store decks and videos, each for itself; the answer says which were refused and why."""
    keys = uploads.keys_of(this.session(), this.actor(), competition)
    this.end_reading()
    stored, refused = [], {}
    for file in request.files.getlist("files"):
        name = file.filename or ""
        try:
            proposal = request.form.get("proposal") or uploads.key_in_name(name, keys)
            upload = receiving.receive(_store(), file.stream, name, current_app.config["MEDIA_LIMITS"])
            with this.writing() as session:
                row = uploads.add_file(session, this.actor(), competition, proposal, upload, at=this.now())
                stored.append({"name": row.name, "proposal": proposal, "kind": row.kind})
        except InvalidInput as error:
            refused[name] = [text for texts in error.messages.values() for text in texts]
    if not stored:
        raise InvalidInput(refused or {"files": [Message("Choose a file first.")]})
    return {"stored": stored, "refused": [{"name": name, "messages": texts} for name, texts in refused.items()]}


@bp.post("/competitions/<competition>/proposals/<proposal>/files/<int:number>/use-again")
@bp.response(200, PutBackFileSchema)
@bp.alt_response(404, description="The proposal has no such earlier file")
@bp.alt_response(409, description="It is in use already, or its content is no longer kept")
def put_back_file(competition: str, proposal: str, number: int) -> dict[str, Any]:
    """Use a deck or video again that was replaced or removed."""
    earlier = uploads.get_earlier(this.session(), this.actor(), competition, proposal, number)
    this.end_reading()
    if not _store().path_of(earlier.digest).exists():
        raise Conflict(Message("This file is no longer kept. Upload it again."))
    with this.writing() as session:
        row = uploads.put_back(session, this.actor(), competition, proposal, number, at=this.now())
        return {"name": row.name, "proposal": proposal, "kind": row.kind, "digest": row.digest}


@bp.get(_FILE)
@bp.response(200, content_type="application/octet-stream")
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@bp.alt_response(404, description="There is no such file, or the judge does not score this proposal")
def get_file(competition: str, proposal: str, kind: str) -> Response:
    """Return the deck or the video of a proposal; `Range` asks for a part. Its name tells nothing about the team."""
    row = readers.get_file(readers.get_files(this.session(), this.actor(), competition, proposal), kind)
    this.end_reading()
    ending = {PDF: "pdf", WEBM: "webm"}.get(row.media_type, "mp4")
    path, name = _store().path_of(row.digest), f"{proposal}-{kind}.{ending}"
    return send_part(path, media_type=row.media_type, digest=row.digest, name=name)


@bp.delete(_FILE)
@bp.response(204)
def remove_file(competition: str, proposal: str, kind: str) -> None:
    """Remove the deck or the video of a proposal; its content is kept for 30 days."""
    with this.writing() as session:
        uploads.remove_file(session, this.actor(), competition, proposal, kind, at=this.now())


def _store() -> FileStore:
    return cast(FileStore, current_app.extensions["judging.files"])
