"""The query of a list that is read page by page."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from judging.schemas.whole_numbers import WholeNumberInText

MOST = 500
NEXT = "The cursor of the next page; null on the last one."


class PageQuerySchema(Schema):
    """Which part of a list."""

    limit = WholeNumberInText(
        load_default=100,
        validate=validate.Range(min=1, max=MOST),
        metadata={"description": "Most entries of the answer."},
    )
    cursor = fields.String(
        load_default=None, metadata={"description": "`next` of the page before; without it, the first page."}
    )
