"""The input of a calibration: the scores of the round, and earlier scoresheets of its judges where the rules say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, select

from judging import tables
from judging.calibration.ratings import Occasion, Ratings
from judging.competition import RoundRules, digest_of
from judging.errors import Conflict, Message
from judging.round_policies import EarlierSheets
from judging.services.access import READERS, Actor
from judging.services.competitions.definitions import rules_of
from judging.services.runs.ratings import CountedScores, ScaledCriterion, collect_scores, ratings_of, scaled_criteria


@dataclass(frozen=True, kw_only=True)
class EarlierScores:
    """The scores of an earlier occasion, under the names that judges have now.

    Attributes
    ----------
    kind, name : str
        As in `judging.calibration.ratings.Occasion`.
    criteria : tuple of ScaledCriterion
        The occasion's own.
    scores : CountedScores
    newest_scoresheet : int or None
        Key of the newest scoresheet of the occasion when its scores were read.
    """

    kind: str
    name: str
    criteria: tuple[ScaledCriterion, ...]
    scores: CountedScores
    newest_scoresheet: int | None

    @cached_property
    def occasion(self) -> Occasion:
        """Return the occasion as part of ratings."""
        return Occasion(kind=self.kind, name=self.name, ratings=ratings_of(self.scores, self.criteria))

    def to_dict(self) -> dict[str, Any]:
        """Return what a run records of this part of its input."""
        ratings = self.occasion.ratings
        return {
            "kind": self.kind,
            "name": self.name,
            "digest": ratings.digest,
            "n_sheets": ratings.n_sheets,
            "newest_scoresheet": self.newest_scoresheet,
            "took_part": self.scores.to_dict(),
        }


class InputDigests(NamedTuple):
    """SHA-256 of the scores as they were given, and of who takes part; the rules have a digest of their own."""

    scores: str
    design: str


@dataclass(frozen=True, kw_only=True)
class RunInput:
    """The scores of a round, and those of earlier occasions, the oldest first."""

    scores: CountedScores
    criteria: tuple[ScaledCriterion, ...]
    earlier: tuple[EarlierScores, ...] = ()

    @cached_property
    def ratings(self) -> Ratings:
        """Return everything as ratings."""
        return with_occasions(ratings_of(self.scores, self.criteria), [part.occasion for part in self.earlier])

    @cached_property
    def digests(self) -> InputDigests:
        """Return a digest of each part, so that a change can be named."""
        scores = self.scores.scores_digest()
        if self.earlier:
            parts = [[part.name, part.scores.scores_digest()] for part in self.earlier]
            scores = digest_of({"scores": scores, "earlier": parts})
        return InputDigests(scores=scores, design=self.scores.design_digest())


def with_occasions(ratings: Ratings, occasions: Sequence[Occasion]) -> Ratings:
    """Return ratings with earlier scoresheets of some of the judges, the oldest first.

    Whoever has such sheets from elsewhere (practice proposals that everyone scores: kind ``anchor``) adds them here.
    Occasions without a scoresheet are left out.
    """
    return replace(ratings, earlier=tuple(one for one in occasions if one.ratings.n_sheets))


def collect_ratings(session: Session, round_row: tables.Round, *, rules: RoundRules | None = None) -> Ratings:
    """Return the submitted scores of a round on 0..100, with everything the models may use.

    Parameters
    ----------
    session : Session
    round_row : tables.Round
    rules : RoundRules, optional
        Others than those in force, to compute their effects.

    Returns
    -------
    ratings : Ratings
        The newest submitted version of each active assignment. All proposals of the round and all judges with an active
        assignment are included, also those without scores. Names are the keys of proposals, judges, cities and
        categories.
    """
    return collect_input(session, round_row, rules=rules).ratings


def collect_input(
    session: Session,
    round_row: tables.Round,
    *,
    rules: RoundRules | None = None,
    settings: Mapping[str, Any] | None = None,
) -> RunInput:
    """Return the input of a calibration of the round.

    Parameters
    ----------
    session : Session
    round_row : tables.Round
    rules : RoundRules, optional
        Others than those in force.
    settings : mapping, optional
        The stored settings of a run, to return what went into it: every scoresheet that was saved later is left out.
    """
    rules = rules or rules_of(round_row)
    criteria = scaled_criteria(rules.rubric)
    newest = None if settings is None else settings["newest_scoresheet"]
    recorded = {} if settings is None else {part["name"]: part for part in settings.get("earlier", ())}
    # Runs of earlier versions do not say who took part.
    took_part = None if settings is None else settings.get("took_part")
    return RunInput(
        scores=collect_scores(session, round_row, rules.rubric.keys, newest_scoresheet=newest, recorded=took_part),
        criteria=criteria,
        earlier=tuple(
            _earlier(session, round_row, earlier_row, policy, recorded.get(policy.name))
            for policy, earlier_row in _sources(session, round_row, rules)
            if earlier_row is not None and (settings is None or policy.name in recorded)
        ),
    )


def require_earlier(session: Session, actor: Actor, round_row: tables.Round, rules: RoundRules) -> None:
    """Raise Conflict when a round that the rules name is not there, or the actor may not read its results.

    Scores of another competition must not reach people who have no role there.
    """
    for policy, earlier_row in _sources(session, round_row, rules):
        if earlier_row is None:
            raise Conflict(
                Message(
                    "The rules count earlier scoresheets of {name}, and there is no such round here. Load it, or "
                    "change the rules.",
                    name=policy.name,
                )
            )
        if not actor.has_role(earlier_row.competition_id, *READERS):
            raise Conflict(
                Message(
                    "The rules count earlier scoresheets of {name}. Only a person who reads the results there too can "
                    "do this.",
                    name=policy.name,
                )
            )


def newest_scoresheet(session: Session, round_row: tables.Round) -> int | None:
    """Return the key of the newest scoresheet of a round."""
    return session.exec(
        select(func.max(tables.Scoresheet.id))
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .where(tables.Assignment.round_id == round_row.id)
    ).one()


def _sources(
    session: Session, round_row: tables.Round, rules: RoundRules
) -> Iterator[tuple[EarlierSheets, tables.Round | None]]:
    """Yield every part of the policy with its round, None where the database has none."""
    for policy in rules.calibration.earlier or ():
        statement = select(tables.Round).where(tables.Round.key == policy.round)
        if policy.competition is None:
            statement = statement.where(tables.Round.competition_id == round_row.competition_id)
        else:
            statement = statement.join(
                tables.Competition, col(tables.Competition.id) == col(tables.Round.competition_id)
            ).where(tables.Competition.key == policy.competition)
        yield policy, session.exec(statement).one_or_none()


def _earlier(
    session: Session,
    round_row: tables.Round,
    earlier_row: tables.Round,
    policy: EarlierSheets,
    recorded: Mapping[str, Any] | None,
) -> EarlierScores:
    newest = newest_scoresheet(session, earlier_row) if recorded is None else recorded["newest_scoresheet"]
    rubric = rules_of(earlier_row).rubric
    took_part = None if recorded is None else recorded.get("took_part")
    if took_part is not None and policy.competition is not None:
        # What is recorded has the judges' names of here.
        here = _same_people(session, earlier_row, round_row)
        there = {_name_here(here, policy.competition, key): key for key in _judge_keys(session, earlier_row)}
        judges = {there[name]: city for name, city in took_part["judges"].items() if name in there}
        took_part = {**took_part, "judges": judges}
    scores = collect_scores(session, earlier_row, rubric.keys, newest_scoresheet=newest, recorded=took_part)
    if policy.competition is not None:
        scores = _renamed(scores, _same_people(session, earlier_row, round_row), policy.competition)
    return EarlierScores(
        kind=policy.kind,
        name=policy.name,
        criteria=scaled_criteria(rubric),
        scores=scores,
        newest_scoresheet=newest,
    )


def _same_people(session: Session, earlier_row: tables.Round, round_row: tables.Round) -> dict[str, str]:
    """Return the key here of every judge of another competition who has the same account."""
    here = _accounts(session, round_row.competition_id)
    there = _accounts(session, earlier_row.competition_id)
    return {key: here[person] for person, key in there.items() if person in here}


def _accounts(session: Session, competition_id: int) -> dict[int, str]:
    """Return the key of every judge of a competition by account, of those who have one."""
    rows = session.exec(
        select(tables.Judge.person_id, tables.Judge.key).where(tables.Judge.competition_id == competition_id)
    ).all()
    return {person: key for person, key in rows if person is not None}


def _renamed(scores: CountedScores, names: Mapping[str, str], competition: str) -> CountedScores:
    """Return scores under the judges' keys here; a key of somebody else must not be taken for one of this roster."""

    def name(key: str) -> str:
        return _name_here(names, competition, key)

    return CountedScores(
        proposals=scores.proposals,
        judges={name(key): city for key, city in scores.judges.items()},
        scores=tuple(score._replace(judge=name(score.judge)) for score in scores.scores),
    )


def _name_here(names: Mapping[str, str], competition: str, key: str) -> str:
    return names.get(key, f"{competition}/{key}")


def _judge_keys(session: Session, round_row: tables.Round) -> list[str]:
    return list(session.exec(select(tables.Judge.key).where(tables.Judge.competition_id == round_row.competition_id)))
