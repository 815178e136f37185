"""Write docs/api-operations.md: every operation of the API with its roles and scopes, every page with its operations.

``python -m tests.support.operation_table`` writes it; ``tests/api/test_operation_table.py`` compares.
The operations are those of the OpenAPI document, the roles those of the access table that the tests hold, the scopes
those of ``judging/api/scopes.py``.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask

from config import Config
from judging.api.scopes import SCOPES_OF
from judging.app import create_app
from tests.support.addresses import BY_ROLE, OWN
from tests.support.page_operations import BY_OPERATION, FOR_PEOPLE, views_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api-operations.md"
_API = "/api/v1"
_HEAD = """# Operations of the API

Who may call what. A person needs one of the roles in the competition; a program needs a token of such a person with
one of the scopes. *own* means: everybody who is signed in, for what is theirs. *person* means: no token is accepted,
because this is a person's own act. Addresses are below `/api/v1`. The columns *key* and *match* say where
`Idempotency-Key` and `If-Match` are read ([api.md](api.md)).

Written by `python -m tests.support.operation_table` from the tables that the tests check; a test compares.

| Operation | What it does | Roles | Scopes | key | match |
| --- | --- | --- | --- | --- | --- |
"""
_PAGES_HEAD = """
## Pages and their operations

What a page does, a program does by these operations. Addresses on the left are those of pages.

| Page | Operations |
| --- | --- |
"""
_PEOPLE_HEAD = """
## For people only

| Page | Why no program needs it |
| --- | --- |
"""


def page_of(app: Flask) -> str:
    """Return the page for an application."""
    document = app.test_client().get(f"{_API}/openapi.json").get_json()
    lines = []
    for rule in app.url_map.iter_rules():
        path = _path_of(rule.rule)
        for method, operation in document["paths"].get(path, {}).items():
            if method.upper() in (rule.methods or ()) and method != "parameters":
                lines.append((path, method, _line(rule.endpoint, path, method, operation)))
    return _HEAD + "".join(line for _, _, line in sorted(lines)) + _pages(app, document)


def _pages(app: Flask, document: dict[str, Any]) -> str:
    """Return the table of web views with their operations, and of those that are for people only."""
    addresses = {
        rule.endpoint: f"`{method.upper()} {path.removeprefix(_API)}`"
        for rule in app.url_map.iter_rules()
        for path in [_path_of(rule.rule)]
        for method in document["paths"].get(path, {})
        if method.upper() in (rule.methods or ()) and method != "parameters"
    }
    by_operation, for_people = "", ""
    for view, address, methods in views_of(app):
        shown = f"`{methods} {_path_of(address)}`"
        if view in BY_OPERATION:
            by_operation += f"| {shown} | {', '.join(addresses[name] for name in BY_OPERATION[view].split())} |\n"
        elif view in FOR_PEOPLE:
            for_people += f"| {shown} | {FOR_PEOPLE[view]} |\n"
    return f"{_PAGES_HEAD}{by_operation}{_PEOPLE_HEAD}{for_people}"


def _path_of(rule: str) -> str:
    return rule.replace("<int:", "{").replace("<", "{").replace(">", "}")


def _line(endpoint: str, path: str, method: str, operation: dict[str, Any]) -> str:
    roles = "own" if endpoint in OWN else ", ".join(sorted(BY_ROLE[endpoint].split()))
    scopes = ", ".join(f"`{scope}`" for scope in SCOPES_OF.get(endpoint, ())) or "*person*"
    headers = {one["name"] for one in operation.get("parameters", ()) if one.get("in") == "header"}
    marks = ["yes" if name in headers else "" for name in ("Idempotency-Key", "If-Match")]
    cells = [f"`{method.upper()} {path.removeprefix(_API)}`", operation["summary"].replace("|", "\\|"), roles, scopes]
    return "| " + " | ".join([*cells, *marks]) + " |\n"


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        database_url = f"sqlite:///{folder}/judging.db"
        made = create_app(Config(secret_key="x" * 32, database_url=database_url, data_dir=Path(folder)))
        PAGE.write_text(page_of(made), encoding="utf-8")
