"""Installations to move an event between."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from judging import db
from judging.event_transfer.exporting import export_event
from judging.media.file_store import FileStore
from judging.services.access import operator
from judging.services.audit.signed_heads import open_signer
from tests.support.event import AT, COMPETITION
from tests.support.installations import Make, installations
from tests.support.moved_event import make_moved_event


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Return what makes an installation without rows, on ``sqlite`` or ``postgresql``."""
    with installations(request, tmp_path) as new:
        yield new


@pytest.fixture(scope="module")
def event_file(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Return the file of an event, made once."""
    folder = tmp_path_factory.mktemp("exported")
    shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "judging.db")
    engine, files = db.create_engine_for(f"sqlite:///{folder / 'judging.db'}"), FileStore(folder / "files")
    with db.open_session(engine) as session:
        make_moved_event(session, files)
    signer = open_signer(folder / "key.pem")
    export_event(engine, operator(), COMPETITION, folder / "event.zip", files=files, signer=signer, at=AT)
    engine.dispose()
    return folder / "event.zip"
