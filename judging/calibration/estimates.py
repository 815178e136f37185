"""What a model returns, and the fit made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from judging.calibration.linkage import Linkage
from judging.calibration.ratings import Bools, Floats, Ints, Ratings
from judging.calibration.settings import Settings
from judging.errors import CalibrationError, Message

NOTHING = 1e-20


COMPONENTS = ("proposal", "judge", "residual", "judge_proposal", "proposal_criterion", "judge_criterion")


Sampler = Callable[[int, np.random.Generator], Floats]


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


def home_share(ratings: Ratings, policy: str) -> Floats:
    """Share of home sheets that a calibrated score stands for, of shape (n_proposals,)."""
    if policy == "report":
        count = np.maximum(ratings.n_sheets_of_proposal, 1)
        return np.asarray(
            np.bincount(ratings.proposal, weights=ratings.same_city, minlength=ratings.n_proposals) / count
        )
    return np.full(ratings.n_proposals, ratings.same_city.mean())
