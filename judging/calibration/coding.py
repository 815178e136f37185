"""Names and scores of any order, sorted and coded as ratings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from judging.calibration.ratings import Bools, Floats, Ints, Ratings

ONE_CRITERION = "score"
"""Name of the criterion when the scores come without one."""


def ratings_from_sheets(
    proposal: Sequence[str],
    judge: Sequence[str],
    *,
    score: ArrayLike,
    criteria: Sequence[str] = (ONE_CRITERION,),
    weights: Sequence[float] | None = None,
    minimum: ArrayLike = np.nan,
    maximum: ArrayLike = np.nan,
    step: ArrayLike = np.nan,
    scored_at: ArrayLike | None = None,
    proposals: Iterable[str] = (),
    judges: Iterable[str] = (),
    cities: Iterable[str] = (),
    proposal_city: Mapping[str, str] | None = None,
    judge_city: Mapping[str, str] | None = None,
    category: Mapping[str, str] | None = None,
) -> Ratings:
    """Sort and code scoresheets, one row a sheet.

    Parameters
    ----------
    proposal, judge : sequence of str, length n_sheets
        Names.
    score : array_like of shape (n_sheets, n_criteria), or (n_sheets,) with one criterion
        NaN where a criterion was left open. Sheets without any score are dropped.
    criteria : sequence of str
        In the rubric's order.
    weights : sequence of float, optional
        Any scale, none negative, not all zero; equal when left out.
    minimum, maximum, step : float or array_like of shape (n_criteria,)
        NaN when unknown.
    scored_at : array_like of shape (n_sheets,), optional
        Seconds since 1970.
    proposals, judges, cities : iterable of str
        Names to list even when no sheet has them.
    proposal_city, judge_city, category : mapping of str to str, optional
        City of a proposal and of a judge, category of a proposal; names left out are unknown.

    Returns
    -------
    ratings : Ratings
        Rows sorted by proposal, judge, time and scores, so that no digit of any result depends on the order in
        which rows arrived.

    Examples
    --------
    >>> ratings = ratings_from_sheets(["b", "a"], ["y", "x"], score=[3, 4])
    >>> ratings.proposals, ratings.judges, ratings.total.tolist()
    (('a', 'b'), ('x', 'y'), [4.0, 3.0])
    """
    n_sheets, n_criteria = len(proposal), len(criteria)
    values = np.array(score, dtype=np.float64).reshape(n_sheets, n_criteria)
    proposal_names, proposal_code = _code(proposal, proposals)
    judge_names, judge_code = _code(judge, judges)
    times = np.full(n_sheets, np.nan) if scored_at is None else np.array(scored_at, dtype=np.float64)

    keys = (*values.T[::-1], np.nan_to_num(times, nan=np.inf), judge_code, proposal_code)
    order = np.lexsort(keys)
    empty: Bools = np.asarray(np.isnan(values).all(axis=1))
    order = order[~empty[order]]

    of_proposal, of_judge, of_category = dict(proposal_city or {}), dict(judge_city or {}), dict(category or {})
    city_names = tuple(sorted({*cities, *of_proposal.values(), *of_judge.values()} - {""}))
    category_names = tuple(sorted(set(of_category.values()) - {""}))
    weight = np.ones(n_criteria) if weights is None else np.array(weights, dtype=np.float64)
    if weight.shape != (n_criteria,) or bool((weight < 0).any()) or not weight.sum() > 0:
        raise ValueError("weights: one for each criterion, none negative, not all zero")
    return Ratings(
        proposals=proposal_names,
        judges=judge_names,
        criteria=tuple(criteria),
        weights=weight / weight.sum(),
        proposal=proposal_code[order],
        judge=judge_code[order],
        score=values[order],
        minimum=_per_criterion(minimum, n_criteria),
        maximum=_per_criterion(maximum, n_criteria),
        step=_per_criterion(step, n_criteria),
        cities=city_names,
        proposal_city=_look_up(proposal_names, of_proposal, city_names),
        judge_city=_look_up(judge_names, of_judge, city_names),
        categories=category_names,
        category=_look_up(proposal_names, of_category, category_names),
        scored_at=times[order],
    )


def ratings_from_rows(
    proposal: Sequence[str],
    judge: Sequence[str],
    *,
    score: ArrayLike,
    criterion: Sequence[str] | None = None,
    criteria: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    minimum: ArrayLike = np.nan,
    maximum: ArrayLike = np.nan,
    step: ArrayLike = np.nan,
    scored_at: ArrayLike | None = None,
    proposals: Iterable[str] = (),
    judges: Iterable[str] = (),
    cities: Iterable[str] = (),
    proposal_city: Mapping[str, str] | None = None,
    judge_city: Mapping[str, str] | None = None,
    category: Mapping[str, str] | None = None,
) -> Ratings:
    """Gather single scores into scoresheets, then sort and code them.

    Parameters
    ----------
    proposal, judge : sequence of str, length n_scores
    score : array_like of shape (n_scores,)
    criterion : sequence of str, length n_scores, optional
    criteria : sequence of str, optional
        The rubric's order; sorted names when left out.
    weights : mapping of str to float, optional
        By criterion; equal when left out.
    minimum, maximum, step, proposals, judges, cities, proposal_city, judge_city, category
        As in `ratings_from_sheets`.
    scored_at : array_like of shape (n_scores,), optional
        A sheet takes the latest time of its scores.

    Returns
    -------
    ratings : Ratings

    Notes
    -----
    When the same judge scores the same proposal on the same criterion more than once, each time counts as a sheet of
    its own: the first scores by time (then by value) are the first sheet, and so on.
    """
    values = np.array(score, dtype=np.float64)
    times = np.full(len(values), np.nan) if scored_at is None else np.array(scored_at, dtype=np.float64)
    if criterion is None:
        names: tuple[str, ...] = tuple(criteria) if criteria is not None else (ONE_CRITERION,)
        criterion_code = np.zeros(len(values), dtype=np.int64)
    else:
        names = tuple(criteria) if criteria is not None else tuple(sorted(set(criterion)))
        position = {name: code for code, name in enumerate(names)}
        criterion_code = np.array([position[name] for name in criterion], dtype=np.int64)
    proposal_names, proposal_code = _code(proposal, ())
    judge_names, judge_code = _code(judge, ())

    order = np.lexsort((values, np.nan_to_num(times, nan=np.inf), criterion_code, judge_code, proposal_code))
    pair = (proposal_code * max(len(judge_names), 1) + judge_code)[order]
    cell = pair * max(len(names), 1) + criterion_code[order]
    occurrence = _count_within_runs(cell)
    sheet_key = pair * (int(occurrence.max(initial=0)) + 1) + occurrence
    _, first, sheet = np.unique(sheet_key, return_index=True, return_inverse=True)
    grid = np.full((len(first), len(names)), np.nan)
    grid[sheet, criterion_code[order]] = values[order]
    latest = np.full(len(first), -np.inf)
    np.maximum.at(latest, sheet, np.nan_to_num(times[order], nan=-np.inf))
    rows = order[first]
    return ratings_from_sheets(
        [proposal_names[code] for code in proposal_code[rows]],
        [judge_names[code] for code in judge_code[rows]],
        score=grid,
        criteria=names,
        weights=None if weights is None else [weights[name] for name in names],
        minimum=minimum,
        maximum=maximum,
        step=step,
        scored_at=np.where(np.isinf(latest), np.nan, latest),
        proposals=proposals,
        judges=judges,
        cities=cities,
        proposal_city=proposal_city,
        judge_city=judge_city,
        category=category,
    )


def _code(values: Sequence[str], listed: Iterable[str]) -> tuple[tuple[str, ...], Ints]:
    names = tuple(sorted({*values, *listed}))
    position = {name: code for code, name in enumerate(names)}
    return names, np.fromiter((position[value] for value in values), dtype=np.int64, count=len(values))


def _look_up(names: Sequence[str], attribute: Mapping[str, str], levels: Sequence[str]) -> Ints:
    position = {level: code for code, level in enumerate(levels)}
    return np.array([position.get(attribute.get(name, ""), -1) for name in names], dtype=np.int64)


def _per_criterion(value: ArrayLike, n_criteria: int) -> Floats:
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), (n_criteria,)))


def _count_within_runs(sorted_keys: Ints) -> Ints:
    """Count up from 0 within each run of equal keys."""
    if len(sorted_keys) == 0:
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, sorted_keys[1:] != sorted_keys[:-1]])
    lengths = np.diff(np.r_[starts, len(sorted_keys)])
    return np.arange(len(sorted_keys)) - np.repeat(starts, lengths)
