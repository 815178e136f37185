"""Pages of lists that grow: ``limit`` and ``cursor`` in the query, ``next`` in the body, ``Link: rel="next"``.

A cursor names the last row of a page, not a number of rows: what is added meanwhile moves nothing to another page.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, after_this_request, request
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from judging.errors import InvalidInput, Message

_MOST_NUMBER = 2**31 - 1
_UNKNOWN = Message("This cursor is not known. Begin with the first page again.")
Row = TypeVar("Row")


def encoded(value: int | str) -> str:
    """Return a cursor of this list that stands behind the row with a number or key."""
    return base64.urlsafe_b64encode(json.dumps([_list_name(), value]).encode()).decode().rstrip("=")


def number_in(cursor: str | None) -> int | None:
    """Return the number of the row that a cursor of this list names; None without a cursor.

    Raises
    ------
    InvalidInput
        When it is no cursor of this list.
    """
    value = _value_in(cursor)
    if value is not None and (type(value) is not int or not 0 < value <= _MOST_NUMBER):
        raise InvalidInput({"cursor": [_UNKNOWN]})
    return value


def key_in(cursor: str | None) -> str | None:
    """Return the key of the row that a cursor of this list names; see ``number_in``."""
    value = _value_in(cursor)
    if value is not None and not isinstance(value, str):
        raise InvalidInput({"cursor": [_UNKNOWN]})
    return value


def cut(rows: Sequence[Row], limit: int, name_of: Callable[[Row], int | str]) -> tuple[Sequence[Row], str | None]:
    """Return one page of rows, of which one more than the limit was read, and the cursor of the next page."""
    return (rows, None) if len(rows) <= limit else (rows[:limit], encoded(name_of(rows[limit - 1])))


def linked(cursor: str | None) -> str | None:
    """Let the answer link to the next page; return the cursor for its body."""
    if cursor is not None:
        asked = MultiDict(request.args)
        asked["cursor"] = cursor
        address = iri_to_uri(f"{request.path}?{urlencode(list(asked.items(multi=True)))}")

        @after_this_request
        def add_link(response: Response) -> Response:
            if response.status_code == 200:
                response.headers["Link"] = f'<{address}>; rel="next"'
            return response

    return cursor


def _value_in(cursor: str | None) -> Any:
    if cursor is None:
        return None
    try:
        named, value = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidInput({"cursor": [_UNKNOWN]}) from error
    if named != _list_name() or value is None:
        raise InvalidInput({"cursor": [_UNKNOWN]})
    return value


def _list_name() -> str:
    return request.path
