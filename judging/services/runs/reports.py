"""The report of a stored run, with a cache."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from judging import tables
from judging.calibration.report.whole import Report
from judging.schemas.stored_reports import from_dict

_MOST_CACHED = 8
# A cache of this process. Loading a report of 500 proposals takes some 50 ms, and one request needs it several times.
# Runs never change, so entries stay valid; digest and time distinguish runs of different databases. Nothing of the key
# needs the stored result, which is not even loaded when its report is here.
_cache: OrderedDict[tuple[int | None, str, object], Report] = OrderedDict()
_cache_lock = Lock()


def report_of(run: tables.CalibrationRun) -> Report:
    """Return the report of a run, for every version of the program that may have stored it."""
    key = (run.id, run.result_digest, run.created_at)
    with _cache_lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    report = from_dict(run.result)
    with _cache_lock:
        _cache[key] = report
        while len(_cache) > _MOST_CACHED:
            _cache.popitem(last=False)
    return report


def forget() -> None:
    """Empty the cache, for a process that changes to another database."""
    with _cache_lock:
        _cache.clear()


def carried_digest(report: Report) -> str | None:
    """Return the digest of the earlier run whose scores count in a report; None without one."""
    return None if report.carried is None else report.carried.result_digest
