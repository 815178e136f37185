"""Load scores from a file with one row for each score; a complaint has its line, column and correction."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from judging.calibration.coding import ONE_CRITERION, ratings_from_rows
from judging.calibration.ratings import Ratings
from judging.errors import InvalidInput, Message
from judging.schemas.score_form import ScoreForm
from judging.schemas.typed_numbers import parse_number

REQUIRED = ("proposal", "judge", "score")
OPTIONAL = ("criterion", "proposal_city", "judge_city", "category", "scored_at")
MOST_COMPLAINTS = 50
LONGEST_NAME = 200

_MAX_SHOWN_CHARACTERS = 40


class _Complaints:
    """Complaints in the order of the file: all are counted, the first ones are stored as text."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._messages: dict[str, list[str]] = {}
        self.n = 0

    def add(self, line: int, column: str, value: str | None, text: Message) -> None:
        self.n += 1
        if self.n <= MOST_COMPLAINTS:
            shown = (
                None
                if value is None
                else value
                if len(value) <= _MAX_SHOWN_CHARACTERS
                else value[: _MAX_SHOWN_CHARACTERS - 1] + "…"
            )
            place = ":".join(str(part) for part in (self._name, line, column, shown) if part not in (None, ""))
            self._messages.setdefault(place, []).append(text)

    def finish(self) -> None:
        if self.n > MOST_COMPLAINTS:
            more = Message("and {n} more complaints like these", n=self.n - MOST_COMPLAINTS)
            self._messages.setdefault(self._name, []).append(more)
        if self.n:
            raise InvalidInput(self._messages)


def load_scores(text: str, *, name: str, separator: str, form: ScoreForm) -> Ratings:
    """Load scores from the text of a CSV or TSV file.

    Parameters
    ----------
    text : str
        With a heading line. Columns ``proposal, judge, score``, and optionally ``criterion, proposal_city, judge_city,
        category, scored_at``; others are ignored. An empty score means that the criterion was not scored.
    name : str
        Name of the file, for complaints.
    separator : str
    form : ScoreForm

    Returns
    -------
    ratings : Ratings
        In the units of the file; on 0..100 when the criteria have different scales, because points of different scales
        must not be added.

    Raises
    ------
    InvalidInput
        ``file:line:column: value`` -> correction; the first fifty complaints, and the number of the others.
    """
    complaints = _Complaints(name)
    lines, cells = _read(text, separator, complaints)
    if not lines:
        complaints.add(1, "", None, Message("the file is empty: write a heading line and one line a score"))
    complaints.finish()
    columns = _columns(lines[0], cells[0], form, complaints)
    complaints.finish()
    rows, lines = cells[1:], lines[1:]
    if not rows:
        complaints.add(1, "", None, Message("there is a heading line but no score"))
    width = len(cells[0])
    for line, row in zip(lines, rows, strict=True):
        if len(row) != width:
            complaints.add(line, "", None, Message("{n} cells, where the heading has {width}", n=len(row), width=width))
    complaints.finish()
    values = {ours: [row[place].strip() for row in rows] for ours, place in columns.items()}
    headings = {ours: cells[0][place].strip() for ours, place in columns.items()}
    return _ratings(values, lines, headings, form, complaints)


