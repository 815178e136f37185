"""Hold the law of a request while tests run: a write transaction is short, and nothing slow happens inside it.

``install`` wraps, once for all tests, what is slow. ``watched`` is the fixture that fails a test in which

- a write transaction executes more statements than its limit,
- something slow is called inside a write transaction,
- a GET opens a write transaction, except to record that somebody has read something (`judging.reading_log`), or to
  count the use of an access token,
- rows are stored without an entry in the audit log: the commit records them under no name (``audit.UNRECORDED``).
"""

from __future__ import annotations

import functools
import hashlib
import sys
import threading
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import jinja2
import werkzeug.wrappers.request
import yaml
from flask import g, has_request_context, request
from sqlalchemy import Connection, Engine, event

from judging import db
from judging.assignment import next_assignments, plan
from judging.calibration import fit
from judging.schemas import roster_rows
from judging.services.audit import UNRECORDED

MOST_STATEMENTS = 40
"""Statements of one write transaction, without those that begin it."""
MORE_STATEMENTS = {
    # Rows are added and changed one by one, each with the key of the row that it belongs to.
    "organiser.import_file": 400,
    # 100 proposals, each with a new team; more rows come in a file.
    "organiser.add_rows": 560,
    # SQLite: 200 proposals, each with a new team, its place in the round and two notes; more rows are a job.
    "entries.post_entries": 1100,
    "organiser.apply_plan": 80,
    "plans.apply_plan": 80,
}
"""Endpoint -> limit, where a transaction stores many rows."""
_SLOW: tuple[tuple[Any, str], ...] = (
    (hashlib, "scrypt"),
    (jinja2.Template, "render"),
    (yaml.composer.Composer, "get_single_node"),
    (zipfile.ZipFile, "__init__"),
    (fit, "fit"),
    (plan, "plan"),
    (next_assignments, "next_assignments"),
    (roster_rows, "load_rows"),
    (werkzeug.wrappers.request, "get_input_stream"),
)
_BEGINNINGS = ("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE SAVEPOINT")
_READING = ("GET", "HEAD", "OPTIONS")


class _Watch(threading.local):
    """The statements of this thread's write transaction."""

    n_statements = 0


_watch = _Watch()
_violations: list[str] = []


@contextmanager
def watched() -> Iterator[list[str]]:
    """Yield the violations of the law, as they are found; those at the end are an error of the test."""
    install()
    _violations.clear()
    yield _violations
    found = list(dict.fromkeys(_violations))
    _violations.clear()
    assert found == []


@functools.cache
def install() -> None:
    """Wrap what is slow and count statements, for the rest of the process."""
    for owner, name in _SLOW:
        _wrap(owner, name)
    event.listen(Engine, "begin", _on_begin)
    event.listen(Engine, "before_cursor_execute", _on_statement)


def _wrap(owner: Any, name: str) -> None:
    original: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(original)
    def guarded(*arguments: Any, **options: Any) -> Any:
        if db.is_writing():
            _violations.append(f"{_place()}: {owner.__name__}.{name} is called inside a write transaction")
        return original(*arguments, **options)

    setattr(owner, name, guarded)
    # `from module import name` has copied the function into other modules.
    for module in [module for key, module in sys.modules.items() if key.startswith("judging.")]:
        if module is not owner and getattr(module, name, None) is original:
            setattr(module, name, guarded)


def _on_begin(_connection: Connection) -> None:
    _watch.n_statements = 0


def _on_statement(_connection: Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
    if not db.is_writing() or statement.startswith(_BEGINNINGS):
        return
    _watch.n_statements += 1
    place = _place()
    is_counted = has_request_context() and (g.get("judging_logs_reading", False) or g.get("judging_counts_use", False))
    if has_request_context() and request.method in _READING and not is_counted:
        _violations.append(f"{place}: {request.method} opens a write transaction")
    if "audit_entry" in statement and isinstance(parameters, dict | tuple) and UNRECORDED in _values(parameters):
        _violations.append(f"{place}: rows are stored without an entry in the audit log")
    limit = MORE_STATEMENTS.get(place, MOST_STATEMENTS)
    if _watch.n_statements > limit:
        _violations.append(f"{place}: more than {limit} statements in a write transaction")


def _values(parameters: dict[str, Any] | tuple[Any, ...]) -> Collection[Any]:
    return parameters.values() if isinstance(parameters, dict) else parameters


def _place() -> str:
    return str(request.endpoint) if has_request_context() else "outside a request"
