"""Reports as stored JSON: written, and read back whatever version of the program wrote them.

pydantic converts. It is installed with SQLModel, reads the types of `judging.calibration.report` as they are, checks
each value strictly (no text becomes a number, no number a flag) and is fast: a page of 500 proposals must not wait for
its report. It may not stand in the core, which knows numbers and values only, so the conversion stands here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from judging.calibration.report.sensitivity import SensitivityResult
from judging.calibration.report.whole import REPORT_VERSION, Report
from judging.errors import InvalidInput, Message

Stored = dict[str, Any]

_JUDGE_FACTORS = ("scale_use", "consistency", "home")
_CRITERION_COLUMNS = (
    *("spread", "halo_share", "correlation_with_rest"),
    *("infit", "infit_error", "infit_z", "outfit", "outfit_error", "outfit_z"),
)
# Keys that not every report has; each is left out where there is nothing under it.
_ONLY_WHERE_TRUE = ("rank_sets", "hidden")


def to_dict(report: Report) -> Stored:
    """Return a report as values that JSON holds, with the names of the types' fields as keys."""
    stored: Stored = _reports().dump_python(report, mode="json")
    for row in stored["proposals"]:
        for name in _ONLY_WHERE_TRUE:
            if not row[name]:
                del row[name]
    rule, chosen = stored["settings"]["shortlist"], stored["shortlist"]
    if rule is not None and rule["floors_by"] is None:
        del rule["floors_by"]
    if chosen is not None and not chosen["floor_scores"]:
        del chosen["floor_scores"]
    if not stored["earlier"]:
        del stored["earlier"]
    if not stored["settings"]["exact_reml"]:
        del stored["settings"]["exact_reml"]
    return stored


def comparison_to_dict(comparison: SensitivityResult) -> Stored:
    """Return a comparison of models as values that JSON holds."""
    stored: Stored = _comparisons().dump_python(comparison, mode="json")
    return stored


def comparison_from_dict(stored: Mapping[str, Any]) -> SensitivityResult:
    """Return a stored comparison of models as its type; InvalidInput when it is none."""
    try:
        return _comparisons().validate_json(json.dumps(stored, allow_nan=False), strict=True)
    except (ValidationError, ValueError, TypeError) as error:
        raise InvalidInput({"result": f"is not a comparison: {error}"}) from error


def from_dict(stored: Mapping[str, Any]) -> Report:
    """Return a stored report as its type.

    Parameters
    ----------
    stored : mapping
        As `to_dict` of this version or an earlier one returned it; it is not changed.

    Raises
    ------
    InvalidInput
        When a later version wrote it, or it is not a report.
    """
    version = stored.get("version", 0)
    if type(version) is not int or version < 0:
        raise InvalidInput({"version": f"{version!r} is not the version of a report"})
    if version > REPORT_VERSION:
        raise InvalidInput(
            {
                "version": Message(
                    "This result was stored by a later version of the program, {version}.", version=version
                )
            }
        )
    try:
        upgraded = dict(stored)
        for upgrade in _UPGRADES[version:]:
            upgraded = upgrade(upgraded)
        # As text: JSON has no tuples, and strict reading of text takes its lists for them.
        return _reports().validate_json(json.dumps(upgraded, allow_nan=False), strict=True)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput({"result": f"is not a report: {error}"}) from error


@cache
def _reports() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


@cache
def _comparisons() -> TypeAdapter[SensitivityResult]:
    return TypeAdapter(SensitivityResult)


def _from_unversioned(stored: Stored) -> Stored:
    """Add what came into reports before they had a version; nothing of it is known of an older run."""
    absent: Stored = {"carried": None, "unexpected": [], "reliability": None, "logits": None, "simultaneous": None}
    return {
        **absent,
        "sensitivity": None,
        **stored,
        "version": 1,
        "judges": [_flat_judge(row) for row in stored["judges"]],
        "criteria": [_completed_criterion(row) for row in stored["criteria"]],
    }


def _flat_judge(row: Mapping[str, Any]) -> Stored:
    """Lay the judge's factors out as columns: the oldest reports nested an estimate under each name."""
    flat = dict(row)
    for name in _JUDGE_FACTORS:
        nested = row.get(name)
        if isinstance(nested, Mapping):
            flat |= {
                name: nested["estimate"],
                f"{name}_error": nested["standard_error"],
                f"{name}_low": nested["low"],
                f"{name}_high": nested["high"],
            }
    return flat


def _completed_criterion(row: Mapping[str, Any]) -> Stored:
    return {**dict.fromkeys(_CRITERION_COLUMNS), "correlations": {}, **row}


def _without_checks(stored: Stored) -> Stored:
    """Add the model check, which version 1 did not have; a shortlist without seat errors is read as it is."""
    return {**stored, "version": 2, "checks": None}


_UPGRADES: tuple[Callable[[Stored], Stored], ...] = (_from_unversioned, _without_checks)
"""The step at place ``v`` brings version ``v`` to ``v + 1``; 0 is a report without a version."""
