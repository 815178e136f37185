"""The whole report of one calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from judging.calibration.report.agreement import AgreementResult
from judging.calibration.report.checks import ModelCheckResult
from judging.calibration.report.cities import CitiesResult, LinkedSet
from judging.calibration.report.estimates import MinimisedCriterion, NoteTemplate, ReportedEstimate
from judging.calibration.report.judges import CriterionResult, JudgeResult, UnexpectedResult
from judging.calibration.report.logits import LogitResult
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.sensitivity import SensitivityResult
from judging.calibration.report.shortlist import CarriedSource, ShortlistResult, SimultaneousSets
from judging.calibration.settings import Settings

REPORT_VERSION = 2
"""Version of the stored form. A changed field needs a new version and a step in `judging.schemas.stored_reports`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingsCounts:
    """Size of the input; ``repeated_sheets`` repeat a judge and proposal."""

    proposals: int
    judges: int
    criteria: int
    sheets: int
    scores: int
    repeated_sheets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalsScale:
    """The ends of the scale of totals, in the units of the report; None when the ratings do not state a scale."""

    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierOccasion:
    """Earlier scoresheets, as in `judging.calibration.estimates.EarlierUse`."""

    kind: str
    name: str
    digest: str
    n_sheets: int
    n_judges: int
    link: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The results of one calibration. The JSON form has the same names (`judging.schemas.stored_reports`).

    Scores, variances and the criterion are in the units of the ratings (see ``scale``). The value is None, never NaN,
    where something does not exist or is not identifiable.

    Attributes
    ----------
    version : int
        Version of the form, not of the method.
    model : str
    converged : bool
    iterations : int
    seconds : float
        Time of the fit: the only value that differs when the same input is calibrated again.
    criterion : MinimisedCriterion
    variances : mapping of component to float or None
    fixed : mapping of effect to ReportedEstimate
    proposals : tuple of ProposalResult
        In the order of the ratings.
    carried : CarriedSource or None
        The earlier round whose scores count.
    judges : tuple of JudgeResult
    criteria : tuple of CriterionResult
    unexpected : tuple of UnexpectedResult
        The largest deviation first.
    reliability : AgreementResult or None
        None in old reports, from before it was calculated.
    logits : LogitResult or None
    cities : CitiesResult
    linked_sets : tuple of LinkedSet
    algebraic_connectivity : float or None
    shortlist : ShortlistResult or None
        None without a rule.
    simultaneous : SimultaneousSets or None
        Only in a report that was built with them.
    sensitivity : SensitivityResult or None
        Only in a report that was built with it.
    counts : RatingsCounts
    scale : TotalsScale
    settings : Settings
    seed : int
        Of the draws.
    n_draws : int
    input_digest : str
        Of the ratings.
    code_version : str
        Of the code that computes numbers.
    notes : tuple of str
        Sentences that must be shown with the result, in English.
    note_templates : tuple of NoteTemplate
        The same as templates, for translation.
    checks : ModelCheckResult or None
        Only in a report that was built with it; old reports have none.
    earlier : tuple of EarlierOccasion
        Earlier scoresheets that the model used, the oldest first.
    """

    version: int = REPORT_VERSION
    model: str
    converged: bool
    iterations: int
    seconds: float
    criterion: MinimisedCriterion
    variances: Mapping[str, float | None]
    fixed: Mapping[str, ReportedEstimate]
    proposals: tuple[ProposalResult, ...]
    carried: CarriedSource | None
    judges: tuple[JudgeResult, ...]
    criteria: tuple[CriterionResult, ...]
    unexpected: tuple[UnexpectedResult, ...]
    reliability: AgreementResult | None
    logits: LogitResult | None
    cities: CitiesResult
    linked_sets: tuple[LinkedSet, ...]
    algebraic_connectivity: float | None
    shortlist: ShortlistResult | None
    simultaneous: SimultaneousSets | None
    sensitivity: SensitivityResult | None
    counts: RatingsCounts
    scale: TotalsScale
    settings: Settings
    seed: int
    n_draws: int
    input_digest: str
    code_version: str
    notes: tuple[str, ...]
    note_templates: tuple[NoteTemplate, ...]
    checks: ModelCheckResult | None
    earlier: tuple[EarlierOccasion, ...] = ()