def _read(text: str, separator: str, complaints: _Complaints) -> tuple[list[int], list[list[str]]]:
    lines, cells = [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            if row and any(row):
                lines.append(line)
                cells.append(row)
            line = reader.line_num + 1
    except csv.Error:
        complaints.add(line, "", None, Message("the quotation marks do not match"))
    return lines, cells


def _columns(line: int, heading: list[str], form: ScoreForm, complaints: _Complaints) -> dict[str, int]:
    """Return the position of each of our columns among the headings."""
    names = [cell.strip() for cell in heading]
    folded = [cell.casefold().replace(" ", "_") for cell in names]
    places_of: dict[str, int] = {}
    for ours in (*REQUIRED, *OPTIONAL):
        if ours in form.headings:
            places = [place for place, cell in enumerate(names) if cell == form.headings[ours]]
        else:
            places = [place for place, cell in enumerate(folded) if cell == ours]
        expected_heading = form.headings.get(ours, ours)
        if len(places) > 1:
            complaints.add(line, expected_heading, None, Message("this heading appears {n} times", n=len(places)))
        elif places:
            places_of[ours] = places[0]
        elif ours in REQUIRED or ours in form.headings:
            complaints.add(
                line,
                expected_heading,
                None,
                Message(
                    "there is no such column; the file has: {columns}. Name it with --column {ours}=HEADING",
                    columns=", ".join(names[:30]),
                    ours=ours,
                ),
            )
    return places_of


def _ratings(
    values: Mapping[str, list[str]],
    lines: Sequence[int],
    headings: Mapping[str, str],
    form: ScoreForm,
    complaints: _Complaints,
) -> Ratings:
    for ours in ("proposal", "judge", "criterion"):
        for line, value in zip(lines, values.get(ours, ()), strict=False):
            if not value:
                complaints.add(line, headings[ours], None, Message("empty; write a name"))
            elif len(value) > LONGEST_NAME:
                complaints.add(
                    line, headings[ours], value, Message("a name has at most {n} characters", n=LONGEST_NAME)
                )
    criterion = values.get("criterion")
    criteria = _criteria(criterion, lines, headings, form, complaints)
    score = _each(values["score"], lines, headings["score"], _number, complaints)
    _check_scales(score, values["score"], criterion, lines, headings["score"], criteria, form, complaints)
    scored_at = None
    if "scored_at" in values:
        scored_at = _each(values["scored_at"], lines, headings["scored_at"], _moment, complaints)
    proposal_city = _one_each(values, "proposal", "proposal_city", lines, headings, complaints)
    judge_city = _one_each(values, "judge", "judge_city", lines, headings, complaints)
    category = _one_each(values, "proposal", "category", lines, headings, complaints)
    if not complaints.n and not np.isfinite(score).any():
        complaints.add(lines[0], headings["score"], None, Message("no row has a score"))
    complaints.finish()

    scored = np.flatnonzero(~np.isnan(score))
    scored_rows = scored.tolist()
    known = [form.scale_of(name) for name in criteria]
    ratings = ratings_from_rows(
        [values["proposal"][row] for row in scored_rows],
        [values["judge"][row] for row in scored_rows],
        score=score[scored],
        criterion=None if criterion is None else [criterion[row] for row in scored_rows],
        criteria=criteria,
        weights=form.weights or None,
        minimum=[math.nan if scale is None else scale.minimum for scale in known],
        maximum=[math.nan if scale is None else scale.maximum for scale in known],
        step=[math.nan if scale is None else scale.step for scale in known],
        scored_at=None if scored_at is None else scored_at[scored],
        proposals=values["proposal"],
        judges=values["judge"],
        proposal_city=proposal_city,
        judge_city=judge_city,
        category=category,
    )
    return ratings.to_percent() if form.scales_differ else ratings


def _criteria(
    criterion: list[str] | None,
    lines: Sequence[int],
    headings: Mapping[str, str],
    form: ScoreForm,
    complaints: _Complaints,
) -> tuple[str, ...]:
    if criterion is None:
        if len(form.criteria) > 1:
            text = Message("there are {n} criteria, so a column `criterion` is needed", n=len(form.criteria))
            complaints.add(1, form.headings.get("criterion", "criterion"), None, text)
        return form.criteria[:1] or (ONE_CRITERION,)
    if not form.criteria:
        return tuple(sorted(set(criterion) - {""}))
    known = set(form.criteria)
    for line, value in zip(lines, criterion, strict=True):
        if value and value not in known:
            text = Message("no criterion has this name; there are: {known}", known=", ".join(form.criteria))
            complaints.add(line, headings["criterion"], value, text)
    return form.criteria


def _each(
    values: list[str],
    lines: Sequence[int],
    heading: str,
    read: Callable[[str], float | Message],
    complaints: _Complaints,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    numbers = np.full(len(values), np.nan)
    seen: dict[str, float | Message] = {"": math.nan}
    for row, value in enumerate(values):
        # Scores have few different values: each is parsed once.
        result = seen.get(value)
        if result is None:
            result = seen[value] = read(value)
        if isinstance(result, Message):
            complaints.add(lines[row], heading, value, result)
        else:
            numbers[row] = result
    return numbers


def _number(value: str) -> float | Message:
    number = parse_number(value, of_program=True)
    if number is None or not math.isfinite(number):
        return Message("not a number; write digits such as 7.5, or nothing when the score is missing")
    return number


def _moment(value: str) -> float | Message:
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return Message("not a time; write it as 2023-07-15T14:30:00+08:00")
        # A time without an offset is interpreted as UTC, so that the result does not depend on the machine.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return seconds if math.isfinite(seconds) else Message("not a time; write it as 2023-07-15T14:30:00+08:00")


def _check_scales(
    score: np.ndarray[tuple[int], np.dtype[np.float64]],
    texts: list[str],
    criterion: list[str] | None,
    lines: Sequence[int],
    heading: str,
    criteria: tuple[str, ...],
    form: ScoreForm,
    complaints: _Complaints,
) -> None:
    if form.scale is None and not form.scales:
        return
    seen: dict[tuple[str, float], Message | None] = {}
    for row, value in enumerate(score.tolist()):
        if math.isnan(value):
            continue
        key = (criteria[0] if criterion is None else criterion[row], value)
        if key not in seen:
            scale = form.scale_of(key[0])
            seen[key] = None if scale is None else scale.complaint_about(value)
        text = seen[key]
        if text is not None:
            complaints.add(lines[row], heading, texts[row], text)


def _one_each(
    values: Mapping[str, list[str]],
    of: str,
    attribute: str,
    lines: Sequence[int],
    headings: Mapping[str, str],
    complaints: _Complaints,
) -> dict[str, str]:
    """Return a value that must be equal in all rows of one proposal or judge; empty cells are ignored."""
    first: dict[str, tuple[str, int]] = {}
    for name, value, line in zip(values[of], values.get(attribute, ()), lines, strict=False):
        if not value:
            continue
        known = first.setdefault(name, (value, line))
        if known[0] != value:
            text = Message(
                "{name} has {known} in line {first}; a {of} has one", name=name, known=known[0], first=known[1], of=of
            )
            complaints.add(line, headings[attribute], value, text)
    return {name: value for name, (value, _) in first.items()}
