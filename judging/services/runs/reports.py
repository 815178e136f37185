"""The report of a stored run, as its type."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from judging import tables
from judging.calibration.report.whole import Report
from judging.schemas.stored_reports import from_dict

_MOST_KEPT = 8
# A cache of this process. Parsing a report of 500 proposals takes about 30 ms, and one request needs it several times.
# A run never changes, so entries stay valid; digest and seconds distinguish runs of different databases.
_read: OrderedDict[tuple[int | None, str, object], Report] = OrderedDict()
_reading = Lock()


def report_of(run: tables.CalibrationRun) -> Report:
    """Return the report of a stored run, for every version of the program that stored it."""
    key = (run.id, run.result_digest, run.result.get("seconds"))
    with _reading:
        if key in _read:
            _read.move_to_end(key)
            return _read[key]
    report = from_dict(run.result)
    with _reading:
        _read[key] = report
        while len(_read) > _MOST_KEPT:
            _read.popitem(last=False)
    return report


def carried_digest(report: Report) -> str | None:
    """Return the digest of the earlier run whose scores count in a report; None when none do."""
    return None if report.carried is None else report.carried.result_digest
