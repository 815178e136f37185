"""The table of operations, roles and scopes in the documents is the one that the code and the tests have."""

from __future__ import annotations

from flask import Flask

from tests.support.operation_table import PAGE, page_of
from tests.support.page_operations import missing_from


def test_the_table_in_the_documents_is_in_step(app: Flask) -> None:
    page = page_of(app)
    assert PAGE.read_text(encoding="utf-8") == page, "write it: python -m tests.support.operation_table"
    assert page.count("\n| `") >= 90


def test_every_page_has_its_operations_or_a_reason_why_no_program_needs_it(app: Flask) -> None:
    assert missing_from(app) == []
