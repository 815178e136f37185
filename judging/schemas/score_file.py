"""Scores of a file that was read, checked against the expected criteria and scales, as ratings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from judging.calibration.coding import ONE_CRITERION, ratings_from_rows
from judging.calibration.ratings import Ratings
from judging.errors import Listed, Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.known import Known, MarkScale, Names
from judging.incoming_tables.reading import ReadRow, ReadTable
from judging.schemas.score_form import FileScale, ScoreForm

REQUIRED: Final = ("proposal", "judge", "score")
OPTIONAL: Final = ("criterion", "proposal_city", "judge_city", "category", "scored_at")
LONGEST_NAME: Final = 200


def known_of(form: ScoreForm) -> Known:
    """Return what the reader may know of a file of scores without a roster."""
    return Known(
        kind="scores",
        criteria=Names(dict.fromkeys(form.criteria, ())) if form.criteria else None,
        scales={criterion: _mark_scale(scale) for criterion, scale in form.scales.items()},
        scale=None if form.scale is None else _mark_scale(form.scale),
        headings=form.headings,
    )


def ratings_of(table: ReadTable, form: ScoreForm) -> Ratings:
    """Return the ratings of a table of scores.

    Parameters
    ----------
    table : ReadTable
        A missing score means that the criterion was not scored.
    form : ScoreForm

    Returns
    -------
    ratings : Ratings
        In the units of the file; on 0..100 when the criteria have different scales, because points of different scales
        must not be added.

    Raises
    ------
    InvalidInput
        With every complaint, one for each cause, and every open question.
    """
    complaints = table.complaints
    scored = [row for row in table.rows if "score" in row.values]
    _check_names(table.rows, complaints)
    criteria = _criteria(scored, form, complaints)
    _check_scales(scored, criteria, form, complaints)
    proposal_city = _one_each(table.rows, "proposal", "proposal_city", complaints)
    judge_city = _one_each(table.rows, "judge", "judge_city", complaints)
    category = _one_each(table.rows, "proposal", "category", complaints)
    if not complaints and not table.questions and not scored:
        complaints.add_header("", [Message("no row has a score")])
    table.raise_if_unclear()

    has_criterion = any("criterion" in row.values for row in scored)
    has_time = any("scored_at" in row.values for row in scored)
    known = [form.scale_of(name) for name in criteria]
    ratings = ratings_from_rows(
        [row.values["proposal"] for row in scored],
        [row.values["judge"] for row in scored],
        score=np.array([float(row.values["score"]) for row in scored]),
        criterion=[row.values["criterion"] for row in scored] if has_criterion else None,
        criteria=criteria,
        weights=form.weights or None,
        minimum=[math.nan if scale is None else scale.minimum for scale in known],
        maximum=[math.nan if scale is None else scale.maximum for scale in known],
        step=[math.nan if scale is None else scale.step for scale in known],
        scored_at=np.array([_seconds(row.values.get("scored_at")) for row in scored]) if has_time else None,
        proposals=[row.values["proposal"] for row in table.rows if "proposal" in row.values],
        judges=[row.values["judge"] for row in table.rows if "judge" in row.values],
        proposal_city=proposal_city,
        judge_city=judge_city,
        category=category,
    )
    return ratings.to_percent() if form.scales_differ else ratings


def _mark_scale(scale: FileScale) -> MarkScale:
    step = 0.0 if math.isnan(scale.step) else scale.step
    return MarkScale(minimum=scale.minimum, maximum=scale.maximum, step=step)


def _seconds(text: str | None) -> float:
    if text is None:
        return math.nan
    moment = datetime.fromisoformat(text)
    # A time without an offset is interpreted as UTC, so that the result does not depend on the machine.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _check_names(rows: Sequence[ReadRow], complaints: Complaints) -> None:
    for row in rows:
        for name in ("proposal", "judge", "criterion"):
            if len(row.values.get(name, "")) > LONGEST_NAME:
                complaints.add(
                    row.sheet, row.number, name, Message("a name has at most {n} characters", n=LONGEST_NAME)
                )


def _criteria(scored: Sequence[ReadRow], form: ScoreForm, complaints: Complaints) -> tuple[str, ...]:
    named = {row.values["criterion"] for row in scored if "criterion" in row.values}
    if not named:
        if len(form.criteria) > 1 and scored:
            text = Message("there are {n} criteria, so a column `criterion` is needed", n=len(form.criteria))
            complaints.add_header("", [text])
        return form.criteria[:1] or (ONE_CRITERION,)
    for row in scored:
        criterion = row.values.get("criterion")
        if criterion is None:
            complaints.add(row.sheet, row.number, "criterion", Message("empty; write a name"))
        elif form.criteria and criterion not in form.criteria:
            text = Message(
                "`{text}`: no criterion has this name; there are: {known}",
                text=criterion[:60],
                known=Listed(form.criteria),
            )
            complaints.add(row.sheet, row.number, "criterion", text)
    return form.criteria or tuple(sorted(named))


def _check_scales(
    scored: Sequence[ReadRow], criteria: tuple[str, ...], form: ScoreForm, complaints: Complaints
) -> None:
    if form.scale is None and not form.scales:
        return
    seen: dict[tuple[str, str], Message | None] = {}
    for row in scored:
        key = (row.values.get("criterion", criteria[0]), row.values["score"])
        if key not in seen:
            scale = form.scale_of(key[0])
            seen[key] = None if scale is None else scale.complaint_about(float(key[1]))
        text = seen[key]
        if text is not None:
            complaints.add(
                row.sheet, row.number, row.column, Message("{score}: {what}", score=row.values["score"], what=text)
            )


def _one_each(rows: Sequence[ReadRow], of: str, attribute: str, complaints: Complaints) -> dict[str, str]:
    """Return a value that must be equal in all rows of one proposal or judge; empty cells are ignored."""
    first: dict[str, tuple[str, int]] = {}
    for row in rows:
        name, value = row.values.get(of), row.values.get(attribute)
        if not name or not value:
            continue
        known = first.setdefault(name, (value, row.number))
        if known[0] != value:
            text = Message(
                "{name} has {known} in row {first} and {value} here; a {of} has one",
                name=name,
                known=known[0],
                value=value,
                first=known[1],
                of=of,
            )
            complaints.add(row.sheet, row.number, attribute, text)
    return {name: value for name, (value, _) in first.items()}
