"""The shortlist that the sealed rule and the verdicts of people make together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.shortlist import ShortlistMove
from judging.calibration.report.whole import Report
from judging.shortlist import ShortlistRule

VERDICTS = ("in", "out", "rule")
"""What people say of a proposal; ``rule`` takes an earlier verdict back, so that the shortlist rule decides again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided on a proposal, why, when and by whom; ``replaces`` names whose place it took."""

    proposal: str
    verdict: str
    reason: str
    decided_at: datetime
    decided_by: str
    replaces: str | None = None


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
    moved : mapping of str to ShortlistMove
    overridden : mapping of str to Verdict
        Verdicts in force.
    unmet, over_cap : tuple of str
        Cities and categories below their minimum or above their cap once the decisions count.
    cut_off : float or None
        Of the rule.
    replacements : mapping of str to str or None
        For each selected proposal the reserve who moves up when it leaves: the first with whom no city and no category
        falls below its minimum or rises above its cap, or further so. None where no reserve is one.
    """

    size: int | None = None
    by_rule: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()
    reserves: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    moved: Mapping[str, ShortlistMove] = field(default_factory=dict)
    overridden: Mapping[str, Verdict] = field(default_factory=dict)
    unmet: tuple[str, ...] = ()
    over_cap: tuple[str, ...] = ()
    cut_off: float | None = None
    replacements: Mapping[str, str | None] = field(default_factory=dict)

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


def settle(report: Report, in_force: Mapping[str, Verdict]) -> FinalShortlist:
    """Join a run's shortlist with verdicts.

    Parameters
    ----------
    report : Report
        With everything in it: the decision on a proposal does not depend on who looks.
    in_force : mapping of str to Verdict
    """
    rows = {row.proposal: row for row in report.proposals}
    chosen = {key for key, verdict in in_force.items() if verdict.verdict == "in"}
    barred = {key for key, verdict in in_force.items() if verdict.verdict == "out"}
    by_rule, rule = report.shortlist, report.settings.shortlist
    if by_rule is None or rule is None:
        return FinalShortlist(selected=_by_rank(chosen, rows), overridden=in_force)
    kept = (set(by_rule.selected) | chosen) - barred
    undecided = set(by_rule.tied_at_line) & kept - chosen
    n_left = rule.size - len(kept - undecided)
    # People who put some of those who tie on the list have chosen between them: the rest follow as reserves. A verdict
    # on somebody else never drops anybody.
    has_lost = n_left <= 0 and bool(chosen & set(by_rule.tied_at_line))
    lost = undecided if has_lost else set()
    kept -= lost
    reserves = [*_by_rank(lost, rows), *(key for key in by_rule.reserves if key not in kept | barred)]
    return FinalShortlist(
        size=rule.size,
        by_rule=by_rule.selected,
        selected=_by_rank(kept, rows),
        reserves=tuple(reserves[: rule.reserves]),
        tied=() if has_lost or len(kept) <= rule.size else _by_rank(undecided, rows),
        moved={move.proposal: move for move in by_rule.moves},
        overridden=in_force,
        unmet=_outside(kept, rows, rule, "minimum"),
        over_cap=_outside(kept, rows, rule, "cap"),
        cut_off=by_rule.cut_off,
        replacements=_replacements(kept, reserves[: rule.reserves], rows, rule),
    )


def _replacements(
    kept: set[str], reserves: Sequence[str], rows: Mapping[str, ProposalResult], rule: ShortlistRule
) -> dict[str, str | None]:
    """Find for each kept proposal the first reserve with whom minima and caps hold as they do now."""
    limits = ((rule.city_minimum, rule.city_cap), (rule.category_minimum, rule.category_cap))

    def groups(key: str) -> tuple[str | None, str | None]:
        row = rows.get(key)
        return (None, None) if row is None else (row.city, row.category)

    counts = [Counter(groups(key)[place] for key in kept) for place in range(len(limits))]

    def holds(leaving: str, entering: str) -> bool:
        for (minima, caps), count, old, new in zip(limits, counts, groups(leaving), groups(entering), strict=True):
            if old == new:
                continue
            if old is not None and old in minima and count[old] <= minima[old]:
                return False
            if new is not None and new in caps and count[new] >= caps[new]:
                return False
        return True

    return {key: next((reserve for reserve in reserves if holds(key, reserve)), None) for key in kept}


def _by_rank(keys: Iterable[str], rows: Mapping[str, ProposalResult]) -> tuple[str, ...]:
    def place(key: str) -> tuple[bool, int, str]:
        rank = rows[key].rank if key in rows else None
        return rank is None, rank or 0, key

    return tuple(sorted(keys, key=place))


def _outside(
    kept: Iterable[str], rows: Mapping[str, ProposalResult], rule: ShortlistRule, bound: str
) -> tuple[str, ...]:
    """Name the cities and categories below their minimum or above their cap."""
    listed = [rows[key] for key in kept if key in rows]
    families = (
        (Counter(row.city for row in listed), rule.city_minimum, rule.city_cap),
        (Counter(row.category for row in listed), rule.category_minimum, rule.category_cap),
    )
    found: list[str] = []
    for count, minima, caps in families:
        if bound == "minimum":
            found += [name for name, number in minima.items() if count[name] < number]
        else:
            found += [name for name, number in caps.items() if count[name] > number]
    return tuple(found)
