"""One JSON line for each request and each event, linked by a request id.

No form field, token, cookie or score is ever logged: the audit log in the database records who did what.
"""

import logging
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger()


def configure(level: str) -> None:
    """Write structured lines of at least this level to standard error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask) -> None:
    """Give each request an id and log its outcome."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    # The id is always ours: with an id from a header, a client could forge log lines or link them.
    g.request_id = secrets.token_hex(8)
    g.request_began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    # The token of a personal link is part of its path, so the rule of the route is logged, not the path.
    rule = request.url_rule.rule if request.url_rule else "(no route)"
    milliseconds = round((time.perf_counter() - g.get("request_began", time.perf_counter())) * 1000, 1)
    log.info("request", method=request.method, route=rule, status=response.status_code, milliseconds=milliseconds)
    return response
