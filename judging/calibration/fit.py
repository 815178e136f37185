"""One call for every model: ratings and settings in, one frozen fit out."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from judging.calibration.linkage import Linkage, find_linkage
from judging.calibration.ratings import Bools, Floats, Ints, Ratings
from judging.errors import CalibrationError, Message
from judging.shortlist import ShortlistRule

Sampler = Callable[[int, np.random.Generator], Floats]

HOME_CITY_POLICIES = ("adjust", "report", "ignore")
QUALITY_PRIORS = ("city_blind", "city", "category", "city_and_category")
ASSUMPTIONS = ("prior", "equal quality", "equal severity")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to calibrate; stored with the run, printed on every result.

    Attributes
    ----------
    model : str
        A key of ``MODELS``.
    home_city : {"adjust", "report", "ignore"}
        What becomes of the advantage of being scored by one's own city. ``adjust`` estimates it and takes it out: the
        calibrated score is what every proposal would get from the same mix of home and other judges. ``report``
        estimates and shows it, and leaves it in the scores as it fell. ``ignore`` leaves it out of the model.
    quality_prior : str
        ``city_blind``: what is expected of a proposal before it is read does not know its city or category.
    assumption : str
        What separates city severity from city quality where the design cannot: ``prior`` (judges of all cities are
        drawn from one pool, as are proposals), ``equal quality`` or ``equal severity``.
    interval : float
        Probability of every interval, e.g. .90.
    n_draws : int
        Joint draws for rank intervals and shortlist probabilities.
    seed : int
        Of the draws.
    shortlist : ShortlistRule or None
        The sealed rule; without it no shortlist probability is given.
    tie_breaks : tuple of str
        The sealed chain that orders equal scores, from the key asked first; see `judging.competition.TIE_BREAKS`.
    """

    model: str = "hierarchical"
    home_city: str = "adjust"
    quality_prior: str = "city_blind"
    assumption: str = "prior"
    interval: float = 0.90
    n_draws: int = 4000
    seed: int = 0
    shortlist: ShortlistRule | None = None
    tie_breaks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("model", self.model, tuple(MODELS)),
            ("home_city", self.home_city, HOME_CITY_POLICIES),
            ("quality_prior", self.quality_prior, QUALITY_PRIORS),
            ("assumption", self.assumption, ASSUMPTIONS),
        ):
            if value not in allowed:
                raise ValueError(f"{name}: {value!r} is not one of {', '.join(allowed)}")
        if not 0 < self.interval < 1 or self.n_draws < 1:
            raise ValueError("interval: between 0 and 1; n_draws: at least 1")


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error (None where the model has none)."""

    estimate: float
    standard_error: float | None = None


@dataclass(frozen=True)
class Criterion:
    """What the model minimised: ``REML`` (-2 log restricted likelihood), ``sum of squares``, ..."""

    name: str
    value: float


@dataclass(frozen=True, eq=False, kw_only=True)
class CityEffects:
    """City means of severity and of quality, with their joint uncertainty.

    Attributes
    ----------
    severity : ndarray of shape (n_cities,)
        Mean severity of a city's judges, + is harsher; NaN without judges.
    severity_covariance : ndarray of shape (n_cities, n_cities)
    quality : ndarray of shape (n_cities,)
        Mean calibrated score of a city's proposals; NaN without scored proposals.
    quality_covariance : ndarray of shape (n_cities, n_cities)
    """

    severity: Floats
    severity_covariance: Floats
    quality: Floats
    quality_covariance: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Estimates:
    """What one model says; a model function returns this, and `fit` adds what all models share.

    Arrays per proposal may hold anything for proposals nobody scored: `fit` blanks them.

    Attributes
    ----------
    calibrated, standard_error : ndarray of shape (n_proposals,)
        Calibrated score and its standard error, in the units of the ratings.
    sample : callable (n, rng) -> ndarray of shape (n, n_proposals), or None
        Joint draws of ``calibrated`` from the posterior (or sampling) distribution; None when the data leave nothing to
        estimate its spread from.
    criterion : Criterion
    variances : mapping of str to float or None
        By component; None for a component the model does not have.
    fixed : mapping of str to Estimate or None
        ``intercept`` (the weighted mean level), ``home_city``.
    criterion_mean : ndarray of shape (n_criteria,)
        Expected score of an average proposal from an average judge, by criterion.
    severity, severity_error : ndarray of shape (n_judges,), optional
        + is harsher.
    scale_use, scale_use_error, consistency, consistency_error, home, home_error : ndarray (n_judges,), optional
    measure, measure_error : ndarray of shape (n_proposals,), optional
        In the model's own unit (logits for `rasch`).
    city_effects : CityEffects, optional
    iterations : int
    converged : bool
    notes : tuple of Message
        Sentences a reader of the result must see.
    details : mapping
        Whatever else later parts (diagnostics, explanation) need from this model.
    """

    calibrated: Floats
    standard_error: Floats
    sample: Sampler | None
    criterion: Criterion
    variances: Mapping[str, float | None]
    fixed: Mapping[str, Estimate | None]
    criterion_mean: Floats
    severity: Floats | None = None
    severity_error: Floats | None = None
    scale_use: Floats | None = None
    scale_use_error: Floats | None = None
    consistency: Floats | None = None
    consistency_error: Floats | None = None
    home: Floats | None = None
    home_error: Floats | None = None
    measure: Floats | None = None
    measure_error: Floats | None = None
    city_effects: CityEffects | None = None
    iterations: int = 0
    converged: bool = True
    notes: tuple[Message, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Fit(Estimates):
    """One model fitted to one set of ratings.

    Arrays per proposal hold NaN for proposals nobody scored, arrays per judge for judges without a sheet.

    Attributes
    ----------
    model : str
    ratings : Ratings
    settings : Settings
    n_judges : ndarray of shape (n_proposals,)
        Different judges of each proposal.
    n_sheets : ndarray of shape (n_judges,)
    raw : ndarray of shape (n_proposals,)
        Mean total.
    additive : ndarray of shape (n_proposals,)
        Unshrunken least-squares value; within linked sets when there are several.
    linkage : Linkage
    seconds : float
        Spent in the model.
    """

    model: str
    ratings: Ratings
    settings: Settings
    n_judges: Ints
    n_sheets: Ints
    raw: Floats
    additive: Floats
    linkage: Linkage
    seconds: float

    @property
    def seed(self) -> int:
        """Seed of the draws in the report."""
        return self.settings.seed

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw calibrated scores jointly.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        draws : ndarray of shape (n, n_proposals)
            NaN for proposals nobody scored.

        Raises
        ------
        CalibrationError
            When the model could not estimate a spread.
        """
        if self.sample is None:
            raise CalibrationError(Message("There are too few scoresheets to tell how uncertain the scores are."))
        draws = self.sample(n, rng)
        draws[:, self.n_judges == 0] = np.nan
        return draws


