"""Teams and proposals as a platform posts them; the values of a row are checked like those of a file."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from judging.errors import InvalidInput
from judging.schemas.roster_rows import COLUMNS
from judging.schemas.strict_json import parse_json

MOST_ROWS = 20_000
FILE_KINDS = ("judges", "teams", "proposals", "assignments", "scores")
_TEAM = ("key", "name", "city", "affiliation", "email", "mentors")


def _row(name: str, columns: tuple[str, ...], kind: str) -> type[Schema]:
    about = {column.name: column.about for column in COLUMNS[kind]}
    texts: dict[str, fields.Field[Any]] = {
        column: fields.String(
            required=column == "key",
            allow_none=column != "key",
            metadata={"description": str(about[column])},
        )
        for column in columns
    }
    return Schema.from_dict(texts, name=name)


EntryTeamSchema = _row("EntryTeam", _TEAM, "teams")
EntryProposalSchema = _row("EntryProposal", tuple(column.name for column in COLUMNS["proposals"]), "proposals")


class EntriesSchema(Schema):
    """Teams and proposals to add or change by key. A value that is missing, null or empty stays as it is."""

    teams = fields.List(fields.Nested(EntryTeamSchema), load_default=list, validate=validate.Length(max=MOST_ROWS))
    proposals = fields.List(
        fields.Nested(EntryProposalSchema), load_default=list, validate=validate.Length(max=MOST_ROWS)
    )
    round = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "Key of the round that the proposals enter; default: new ones enter the first one."},
    )


def load_posted(content: bytes) -> dict[str, Any]:
    """Return entries that were kept as JSON for a job.

    Raises
    ------
    InvalidInput
        When they are no entries.
    """
    try:
        loaded: dict[str, Any] = EntriesSchema().load(parse_json(content))
    except ValidationError as error:
        raise InvalidInput({"entries": [str(error.messages)[:500]]}) from error
    return loaded


class PreviewSchema(Schema):
    """Whether something is stored."""

    preview = fields.Boolean(
        load_default=False, metadata={"description": "true: say what would happen, and store nothing."}
    )


class ImportFormSchema(Schema):
    """The fields beside a file that is to be imported."""

    kind = fields.String(
        load_default=None,
        validate=validate.OneOf(FILE_KINDS),
        metadata={"description": "What the rows are; not needed when the sheets are named after it."},
    )
    round = fields.String(load_default=None, metadata={"description": "Key of the round of assignments and scores."})
    mapping = fields.String(
        load_default=None, metadata={"description": "How the columns are read: JSON, as an earlier answer has it."}
    )
