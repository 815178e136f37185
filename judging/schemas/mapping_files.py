"""Mappings of tables as YAML files: how a file was read, to be given with the next file of the same shape."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from judging.errors import InvalidInput, Message
from judging.incoming_tables.containers.encodings import ENCODINGS
from judging.incoming_tables.mapping import TableMapping, mapping_from_dict
from judging.incoming_tables.texts.synonyms import FIELDS
from judging.schemas.strict_yaml import dump_document, read_document

_LONGEST = 300
_MOST_COLUMNS = 200


def _text(**settings: Any) -> fields.String:
    return fields.String(validate=validate.Length(max=_LONGEST), **settings)


class _ColumnSchema(Schema):
    heading = _text(required=True)
    use = _text(required=True)
    judge = _text()
    criterion = _text()
    proposal = _text()
    slot = fields.Integer(strict=True, validate=validate.Range(min=0, max=1000))


class MappingSchema(Schema):
    """How a table is read; see ``judging.incoming_tables.mapping``."""

    kind = fields.String(required=True, validate=validate.OneOf(list(FIELDS)))
    sheets = fields.List(_text(), validate=validate.Length(max=_MOST_COLUMNS))
    heading_rows = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=0, max=100_000)), validate=validate.Length(equal=2)
    )
    sheet_is = fields.String(
        validate=validate.OneOf(["", "judge", "proposal", "criterion", "title", "title of proposal", "file"])
    )
    encoding = fields.String(validate=validate.OneOf(["", *ENCODINGS]))
    columns = fields.List(fields.Nested(_ColumnSchema), validate=validate.Length(max=_MOST_COLUMNS))
    answers = fields.Dict(keys=_text(), values=_text(), validate=validate.Length(max=50))


def load_mapping(path: Path) -> TableMapping:
    """Return the mapping of a YAML file.

    Raises
    ------
    InvalidInput, RubricError
        When the file cannot be read, is no YAML, or is no mapping.
    """
    try:
        document = read_document(path)
    except OSError as error:
        raise InvalidInput({str(path): Message("cannot be read: {reason}", reason=error.strerror or "")}) from error
    return mapping_of(document.content)


def mapping_of(values: Any) -> TableMapping:
    """Return the mapping of plain values, of a YAML file or a form."""
    try:
        loaded: Mapping[str, Any] = MappingSchema().load(values)
    except ValidationError as error:
        raise InvalidInput({"mapping": [str(error.messages)[:500]]}) from error
    return mapping_from_dict(loaded)


def dump_mapping(mapping: TableMapping) -> str:
    """Return a mapping as YAML."""
    return dump_document(mapping.to_dict())
