"""The demo in the database of a test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session

from judging.services.demo.loading import load_demo
from tests.support.snapshots import stored_once

_ROOT = Path(__file__).parents[2]
_AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def store_demo(session: Session) -> None:
    """Store the demo, and commit. It is computed once a process."""
    stored_once(
        session, "demo", lambda: load_demo(session, rubrics_dir=_ROOT / "rubrics", data_dir=_ROOT / "demo", at=_AT)
    )
