"""The effects of a change of the rules: changed values, stored scores that do not fit, and the shortlist."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import or_
from sqlmodel import Session, col, select

from judging import progress, tables
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.report.whole import Report
from judging.competition import RoundRules, digest_of
from judging.errors import CalibrationError, Conflict, Listed, Message
from judging.schemas.stored_messages import from_stored, to_stored
from judging.services.competitions.definitions import rules_of
from judging.services.runs import calibration_runs
from judging.services.runs.carried_over import carried_for
from judging.services.runs.inputs import collect_ratings
from judging.services.scoresheets.versions import is_effective, is_newest

Path = tuple[str, ...]

# Only ranks and shortlist are compared. Draws are needed for intervals and take most of the time of a calibration.
_FEW_DRAWS = 100
_MOST_NAMED = 6
_MOST_MOVES = 10


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """One value of a definition before and after the change; None if missing."""

    path: Path
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class RankMove:
    """A proposal whose rank would change."""

    proposal: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The results with other rules from the present scores.

    Attributes
    ----------
    problem : str
        Why nothing can be compared; empty when the comparison is possible.
    entering, leaving : tuple of str
        Keys of proposals that would enter the shortlist, or leave it.
    moves : tuple of RankMove
        The largest changes of rank.
    n_moved : int
    incomplete : mapping of str to int
        Criterion -> submitted scoresheets without a score on it, where the new rules require one.
    """

    problem: str = ""
    entering: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    moves: tuple[RankMove, ...] = ()
    n_moved: int = 0
    incomplete: Mapping[str, int]

    def without(self, hidden: Collection[str]) -> Effect:
        """Return the effect without hidden proposals."""
        return replace(
            self,
            entering=tuple(key for key in self.entering if key not in hidden),
            leaving=tuple(key for key in self.leaving if key not in hidden),
            moves=tuple(move for move in self.moves if move.proposal not in hidden),
        )


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[RuleDifference, ...]:
    """Return every value in which two definitions differ, in the order of the definition.

    Criteria are matched by their keys and levels by their values, so that moving one of them changes only the order.

    >>> differences({"shortlist": {"size": 20}}, {"shortlist": {"size": 21}})
    (RuleDifference(path=('shortlist', 'size'), old='20', new='21'),)
    """
    before, after = dict(_flattened(old, ())), dict(_flattened(new, ()))
    paths = [*before, *(path for path in after if path not in before)]
    return tuple(
        RuleDifference(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)
    )


def _flattened(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Mapping):
        for name, content in value.items():
            yield from _flattened(content, (*path, str(name)))
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        names = [_name_of(item, place) for place, item in enumerate(value, 1)]
        if "key" in value[0]:
            yield path, " > ".join(names)
        for name, item in zip(names, value, strict=True):
            yield from _flattened({key: content for key, content in item.items() if key != "key"}, (*path, name))
    elif isinstance(value, list):
        yield path, " > ".join(map(_word, value))
    else:
        yield path, _word(value)


def _name_of(item: Mapping[str, Any], place: int) -> str:
    return str(item.get("key") or _word(item.get("value", place)))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def refuse_lost_scores(session: Session, round_row: tables.Round, proposed: RoundRules) -> None:
    """Raise Conflict when stored scores would not fit the proposed rubric.

    A score has another meaning on another scale, even if the scale contains its value. Therefore a criterion with
    scores must retain its scale.
    """
    current = {criterion.key: criterion for criterion in rules_of(round_row).rubric.criteria}
    proposed_criteria = {criterion.key: criterion for criterion in proposed.rubric.criteria}
    lost_criteria = [
        key
        for key, criterion in current.items()
        if key not in proposed_criteria or proposed_criteria[key].scale != criterion.scale
    ]
    affected = _affected_scores(session, round_row, lost_criteria)
    if not affected:
        return
    raise Conflict(
        Message(
            "There are scores that do not fit these rules: {names}. Keep the criterion with its scale; a weight "
            "may change.",
            names="; ".join(f"{key}: {_shortened(names)}" for key, names in affected.items()),
        )
    )


def _affected_scores(session: Session, round_row: tables.Round, criteria: Sequence[str]) -> dict[str, list[str]]:
    if not criteria:
        return {}
    rows = session.exec(
        select(tables.Score.criterion, tables.Judge.name, tables.Proposal.key)
        .join(tables.Scoresheet, col(tables.Scoresheet.id) == col(tables.Score.scoresheet_id))
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(
            tables.Assignment.round_id == round_row.id,
            tables.Assignment.state == "active",
            col(tables.Score.criterion).in_(criteria),
            col(tables.Score.value).is_not(None),
            or_(is_newest(), is_effective()),
        )
        .order_by(col(tables.Judge.name), col(tables.Proposal.key))
        .distinct()
    )
    affected: dict[str, list[str]] = {}
    for criterion, judge, proposal in rows:
        affected.setdefault(criterion, []).append(f"{judge} · {proposal}")
    return {key: affected[key] for key in criteria if key in affected}


