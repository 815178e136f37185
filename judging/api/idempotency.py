"""The header Idempotency-Key: a POST or PATCH that is sent twice takes effect once.

The key is stored with the work, in ``request.writing()``. The same request with the same key is answered as before. A
request that was refused has stored nothing: it may be sent again with its key.
"""

from __future__ import annotations

import hashlib
import re
from typing import IO, Any

import structlog
from flask import Blueprint, Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import FileStorage

from judging import db
from judging import request as this
from judging.api.faults import problem, problem_of
from judging.errors import InvalidInput, Message, Unavailable
from judging.schemas.answers.problems import LOST_TYPE, REUSED_TYPE, RUNNING_TYPE
from judging.services import request_keys
from judging.services.request_keys import KeptRequest, KeyTaken, RequestToKeep

log = structlog.get_logger()

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
METHODS = ("POST", "PATCH")
PATTERN = "^[!-~]{1,255}$"
SECRET = frozenset(
    [
        *("access_tokens.make_token", "members.invite", "letter_files.make_links", "webhooks.add_webhook"),
        "reminders.write_reminders",
    ]
)
"""Endpoints whose answer contains a secret: it is never stored."""
LARGE = frozenset(["api_audit_log.log_file"])
"""Endpoints whose answer is a file of many megabytes: it is not stored either."""

_KEPT_HEADERS = ("Content-Type", "Content-Language", "Content-Disposition", "ETag", "Location", "Link")
_PIECE = 1_000_000
_KEY = Message("An idempotency key has 1 to 255 visible characters of ASCII.")
_REUSED = Message("This idempotency key was used for another request. Give each request a key of its own.")
_RUNNING = Message(
    "The first request with this idempotency key is still being answered. Please wait, then send it again."
)
_LOST = Message(
    "This request was carried out, and nothing is done again. Its answer is not kept: read the present state instead."
)


def init_app(app: Flask) -> None:
    """Answer what was asked before, and keep what is answered now."""
    app.before_request(_repeat)
    app.after_request(_keep)


def guard(blueprint: Blueprint) -> None:
    """Let the second of two requests at the same moment be answered like any later one."""
    blueprint.register_error_handler(KeyTaken, _on_key_taken)


def parameter() -> dict[str, Any]:
    """Return the header as a parameter of OpenAPI."""
    about = (
        "Sent again within 24 hours with the same key and body, the request is answered as before and changes nothing."
    )
    return {
        "name": HEADER,
        "in": "header",
        "required": False,
        "description": about,
        "schema": {"type": "string", "pattern": PATTERN, "maxLength": 255},
    }


def _repeat() -> Response | None:
    key = request.headers.get(HEADER)
    if key is None or request.method not in METHODS or not request.path.startswith("/api/"):
        return None
    if request.routing_exception is not None:
        return None
    if not re.fullmatch(PATTERN[1:-1], key):
        return problem_of(InvalidInput({HEADER: [_KEY]}))
    person_id = this.actor().person_id
    if person_id is None:
        return None
    asked = RequestToKeep(person_id=person_id, key=key, digest=_digest())
    kept = request_keys.find(this.session(), person_id, key, at=this.now())
    if kept is not None:
        return _answer_of(kept, asked)
    this.keep_with_work(asked)
    return None


def _answer_of(kept: KeptRequest, asked: RequestToKeep) -> Response:
    if kept.digest != asked.digest:
        return problem(422, _REUSED, kind=REUSED_TYPE)
    # The key is stored together with the work: where no answer is kept, nothing is to be waited for.
    if request.endpoint not in SECRET | LARGE and kept.is_running(this.now()):
        answer = problem(409, _RUNNING, kind=RUNNING_TYPE)
        answer.headers["Retry-After"] = "1"
        return answer
    if kept.status is None:
        return problem(409, _LOST, kind=LOST_TYPE)
    answer = Response(kept.body, status=kept.status)
    for name, value in kept.headers:
        answer.headers[name] = value
    answer.headers[REPLAYED] = "true"
    return answer


def _on_key_taken(error: KeyTaken) -> Response:
    asked = this.request_to_keep()
    g.pop("judging_request_to_keep", None)
    kept = None if asked is None else request_keys.find(this.session(), asked.person_id, asked.key, at=this.now())
    return problem_of(error) if kept is None or asked is None else _answer_of(kept, asked)


def _keep(response: Response) -> Response:
    asked = this.request_to_keep()
    is_whole = not response.is_streamed and not response.direct_passthrough
    if asked is None or not this.is_kept() or response.status_code >= 500 or not is_whole:
        return response
    if request.endpoint in SECRET | LARGE:
        return response
    headers = [[name, response.headers[name]] for name in _KEPT_HEADERS if name in response.headers]
    this.end_reading()
    try:
        with db.transaction(this.engine()) as own:
            request_keys.keep_answer(
                own, asked, status=response.status_code, headers=headers, body=response.get_data(), at=this.now()
            )
    except (Unavailable, SQLAlchemyError) as error:
        # The work is stored. Whoever asks again learns that its answer is not kept.
        log.warning("answer not kept", endpoint=request.endpoint, error=str(error))
    return response


def _digest() -> str:
    """Return the SHA-256 of what is asked. The boundary of a form is another one each time, so its parts count."""
    digest = hashlib.sha256()
    parts: list[object] = [request.method, request.path, *sorted(request.args.items(multi=True))]
    if request.mimetype == "multipart/form-data":
        parts += sorted(request.form.items(multi=True))
        parts += [(name, file.filename, _content(file)) for name, file in request.files.items(multi=True)]
    else:
        parts += [request.mimetype, hashlib.sha256(request.get_data()).hexdigest()]
    digest.update(repr(parts).encode())
    return digest.hexdigest()


def _content(file: FileStorage) -> str:
    stream: IO[bytes] = file.stream
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE):
        digest.update(piece)
    stream.seek(0)
    return digest.hexdigest()
