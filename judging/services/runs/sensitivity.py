"""Does it matter? The models side by side and each judge left out, for the scores and rules of a stored run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from threading import Lock
from typing import Any

from sqlmodel import Session

from judging import tables
from judging.calibration.fit import fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Ratings
from judging.calibration.sensitivity.comparison import compare
from judging.calibration.settings import Settings
from judging.errors import Conflict, Message
from judging.services.competitions import rules_of
from judging.services.runs.calibration_runs import code_version, settings_of
from judging.services.runs.carried_over import carried_for
from judging.services.runs.ratings import collect_scores, ratings_of

MOST_PROPOSALS, MOST_JUDGES = 200, 50
"""What takes a few seconds; beyond, one page would hold up everybody else's."""

_KEPT = 16
# Of this process only: it can always be computed again, and a GET request writes nothing into the database. Several
# processes compute it once each.
_found: OrderedDict[tuple[str, ...], dict[str, Any]] = OrderedDict()
_computing = Lock()


def sensitivity_of(session: Session, round_row: tables.Round, run: tables.CalibrationRun) -> dict[str, Any]:
    """Return how the shortlist of a run hangs on the model and on each judge.

    Parameters
    ----------
    session : Session
    round_row : tables.Round
    run : tables.CalibrationRun
        Of this round.

    Returns
    -------
    found : dict
        ``models`` and ``judges`` with who enters and who leaves against the run's model; ``proposals`` with rank,
        score and ``selected`` by model (a model that refused is missing there); ``prediction``: how well each model
        says what sheets held out show, and whether adjusting is justified.

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
    if earlier != (run.result.get("carried") or {}).get("result_digest"):
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


def without_hidden(found: dict[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """Return a comparison without what it says of some proposals."""
    if not hidden:
        return found

    def pruned(entry: dict[str, Any]) -> dict[str, Any]:
        lists = {
            name: None if entry[name] is None else [key for key in entry[name] if key not in hidden]
            for name in ("selected", "enters", "leaves")
        }
        moved = {"moved": None, "move": None} if entry.get("moved") in hidden else {}
        return {**entry, **lists, **moved}

    return {
        **found,
        "models": [pruned(entry) for entry in found["models"]],
        "judges": [pruned(entry) for entry in found["judges"]],
        "proposals": [row for row in found["proposals"] if row["proposal"] not in hidden],
    }


def _compute(ratings: Ratings, settings: Settings, carried: Carried | None) -> dict[str, Any]:
    comparison = compare(fit(ratings, settings), carried=carried, seed=settings.seed).as_dict()
    fitted = [entry for entry in comparison["models"] if entry["refusal"] is None]
    kept = {entry["model"]: frozenset(entry["selected"] or ()) for entry in fitted}
    proposals = [
        {
            "proposal": name,
            "rank": {entry["model"]: entry["rank"][code] for entry in fitted},
            "score": {entry["model"]: entry["calibrated"][code] for entry in fitted},
            "selected": {entry["model"]: name in kept[entry["model"]] for entry in fitted},
        }
        for code, name in enumerate(comparison["proposals"])
    ]
    columns = ("rank", "calibrated")
    models = [{name: value for name, value in entry.items() if name not in columns} for entry in comparison["models"]]
    return {**comparison, "models": models, "proposals": proposals}
