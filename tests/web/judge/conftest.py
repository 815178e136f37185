"""A judge with an open sheet, on a small event. Pages run on SQLite: services and API are tried on both databases."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlmodel import Session

from tests.support.event import make_event
from tests.support.judge_pages import Judge, judge_at


@pytest.fixture
def engine_name() -> str:
    """Run on SQLite, unless a test names its databases."""
    return "sqlite"


@pytest.fixture
def judge(session: Session, app: Flask) -> Judge:
    """Return a judge whose event has nothing scored yet."""
    return judge_at(session, app, make_event(session, n_proposals=6, n_judges=6, scored=False))
