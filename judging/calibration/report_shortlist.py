"""The shortlist of a report, and how many of its seats are expected to be wrong."""

from __future__ import annotations

import numpy as np

from judging.calibration.ranks.standing import RankedFit
from judging.calibration.ratings import Bools, Ints
from judging.calibration.report.shortlist import SeatErrors, ShortlistMove, ShortlistResult
from judging.calibration.values import number
from judging.ranking import UNRANKED


def shortlist_result(standing: RankedFit) -> ShortlistResult | None:
    """Return the shortlist by the rule, with the expected number of wrong seats; None without a rule."""
    rule, chosen = standing.fit.settings.shortlist, standing.shortlist
    if rule is None or chosen is None:
        return None
    ratings = standing.fit.ratings
    names = ratings.proposals
    return ShortlistResult(
        size=rule.size,
        selected=tuple(names[code] for code in chosen.selected),
        reserves=tuple(names[code] for code in chosen.reserves),
        cut_off=number(chosen.cut_off),
        tied_at_line=tuple(names[code] for code in chosen.tied_at_line),
        moves=tuple(
            ShortlistMove(proposal=names[move.proposal], selected=move.selected, clause=move.clause, group=move.group)
            for move in chosen.moves
        ),
        unmet=tuple(chosen.unmet),
        seat_errors=_seat_errors(standing, "", None),
        seat_errors_by_city=_by_group(standing, ratings.cities, ratings.proposal_city),
        seat_errors_by_category=_by_group(standing, ratings.categories, ratings.category),
        floor_scores=() if standing.floors is None else standing.floors.result(),
    )


def _by_group(standing: RankedFit, groups: tuple[str, ...], member: Ints) -> tuple[SeatErrors, ...]:
    errors = (_seat_errors(standing, group, member == code) for code, group in enumerate(groups))
    return tuple(error for error in errors if error is not None)


def _seat_errors(standing: RankedFit, group: str, member: Bools | None) -> SeatErrors | None:
    """Sum, over the members, the probabilities that the rule would decide otherwise by the true scores."""
    chosen, p = standing.shortlist, standing.p_shortlist
    if p is None or chosen is None:
        return None
    selected = np.zeros(len(p), dtype=bool)
    selected[list(chosen.selected)] = True
    counted = standing.ranks != UNRANKED
    if member is not None:
        counted &= member
    return SeatErrors(
        group=group,
        wrong=float((1.0 - p[counted & selected]).sum()),
        missed=float(p[counted & ~selected].sum()),
    )
