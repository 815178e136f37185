"""What a chair reads first: how many seats are settled whatever the method, how many need people, and the quotas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from judging.calibration.report.sensitivity import SensitivityResult
from judging.calibration.report.whole import Report
from judging.final_shortlist import FinalShortlist
from judging.shortlist import ShortlistRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The seats of a shortlist by what settles them.

    Attributes
    ----------
    seats : int
        Seats that are given now, decisions included.
    settled : int
        Those that every method gives to the same proposal, or, while the methods have not been compared, those with a
        high chance.
    decided : int
        Further ones that people gave.
    uncertain : int
        Of the settled ones, those whose chance of a seat is not high: every method agrees, other judges might not.
    is_compared : bool
        Whether the methods have been compared.
    """

    seats: int
    settled: int
    decided: int
    uncertain: int
    is_compared: bool

    @property
    def n_open(self) -> int:
        """Return how many seats people still have to look at."""
        return self.seats - self.settled - self.decided

    @property
    def text(self) -> str:
        """Return it as one sentence."""
        seats, settled = self.seats, self.settled
        if self.is_compared:
            first = _("%(settled)s of %(seats)s seats are the same under every method", settled=settled, seats=seats)
        else:
            first = _("%(settled)s of %(seats)s seats are clear from the scores", settled=settled, seats=seats)
        parts = [first]
        if self.decided:
            parts.append(ngettext("%(num)s was given by decision", "%(num)s were given by decision", self.decided))
        if self.n_open:
            parts.append(ngettext("%(num)s needs your decision", "%(num)s need your decision", self.n_open))
        elif self.uncertain:
            parts.append(
                ngettext(
                    "%(num)s of them has a chance that is not certain",
                    "%(num)s of them have chances that are not certain",
                    self.uncertain,
                )
            )
        else:
            parts.append(_("none is open"))
        return str(_("; ").join(parts) + _("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatTally:
    """The seats of one city or category now; ``least`` and ``most`` are the sealed minimum and cap, if any."""

    name: str
    seats: int
    least: int | None
    most: int | None

    @property
    def is_met(self) -> bool:
        """Return whether minimum and cap hold."""
        return (self.least is None or self.seats >= self.least) and (self.most is None or self.seats <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyFamily:
    """The tallies of all cities or of all categories; ``of`` is ``city`` or ``category``."""

    of: str
    groups: tuple[SeatTally, ...]


def headline_of(
    report: Report, final: FinalShortlist, comparison: SensitivityResult | None, *, hidden: frozenset[str] = frozenset()
) -> Headline | None:
    """Return the headline of a run with a shortlist rule; None without one.

    Parameters
    ----------
    report : Report
        With what the reader may see.
    final : FinalShortlist
        Rule and decisions together.
    comparison : SensitivityResult or None
        All methods on the same scores.
    hidden : frozenset of str
        Left out of every count.
    """
    if report.shortlist is None:
        return None
    selected = {key for key in final.selected if key not in hidden}
    decided = {key for key in selected if key in final.overridden}
    fitted = [] if comparison is None else [frozenset(row.selected) for row in comparison.models if row.selected]
    if fitted:
        same = frozenset.intersection(*fitted)
    else:
        clear = {row.proposal for row in report.proposals if row.p_shortlist is not None and not row.tie_band}
        same = frozenset(clear & set(report.shortlist.selected))
    unsure = {row.proposal for row in report.proposals if row.tie_band}
    return Headline(
        seats=len(selected),
        settled=len((selected & same) - decided),
        decided=len(decided),
        uncertain=len((selected & same & unsure) - decided),
        is_compared=bool(fitted),
    )


def tallies_of(
    report: Report,
    final: FinalShortlist,
    rule: ShortlistRule | None,
    *,
    cities: Mapping[str, str],
    categories: Mapping[str, str],
) -> list[TallyFamily]:
    """Return the seats of every city and of every category with their limits, as they are now; empty without a rule.

    Counts are of all seats: they do not depend on who looks.

    Parameters
    ----------
    report : Report
        With everything in it.
    final : FinalShortlist
    rule : ShortlistRule or None
    cities, categories : mapping of str to str
        Name by key, in the order of the definition.
    """
    if rule is None:
        return []
    rows = {row.proposal: row for row in report.proposals}
    seated = [rows[key] for key in final.selected if key in rows]
    families = (
        ("city", cities, Counter(row.city for row in seated), rule.city_minimum, rule.city_cap),
        ("category", categories, Counter(row.category for row in seated), rule.category_minimum, rule.category_cap),
    )
    return [
        TallyFamily(
            of=of,
            groups=tuple(
                SeatTally(name=name, seats=count[key], least=least.get(key), most=most.get(key))
                for key, name in names.items()
                if count[key] or key in least or key in most
            ),
        )
        for of, names, count, least, most in families
        if len(names) > 1
    ]
