"""A report without the results of some proposals, for a reader who declared a conflict of interest with them.

Each field has its rule. A text that equals a proposal's key decides nothing: keys are free texts, and a proposal may be
called ``severity``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar

from judging.calibration.report.agreement import AgreementCoefficient, AgreementForecast, AgreementResult
from judging.calibration.report.checks import CheckedAssumption, ModelCheckResult
from judging.calibration.report.cities import CitiesResult, CityDifference, CityPairCount, CityResult, LinkedSet
from judging.calibration.report.estimates import MinimisedCriterion, NoteTemplate, ReportedEstimate
from judging.calibration.report.judges import CriterionResult, JudgeResult, JudgeSentence, UnexpectedResult
from judging.calibration.report.logits import LogitEstimate, LogitResult, ScaleThresholds
from judging.calibration.report.proposals import (
    ExplanationTerm,
    ProposalExplanation,
    ProposalRankSets,
    ProposalResult,
    RankRange,
)
from judging.calibration.report.sensitivity import (
    LeftOutResult,
    ModelResult,
    PredictionResult,
    PredictionScore,
    SensitivityResult,
)
from judging.calibration.report.shortlist import (
    CarriedSource,
    FloorScore,
    SeatErrors,
    ShortlistMove,
    ShortlistResult,
    SimultaneousSets,
)
from judging.calibration.report.whole import EarlierOccasion, RatingsCounts, Report, TotalsScale
from judging.calibration.settings import Settings
from judging.shortlist import ShortlistRule

Hidden = frozenset[str]
Rule = Callable[[Any, Hidden], Any]
_Row = TypeVar("_Row")
_Value = TypeVar("_Value")


def without(report: Report, hidden: Hidden) -> Report:
    """Return a report without the results of hidden proposals.

    Their rows stay, at the end, empty except for key and ``hidden``. The order of all others is unchanged, but their
    ranks count the visible proposals only: a missing rank would be that of the hidden one. Everywhere else a hidden
    proposal's entry is left out. The linked sets still name it: its participation is not secret.

    Parameters
    ----------
    report : Report
    hidden : frozenset of str
        Keys of proposals.

    Returns
    -------
    report : Report
        The same object when nothing is hidden.
    """
    return _without_in(report, hidden) if hidden else report


def _without_in(row: _Row, hidden: Hidden) -> _Row:
    """Return one part of a report without hidden proposals, by the rule of each of its fields."""
    rules = RULES[type(row)]
    # Only dataclasses have rules; `replace` cannot know that of a type variable.
    part: Any = row
    changed: _Row = replace(part, **{name: rule(getattr(part, name), hidden) for name, rule in rules.items()})
    return changed


def _unchanged(value: Any, hidden: Hidden) -> Any:
    return value


def _nothing(value: Any, hidden: Hidden) -> None:
    return None


def _nobody(rows: Sequence[Any], hidden: Hidden) -> tuple[Any, ...]:
    return ()


def _inside(value: Any, hidden: Hidden) -> Any:
    return _without_in(value, hidden) if is_dataclass(value) else value


def _each(rows: Sequence[Any], hidden: Hidden) -> tuple[Any, ...]:
    return tuple(_without_in(row, hidden) for row in rows)


def _rows_without(rows: Sequence[Any], hidden: Hidden) -> tuple[Any, ...]:
    return tuple(row for row in rows if row.proposal not in hidden)


def _rows_emptied(rows: Sequence[ProposalResult], hidden: Hidden) -> tuple[ProposalResult, ...]:
    gaps = sorted(row.rank for row in rows if row.proposal in hidden and row.rank is not None)
    visible = tuple(_ranked_anew(row, gaps) for row in rows if row.proposal not in hidden)
    # At the end and by key: rows are sorted by rank.
    emptied = sorted(row.proposal for row in rows if row.proposal in hidden)
    return (*visible, *(ProposalResult(proposal=key, hidden=True) for key in emptied))


def _ranked_anew(row: ProposalResult, gaps: Sequence[int]) -> ProposalResult:
    def closed(ranks: RankRange) -> RankRange:
        return RankRange(low=closed_rank(ranks.low, gaps), high=closed_rank(ranks.high, gaps))

    sets = row.rank_sets
    if sets is not None:
        sets = ProposalRankSets(alone=closed(sets.alone), simultaneous=closed(sets.simultaneous))
    return replace(
        row,
        rank=closed_rank(row.rank, gaps),
        rank_low=closed_rank(row.rank_low, gaps),
        rank_high=closed_rank(row.rank_high, gaps),
        rank_sets=sets,
    )


def closed_rank(rank: int | None, gaps: Sequence[int]) -> int | None:
    """Return a rank among the visible proposals; ``gaps`` are the sorted ranks of the hidden ones."""
    return None if rank is None else rank - bisect_left(gaps, rank)


def _keys_without(keys: Sequence[str] | None, hidden: Hidden) -> tuple[str, ...] | None:
    return None if keys is None else tuple(key for key in keys if key not in hidden)


def _entries_without(values: Mapping[str, Any], hidden: Hidden) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in hidden}


def comparison_without(comparison: SensitivityResult, hidden: Hidden) -> SensitivityResult:
    """Return a comparison of models without hidden proposals and without their values in the columns of models."""
    if not hidden:
        return comparison
    places = [place for place, key in enumerate(comparison.proposals) if key not in hidden]

    def column(values: Sequence[_Value] | None) -> tuple[_Value, ...] | None:
        return None if values is None else tuple(values[place] for place in places)

    def ranks(values: Sequence[int | None] | None) -> tuple[int | None, ...] | None:
        if values is None:
            return None
        seen = set(places)
        gaps = sorted(rank for place, rank in enumerate(values) if place not in seen and rank is not None)
        return tuple(closed_rank(values[place], gaps) for place in places)

    models = tuple(replace(row, calibrated=column(row.calibrated), rank=ranks(row.rank)) for row in comparison.models)
    return _without_in(replace(comparison, models=models), hidden)


def _comparison(comparison: SensitivityResult | None, hidden: Hidden) -> SensitivityResult | None:
    return None if comparison is None else comparison_without(comparison, hidden)


def _judges_left_out(rows: Sequence[LeftOutResult], hidden: Hidden) -> tuple[LeftOutResult, ...]:
    return tuple(
        _without_in(replace(row, moved=None, move=None) if row.moved in hidden else row, hidden) for row in rows
    )


def _rules(unchanged: str, **rules: Rule) -> dict[str, Rule]:
    """Return the rules of one type's fields: names of fields about no single proposal, and the rules of all others."""
    return {**dict.fromkeys(unchanged.split(), _unchanged), **rules}


