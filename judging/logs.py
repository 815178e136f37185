"""One JSON line for each request and each event, linked by a request id.

No form field, token, cookie or score is ever logged: the audit log in the database records who did what.
"""

import logging
import re
import secrets
import sys
import time
from typing import TextIO

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict, Processor

log = structlog.get_logger()
_REFUSED = (400, 401, 403, 429)


# What PostgreSQL adds to an error: the values of a row, which may be a person's.
_DETAIL = re.compile(r"DETAIL:.*?(?=\n\[SQL|\n\nThe above|\n\nDuring|\Z)", re.DOTALL)


def _without_values(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {
        name: _DETAIL.sub("DETAIL: not logged", value) if isinstance(value, str) else value
        for name, value in event.items()
    }


_FIRST_STEPS: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _without_values,
)
_TO_JSON = structlog.processors.JSONRenderer(ensure_ascii=False)


class _Handler(logging.StreamHandler[TextIO]):
    """Our handler of the root logger: a second call of `configure` replaces it and no other."""


def configure(level: str) -> None:
    """Write lines of at least this level to standard error, and the warnings of other packages in the same form."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*_FIRST_STEPS, _TO_JSON],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Handler)]:
        root.removeHandler(handler)
    handler = _Handler(sys.stderr)
    handler.setFormatter(json_formatter())
    root.addHandler(handler)


def json_formatter() -> logging.Formatter:
    """Return a formatter that writes a record of the standard library as our lines are."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *_FIRST_STEPS],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _TO_JSON],
    )


def init_app(app: Flask) -> None:
    """Give each request an id and log its outcome."""
    app.before_request(_begin)
    app.after_request(_end)


def route() -> str:
    """Return the rule of the request's address. The address itself may contain the token of a personal link."""
    return request.url_rule.rule if request.url_rule else "(no route)"


def _begin() -> None:
    # The id is always ours: with an id from a header, a client could forge log lines or link them.
    g.request_id = secrets.token_hex(8)
    g.request_began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    milliseconds = round((time.perf_counter() - g.get("request_began", time.perf_counter())) * 1000, 1)
    # Whoever is refused may be trying what is not theirs.
    who = {"person": _person(), "address": request.remote_addr} if response.status_code in _REFUSED else {}
    log.info(
        "request", method=request.method, route=route(), status=response.status_code, milliseconds=milliseconds, **who
    )
    return response


def _person() -> int | None:
    actor = g.get("judging_actor")
    return None if actor is None else actor.person_id
