"""Comparison of all models, and without each judge, for the scores and rules of a stored run."""

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
"""Limits for a computation of a few seconds; a longer one would block other requests."""

_MOST_CACHED = 16
# A cache of this process: the values can be computed again, and a GET request must not write into the database. Each
# process computes them once.
_cache: OrderedDict[tuple[str, ...], SensitivityResult] = OrderedDict()
_cache_lock = Lock()


def sensitivity_of(session: Session, round_row: tables.Round, run: tables.CalibrationRun) -> SensitivityResult:
    """Return how much the shortlist of a run depends on the model and on each judge.

    Parameters
    ----------
    session : Session
    round_row : tables.Round
    run : tables.CalibrationRun
        A run of this round.

    Returns
    -------
    comparison : SensitivityResult
        A model that refused the data has no ranks. Proposals that are hidden from the reader are included.

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
    with _cache_lock:
        if key not in _cache:
            _cache[key] = _compute(ratings, settings_of(rules, model=run.model), carried)
            while len(_cache) > _MOST_CACHED:
                _cache.popitem(last=False)
        _cache.move_to_end(key)
        return _cache[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedProposal:
    """One proposal under every model that gave a result, by the model's name; rank from 1, None without a rank."""

    proposal: str
    rank: Mapping[str, int | None]
    score: Mapping[str, float | None]
    selected: Mapping[str, bool]


def by_proposal(comparison: SensitivityResult) -> tuple[ComparedProposal, ...]:
    """Return the results of all models by proposal."""
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
            selected={model: key in shortlisted for model, _, _, shortlisted in fitted},
        )
        for place, key in enumerate(comparison.proposals)
    )


def _compute(ratings: Ratings, settings: Settings, carried: Carried | None) -> SensitivityResult:
    return compare(fit(ratings, settings), carried=carried, seed=settings.seed).result()
