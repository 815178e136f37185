"""Scores as sorted, integer-coded arrays: what every model of calibration starts from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ONE_CRITERION = "score"
"""Name of the criterion when the scores come without one."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Ratings:
    """Scoresheets of one round, one row a sheet, sorted by proposal, judge and occurrence.

    Attributes
    ----------
    proposals, judges : tuple of str
        Sorted names; position is the integer code used everywhere else. Proposals nobody scored and judges who
        scored nothing may be listed.
    criteria : tuple of str
        In the rubric's order.
    weights : ndarray of shape (n_criteria,)
        Shares of the criteria, summing to 1.
    proposal, judge : ndarray of shape (n_sheets,)
        Integer codes.
    score : ndarray of shape (n_sheets, n_criteria)
        In the units of the input; NaN where a criterion was left open.
    minimum, maximum, step : ndarray of shape (n_criteria,)
        The scale of each criterion; NaN when unknown.
    cities, categories : tuple of str
        Sorted names.
    proposal_city, category : ndarray of shape (n_proposals,)
        Codes into ``cities`` and ``categories``; -1 when unknown.
    judge_city : ndarray of shape (n_judges,)
        Codes into ``cities``; -1 when unknown.
    scored_at : ndarray of shape (n_sheets,)
        Seconds since 1970 (UTC) at which the sheet was submitted; NaN when unknown.
    """

    proposals: tuple[str, ...]
    judges: tuple[str, ...]
    criteria: tuple[str, ...]
    weights: Floats
    proposal: Ints
    judge: Ints
    score: Floats
    minimum: Floats
    maximum: Floats
    step: Floats
    cities: tuple[str, ...]
    proposal_city: Ints
    judge_city: Ints
    categories: tuple[str, ...]
    category: Ints
    scored_at: Floats

    @property
    def n_proposals(self) -> int:
        """Count of proposals listed, scored or not."""
        return len(self.proposals)

    @property
    def n_judges(self) -> int:
        """Count of judges listed."""
        return len(self.judges)

    @property
    def n_criteria(self) -> int:
        """Count of criteria."""
        return len(self.criteria)

    @property
    def n_sheets(self) -> int:
        """Count of scoresheets."""
        return len(self.proposal)

    @property
    def n_cities(self) -> int:
        """Count of cities named."""
        return len(self.cities)

    @property
    def n_scores(self) -> int:
        """Count of single scores, open ones left out."""
        return int(np.count_nonzero(~np.isnan(self.score)))

    @cached_property
    def complete(self) -> bool:
        """Whether every sheet scores every criterion."""
        return not bool(np.isnan(self.score).any())

    @cached_property
    def total(self) -> Floats:
        """Weighted total of each sheet, in the units of the input, of shape (n_sheets,).

        Where a criterion was left open the weights of the others are scaled up to sum to 1: missing is not zero.
        """
        given = ~np.isnan(self.score)
        weight = given * self.weights
        share = weight.sum(axis=1)
        # A sheet whose only scores carry no weight still has an opinion: the plain mean of what it holds.
        weight[share == 0] = given[share == 0]
        return np.asarray((np.where(given, self.score, 0.0) * weight).sum(axis=1) / weight.sum(axis=1))

    @cached_property
    def same_city(self) -> Bools:
        """Whether judge and proposal of a sheet are known to share a city, of shape (n_sheets,)."""
        of_judge = self.judge_city[self.judge]
        return np.asarray((of_judge >= 0) & (of_judge == self.proposal_city[self.proposal]))

    @cached_property
    def n_sheets_of_proposal(self) -> Ints:
        """Count of sheets of each proposal, of shape (n_proposals,)."""
        return np.bincount(self.proposal, minlength=self.n_proposals)

    @cached_property
    def n_judges_of_proposal(self) -> Ints:
        """Count of different judges of each proposal, of shape (n_proposals,)."""
        pairs = np.unique(self.proposal * max(self.n_judges, 1) + self.judge)
        return np.bincount(pairs // max(self.n_judges, 1), minlength=self.n_proposals)

    @cached_property
    def n_sheets_of_judge(self) -> Ints:
        """Count of sheets of each judge, of shape (n_judges,)."""
        return np.bincount(self.judge, minlength=self.n_judges)

    @cached_property
    def repeated(self) -> int:
        """Count of sheets beyond the first by the same judge for the same proposal."""
        return self.n_sheets - int(self.n_judges_of_proposal.sum())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical content; the order in which rows arrived does not enter."""
        names = [self.proposals, self.judges, self.criteria, self.cities, self.categories]
        content = hashlib.sha256(json.dumps(names, ensure_ascii=False, separators=(",", ":")).encode())
        for codes in (self.proposal, self.judge, self.proposal_city, self.judge_city, self.category):
            content.update(codes.astype("<i8").tobytes())
        for values in (self.weights, self.score, self.minimum, self.maximum, self.step, self.scored_at):
            # One bit pattern for every NaN, and + 0.0 makes -0.0 the same as 0.0.
            content.update(np.where(np.isnan(values), np.nan, values + 0.0).astype("<f8").tobytes())
        return content.hexdigest()

    def to_percent(self) -> Ratings:
        """Map every criterion's scale to 0..100.

        Raises
        ------
        ValueError
            When a criterion's minimum or maximum is unknown.
        """
        span = self.maximum - self.minimum
        if not bool(np.all(span > 0)):
            raise ValueError("the scale of every criterion must be known")
        return replace(
            self,
            score=(self.score - self.minimum) / span * 100.0,
            step=self.step / span * 100.0,
            minimum=np.zeros(self.n_criteria),
            maximum=np.full(self.n_criteria, 100.0),
        )

    def without_unused_criteria(self) -> Ratings:
        """Leave out criteria that no sheet scores; the weights of the others are scaled up to sum to 1."""
        used: Bools = np.asarray(~np.isnan(self.score).all(axis=0))
        if used.all():
            return self
        weights = self.weights[used]
        if not weights.sum() > 0:
            weights = np.ones(len(weights))
        return replace(
            self,
            criteria=tuple(name for name, kept in zip(self.criteria, used, strict=True) if kept),
            weights=weights / weights.sum(),
            score=self.score[:, used],
            minimum=self.minimum[used],
            maximum=self.maximum[used],
            step=self.step[used],
        )

    def without_judge(self, judge: int) -> Ratings:
        """Leave out the sheets of one judge, who stays listed; for sensitivity."""
        keep = self.judge != judge
        return replace(
            self,
            proposal=self.proposal[keep],
            judge=self.judge[keep],
            score=self.score[keep],
            scored_at=self.scored_at[keep],
        )


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
        Names to list even when no sheet holds them.
    proposal_city, judge_city, category : mapping of str to str, optional
        City of a proposal and of a judge, category of a proposal; names left out are unknown.

    Returns
    -------
    ratings : Ratings
        Rows sorted by proposal, judge, time and scores, so that no digit of what follows depends on the order in
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
    its own: first scores by time (then by value) make the first sheet, and so on.
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
