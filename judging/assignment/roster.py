"""The input of a plan: proposals, judges, which pairs may be assigned, and each judge's limit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterJudge:
    """A judge in a plan's input.

    Attributes
    ----------
    name, city : str
        ``city`` may be empty when unknown.
    categories, languages : collections of str
        What this judge can score; empty means everything.
    max_load : int or None
        Largest number of scoresheets of this judge in the round; None for no limit.
    """

    name: str
    city: str = ""
    categories: Collection[str] = ()
    languages: Collection[str] = ()
    max_load: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterProposal:
    """A proposal in a plan's input; an empty ``language`` means that any judge can score it."""

    name: str
    city: str = ""
    category: str = ""
    language: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Roster:
    """All constraints of a plan, integer-coded.

    Attributes
    ----------
    proposals, judges, cities : tuple of str
    proposal_city : ndarray of shape (n_proposals,)
    judge_city : ndarray of shape (n_judges,)
        Codes into ``cities``, -1 when unknown.
    category : tuple of str
        Of each proposal, to spread assignments across cities evenly.
    eligible : ndarray of bool, shape (n_proposals, n_judges)
    max_load : ndarray of shape (n_judges,)
    """

    proposals: tuple[str, ...]
    judges: tuple[str, ...]
    cities: tuple[str, ...]
    proposal_city: Ints
    judge_city: Ints
    category: tuple[str, ...]
    eligible: Bools
    max_load: Ints

    def equals(self, other: Roster) -> bool:
        """Return whether all constraints are the same."""
        return all(np.array_equal(getattr(self, field.name), getattr(other, field.name)) for field in fields(self))

    @property
    def crosses(self) -> Bools:
        """Whether judge and proposal are of two known, different cities, of shape (n_proposals, n_judges)."""
        proposal, judge = self.proposal_city[:, None], self.judge_city[None, :]
        crosses: Bools = (proposal != judge) & (proposal >= 0) & (judge >= 0)
        return crosses


def build_roster(
    proposals: Sequence[RosterProposal], judges: Sequence[RosterJudge], *, conflicts: Collection[tuple[str, str]] = ()
) -> Roster:
    """Code proposals and judges, sorted by name so that the order of a file has no effect.

    Parameters
    ----------
    proposals, judges : sequences
    conflicts : collection of (proposal, judge) names
        Pairs that must not be assigned.

    Raises
    ------
    ValueError
        When a name occurs twice, or a conflict has an unknown name.
    """
    proposals = sorted(proposals, key=lambda proposal: proposal.name)
    judges = sorted(judges, key=lambda judge: judge.name)
    proposal_code = {proposal.name: i for i, proposal in enumerate(proposals)}
    judge_code = {judge.name: j for j, judge in enumerate(judges)}
    if len(proposal_code) < len(proposals) or len(judge_code) < len(judges):
        raise ValueError("a proposal or a judge stands twice in the roster")
    cities = tuple(sorted(({proposal.city for proposal in proposals} | {judge.city for judge in judges}) - {""}))
    eligible = np.ones((len(proposals), len(judges)), dtype=bool)
    for j, judge in enumerate(judges):
        if judge.categories:
            eligible[:, j] &= [proposal.category in judge.categories for proposal in proposals]
        if judge.languages:
            eligible[:, j] &= [not proposal.language or proposal.language in judge.languages for proposal in proposals]
    for of_proposal, of_judge in conflicts:
        if of_proposal not in proposal_code or of_judge not in judge_code:
            raise ValueError(f"a conflict names {of_proposal!r} and {of_judge!r}, who are not both in the roster")
        eligible[proposal_code[of_proposal], judge_code[of_judge]] = False
    loads = [UNLIMITED if judge.max_load is None else judge.max_load for judge in judges]
    return Roster(
        proposals=tuple(proposal_code),
        judges=tuple(judge_code),
        cities=cities,
        proposal_city=_codes([proposal.city for proposal in proposals], cities),
        judge_city=_codes([judge.city for judge in judges], cities),
        category=tuple(proposal.category for proposal in proposals),
        eligible=eligible,
        max_load=np.array(loads, dtype=np.int64),
    )


def _codes(names: list[str], known: tuple[str, ...]) -> Ints:
    code = {name: number for number, name in enumerate(known)}
    return np.array([code.get(name, -1) for name in names], dtype=np.int64)
