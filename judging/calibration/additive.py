"""Severity taken out by least squares, without shrinkage: shown beside every calibrated score."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from judging.calibration.fit import CityEffects, Criterion, Estimate, Estimates, Sampler, Settings
from judging.calibration.least_squares import LARGEST_DENSE, TwoWay, row_forms, solve_two_way
from judging.calibration.linkage import Linkage
from judging.calibration.ratings import Bools, Floats, Ints, Ratings
from judging.calibration.raw import COMPONENTS, NOTHING
from judging.errors import CalibrationError, Message, NotLinked

_NAMED = 6


def additive_values(ratings: Ratings, linkage: Linkage) -> Floats:
    """Least-squares value of each proposal, severities summing to zero in each linked set.

    With several linked sets values of different sets cannot be compared; the report says so.

    Returns
    -------
    values : ndarray of shape (n_proposals,)
        NaN for proposals nobody scored.
    """
    quality, _ = solve_two_way(ratings, ratings.total)
    return np.asarray(np.where(linkage.proposal_set >= 0, quality, np.nan))


def fit_additive(ratings: Ratings, settings: Settings, linkage: Linkage) -> Estimates:
    r"""Estimate quality and severity by least squares, :math:`y_{ij} = q_i - s_j + e_{ij}`.

    Parameters
    ----------
    ratings : Ratings
        Totals in the units of the input.
    settings : Settings
        Not used: the model has no home-city term and no prior.
    linkage : Linkage

    Returns
    -------
    estimates : Estimates
        ``calibrated`` is the score from a judge of average severity; ``severity`` sums to zero, + is harsher.
        Standard errors are those of least squares; NaN when as many parameters as sheets leave no residual.

    Raises
    ------
    NotLinked
        When the judges fall into several linked sets.
    CalibrationError
        When there are too many judges for standard errors.

    References
    ----------
    .. [1] R. A. Fisher, "An examination of the different possible solutions of a problem in incomplete blocks", Annals
       of Eugenics 10, 1940.
    .. [2] R. S. MacKay, R. Kenna, R. J. Low, S. Parker, "Calibration with confidence: a principled method for panel
       assessment", Royal Society Open Science 4, 2017.
    """
    if linkage.n_linked_sets > 1:
        raise not_linked(ratings, linkage, model="additive")
    if ratings.n_judges > LARGEST_DENSE:
        raise CalibrationError(
            f"`additive` gives no standard errors for {ratings.n_judges} judges; choose the model `mixed`."
        )
    design = TwoWay(ratings, keep_judges=True)
    quality, severity = design.solve(ratings.total)
    left_over = ratings.total - quality[ratings.proposal] + severity[ratings.judge]
    squares = float(left_over @ left_over)
    n_scored = int((ratings.n_sheets_of_proposal > 0).sum())
    n_active = int((ratings.n_sheets_of_judge > 0).sum())
    freedom = ratings.n_sheets - n_scored - n_active + 1
    residual = squares / freedom if freedom > 0 else np.nan
    known = residual > NOTHING * max(float(ratings.total.max() - ratings.total.min()), 1e-300) ** 2
    spread = np.sqrt(residual) if known else np.nan
    unscaled = _Unscaled(design)
    error = spread * np.sqrt(unscaled.quality_variance)
    sample: Sampler | None = None
    if known:

        def sample(n: int, rng: np.random.Generator) -> Floats:
            return np.asarray(quality + spread * unscaled.draw(n, rng))

    given = ~np.isnan(ratings.score)
    scored = ratings.n_sheets_of_proposal > 0
    adjusted = ratings.score + severity[ratings.judge][:, None]
    return Estimates(
        calibrated=quality,
        standard_error=error,
        sample=sample,
        criterion=Criterion("sum of squares", squares),
        variances=dict.fromkeys(COMPONENTS, None) | {"residual": residual if freedom > 0 else None},
        fixed={"intercept": Estimate(float(quality[scored].mean())), "home_city": None},
        criterion_mean=np.where(given, adjusted, 0.0).sum(axis=0) / np.maximum(given.sum(axis=0), 1),
        severity=severity,
        severity_error=spread * np.sqrt(unscaled.severity_variance),
        city_effects=unscaled.city_effects(ratings, quality, severity, spread**2),
        notes=() if known else (Message("The scores leave nothing over: the standard errors cannot be told."),),
    )


def not_linked(ratings: Ratings, linkage: Linkage, *, model: str) -> NotLinked:
    """Word the refusal: which sets, and what would join them."""
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
        "The judges fall into {n_sets} linked sets that share no proposal: {sets}. The model `{model}` cannot tell a "
        "harsher judge of one set from weaker proposals in it. Have at least one judge of each set read some proposals "
        "of another, or choose the model `mixed`, which assumes that the sets' proposals and judges are drawn from one "
        "pool and says so.",
        n_sets=len(sets),
        sets="; ".join(parts) + more,
        model=model,
    )
    return NotLinked(text, linked_sets=sets)


class _Unscaled:
    """Covariances of the least-squares estimates over the residual variance, and draws from them."""

    def __init__(self, design: TwoWay) -> None:
        self._design = design
        self._inverse_count = 1.0 / np.maximum(design.n_of_proposal, 1)
        self._rows = sparse.csr_array(design.readings.multiply(self._inverse_count[:, None]))
        self.severity = design.covariance()
        self.severity_variance = np.diag(self.severity).copy()
        self.quality_variance = self._inverse_count + row_forms(self._rows, self.severity)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw errors of quality jointly, of shape (n, n_proposals)."""
        errors = (self._rows @ self._design.draw(n, rng)).T
        own = rng.standard_normal((n, len(self._inverse_count))) * np.sqrt(self._inverse_count)
        return np.asarray(errors + own)

    def city_effects(self, ratings: Ratings, quality: Floats, severity: Floats, residual: float) -> CityEffects:
        of_judge = city_means(ratings.judge_city, ratings.n_sheets_of_judge > 0, ratings.n_cities)
        of_proposal = city_means(ratings.proposal_city, ratings.n_sheets_of_proposal > 0, ratings.n_cities)
        through_judges = of_proposal @ self._rows
        own = (of_proposal * self._inverse_count) @ of_proposal.T
        return CityEffects(
            severity=of_judge @ severity,
            severity_covariance=residual * (of_judge @ self.severity @ of_judge.T),
            quality=of_proposal @ quality,
            quality_covariance=residual * (own + through_judges @ self.severity @ through_judges.T),
        )


def city_means(city: Ints, counted: Bools, n_cities: int) -> Floats:
    """Weights that average over the members of each city.

    Returns
    -------
    weights : ndarray of shape (n_cities, n)
        Rows sum to 1; rows of NaN for cities without members.
    """
    member = (city[None, :] == np.arange(n_cities)[:, None]) & counted
    size = member.sum(axis=1, keepdims=True)
    return np.asarray(np.where(size > 0, member / np.maximum(size, 1), np.nan))
