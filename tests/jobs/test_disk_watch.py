"""Too little room on a disk is a line in the worker's log."""

from __future__ import annotations

from pathlib import Path

from structlog.testing import capture_logs

from judging.jobs.disk_watch import DiskWatch


def test_too_little_room_is_logged_and_enough_is_not(tmp_path: Path) -> None:
    with capture_logs() as lines:
        DiskWatch((tmp_path, tmp_path / "not there yet"), 1).look()
        assert lines == []
        DiskWatch((tmp_path,), 10**18).look()
    assert [(line["event"], line["log_level"], line["folder"]) for line in lines] == [
        ("disk is nearly full", "error", str(tmp_path))
    ]
