"""Sensitivity of a stored run: the models compared, and each judge left out, on its scores and rules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from sqlmodel import Session

from judging import tables
from judging.calibration.fit import fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Ratings
from judging.calibration.report.sensitivity import SensitivityResult
from judging.calibration.sensitivity.comparison import compare
from judging.calibration.settings import Settings
from judging.errors import Conflict, Message
from judging.services.competitions import rules_of
from judging.services.runs.calibration_runs import code_version, settings_of
from judging.services.runs.carried_over import carried_for
from judging.services.runs.ratings import collect_scores, ratings_of
from judging.services.runs.reports import carried_digest, report_of

MOST_PROPOSALS, MOST_JUDGES = 200, 50
"""Largest size that takes only a few seconds; with more, one page would block all others."""

_KEPT = 16
# A cache of this process: it can always be computed again, and a GET request writes nothing into the database. Several
# processes compute it once each.
_found: OrderedDict[tuple[str, ...], SensitivityResult] = OrderedDict()
_computing = Lock()


def sensitivity_of(session: Session, round_row: tables.Round, run: tables.CalibrationRun) -> SensitivityResult:
    """Return how the shortlist of a run depends on the model and on each judge.

    Parameters
    ----------
    session : Session
    round_row : tables.Round
    run : tables.CalibrationRun
        Of this round.

    Returns
    -------
    comparison : SensitivityResult
        A model without a result has no ranks. It is the full comparison, including what the reader may not see.

    Raises
    ------
    Conflict
        When the rules or the roster have changed since the run, or the round is too large for a page.
    """
    rules = rules_of(round_row)
    if round_row.digest != run.rules_digest:
        raise Conflict(
            Message(
                "The rules of this round have changed since run {run}. Calibrate again to compare the models.",
                run=run.number,
            )
        )
    scores = collect_scores(session, round_row, rules.rubric.keys, newest_scoresheet=run.settings["newest_scoresheet"])
    ratings = ratings_of(scores, rules.rubric)
    if ratings.digest != run.input_digest:
        raise Conflict(
            Message(
                "The proposals, judges or assignments of this round have changed since run {run}. Calibrate again to "
                "compare the models.",
                run=run.number,
            )
        )
    if ratings.n_proposals > MOST_PROPOSALS or ratings.n_judges > MOST_JUDGES:
        raise Conflict(
            Message(
                "With more than {proposals} proposals or {judges} judges the comparison takes too long for a page. The "
                "command `judging compare` makes it from a file of scores.",
                proposals=MOST_PROPOSALS,
                judges=MOST_JUDGES,
            )
        )
    carried = carried_for(session, round_row, rules, proposals=ratings.proposals)
    earlier = None if carried is None else carried.result_digest
    if earlier != carried_digest(report_of(run)):
        raise Conflict(
            Message(
                "The earlier round whose scores count has been released again since run {run}. Calibrate again to "
                "compare the models.",
                run=run.number,
            )
        )
    key = (run.input_digest, run.rules_digest, run.model, str(earlier), code_version())
    with _computing:
        if key not in _found:
            _found[key] = _compute(ratings, settings_of(rules, model=run.model), carried)
            while len(_found) > _KEPT:
                _found.popitem(last=False)
        _found.move_to_end(key)
        return _found[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedProposal:
    """One proposal under every model with a result, by the model's name; rank from 1, None without one."""

    proposal: str
    rank: Mapping[str, int | None]
    score: Mapping[str, float | None]
    selected: Mapping[str, bool]


def by_proposal(comparison: SensitivityResult) -> tuple[ComparedProposal, ...]:
    """Return a comparison's models side by side, one row for each proposal."""
    fitted = [
        (row.model, row.rank, row.calibrated, frozenset(row.selected or ()))
        for row in comparison.models
        if row.rank is not None and row.calibrated is not None
    ]
    return tuple(
        ComparedProposal(
            proposal=key,
            rank={model: ranks[place] for model, ranks, _, _ in fitted},
            score={model: scores[place] for model, _, scores, _ in fitted},
            selected={model: key in selected for model, _, _, selected in fitted},
        )
        for place, key in enumerate(comparison.proposals)
    )


def _compute(ratings: Ratings, settings: Settings, carried: Carried | None) -> SensitivityResult:
    return compare(fit(ratings, settings), carried=carried, seed=settings.seed).result()
