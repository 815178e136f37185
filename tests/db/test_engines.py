"""Engines: a database is private, and a wrong address changes nothing else."""

from __future__ import annotations

import stat
from pathlib import Path

from judging.db import create_engine_for


def test_only_the_owner_reads_a_database_and_a_folder_keeps_its_mode(tmp_path: Path) -> None:
    file, folder = tmp_path / "judging.db", tmp_path / "shared"
    file.touch(mode=0o644)
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    for path in (file, folder):
        create_engine_for(f"sqlite:///{path}").dispose()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, folder)] == [0o600, 0o777]