MODELS: dict[str, str] = {
    "raw": "judging.calibration.raw:fit_raw",
    "additive": "judging.calibration.additive:fit_additive",
    "mixed": "judging.calibration.mixed:fit_mixed",
    "zscore": "judging.calibration.zscore:fit_zscore",
    "hierarchical": "judging.calibration.hierarchical:fit_hierarchical",
    "rasch": "judging.calibration.rasch:fit_rasch",
}
"""Model name -> ``module:function``; the function takes (ratings, settings, linkage) and returns Estimates.

Names instead of functions: models import this module, and a command that needs one model should not load all.
"""


def fit(ratings: Ratings, settings: Settings, *, begin: object | None = None) -> Fit:
    """Fit the model that the settings name.

    Parameters
    ----------
    ratings : Ratings
        At least one sheet.
    settings : Settings
    begin : object, optional
        Where a model that iterates sets out, if it can; see `judging.calibration.refit`.

    Returns
    -------
    fit : Fit

    Raises
    ------
    NotLinked
        When the model compares judges by shared proposals only, and some share none.
    NotConverged
        When an optimiser stopped without an answer.
    ValueError
        When no proposal was scored.
    """
    if ratings.n_sheets == 0:
        raise ValueError("no proposal was scored")
    from judging.calibration.additive import additive_values
    from judging.calibration.raw import raw_means

    module, function = MODELS[settings.model].split(":")
    estimate = getattr(importlib.import_module(module), function)
    started = time.perf_counter()
    linkage = find_linkage(ratings)
    used = ratings.without_unused_criteria()
    start = {} if begin is None else {"begin": begin}
    estimates: Estimates = estimate(used, settings, linkage, **start)
    criterion_mean = np.full(ratings.n_criteria, np.nan)
    criterion_mean[[ratings.criteria.index(name) for name in used.criteria]] = estimates.criterion_mean
    seconds = time.perf_counter() - started

    nobody = ratings.n_sheets_of_proposal == 0
    idle = ratings.n_sheets_of_judge == 0
    values = {name: getattr(estimates, name) for name in Estimates.__dataclass_fields__}
    values["criterion_mean"] = criterion_mean
    for names, empty in ((_OF_PROPOSAL, nobody), (_OF_JUDGE, idle)):
        values |= {name: _blank(values[name], empty) for name in names}
    return Fit(
        **values,
        model=settings.model,
        ratings=ratings,
        settings=settings,
        n_judges=ratings.n_judges_of_proposal,
        n_sheets=ratings.n_sheets_of_judge,
        raw=raw_means(ratings),
        additive=additive_values(ratings, linkage),
        linkage=linkage,
        seconds=seconds,
    )


_OF_PROPOSAL = ("calibrated", "standard_error", "measure", "measure_error")
_OF_JUDGE = tuple(f"{name}{end}" for name in ("severity", "scale_use", "consistency", "home") for end in ("", "_error"))


def _blank(values: Floats | None, where: Bools) -> Floats | None:
    return None if values is None else np.where(where, np.nan, values)
