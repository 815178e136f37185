"""If-Match: a change is refused with 412 when somebody else has changed the same since it was read.

The ETag is strong and is made of what a change of the row changes. It is compared inside the write transaction, with
the row locked, so of two changes from the same state one is refused. Nobody must send If-Match.
"""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, after_this_request, request

from judging.api.faults import problem
from judging.errors import Conflict, Message
from judging.schemas.answers.problems import CHANGED_TYPE

_CHANGED = Message("It was changed since it was read. Read it again, then send the change with its new ETag.")


class ChangedMeanwhile(Conflict):
    """The present state is another one than If-Match names; ``etag`` is of the present one."""

    def __init__(self, etag: str) -> None:
        super().__init__(_CHANGED)
        self.etag = etag


def etag_of(*parts: object) -> str:
    """Return the ETag of a state."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def tagged(etag: str) -> None:
    """Let a successful answer of this request carry the ETag of what it describes."""

    @after_this_request
    def add_etag(response: Response) -> Response:
        if response.status_code in (200, 201):
            response.set_etag(etag)
        return response


def require_match(etag: str) -> None:
    """Compare the ETag of the locked, present state with If-Match, if the request has one.

    Raises
    ------
    ChangedMeanwhile
        When it is another one.
    """
    if request.headers.get("If-Match") is not None and not request.if_match.contains(etag):
        raise ChangedMeanwhile(etag)


def guard(blueprint: Blueprint) -> None:
    """Answer 412 with the ETag of the present state."""
    blueprint.register_error_handler(ChangedMeanwhile, _on_changed)


def _on_changed(error: ChangedMeanwhile) -> Response:
    answer = problem(412, error.message, kind=CHANGED_TYPE)
    answer.set_etag(error.etag)
    return answer
