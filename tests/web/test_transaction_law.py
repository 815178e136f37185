"""The guard of the law of a request notices the views that break it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask, render_template_string, request
from sqlalchemy import text
from werkzeug.security import generate_password_hash

from judging import request as this
from tests.support.transaction_law import MOST_STATEMENTS, watched


def _many_statements() -> None:
    with this.writing_for_anybody() as session:
        for _ in range(MOST_STATEMENTS + 1):
            session.execute(text("SELECT 1"))


def _hash_a_password() -> None:
    with this.writing_for_anybody():
        generate_password_hash("correct horse battery", "scrypt")


def _render_a_page() -> None:
    with this.writing_for_anybody():
        render_template_string("page")


def _zip_a_file() -> None:
    with this.writing_for_anybody(), zipfile.ZipFile(io.BytesIO(), "w") as archive:
        archive.writestr("a", "b")


def _write() -> None:
    with this.writing_for_anybody() as session:
        session.execute(text("SELECT 1"))


@pytest.mark.parametrize(
    ("view", "method", "complaint"),
    [
        (_many_statements, "POST", "bad: more than 40 statements in a write transaction"),
        (_hash_a_password, "POST", "bad: hashlib.scrypt is called inside a write transaction"),
        (_render_a_page, "POST", "bad: Template.render is called inside a write transaction"),
        (_zip_a_file, "POST", "bad: ZipFile.__init__ is called inside a write transaction"),
        (_write, "GET", "bad: GET opens a write transaction"),
    ],
)
def test_a_view_that_breaks_the_law_is_noticed(
    app: Flask, view: Callable[[], None], method: str, complaint: str
) -> None:
    with app.test_request_context("/bad", method=method), watched() as violations:
        app.url_map.bind("localhost")
        request.url_rule = app.url_rule_class("/bad", endpoint="bad")
        view()
        assert violations == [complaint]
        violations.clear()


def test_a_view_that_follows_the_law_is_not(app: Flask) -> None:
    with app.test_request_context("/good", method="POST"), watched() as violations:
        generate_password_hash("correct horse battery", "scrypt")
        _write()
        assert violations == []


def test_the_reading_session_is_closed_to_a_view_that_writes(app: Flask) -> None:
    with (
        app.test_request_context("/", method="POST"),
        pytest.raises(RuntimeError, match="A write transaction is open"),
        this.writing_for_anybody(),
    ):
        this.session()
