"""Competitions as files: what one can start from, making one, and its definition as YAML."""

from __future__ import annotations

from typing import Any

from flask import current_app

from judging import request as this
from judging.api.bodies import Blueprint
from judging.errors import InvalidInput, Message, RubricError
from judging.schemas.answers.event.definitions import (
    DefinitionFilesSchema,
    MadeCompetitionSchema,
    NewCompetitionSchema,
    TemplateSchema,
)
from judging.schemas.definitions.definition_files import Definition
from judging.schemas.definitions.given_definitions import dump_files, load_files, made_from
from judging.services.competitions import making

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
        row = making.make_competition(session, this.actor(), definition, at=this.now())
        return {"key": row.key, "rounds": [rules.key for rules in definition.rounds]}


@bp.get("/competitions/<competition>/definition")
@bp.response(200, DefinitionFilesSchema)
def get_definition(competition: str) -> dict[str, Any]:
    """Return the rules of a competition and its rounds as YAML files; the same files make it again."""
    return {"files": dump_files(making.get_stored(this.session(), this.actor(), competition))}


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
