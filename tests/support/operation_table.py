"""Write docs/api-operations.md: every operation of the API with its roles and scopes.

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


def page_of(app: Flask) -> str:
    """Return the page for an application."""
    document = app.test_client().get(f"{_API}/openapi.json").get_json()
    lines = []
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
        for method, operation in document["paths"].get(path, {}).items():
            if method.upper() in (rule.methods or ()) and method != "parameters":
                lines.append((path, method, _line(rule.endpoint, path, method, operation)))
    return _HEAD + "".join(line for _, _, line in sorted(lines))


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
