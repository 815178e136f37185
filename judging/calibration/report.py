"""What a fit says, as plain JSON-ready values: what is stored, shown on pages, and written to files."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from judging.calibration.diagnostics.cities import city_report
from judging.calibration.diagnostics.report import diagnostics
from judging.calibration.estimates import Fit
from judging.calibration.explanation.explanation import MOST_EXPLAINED, explain_all
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ranks.confidence_sets import sets_of
from judging.calibration.ranks.standing import RankedFit, standing_of
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.values import estimate, number, numbers, template
from judging.errors import Message
from judging.ranking import UNRANKED


def as_dict(
    fit: Fit,
    *,
    carried: Carried | None = None,
    explained: bool | None = None,
    simultaneous: bool = False,
    sensitivity: bool = False,
) -> dict[str, Any]:
    """Say everything about a fit in values that JSON holds.

    Parameters
    ----------
    fit : Fit
    carried : Carried, optional
        Scores of an earlier round that count: ranks and shortlist then go by the combined scores.
    explained : bool, optional
        Whether every proposal comes with its explanation; when left out, up to ``MOST_EXPLAINED`` proposals.
    simultaneous : bool
        Whether sets of ranks that hold for all at once come with it; None under their key otherwise.
    sensitivity : bool
        Whether the other models, every judge left out and the prediction of held-out sheets come with it, which costs
        some dozens of fits; None under its key otherwise.

    Returns
    -------
    report : dict
        Scores, variances and the criterion in the units of the ratings (see ``scale``); severity is + for harsher;
        None, never NaN, where something does not exist or cannot be told. Same input, same report, but for ``seconds``.
    """
    ratings = fit.ratings
    standing = standing_of(fit, carried=carried)
    notes = [*_notes(fit), *fit.notes]
    cities, sentences = city_report(fit)
    texts = [*notes, *sentences]
    told = diagnostics(fit)
    proposals = _proposals(standing)
    if ratings.n_proposals <= MOST_EXPLAINED if explained is None else explained:
        for row, explanation in zip(proposals, explain_all(fit), strict=True):
            row["explanation"] = None if explanation is None else explanation.as_dict()
    sets = sets_of(fit, carried=carried) if simultaneous else None
    if sets is not None:
        for code, row in enumerate(proposals):
            row["rank_sets"] = sets.of_proposal(code)
    return {
        "model": fit.model,
        "converged": fit.converged,
        "iterations": fit.iterations,
        "seconds": fit.seconds,
        "criterion": {"name": fit.criterion.name, "value": number(fit.criterion.value)},
        "variances": {name: None if value is None else number(value) for name, value in fit.variances.items()},
        "fixed": {name: estimate(value, fit.settings.interval) for name, value in fit.fixed.items()},
        "proposals": proposals,
        "carried": None if carried is None else carried.as_dict(),
        "judges": told["judges"],
        "criteria": told["criteria"],
        "unexpected": told["unexpected"],
        "reliability": told["reliability"],
        "logits": told["logits"],
        "cities": cities,
        "linked_sets": _linked_sets(fit),
        "algebraic_connectivity": number(fit.linkage.algebraic_connectivity),
        "shortlist": _shortlist(standing),
        "simultaneous": None if sets is None else sets.as_dict(),
        "sensitivity": _sensitivity(fit, carried) if sensitivity else None,
        "counts": {
            "proposals": ratings.n_proposals,
            "judges": ratings.n_judges,
            "criteria": ratings.n_criteria,
            "sheets": ratings.n_sheets,
            "scores": ratings.n_scores,
            "repeated_sheets": ratings.repeated,
        },
        "scale": _scale(ratings),
        "settings": {**asdict(fit.settings), "tie_breaks": list(fit.settings.tie_breaks)},
        "seed": fit.seed,
        "n_draws": standing.n_draws,
        "input_digest": ratings.digest,
        "code_version": code_version(),
        "notes": [str(text) for text in texts],
        "note_templates": [template(text) for text in texts],
    }


def _sensitivity(fit: Fit, carried: Carried | None) -> dict[str, Any]:
    # Imported when asked for: the statistics that it takes double the start of every other command.
    from judging.calibration.sensitivity.comparison import compare

    return compare(fit, carried=carried).as_dict()


@cache
def code_version() -> str:
    """Return the first digits of the SHA-256 of the code that makes numbers, paths included."""
    package = Path(__file__).parents[1]
    content = hashlib.sha256()
    for path in sorted(path for part in _MAKES_NUMBERS for path in package.glob(part)):
        content.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return content.hexdigest()[:12]


_MAKES_NUMBERS = (
    "calibration/**/*.py",
    "services/runs/ratings.py",
    "final_shortlist.py",
    "ranking.py",
    "rubric.py",
    "shortlist.py",
)


def _proposals(standing: RankedFit) -> list[dict[str, Any]]:
    fit, ratings = standing.fit, standing.fit.ratings
    low, high, p_shortlist = standing.low, standing.high, standing.p_shortlist
    n_proposals = ratings.n_proposals
    nothing: list[None] = [None] * n_proposals
    percent = numbers(_percent(ratings, fit.calibrated)) if _known_scale(ratings) else nothing
    tail = (1.0 - fit.settings.interval) / 2.0
    rows = []
    for code, (
        name,
        n_judges,
        raw,
        additive,
        calibrated,
        error,
        of_hundred,
        disagreement,
        own_rank,
        measure,
        measure_error,
    ) in enumerate(
        zip(
            ratings.proposals,
            fit.n_judges.tolist(),
            numbers(fit.raw),
            numbers(fit.additive),
            numbers(fit.calibrated),
            numbers(fit.standard_error),
            percent,
            numbers(standing.disagreement),
            standing.ranks.tolist(),
            nothing if fit.measure is None else numbers(fit.measure),
            nothing if fit.measure_error is None else numbers(fit.measure_error),
            strict=True,
        )
    ):
        is_ranked = own_rank != UNRANKED
        chance = float(p_shortlist[code]) if p_shortlist is not None and is_ranked else None
        rows.append(
            {
                "proposal": name,
                "n_judges": n_judges,
                "raw": raw,
                "additive": additive,
                "calibrated": calibrated,
                "standard_error": error,
                "rank": own_rank if is_ranked else None,
                "rank_low": int(low[code]) if low is not None and is_ranked else None,
                "rank_high": int(high[code]) if high is not None and is_ranked else None,
                "p_shortlist": chance,
                # In the band: neither in nor out with the probability that the intervals are meant to have.
                "tie_band": None if chance is None else tail < chance < 1.0 - tail,
                "calibrated_percent": of_hundred,
                "disagreement": disagreement,
                "measure": measure,
                "measure_error": measure_error,
                "tie_break": standing.deciding[code],
                "city": ratings.cities[ratings.proposal_city[code]] if ratings.proposal_city[code] >= 0 else None,
                "category": ratings.categories[ratings.category[code]] if ratings.category[code] >= 0 else None,
            }
        )
    _add_carried(rows, standing.carried, fit)
    return rows


def _add_carried(rows: list[dict[str, Any]], carried: Carried | None, fit: Fit) -> None:
    nothing = np.full(len(rows), np.nan)
    columns = {
        "carried": nothing if carried is None else carried.score,
        "carried_standard_error": nothing if carried is None else carried.standard_error,
        "combined": nothing if carried is None else carried.combine(fit.calibrated),
        "combined_standard_error": nothing if carried is None else carried.combine_errors(fit.standard_error),
    }
    for name, values in columns.items():
        for row, value in zip(rows, numbers(values), strict=True):
            row[name] = value


def _linked_sets(fit: Fit) -> list[dict[str, Any]]:
    linkage, ratings = fit.linkage, fit.ratings
    sets: list[dict[str, Any]] = [{"judges": [], "proposals": []} for _ in range(linkage.n_linked_sets)]
    for name, number_of_set in zip(ratings.judges, linkage.judge_set.tolist(), strict=True):
        if number_of_set >= 0:
            sets[number_of_set]["judges"].append(name)
    for name, number_of_set in zip(ratings.proposals, linkage.proposal_set.tolist(), strict=True):
        if number_of_set >= 0:
            sets[number_of_set]["proposals"].append(name)
    return sets


def _shortlist(standing: RankedFit) -> dict[str, Any] | None:
    rule, chosen = standing.fit.settings.shortlist, standing.shortlist
    if rule is None or chosen is None:
        return None
    names = standing.fit.ratings.proposals
    return {
        "size": rule.size,
        "selected": [names[code] for code in chosen.selected],
        "reserves": [names[code] for code in chosen.reserves],
        "cut_off": number(chosen.cut_off),
        "tied_at_line": [names[code] for code in chosen.tied_at_line],
        "moves": [
            {"proposal": names[move.proposal], "selected": move.selected, "clause": move.clause, "group": move.group}
            for move in chosen.moves
        ],
        "unmet": list(chosen.unmet),
    }


def _known_scale(ratings: Ratings) -> bool:
    return bool(np.all(ratings.maximum > ratings.minimum))


def _percent(ratings: Ratings, total: Floats) -> Floats:
    lowest, highest = ratings.weights @ ratings.minimum, ratings.weights @ ratings.maximum
    return np.asarray((total - lowest) / (highest - lowest) * 100.0)


def _scale(ratings: Ratings) -> dict[str, float | None]:
    """Give the ends of the scale of totals, in the units in which everything is reported."""
    known = _known_scale(ratings)
    return {
        "minimum": float(ratings.weights @ ratings.minimum) if known else None,
        "maximum": float(ratings.weights @ ratings.maximum) if known else None,
    }


def _notes(fit: Fit) -> list[Message]:
    ratings, linkage = fit.ratings, fit.linkage
    notes = []
    if linkage.n_linked_sets > 1:
        notes.append(
            Message(
                "The judges fall into {n_sets} linked sets that share no proposal. The additive values hold within "
                "each set only; comparing proposals of different sets rests on the assumption that the sets are alike.",
                n_sets=linkage.n_linked_sets,
            )
        )
    if ratings.repeated:
        notes.append(
            Message(
                "Scoresheets that repeat a judge and proposal: {n}. Each counts as a reading of its own.",
                n=ratings.repeated,
            )
        )
    unread = int((ratings.n_sheets_of_proposal == 0).sum())
    if unread:
        notes.append(Message("Proposals scored by nobody: {n}. They are listed without a rank.", n=unread))
    used = (~np.isnan(ratings.score)).sum(axis=0).tolist()
    unused = [name for name, n_scores in zip(ratings.criteria, used, strict=True) if not n_scores]
    if unused:
        notes.append(
            Message(
                "Nobody scored the criteria {criteria}; the weights of the others are scaled up.",
                criteria=", ".join(unused),
            )
        )
    elif not ratings.complete:
        notes.append(
            Message(
                "Scores left open: {n}. In raw and additive values the weights of the criteria given are scaled up.",
                n=ratings.n_sheets * ratings.n_criteria - ratings.n_scores,
            )
        )
    return notes
