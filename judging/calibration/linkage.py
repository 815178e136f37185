"""Which judges and proposals can be compared: linked sets, cross-city scoresheets, connectivity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, eigsh

from judging.calibration.least_squares import solve_two_way
from judging.calibration.ratings import Floats, Ints, Ratings
from judging.errors import Message, NotLinked

_DENSE_EIGENVALUES = 300
_NEGLIGIBLE = 1e-8


@dataclass(frozen=True, eq=False, kw_only=True)
class Linkage:
    """The graph of judges and proposals, joined by scoresheets.

    Attributes
    ----------
    n_linked_sets : int
    proposal_set, judge_set : ndarray of shape (n_proposals,), (n_judges,)
        Linked set of each, 0 the one with most judges; -1 without a sheet.
    cross_city : ndarray of shape (n_cities, n_cities)
        Sheets by city of the judge (rows) and of the proposal (columns), cities known.
    algebraic_connectivity : float
        Second smallest eigenvalue of the normalised Laplacian of the judges' graph, two judges joined with weight
        sum over shared proposals of 1 / (sheets of that proposal). 1 when all judges score all proposals, 0 when the
        graph is not connected; 1 with a single judge.
    home_identified : bool
        Whether the home-city effect is identifiable beside judges and proposals: whether it varies within them.
    severity_identified : bool
        Whether the differences of the cities' severities are identifiable when the home-city effect is estimated too.
    links : {"both", "one_way", "none", "one_city", "unknown"}
        Between the cities: whether judges of each score proposals of the other.
    """

    n_linked_sets: int
    proposal_set: Ints
    judge_set: Ints
    cross_city: Ints
    algebraic_connectivity: float
    home_identified: bool
    severity_identified: bool
    links: str


def find_linkage(ratings: Ratings) -> Linkage:
    """Find out what is identifiable from the design.

    Parameters
    ----------
    ratings : Ratings

    Returns
    -------
    linkage : Linkage

    Notes
    -----
    ``home_identified`` and ``severity_identified`` are exact, not a count of cross-city sheets: the fixed-effects
    model ``q_i - s_j + home [same city]`` is checked for directions that change no expected score. An expertise
    rotation can separate the graph although there are many cross-city sheets, and then both are False.
    """
    sheet_counts = count_sheets(ratings)
    proposal_set, judge_set, n_sets = _linked_sets(ratings, sheet_counts)
    known = (ratings.judge_city[ratings.judge] >= 0) & (ratings.proposal_city[ratings.proposal] >= 0)
    n_cities = max(ratings.n_cities, 1)
    cell = ratings.judge_city[ratings.judge][known] * n_cities + ratings.proposal_city[ratings.proposal][known]
    cross = np.bincount(cell, minlength=n_cities**2).reshape(n_cities, n_cities)
    home, severity = _identified(ratings, judge_set, n_sets)
    return Linkage(
        n_linked_sets=n_sets,
        proposal_set=proposal_set,
        judge_set=judge_set,
        cross_city=cross[: ratings.n_cities, : ratings.n_cities],
        algebraic_connectivity=_connectivity(sheet_counts, n_sets),
        home_identified=home,
        severity_identified=severity,
        links=_links(cross, ratings),
    )


def count_sheets(ratings: Ratings) -> sparse.csr_array:
    """Count sheets by proposal (rows) and judge (columns), of shape (n_proposals, n_judges)."""
    return sparse.coo_array(
        (np.ones(ratings.n_sheets), (ratings.proposal, ratings.judge)), shape=(ratings.n_proposals, ratings.n_judges)
    ).tocsr()


def _linked_sets(ratings: Ratings, sheet_counts: sparse.csr_array) -> tuple[Ints, Ints, int]:
    graph = sparse.block_array([[None, sheet_counts], [sheet_counts.T, None]]).tocsr()
    _, label = connected_components(graph, directed=False)
    read, active = ratings.n_sheets_of_proposal > 0, ratings.n_sheets_of_judge > 0
    of_proposal, of_judge = label[: ratings.n_proposals], label[ratings.n_proposals :]
    labels, first, size = np.unique(of_judge[active], return_index=True, return_counts=True)
    number = np.full(int(label.max(initial=-1)) + 1, -1, dtype=np.int64)
    # Largest first, then by the name of the first judge: the numbers must not depend on the order of the search.
    number[labels[np.lexsort((first, -size))]] = np.arange(len(labels))
    return np.where(read, number[of_proposal], -1), np.where(active, number[of_judge], -1), len(labels)


def _connectivity(sheet_counts: sparse.csr_array, n_sets: int) -> float:
    of_judge = np.asarray(sheet_counts.sum(axis=0)).ravel()
    of_proposal = np.asarray(sheet_counts.sum(axis=1)).ravel()
    active = of_judge > 0
    n_active = int(active.sum())
    if n_sets != 1:
        return 0.0
    if n_active < 2:
        return 1.0
    scaled = (
        sheet_counts[:, active]
        .multiply(1 / np.sqrt(of_judge[active]))
        .multiply(1 / np.sqrt(np.maximum(of_proposal, 1))[:, None])
        .tocsr()
    )
    if n_active <= _DENSE_EIGENVALUES:
        joined = (scaled.T @ scaled).toarray()
        second = float(np.linalg.eigvalsh(joined)[-2])
    else:
        transposed = scaled.T.tocsr()
        top = np.sqrt(of_judge[active] / of_judge.sum())
        # The largest eigenvalue is 1 with a known vector; without it the second is the largest. A fixed start makes
        # the digits the same in every run.
        deflated = LinearOperator(
            (n_active, n_active), matvec=lambda v: transposed @ (scaled @ v) - top * (top @ v), dtype=np.float64
        )
        start = np.cos(np.arange(n_active))
        second = float(eigsh(deflated, k=1, which="LA", v0=start, tol=1e-5, return_eigenvectors=False)[0])
    return min(max(1.0 - second, 0.0), 1.0)


def _links(cross: Ints, ratings: Ratings) -> str:
    n_cities = ratings.n_cities
    judging = [city for city in range(n_cities) if (ratings.judge_city == city).any()]
    judged = [city for city in range(n_cities) if (ratings.proposal_city == city).any()]
    if not judging or not judged or not cross.any():
        return "unknown"
    if len({*judging, *judged}) < 2:
        return "one_city"
    ways = [bool(cross[a, b]) for a in judging for b in judged if a != b]
    if not any(ways):
        return "none"
    # With many cities not every pair needs cross-city sheets; every city needs them in both directions.
    both = [city for city in judging if city in judged]
    gives = all(any(cross[city, other] for other in judged if other != city) for city in both)
    takes = all(any(cross[other, city] for other in judging if other != city) for city in both)
    return "both" if gives and takes else "one_way"


def _identified(ratings: Ratings, judge_set: Ints, n_sets: int) -> tuple[bool, bool]:
    same = ratings.same_city.astype(np.float64)
    cities = np.unique(ratings.judge_city[(ratings.judge_city >= 0) & (judge_set >= 0)])
    if not same.any() or same.all():
        # No variation: nothing to estimate, and nothing that is confounded with severity, except where all sheets are
        # home sheets: then the cities' judges share no proposal, and the linked sets show it.
        return False, len(cities) > 1 and n_sets == 1
    residual, severity = _project(ratings, same)
    home = float(residual @ residual) > _NEGLIGIBLE * len(same)
    if len(cities) < 2 or n_sets > 1:
        return home, False
    if home:
        return True, True
    means = np.array([severity[(ratings.judge_city == city) & (judge_set >= 0)].mean() for city in cities])
    return False, bool(np.ptp(means) < np.sqrt(_NEGLIGIBLE))


def _project(ratings: Ratings, values: Floats) -> tuple[Floats, Floats]:
    """Split values by least squares: the residuals after proposals and judges, and the judges' part, as a severity."""
    quality, severity = solve_two_way(ratings, values)
    return values - quality[ratings.proposal] + severity[ratings.judge], severity


_NAMED = 6


def not_linked(ratings: Ratings, linkage: Linkage, *, model: str) -> NotLinked:
    """Make the error message: which sets, and what would link them."""
    sets = [
        [ratings.judges[code] for code in np.flatnonzero(linkage.judge_set == number)]
        for number in range(linkage.n_linked_sets)
    ]
    parts = []
    for judges in sets[:_NAMED]:
        named = ", ".join(judges[:_NAMED]) + (f" and {len(judges) - _NAMED} more" if len(judges) > _NAMED else "")
        parts.append(f"[{named}]")
    more = f" and {len(sets) - _NAMED} more sets" if len(sets) > _NAMED else ""
    text = Message(
        "The judges fall into {n_sets} linked sets that share no proposal: {sets}. The model `{model}` cannot "
        "separate a harsher judge of one set from weaker proposals in it. Let at least one judge of each set "
        "score some proposals of another, or choose the model `mixed`, which assumes that the sets' proposals "
        "and judges are drawn from one pool and says so.",
        n_sets=len(sets),
        sets="; ".join(parts) + more,
        model=model,
    )
    return NotLinked(text, linked_sets=sets)