def _shortened(names: Sequence[str]) -> str:
    return Listed(names, most=_MOST_NAMED)


@dataclass(frozen=True, eq=False, kw_only=True)
class ComparedScores:
    """The present scores of a round under the rules in force and under other rules.

    Attributes
    ----------
    in_force, proposed : RoundRules
    ratings, proposed_ratings : Ratings
    carried, proposed_carried : Carried or None
    problem : str
        Why nothing can be compared; empty when it was not found out yet.
    """

    in_force: RoundRules
    proposed: RoundRules
    ratings: Ratings
    proposed_ratings: Ratings
    carried: Carried | None = None
    proposed_carried: Carried | None = None
    problem: str = ""

    @property
    def digest(self) -> str:
        """Return the digest of everything that the effect depends on."""
        return digest_of(
            {
                "rules": [self.in_force.digest, self.proposed.digest],
                "ratings": [self.ratings.digest, self.proposed_ratings.digest],
                "carried": [
                    None if carried is None else carried.result_digest
                    for carried in (self.carried, self.proposed_carried)
                ],
                "problem": self.problem,
                "code": calibration_runs.code_version(),
            }
        )


def collect_compared(session: Session, round_row: tables.Round, proposed: RoundRules) -> ComparedScores:
    """Return what the effect of other rules is computed from."""
    in_force = rules_of(round_row)
    compared = ComparedScores(
        in_force=in_force,
        proposed=proposed,
        ratings=collect_ratings(session, round_row, rules=in_force),
        proposed_ratings=collect_ratings(session, round_row, rules=proposed),
    )
    try:
        return replace(
            compared,
            carried=carried_for(session, round_row, in_force, proposals=compared.ratings.proposals),
            proposed_carried=carried_for(session, round_row, proposed, proposals=compared.proposed_ratings.proposals),
        )
    except Conflict as error:
        return replace(compared, problem=error.message)


def effect_of(compared: ComparedScores) -> Effect:
    """Calibrate the present scores with the rules in force and with other rules; this may take seconds."""
    ratings = compared.proposed_ratings
    missing = {
        key: number
        for key, number in zip(ratings.criteria, _n_missing(ratings.score), strict=True)
        if number and key not in compared.in_force.rubric.keys
    }
    if compared.problem:
        return Effect(problem=compared.problem, incomplete=missing)
    try:
        with progress.part(0.0, 0.5):
            before = _calibrated(compared.in_force, compared.ratings, compared.carried)
        with progress.part(0.5, 1.0):
            after = _calibrated(compared.proposed, ratings, compared.proposed_carried)
    except (CalibrationError, Conflict) as error:
        return Effect(problem=error.message, incomplete=missing)
    ranks = {row.proposal: row.rank for row in before.proposals}
    moves = [
        RankMove(row.proposal, earlier, row.rank)
        for row in after.proposals
        if row.rank and (earlier := ranks.get(row.proposal)) and row.rank != earlier
    ]
    moves.sort(key=lambda move: (-abs(move.after - move.before), move.proposal))
    old, new = _selected(before), _selected(after)
    return Effect(
        entering=tuple(key for key in new if key not in old),
        leaving=tuple(key for key in old if key not in new),
        moves=tuple(moves[:_MOST_MOVES]),
        n_moved=len(moves),
        incomplete=missing,
    )


def effect_to_dict(effect: Effect) -> dict[str, Any]:
    """Return an effect as JSON values."""
    return {**asdict(effect), "problem": to_stored(effect.problem)}


def effect_from_dict(stored: Mapping[str, Any]) -> Effect:
    """Return a stored effect."""
    return Effect(
        problem=from_stored(stored["problem"]),
        entering=tuple(stored["entering"]),
        leaving=tuple(stored["leaving"]),
        moves=tuple(RankMove(**move) for move in stored["moves"]),
        n_moved=stored["n_moved"],
        incomplete=stored["incomplete"],
    )


def _n_missing(score: Floats) -> list[int]:
    return [int(number) for number in np.isnan(score).sum(axis=0)]


def _calibrated(rules: RoundRules, ratings: Ratings, carried: Carried | None) -> Report:
    settings = replace(calibration_runs.settings_of(rules), n_draws=_FEW_DRAWS)
    return calibration_runs.report_on(ratings, settings, carried=carried)


def _selected(report: Report) -> tuple[str, ...]:
    return () if report.shortlist is None else report.shortlist.selected
