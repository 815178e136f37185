"""From a fit to its report: the typed values that are stored, shown on pages and written to files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from judging.calibration.checks.model_check import check_model
from judging.calibration.code_version import code_version
from judging.calibration.diagnostics.cities import city_report
from judging.calibration.diagnostics.report import diagnostics
from judging.calibration.estimates import Fit
from judging.calibration.explanation.explanation import MOST_EXPLAINED, explain_all
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ranks.confidence_sets import sets_of
from judging.calibration.ranks.standing import RankedFit, standing_of
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.report.cities import LinkedSet
from judging.calibration.report.estimates import MinimisedCriterion
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.sensitivity import SensitivityResult
from judging.calibration.report.whole import EarlierOccasion, RatingsCounts, Report, TotalsScale
from judging.calibration.report_notes import result_notes
from judging.calibration.report_shortlist import shortlist_result
from judging.calibration.values import estimate, number, numbers, template
from judging.errors import Message
from judging.ranking import UNRANKED


def build_report(
    fit: Fit,
    *,
    carried: Carried | None = None,
    explained: bool | None = None,
    simultaneous: bool = False,
    sensitivity: bool = False,
    checked: bool = False,
) -> Report:
    """Build the report of a fit.

    Parameters
    ----------
    fit : Fit
    carried : Carried, optional
        Scores of an earlier round that count: ranks and shortlist are then made from the combined scores.
    explained : bool, optional
        Whether the report has an explanation of every proposal; when left out: if there are at most
        ``MOST_EXPLAINED`` proposals.
    simultaneous : bool
        Whether the report has simultaneous confidence sets of ranks.
    sensitivity : bool
        Whether the report has the other models, every judge left out and the prediction of held-out sheets, which costs
        some dozens of fits.
    checked : bool
        Whether the report has the model check, which simulates some hundred rounds.

    Returns
    -------
    report : Report
        The same input gives the same report, except for ``seconds``.
    """
    ratings = fit.ratings
    ends = ratings.scale_of_totals
    standing = standing_of(fit, carried=carried)
    cities, sentences = city_report(fit)
    of_floors = () if standing.floors is None else standing.floors.notes
    texts = [*result_notes(fit), *fit.notes, *of_floors, *sentences]
    parts = diagnostics(fit)
    proposals = _proposals(standing)
    if ratings.n_proposals <= MOST_EXPLAINED if explained is None else explained:
        proposals = tuple(
            row if explanation is None else replace(row, explanation=explanation.result())
            for row, explanation in zip(proposals, explain_all(fit), strict=True)
        )
    sets = sets_of(fit, carried=carried) if simultaneous else None
    if sets is not None:
        proposals = tuple(replace(row, rank_sets=sets.of_proposal(code)) for code, row in enumerate(proposals))
    return Report(
        model=fit.model,
        converged=fit.converged,
        iterations=fit.iterations,
        seconds=fit.seconds,
        criterion=MinimisedCriterion(name=fit.criterion.name, value=number(fit.criterion.value)),
        variances={name: None if value is None else number(value) for name, value in fit.variances.items()},
        fixed={name: estimate(value, fit.settings.interval) for name, value in fit.fixed.items()},
        proposals=proposals,
        carried=None if carried is None else carried.source(),
        judges=parts.judges,
        criteria=parts.criteria,
        unexpected=parts.unexpected,
        reliability=parts.reliability,
        logits=parts.logits,
        cities=cities,
        linked_sets=_linked_sets(fit),
        algebraic_connectivity=number(fit.linkage.algebraic_connectivity),
        shortlist=shortlist_result(standing),
        simultaneous=None if sets is None else sets.result(),
        sensitivity=_sensitivity(fit, carried) if sensitivity else None,
        counts=RatingsCounts(
            proposals=ratings.n_proposals,
            judges=ratings.n_judges,
            criteria=ratings.n_criteria,
            sheets=ratings.n_sheets,
            scores=ratings.n_scores,
            repeated_sheets=ratings.repeated,
        ),
        scale=TotalsScale(minimum=None if ends is None else ends[0], maximum=None if ends is None else ends[1]),
        settings=fit.settings,
        seed=fit.seed,
        n_draws=standing.n_draws,
        input_digest=ratings.digest,
        code_version=code_version(),
        notes=tuple(str(text) for text in texts),
        note_templates=tuple(template(text) for text in texts),
        checks=check_model(fit) if checked else None,
        earlier=tuple(EarlierOccasion(**vars(use)) for use in fit.earlier),
    )


def with_notes(report: Report, messages: Iterable[Message]) -> Report:
    """Return a report with further notes, placed before its existing notes."""
    for message in reversed(list(messages)):
        report = replace(
            report,
            notes=(str(message), *report.notes),
            note_templates=(template(message), *report.note_templates),
        )
    return report


def _sensitivity(fit: Fit, carried: Carried | None) -> SensitivityResult:
    # Imported only when needed: the statistics that it imports double the start-up time of every other command.
    from judging.calibration.sensitivity.comparison import compare

    return compare(fit, carried=carried).result()


def _proposals(standing: RankedFit) -> tuple[ProposalResult, ...]:
    fit, ratings = standing.fit, standing.fit.ratings
    n_proposals = ratings.n_proposals
    nothing: tuple[None, ...] = (None,) * n_proposals
    percent = _percent(ratings, fit.calibrated)
    n_judges, ranks = fit.n_judges.tolist(), standing.ranks.tolist()
    raw, additive = numbers(fit.raw), numbers(fit.additive)
    calibrated, errors = numbers(fit.calibrated), numbers(fit.standard_error)
    disagreement = numbers(standing.disagreement)
    measure = nothing if fit.measure is None else numbers(fit.measure)
    measure_errors = nothing if fit.measure_error is None else numbers(fit.measure_error)
    carried = standing.carried
    earlier = nothing if carried is None else numbers(carried.score)
    earlier_errors = nothing if carried is None else numbers(carried.standard_error)
    combined = nothing if carried is None else numbers(carried.combine(fit.calibrated))
    combined_errors = nothing if carried is None else numbers(carried.combine_errors(fit.standard_error))
    low, high, p_shortlist = standing.low, standing.high, standing.p_shortlist
    tail = (1.0 - fit.settings.interval) / 2.0
    rows = []
    for code, name in enumerate(ratings.proposals):
        is_ranked = ranks[code] != UNRANKED
        chance = float(p_shortlist[code]) if p_shortlist is not None and is_ranked else None
        rows.append(
            ProposalResult(
                proposal=name,
                n_judges=n_judges[code],
                raw=raw[code],
                additive=additive[code],
                calibrated=calibrated[code],
                standard_error=errors[code],
                rank=ranks[code] if is_ranked else None,
                rank_low=int(low[code]) if low is not None and is_ranked else None,
                rank_high=int(high[code]) if high is not None and is_ranked else None,
                p_shortlist=chance,
                # In the tie band: neither in nor out with the probability of the intervals.
                tie_band=None if chance is None else tail < chance < 1.0 - tail,
                calibrated_percent=percent[code],
                disagreement=disagreement[code],
                measure=measure[code],
                measure_error=measure_errors[code],
                tie_break=standing.deciding[code],
                city=ratings.cities[ratings.proposal_city[code]] if ratings.proposal_city[code] >= 0 else None,
                category=ratings.categories[ratings.category[code]] if ratings.category[code] >= 0 else None,
                carried=earlier[code],
                carried_standard_error=earlier_errors[code],
                combined=combined[code],
                combined_standard_error=combined_errors[code],
            )
        )
    return tuple(rows)


def _linked_sets(fit: Fit) -> tuple[LinkedSet, ...]:
    linkage, ratings = fit.linkage, fit.ratings
    judges: list[list[str]] = [[] for _ in range(linkage.n_linked_sets)]
    proposals: list[list[str]] = [[] for _ in range(linkage.n_linked_sets)]
    for names, members, numbers_of_sets in (
        (ratings.judges, judges, linkage.judge_set.tolist()),
        (ratings.proposals, proposals, linkage.proposal_set.tolist()),
    ):
        for name, number_of_set in zip(names, numbers_of_sets, strict=True):
            if number_of_set >= 0:
                members[number_of_set].append(name)
    return tuple(
        LinkedSet(judges=tuple(of_judges), proposals=tuple(of_proposals))
        for of_judges, of_proposals in zip(judges, proposals, strict=True)
    )


def _percent(ratings: Ratings, total: Floats) -> tuple[float | None, ...]:
    """Map totals to 0..100; None where the scale is unknown."""
    ends = ratings.scale_of_totals
    if ends is None:
        return (None,) * len(total)
    lowest, highest = ends
    return numbers(np.asarray((total - lowest) / (highest - lowest) * 100.0))
