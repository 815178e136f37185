"""Scores as sorted, integer-coded arrays: the input of every model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


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
    earlier : tuple of Occasion
        Earlier scoresheets of some of the judges, the oldest first. Their proposals are not ranked.
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
    earlier: tuple[Occasion, ...] = ()

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
        # If all scores of a sheet have weight zero, the total is their plain mean.
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
        """SHA-256 of the canonical content, independent of the order in which rows arrived."""
        names = [self.proposals, self.judges, self.criteria, self.cities, self.categories]
        content = hashlib.sha256(json.dumps(names, ensure_ascii=False, separators=(",", ":")).encode())
        for codes in (self.proposal, self.judge, self.proposal_city, self.judge_city, self.category):
            content.update(codes.astype("<i8").tobytes())
        for values in (self.weights, self.score, self.minimum, self.maximum, self.step, self.scored_at):
            # One bit pattern for every NaN, and + 0.0 makes -0.0 the same as 0.0.
            content.update(np.where(np.isnan(values), np.nan, values + 0.0).astype("<f8").tobytes())
        if self.earlier:
            named = [(occasion.kind, occasion.name, occasion.ratings.digest) for occasion in self.earlier]
            content.update(json.dumps(named, ensure_ascii=False, separators=(",", ":")).encode())
        return content.hexdigest()

    @cached_property
    def scale_of_totals(self) -> tuple[float, float] | None:
        """Ends of the scale of totals, in the units of the scores; None when a criterion's scale is unknown."""
        if not bool(np.all(self.maximum > self.minimum)):
            return None
        return float(self.weights @ self.minimum), float(self.weights @ self.maximum)

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

    def with_judges(self, names: Iterable[str]) -> Ratings:
        """List further judges, who have no sheets here."""
        judges = tuple(sorted({*self.judges, *names}))
        if judges == self.judges:
            return self
        place = {name: code for code, name in enumerate(judges)}
        moved = np.array([place[name] for name in self.judges], dtype=np.int64)
        city = np.full(len(judges), -1)
        city[moved] = self.judge_city
        return replace(self, judges=judges, judge=moved[self.judge], judge_city=city)


@dataclass(frozen=True, eq=False, kw_only=True)
class Occasion:
    """Scoresheets that judges filled in before those to be calibrated.

    Attributes
    ----------
    kind : one of `judging.calibration.settings.OCCASION_KINDS`
    name : str
        Key of the round, of the practice session, or of the competition and its round.
    ratings : Ratings
        Judges have the names that they have now. Criteria, scales and proposals are the occasion's own.
    """

    kind: str
    name: str
    ratings: Ratings
