"""The shortlist that the sealed rule and the verdicts of people make together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

VERDICTS = ("in", "out", "rule")
"""What people say of a proposal; ``rule`` takes an earlier verdict back, so that the shortlist rule decides again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided on a proposal, why, when and by whom."""

    proposal: str
    verdict: str
    reason: str
    decided_at: datetime
    decided_by: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A proposal that the rule keeps or passes over for another reason than its rank; see `judging.shortlist.Move`."""

    proposal: str
    selected: bool
    clause: str
    group: str


@dataclass(frozen=True, kw_only=True)
class FinalShortlist:
    """The shortlist of a run after the decisions in force. Proposals by key.

    Attributes
    ----------
    size : int or None
        Seats by the rule; None without a rule.
    by_rule, selected : tuple of str
        Whom the rule keeps; whom rule and people keep. By rank.
    reserves : tuple of str
        In order. Whoever loses a tie at the line to others whom people chose comes first; whoever was decided out is
        none.
    tied : tuple of str
        Those between whom people still have to choose; all of them are among ``selected``.
    moved : mapping of str to Moved
    overridden : mapping of str to Verdict
        Verdicts in force.
    unmet, over_cap : tuple of str
        Cities and categories below their minimum or above their cap once the decisions count.
    cut_off : float or None
        Of the rule.
    """

    size: int | None = None
    by_rule: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()
    reserves: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    moved: Mapping[str, Moved] = field(default_factory=dict)
    overridden: Mapping[str, Verdict] = field(default_factory=dict)
    unmet: tuple[str, ...] = ()
    over_cap: tuple[str, ...] = ()
    cut_off: float | None = None

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left for people to choose."""
        return not self.tied

    @property
    def n_free(self) -> int:
        """Return how many seats are free; below zero when more are kept than there are seats."""
        return 0 if self.size is None else self.size - len(self.selected)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data that JSON can hold."""
        return {
            "size": self.size,
            "by_rule": list(self.by_rule),
            "selected": list(self.selected),
            "reserves": list(self.reserves),
            "tied": list(self.tied),
            "moved": [asdict(one) for one in self.moved.values()],
            "overridden": [
                {**asdict(one), "decided_at": one.decided_at.isoformat()} for one in self.overridden.values()
            ],
            "unmet": list(self.unmet),
            "over_cap": list(self.over_cap),
            "cut_off": self.cut_off,
        }


def settle(
    result: Mapping[str, Any], rule: Mapping[str, Any] | None, in_force: Mapping[str, Verdict]
) -> FinalShortlist:
    """Join a run's shortlist with verdicts.

    Parameters
    ----------
    result : mapping
        Of a calibration run.
    rule : mapping or None
        The shortlist rule in the run's settings.
    in_force : mapping of str to Verdict
    """
    entries = {row["proposal"]: row for row in result["proposals"]}
    chosen = {key for key, one in in_force.items() if one.verdict == "in"}
    barred = {key for key, one in in_force.items() if one.verdict == "out"}
    by_rule = result.get("shortlist")
    if by_rule is None or rule is None:
        return FinalShortlist(selected=_by_rank(chosen, entries), overridden=in_force)
    size: int = rule["size"]
    kept = (set(by_rule["selected"]) | chosen) - barred
    undecided = set(by_rule["tied_at_line"]) & kept - chosen
    n_left = size - len(kept - undecided)
    # People who put some of those who tie on the list have chosen between them: the rest follow as reserves. A verdict
    # on somebody else never drops anybody.
    has_lost = n_left <= 0 and bool(chosen & set(by_rule["tied_at_line"]))
    lost = undecided if has_lost else set()
    kept -= lost
    reserves = [*_by_rank(lost, entries), *(key for key in by_rule["reserves"] if key not in kept | barred)]
    return FinalShortlist(
        size=size,
        by_rule=tuple(by_rule["selected"]),
        selected=_by_rank(kept, entries),
        reserves=tuple(reserves[: rule["reserves"]]),
        tied=() if has_lost or len(kept) <= size else _by_rank(undecided, entries),
        moved={move["proposal"]: Moved(**move) for move in by_rule["moves"]},
        overridden=in_force,
        unmet=_outside(kept, entries, rule, "minimum"),
        over_cap=_outside(kept, entries, rule, "cap"),
        cut_off=by_rule["cut_off"],
    )


def _by_rank(keys: Iterable[str], entries: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    def place(key: str) -> tuple[bool, int, str]:
        rank = entries.get(key, {}).get("rank")
        return rank is None, rank or 0, key

    return tuple(sorted(keys, key=place))


def _outside(
    kept: Iterable[str], entries: Mapping[str, Mapping[str, Any]], rule: Mapping[str, Any], bound: str
) -> tuple[str, ...]:
    """Name the cities and categories below their minimum or above their cap."""
    kept, found = list(kept), []
    for family in ("city", "category"):
        count = Counter(entries.get(key, {}).get(family) for key in kept)
        for name, number in rule[f"{family}_{bound}"].items():
            if (count[name] < number) if bound == "minimum" else (count[name] > number):
                found.append(name)
    return tuple(found)
