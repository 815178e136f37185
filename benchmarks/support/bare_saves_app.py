"""The bare minimum that the saves of scoresheets are compared with: Flask, SQLModel, one table, one insert a request.

No sign-in, no checks, no versions, no audit log; the settings of SQLite are the product's. ``benchmarks/saves.py``
serves it with the product's gunicorn settings.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import Connection, event
from sqlmodel import Field, Session, SQLModel, create_engine


class Saved(SQLModel, table=True):
    """One scoresheet as it was sent."""

    id: int | None = Field(default=None, primary_key=True)
    who: str
    content: str
    at: str


engine = create_engine(os.environ["BARE_DATABASE_URL"])
if engine.dialect.name == "sqlite":

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        synchronous = os.environ["BARE_SYNCHRONOUS"]
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


app = Flask(__name__)


@app.put("/save")
def save() -> Response:
    """Store the JSON of a scoresheet as one row, and return it."""
    content = request.get_json()
    with Session(engine) as session:
        row = Saved(who=request.headers["X-Judge"], content=json.dumps(content), at=datetime.now(UTC).isoformat())
        session.add(row)
        session.commit()
        return jsonify({"version": row.id, **content})


@app.get("/healthz")
def healthz() -> str:
    """Answer that the process is up."""
    return "ok"
