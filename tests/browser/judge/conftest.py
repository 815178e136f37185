"""Fixtures of a judge's pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlmodel import Session

from tests.support.judge_sheets import Sheets


@pytest.fixture
def sheets(session: Session, app: Flask, live_server: str, open_page: Callable[..., Page]) -> Sheets:
    """Return the sheets of a judge who has scored nothing yet."""
    return Sheets(session, app, live_server, open_page)