_SQUARES = "infit infit_error infit_z outfit outfit_error outfit_z"

RULES: Mapping[type[Any], Mapping[str, Rule]] = {
    Report: _rules(
        "version model converged iterations seconds criterion variances fixed carried judges criteria reliability "
        "cities linked_sets algebraic_connectivity counts scale settings seed n_draws input_digest code_version "
        "notes note_templates checks earlier",
        proposals=_rows_emptied,
        unexpected=_rows_without,
        logits=_inside,
        shortlist=_inside,
        simultaneous=_inside,
        sensitivity=_comparison,
    ),
    LogitResult: _rules("halo judges criteria thresholds", proposals=_entries_without),
    ShortlistResult: _rules(
        "size cut_off unmet",
        # Where a category has one proposal, its sum would be that proposal's probability.
        seat_errors=_nothing,
        seat_errors_by_city=_nobody,
        seat_errors_by_category=_nobody,
        selected=_keys_without,
        reserves=_keys_without,
        tied_at_line=_keys_without,
        moves=_rows_without,
        floor_scores=_rows_without,
    ),
    SimultaneousSets: _rules("level n_draws size sentences sentence_templates", may_be_among_first=_keys_without),
    SensitivityResult: _rules(
        "sealed_model prediction", models=_each, proposals=_keys_without, judges=_judges_left_out
    ),
    ModelResult: _rules(
        "model refusal tau calibrated rank", selected=_keys_without, enters=_keys_without, leaves=_keys_without
    ),
    LeftOutResult: _rules(
        "judge refusal tau moved move", selected=_keys_without, enters=_keys_without, leaves=_keys_without
    ),
    # Rows that are emptied or left out as a whole; each row is about its own proposal only.
    ProposalResult: _rules(
        "proposal n_judges raw additive calibrated standard_error rank rank_low rank_high p_shortlist tie_band "
        "calibrated_percent disagreement measure measure_error tie_break city category carried carried_standard_error "
        "combined combined_standard_error explanation rank_sets hidden"
    ),
    ProposalExplanation: _rules("raw calibrated move n_sheets text terms"),
    ExplanationTerm: _rules("kind judge criterion amount value text"),
    ProposalRankSets: _rules("alone simultaneous"),
    RankRange: _rules("low high"),
    UnexpectedResult: _rules("judge proposal criterion score expected z"),
    SeatErrors: _rules("group wrong missed"),
    ShortlistMove: _rules("proposal selected clause group"),
    FloorScore: _rules("proposal criterion floor score standard_error"),
    LogitEstimate: _rules("estimate standard_error standard_error_without_halo"),
    # Fields about no single proposal. Sentences name judges, cities, criteria and numbers.
    MinimisedCriterion: _rules("name value"),
    ReportedEstimate: _rules("estimate standard_error low high"),
    NoteTemplate: _rules("template values"),
    ModelCheckResult: _rules("verdict text level n_simulated checks"),
    CheckedAssumption: _rules("name state statistic p text template values consequence"),
    EarlierOccasion: _rules("kind name digest n_sheets n_judges link"),
    CarriedSource: _rules("round run result_digest weight"),
    JudgeResult: _rules(
        "judge n_sheets severity standard_error low high city extreme_share scale_use scale_use_error scale_use_low "
        "scale_use_high consistency consistency_error consistency_low consistency_high home home_error home_low "
        f"home_high drift drift_error drift_low drift_high readings {_SQUARES}"
    ),
    JudgeSentence: _rules("about text template values"),
    CriterionResult: _rules(
        "criterion weight mean n_scores minimum maximum step spread halo_share correlation_with_rest correlations "
        f"{_SQUARES}"
    ),
    AgreementResult: _rules(
        "readings relative absolute icc_1 icc_c1 icc_a1 alpha alpha_by_criterion target judges_for_target "
        "judges_for_target_absolute table"
    ),
    AgreementCoefficient: _rules("estimate low high"),
    AgreementForecast: _rules("n_judges relative absolute"),
    ScaleThresholds: _rules("criteria lowest highest thresholds"),
    CitiesResult: _rules(
        "identified assumption home_city_identified home_city_policy links n_cross_city readings cities difference "
        "connectivity sentences"
    ),
    CityPairCount: _rules("judge_city proposal_city n_sheets"),
    CityResult: _rules("city n_judges n_proposals severity quality"),
    CityDifference: _rules("of less severity quality"),
    LinkedSet: _rules("judges proposals"),
    PredictionResult: _rules("n_folds n_sheets seed baseline models model justified text template values"),
    PredictionScore: _rules("model log_score gain standard_error"),
    RatingsCounts: _rules("proposals judges criteria sheets scores repeated_sheets"),
    TotalsScale: _rules("minimum maximum"),
    Settings: _rules("model home_city quality_prior assumption interval n_draws seed shortlist tie_breaks exact_reml"),
    ShortlistRule: _rules("size city_minimum city_cap category_minimum category_cap floors reserves floors_by"),
}
"""The rule of each field of each part. A test fails for a field without a rule."""
