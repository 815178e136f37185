"""Make a competition on a page, and take its definition out again as YAML files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, InvalidInput, Message, RubricError
from judging.request_language import LANGUAGE_NAMES, current_language, translate
from judging.rubric import LANGUAGES
from judging.schemas.definitions.definition_files import Definition
from judging.schemas.definitions.given_definitions import dump_files, load_files, made_from, proposed_key
from judging.services.competitions import making

bp = Blueprint("new_competition", __name__)

_MOST_FILES = 30
_LONGEST_NAME = 200


@bp.get("/new-competition")
def show() -> Response:
    """Show what a competition can start from; an earlier event named in the address is chosen already.

    The script of the page asks with what was typed, and takes the proposed key from the answer.
    """
    earlier = request.args.get("earlier", "")
    typed = {name: request.args.get(name, "")[:_LONGEST_NAME] for name in ("source", *_name_fields())}
    return _page(typed | ({"source": f"earlier:{earlier}"} if earlier else {}), {})


@bp.post("/new-competition")
def make() -> AnyResponse:
    """Make the competition, or show the same page with what is wrong and everything that was typed."""
    making.require_maker(this.session(), this.actor())
    typed = {name: request.form.get(name, "").strip() for name in ("source", "key", *_name_fields())}
    try:
        definition = _given(typed)
        with this.writing() as own:
            row = making.make_competition(
                own, this.actor(), definition, at=this.now(), judges_of=_judges_of(typed["source"])
            )
            key = row.key
    except InvalidInput as error:
        complaints = {field: [translate(text) for text in texts] for field, texts in error.messages.items()}
        return _page(typed, complaints, status=422)
    except RubricError as error:
        return _page(typed, {"files": error.complaints}, status=422)
    except Conflict as error:
        return _page(typed, {"key": [translate(error.message)]}, status=409)
    flash(_("The competition is made. You organise it. Its rules and rubrics can be used as they are, or changed."))
    return redirect(url_for("organiser.overview", competition=key), code=303)


@bp.get("/competitions/<competition>/definition.zip")
def export(competition: str) -> Response:
    """Send the definition of a competition as YAML files in one archive; the same files can be uploaded again."""
    files = dump_files(making.get_stored(this.session(), this.actor(), competition))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    answer = make_response(content.getvalue())
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{competition}-definition.zip"'
    return answer


def _judges_of(source: str) -> str:
    """Return the key of the earlier event whose judges are taken along; empty when that was not asked for."""
    kind, _sign, key = source.partition(":")
    return key if kind == "earlier" and request.form.get("with_judges") == "1" else ""


def _given(typed: dict[str, str]) -> Definition:
    if typed["source"].startswith("files:"):
        definition = load_files(_uploaded())
        this.end_reading()
        return definition
    chosen = _chosen(typed, _sources())
    if chosen is None:
        raise InvalidInput({"source": Message("Choose what the competition starts from.")})
    own_key = typed["key"] or _proposed(typed, chosen)
    this.end_reading()
    return made_from(chosen, key=own_key, names=_names(typed), at=this.now())


def _chosen(typed: Mapping[str, str], sources: Mapping[str, Sequence[Definition]]) -> Definition | None:
    kind, _sign, key = typed["source"].partition(":")
    return next((one for one in sources.get(kind, ()) if one.competition.key == key), None)


def _proposed(typed: Mapping[str, str], chosen: Definition) -> str:
    in_use = making.keys_in_use(this.session(), this.actor())
    return proposed_key(chosen, _names(typed), in_use, at=this.now())


def _names(typed: Mapping[str, str]) -> dict[str, str]:
    return {tag: typed[f"name-{tag}"] for tag in LANGUAGES}


def _uploaded() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for file in request.files.getlist("files")[:_MOST_FILES]:
        name, content = (file.filename or "").rpartition("/")[2], file.read()
        if name.endswith(".zip"):
            files |= _unpacked(content)
        elif name:
            files[name] = content
    return files


def _unpacked(content: bytes) -> dict[str, bytes]:
    complaint = InvalidInput(
        {"files": Message("This ZIP has no rules of a competition: choose the files (.yaml) themselves.")}
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > _MOST_FILES or sum(member.file_size for member in members) > 5_000_000:
                raise complaint
            return {member.filename.rpartition("/")[2]: archive.read(member) for member in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise complaint from error


def _sources() -> dict[str, list[Definition]]:
    return {
        "template": making.list_templates(current_app.config["RUBRICS_DIR"]),
        "earlier": making.list_earlier(this.session(), this.actor()),
    }


def _name_fields() -> list[str]:
    return [f"name-{tag}" for tag in LANGUAGES]


def _page(typed: dict[str, str], complaints: dict[str, Any], *, status: int = 200) -> Response:
    making.require_maker(this.session(), this.actor())
    sources = _sources()
    chosen = _chosen(typed, sources)
    page = render_template(
        "new_competition.html",
        sources=sources,
        typed=typed,
        proposed="" if chosen is None else _proposed(typed, chosen),
        examples=[one for one in sources["template"] if one.competition.key in making.EXAMPLES],
        with_judges=request.form.get("with_judges") == "1",
        complaints=complaints,
        # The language of the page first: most events have a name in it alone.
        language_names=dict(sorted(LANGUAGE_NAMES.items(), key=lambda pair: pair[0] != current_language())),
    )
    return make_response(page, status)
