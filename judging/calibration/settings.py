"""The models and the settings of a calibration, with all values that they can have."""

from __future__ import annotations

from dataclasses import dataclass

from judging.shortlist import ShortlistRule

MODELS = ("raw", "additive", "mixed", "zscore", "hierarchical", "rasch")
"""Names of the packages in `judging.calibration.models`; comparisons list the models in this order."""

BASELINE_MODEL = "raw"
"""The model without adjustment; predictions of the other models are compared with it."""

REFERENCE_MODEL = "mixed"
"""The model for the verdict on adjustment where the baseline is in force, and for the variances of agreement."""

SCALE_USE_MODELS = ("hierarchical",)
"""Models that estimate each judge's scale use and consistency: they need more scoresheets of a judge."""

WITHOUT_PRIOR = ("raw", "zscore", "additive")
"""Models that do not shrink: their draws are those of a posterior under a flat prior."""

SIMPLER_MODELS = {"hierarchical": "mixed", "mixed": "additive", "rasch": "additive", "additive": "raw"}
"""The model whose numbers are given, with the reason, where a model has no answer on linked scores."""

HOME_CITY_POLICIES = ("adjust", "report", "ignore")

QUALITY_PRIORS = ("city_blind", "city", "category", "city_and_category")

ASSUMPTIONS = ("prior", "equal quality", "equal severity")

OCCASION_KINDS = ("round", "anchor", "year")
"""Earlier scoresheets of the same judges: of a round, of practice proposals that everyone scored, of another year."""

OCCASION_MODELS = ("hierarchical",)
"""Models that remember the judges of earlier occasions."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of a calibration; stored with the run, printed on every result.

    Attributes
    ----------
    model : str
        One of ``MODELS``.
    home_city : {"adjust", "report", "ignore"}
        How to treat the advantage of being scored by one's own city. ``adjust`` estimates and removes it: the
        calibrated score is what every proposal would get from the same mix of home and other judges. ``report``
        estimates and shows it, and does not remove it from the scores. ``ignore`` leaves it out of the model.
    quality_prior : str
        ``city_blind``: the prior mean of a proposal does not depend on its city or category.
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
        The sealed rule; without it there is no shortlist probability.
    tie_breaks : tuple of str
        The sealed chain that orders equal scores, first key first; see `judging.competition.TIE_BREAKS`.
    exact_reml : bool
        ``mixed`` without a term for cities, and with a variance of severity that may be estimated as zero: the plain
        model as other programs fit it, to compare with them.
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
    exact_reml: bool = False

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("model", self.model, MODELS),
            ("home_city", self.home_city, HOME_CITY_POLICIES),
            ("quality_prior", self.quality_prior, QUALITY_PRIORS),
            ("assumption", self.assumption, ASSUMPTIONS),
        ):
            if value not in allowed:
                raise ValueError(f"{name}: {value!r} is not one of {', '.join(allowed)}")
        if not 0 < self.interval < 1 or self.n_draws < 1:
            raise ValueError("interval: between 0 and 1; n_draws: at least 1")
