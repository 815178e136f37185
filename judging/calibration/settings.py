"""Which models there are, and what a calibration is asked to do: the one home of these words."""

from __future__ import annotations

from dataclasses import dataclass

from judging.shortlist import ShortlistRule

MODELS = ("raw", "additive", "mixed", "zscore", "hierarchical", "rasch")
"""A name is that of the package in `judging.calibration.models`; comparisons list the models in this order."""

BASELINE_MODEL = "raw"
"""No adjustment: what the prediction of other models is compared with."""

REFERENCE_MODEL = "mixed"
"""Adjustment where the model in force is the baseline, and the variances from which agreement is calculated."""

SCALE_USE_MODELS = ("hierarchical",)
"""Those that estimate how each judge uses the scale, and how consistently: they need more scoresheets of a judge."""

HOME_CITY_POLICIES = ("adjust", "report", "ignore")

QUALITY_PRIORS = ("city_blind", "city", "category", "city_and_category")

ASSUMPTIONS = ("prior", "equal quality", "equal severity")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to calibrate; stored with the run, printed on every result.

    Attributes
    ----------
    model : str
        One of ``MODELS``.
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
            ("model", self.model, MODELS),
            ("home_city", self.home_city, HOME_CITY_POLICIES),
            ("quality_prior", self.quality_prior, QUALITY_PRIORS),
            ("assumption", self.assumption, ASSUMPTIONS),
        ):
            if value not in allowed:
                raise ValueError(f"{name}: {value!r} is not one of {', '.join(allowed)}")
        if not 0 < self.interval < 1 or self.n_draws < 1:
            raise ValueError("interval: between 0 and 1; n_draws: at least 1")
