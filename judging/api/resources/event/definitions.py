"""Competitions as files: what one can start from, making one, and its definition as YAML."""

from __future__ import annotations

from typing import Any

from flask import current_app

from judging import request as this
from judging.api import preconditions
from judging.api.bodies import Blueprint
from judging.errors import InvalidInput, Message, RubricError
from judging.schemas.answers.event.definitions import (
    ChangedDefinitionSchema,
    DefinitionFilesSchema,
    MadeCompetitionSchema,
    NewCompetitionSchema,
    TemplateSchema,
)
from judging.schemas.definitions.definition_files import Definition
from judging.schemas.definitions.drafts.draft import draft_of, load_plain
from judging.schemas.definitions.given_definitions import dump_files, load_files, made_from
from judging.services.competitions import editing, making
from judging.services.competitions.editing import EditableDefinition

bp = Blueprint("definitions", __name__, description="Competitions as YAML files")


@bp.get("/templates")
@bp.response(200, TemplateSchema(many=True))
def list_templates() -> list[dict[str, Any]]:
    """Return what a competition can start from: the templates of the installation, and own earlier competitions."""
    making.require_maker(this.session(), this.actor())
    return [
        {
            "source": source,
            "key": definition.competition.key,
            "name": dict(definition.competition.name.by_language),
            "rounds": [rules.key for rules in definition.rounds],
        }
        for source, definitions in _sources().items()
        for definition in definitions
    ]


@bp.post("/competitions")
@bp.arguments(NewCompetitionSchema)
@bp.response(201, MadeCompetitionSchema)
@bp.alt_response(409, description="There is a competition with this key")
@bp.alt_response(422, description="The files are no definition; `errors` names file, line and what would be right")
def make(typed: dict[str, Any]) -> dict[str, Any]:
    """Make a competition from a template, an earlier one, or YAML files; who makes it organises it."""
    making.require_maker(this.session(), this.actor())
    try:
        definition = _given(typed)
    except RubricError as error:
        raise InvalidInput({"files": error.complaints}) from error
    with this.writing() as session:
        judges_of = typed["start_from"] if typed["source"] == "earlier" and typed["with_judges"] else ""
        row = making.make_competition(session, this.actor(), definition, at=this.now(), judges_of=judges_of)
        return {"key": row.key, "rounds": [rules.key for rules in definition.rounds]}


@bp.get("/competitions/<competition>/definition")
@bp.response(200, DefinitionFilesSchema)
def get_definition(competition: str) -> dict[str, Any]:
    """Return the rules of a competition and its rounds, as YAML files and as plain data; the same make it again."""
    return _answer(editing.get_readable(this.session(), this.actor(), competition))


@bp.put("/competitions/<competition>/definition")
@bp.arguments(ChangedDefinitionSchema)
@bp.response(200, DefinitionFilesSchema)
@bp.alt_response(409, description="Sealed rules would change, or something is removed that is in use")
@bp.alt_response(412, description="The definition was changed since the one that If-Match names")
@bp.alt_response(422, description="It is no definition; `errors` names the path, or file and line, and what is right")
def put_definition(typed: dict[str, Any], competition: str) -> dict[str, Any]:
    """Replace the definition of a competition; rounds that were opened stay as they are."""
    stored = editing.get_editable(this.session(), this.actor(), competition)
    this.end_reading()
    definition = _changed(typed, stored.definition)
    if not typed["check_only"]:
        with this.writing() as session:
            present = editing.get_editable(session, this.actor(), competition, locked=True)
            preconditions.require_match(preconditions.etag_of(present.digest))
            editing.change_definition(
                session, this.actor(), competition, definition, instead_of=present.digest, at=this.now()
            )
    return _answer(editing.get_editable(this.session(), this.actor(), competition))


def _changed(typed: dict[str, Any], stored: Definition) -> Definition:
    try:
        if typed["files"] is not None:
            return load_files({name: text.encode() for name, text in typed["files"].items()})
        if typed["competition"] is None:
            raise InvalidInput({"competition": Message("Send files, or the competition with its rounds.")})
        return load_plain(typed["competition"], typed["rounds"], stored)
    except RubricError as error:
        if typed["files"] is not None:
            raise InvalidInput({"files": error.complaints}) from error
        errors: dict[str, list[str]] = {}
        for path, text in error.faults:
            errors.setdefault(path, []).append(text)
        raise InvalidInput(errors) from error


def _answer(stored: EditableDefinition) -> dict[str, Any]:
    preconditions.tagged(preconditions.etag_of(stored.digest))
    return {"files": dump_files(stored.definition), **draft_of(stored.definition), "sealed": sorted(stored.sealed)}


def _given(typed: dict[str, Any]) -> Definition:
    if typed["source"] == "files":
        this.end_reading()
        return load_files({name: text.encode() for name, text in typed["files"].items()})
    definitions = _sources()[typed["source"]]
    chosen = next((one for one in definitions if one.competition.key == typed["start_from"]), None)
    if chosen is None:
        raise InvalidInput({"start_from": Message("Choose what the competition starts from.")})
    this.end_reading()
    return made_from(chosen, key=typed["key"], names=typed["names"])


def _sources() -> dict[str, list[Definition]]:
    return {
        "template": making.list_templates(current_app.config["RUBRICS_DIR"]),
        "earlier": making.list_earlier(this.session(), this.actor()),
    }
