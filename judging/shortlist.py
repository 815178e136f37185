"""The sealed rule: which proposals are selected, the cut-off, and which clause moved which proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from judging.quotas import Bools, Quotas, walk
from judging.ranking import UNRANKED, Floats, Ints

FLOORS_BY = ("raw", "calibrated")


@dataclass(frozen=True, kw_only=True)
class ShortlistRule:
    """Number of selected proposals, and the conditions.

    Proposals are considered from the best downwards. A proposal is passed over when it is below a floor, when its city
    or category has reached its cap, or when all remaining places are needed for cities or categories still below their
    minimum. A minimum larger than the number of proposals of that group is met as far as possible.

    Attributes
    ----------
    size : int
        Number of places.
    city_minimum, city_cap, category_minimum, category_cap : mapping of str to int
        Lowest and highest number of places, by name; a name that is missing has no limit.
    floors : mapping of str to float
        Lowest score by criterion.
    floors_by : str or None
        What is compared with the floors: ``raw``, the mean of the scores, which None means too, or ``calibrated``, the
        criterion's own calibrated score.
    reserves : int
        Number of reserves below the cut-off, in order, under the same caps.
    """

    size: int
    city_minimum: Mapping[str, int] = field(default_factory=dict)
    city_cap: Mapping[str, int] = field(default_factory=dict)
    category_minimum: Mapping[str, int] = field(default_factory=dict)
    category_cap: Mapping[str, int] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    reserves: int = 0
    floors_by: str | None = None

    def __post_init__(self) -> None:
        if self.floors_by not in (None, *FLOORS_BY):
            raise ValueError(f"floors_by: {self.floors_by!r} is not one of {', '.join(FLOORS_BY)}")
        if self.size < 0 or self.reserves < 0:
            raise ValueError("size and reserves: none below zero")
        for minima in (self.city_minimum, self.category_minimum):
            if sum(minima.values()) > self.size:
                raise ValueError("minima: together they must not ask for more seats than there are")

    @property
    def has_quotas(self) -> bool:
        """Whether any city or category has a minimum or a cap."""
        return bool(self.city_minimum or self.city_cap or self.category_minimum or self.category_cap)


@dataclass(frozen=True, eq=False, kw_only=True)
class Field:
    """Attributes of the proposals that the rule needs, besides their scores.

    Attributes
    ----------
    cities, categories : tuple of str
    city, category : ndarray of shape (n_proposals,)
        Codes; -1 when unknown; then no quota applies.
    criterion_mean : mapping of str to ndarray of shape (n_proposals,)
        Mean score by criterion.
    criterion_score : mapping of str to ndarray of shape (n_proposals,)
        What is compared with a floor, where it is not the mean score.
    """

    cities: tuple[str, ...] = ()
    city: Ints
    categories: tuple[str, ...] = ()
    category: Ints
    criterion_mean: Mapping[str, Floats] = field(default_factory=dict)
    criterion_score: Mapping[str, Floats] = field(default_factory=dict)

    @classmethod
    def plain(cls, n_proposals: int) -> Field:
        """Make proposals without known city and category."""
        unknown = np.full(n_proposals, -1, dtype=np.int64)
        return cls(city=unknown, category=unknown)


@dataclass(frozen=True)
class Move:
    """A proposal that is selected or not for another reason than its rank.

    ``clause`` is ``floor``, ``city_cap``, ``category_cap``, ``kept_for_minimum`` (out), ``city_minimum``,
    ``category_minimum``, ``moved_up`` or ``tie`` (in); ``group`` names the criterion, city or category.
    """

    proposal: int
    selected: bool
    clause: str
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Shortlist:
    """The proposals selected by a rule.

    Attributes
    ----------
    selected, reserves : tuple of int
        Codes of proposals, best first.
    cut_off : float or None
        Lowest score of those selected; None when none is.
    tied_at_line : tuple of int
        Proposals with the same rank, between which the rule cannot choose; all of them are selected, so that
        ``selected`` may be longer than the rule's size.
    moves : tuple of Move
    unmet : tuple of str
        Cities and categories that remain below their minimum.
    """

    selected: tuple[int, ...]
    reserves: tuple[int, ...]
    cut_off: float | None
    tied_at_line: tuple[int, ...]
    moves: tuple[Move, ...]
    unmet: tuple[str, ...]


def select(score: Floats, ranks: Ints, rule: ShortlistRule, *, among: Field) -> Shortlist:
    """Apply the rule to one ranking.

    Parameters
    ----------
    score : ndarray of shape (n_proposals,)
        Calibrated scores; only for the cut-off.
    ranks : ndarray of shape (n_proposals,)
        From `judging.ranking.rank`, tie-break chain already applied; 0 is unranked and never selected.
    rule : ShortlistRule
    among : Field

    Returns
    -------
    shortlist : Shortlist
        With a tie at a limit (of the size or of a cap) all tied proposals are selected.
    """
    missed = _missed_floors(rule, among)
    order = np.array([code for code in np.argsort(ranks, kind="stable") if ranks[code] != UNRANKED], dtype=np.int64)
    eligible = np.array([code for code in order if code not in missed], dtype=np.int64)
    quotas = _quotas(rule, among, eligible)

    chosen = set(walk(eligible[None, :], rule.size, quotas)[0].nonzero()[0].tolist())
    tied: set[int] = set()
    ranks_chosen = {int(ranks[code]) for code in chosen}
    for code in eligible:
        if int(code) in chosen or int(ranks[code]) not in ranks_chosen:
            continue
        # A proposal that would be selected under another order of the tie is selected: names must not decide.
        first = np.array(sorted(eligible, key=lambda other: (ranks[other], other != code)), dtype=np.int64)
        other_way = walk(first[None, :], rule.size, quotas)[0]
        if other_way[code]:
            tied.add(int(code))
            tied |= {member for member in chosen if ranks[member] == ranks[code] and not other_way[member]}
    in_shortlist = chosen | tied
    selected = tuple(int(code) for code in order if int(code) in in_shortlist)
    reserves = _reserves(rule, quotas, eligible, in_shortlist)
    return Shortlist(
        selected=selected,
        reserves=reserves,
        cut_off=min((float(score[code]) for code in selected), default=None),
        tied_at_line=tuple(int(code) for code in order if int(code) in tied),
        moves=_moves(order, in_shortlist, tied, missed, rule, quotas, among),
        unmet=quotas.unmet(in_shortlist),
    )


def select_draws(draws: Floats, rule: ShortlistRule, *, among: Field, passes: Bools | None = None) -> Bools:
    """Apply the rule to every draw.

    Parameters
    ----------
    draws : ndarray of shape (n_draws, n_proposals)
        NaN throughout for proposals nobody scored.
    rule : ShortlistRule
        Floors are compared with the values given, not with draws, unless ``passes`` is given.
    among : Field
    passes : ndarray of bool, shape (n_draws, n_proposals), optional
        Who is above every floor in each draw.

    Returns
    -------
    selected : ndarray of bool, shape (n_draws, n_proposals)
        Its mean over draws is P(shortlist).
    """
    missed = _missed_floors(rule, among) if passes is None else {}
    ranked = ~np.isnan(draws[0]) if len(draws) else np.zeros(draws.shape[1], dtype=bool)
    eligible = np.array([code for code in np.flatnonzero(ranked) if int(code) not in missed], dtype=np.int64)
    order = eligible[np.argsort(-draws[:, eligible], axis=1, kind="stable")]
    selected = np.zeros(draws.shape, dtype=bool)
    if not rule.has_quotas and passes is None:
        np.put_along_axis(selected, order[:, : rule.size], True, axis=1)
        return selected
    selected[:] = walk(order, rule.size, _quotas(rule, among, eligible), passes=passes)
    return selected


def _quotas(rule: ShortlistRule, among: Field, eligible: Ints) -> Quotas:
    return Quotas.of(
        (among.cities, among.city, rule.city_minimum, rule.city_cap),
        (among.categories, among.category, rule.category_minimum, rule.category_cap),
        eligible,
    )


def _missed_floors(rule: ShortlistRule, among: Field) -> dict[int, str]:
    missed: dict[int, str] = {}
    for criterion, floor in rule.floors.items():
        score = among.criterion_score.get(criterion, among.criterion_mean[criterion])
        for code in np.flatnonzero(score < floor):
            missed.setdefault(int(code), criterion)
    return missed


def _reserves(rule: ShortlistRule, quotas: Quotas, eligible: Ints, in_shortlist: set[int]) -> tuple[int, ...]:
    """Return the next in order; caps apply, because a reserve can replace any selected proposal."""
    rest = [int(code) for code in eligible if int(code) not in in_shortlist]
    named: list[int] = []
    members = np.array(sorted(in_shortlist), dtype=np.int64)
    counts = [np.bincount(g[members], minlength=len(m)) for g, m in zip(quotas.group, quotas.most, strict=True)]
    for code in rest:
        if len(named) == rule.reserves:
            break
        # The reserve of a full group can replace a proposal of that group, so only a cap of zero excludes it.
        if all(most[group[code]] > 0 for group, most in zip(quotas.group, quotas.most, strict=True)) or not counts:
            named.append(code)
    return tuple(named)


def _moves(
    order: Ints,
    in_shortlist: set[int],
    tied: set[int],
    missed: dict[int, str],
    rule: ShortlistRule,
    quotas: Quotas,
    among: Field,
) -> tuple[Move, ...]:
    plain = {int(code) for code in order[: rule.size]}
    families = (("city", among.cities), ("category", among.categories))
    members = np.array(sorted(in_shortlist), dtype=np.int64)
    moves = []
    for code in map(int, order):
        if (code in in_shortlist) == (code in plain):
            continue
        clause, group_name = ("tie", "") if code in tied else ("moved_up", "")
        if code in in_shortlist:
            for (family, names), group, least in zip(families, quotas.group, quotas.least, strict=True):
                level = group[code]
                if least[level] and np.bincount(group[members], minlength=len(least))[level] <= least[level]:
                    clause, group_name = f"{family}_minimum", names[level]
        elif code in missed:
            clause, group_name = "floor", missed[code]
        else:
            clause, group_name = "kept_for_minimum", ""
            for (family, names), group, most in zip(families, quotas.group, quotas.most, strict=True):
                level = group[code]
                if np.bincount(group[members], minlength=len(most))[level] >= most[level]:
                    clause, group_name = f"{family}_cap", names[level]
        moves.append(Move(code, code in in_shortlist, clause, group_name))
    return tuple(moves)
