"""The fixed effects of `mixed` beyond the means of the criteria."""

from __future__ import annotations

import numpy as np

from judging.calibration.answers.total_effects import home_share
from judging.calibration.linkage import Linkage
from judging.calibration.models.mixed.complete_sheets import Extra
from judging.calibration.ratings import Floats, Ints, Ratings
from judging.calibration.settings import Settings

FEWEST_JUDGES = 3
"""Judges of every city from whom its severity can be a term of its own."""


def fixed_beyond_means(ratings: Ratings, settings: Settings, linkage: Linkage) -> Extra:
    """Collect the fixed effects beyond the criteria's means: home city, and those for an assumption about cities."""
    n_proposals, n_judges = ratings.n_proposals, ratings.n_judges
    names: list[str] = []
    sheets: list[Floats] = []
    proposals: list[Floats] = []
    judges: list[Floats] = []
    if settings.home_city != "ignore" and linkage.home_identified:
        names.append("home_city")
        sheets.append(ratings.same_city.astype(np.float64))
        proposals.append(home_share(ratings, settings.home_city))
        judges.append(np.zeros(n_judges))
    cut = linkage.links in ("both", "one_way", "none") and not linkage.severity_identified
    if has_city_term(ratings, settings, linkage) or (cut and settings.assumption == "equal quality"):
        # Free means by judge's city. Where the cities are not linked, all differences between them are severity then.
        for code in _cities_but_one(ratings, ratings.judge_city[ratings.judge]):
            of_judge = (ratings.judge_city == code).astype(np.float64)
            names.append(f"judges of {ratings.cities[code]}")
            sheets.append(of_judge[ratings.judge])
            proposals.append(np.full(n_proposals, sheets[-1].mean()))
            judges.append(of_judge - sheets[-1].mean())
    elif cut and settings.assumption == "equal severity":
        # All differences between cities are quality: free means by proposal's city.
        for code in _cities_but_one(ratings, ratings.proposal_city[ratings.proposal]):
            of_proposal = (ratings.proposal_city == code).astype(np.float64)
            names.append(f"proposals of {ratings.cities[code]}")
            sheets.append(of_proposal[ratings.proposal])
            proposals.append(of_proposal)
            judges.append(np.zeros(n_judges))
    return Extra(
        names=tuple(names),
        sheets=np.column_stack([np.zeros((ratings.n_sheets, 0)), *sheets]),
        proposals=np.column_stack([np.zeros((n_proposals, 0)), *proposals]),
        judges=np.column_stack([np.zeros((n_judges, 0)), *judges]),
    )


def has_city_term(ratings: Ratings, settings: Settings, linkage: Linkage) -> bool:
    """Return whether the model has a severity of each city: they can be separated from quality, and have judges enough.

    Without the term the common mean of the judges pulls the difference of the cities' severities towards zero.
    """
    if settings.exact_reml or not linkage.severity_identified:
        return False
    active = (ratings.n_sheets_of_judge > 0) & (ratings.judge_city >= 0)
    n_judges = np.bincount(ratings.judge_city[active], minlength=ratings.n_cities)
    seen = n_judges[n_judges > 0]
    return len(seen) > 1 and int(seen.min()) >= FEWEST_JUDGES


def _cities_but_one(ratings: Ratings, city_of_sheet: Ints) -> list[int]:
    """Return the cities with free means; the reference is the last observed city (or the sheets of unknown city)."""
    seen = sorted(set(city_of_sheet.tolist()))
    return [code for code in (seen[1:] if seen[0] == -1 else seen[:-1]) if code >= 0]
