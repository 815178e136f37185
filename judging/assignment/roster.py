"""Proposals and judges as a plan sees them: who may read what, and how much."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A judge as a plan needs one.

    Attributes
    ----------
    name, city : str
        ``city`` may be empty when unknown.
    categories, languages : collections of str
        What this judge reads; empty means everything.
    max_load : int or None
        Most sheets this judge takes in the round.
    """

    name: str
    city: str = ""
    categories: Collection[str] = ()
    languages: Collection[str] = ()
    max_load: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A proposal as a plan needs one; ``language`` empty means that any judge can read it."""

    name: str
    city: str = ""
    category: str = ""
    language: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Roster:
    """Everything a plan must respect, integer-coded.

    Attributes
    ----------
    proposals, judges, cities : tuple of str
    proposal_city : ndarray of shape (n_proposals,)
    judge_city : ndarray of shape (n_judges,)
        Codes into ``cities``, -1 when unknown.
    category : tuple of str
        Of each proposal, to spread cross-city readings evenly.
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

    @property
    def crosses(self) -> Bools:
        """Whether a reading would cross cities, of shape (n_proposals, n_judges); unknown cities never do."""
        proposal, judge = self.proposal_city[:, None], self.judge_city[None, :]
        crosses: Bools = (proposal != judge) & (proposal >= 0) & (judge >= 0)
        return crosses


def build_roster(
    papers: Sequence[Paper], readers: Sequence[Reader], *, conflicts: Collection[tuple[str, str]] = ()
) -> Roster:
    """Code proposals and judges, sorted by name so that the order of a file changes nothing.

    Parameters
    ----------
    papers, readers : sequences
    conflicts : collection of (proposal, judge) names
        Pairs that must never meet.

    Raises
    ------
    ValueError
        When a name stands twice or a conflict names nobody.
    """
    papers = sorted(papers, key=lambda paper: paper.name)
    readers = sorted(readers, key=lambda reader: reader.name)
    proposal_code = {paper.name: i for i, paper in enumerate(papers)}
    judge_code = {reader.name: j for j, reader in enumerate(readers)}
    if len(proposal_code) < len(papers) or len(judge_code) < len(readers):
        raise ValueError("a proposal or a judge stands twice in the roster")
    cities = tuple(sorted(({paper.city for paper in papers} | {reader.city for reader in readers}) - {""}))
    eligible = np.ones((len(papers), len(readers)), dtype=bool)
    for j, reader in enumerate(readers):
        if reader.categories:
            eligible[:, j] &= [paper.category in reader.categories for paper in papers]
        if reader.languages:
            eligible[:, j] &= [not paper.language or paper.language in reader.languages for paper in papers]
    for proposal, judge in conflicts:
        if proposal not in proposal_code or judge not in judge_code:
            raise ValueError(f"a conflict names {proposal!r} and {judge!r}, who are not both in the roster")
        eligible[proposal_code[proposal], judge_code[judge]] = False
    loads = [UNLIMITED if reader.max_load is None else reader.max_load for reader in readers]
    return Roster(
        proposals=tuple(proposal_code),
        judges=tuple(judge_code),
        cities=cities,
        proposal_city=_codes([paper.city for paper in papers], cities),
        judge_city=_codes([reader.city for reader in readers], cities),
        category=tuple(paper.category for paper in papers),
        eligible=eligible,
        max_load=np.array(loads, dtype=np.int64),
    )


def _codes(names: list[str], known: tuple[str, ...]) -> Ints:
    code = {name: number for number, name in enumerate(known)}
    return np.array([code.get(name, -1) for name in names], dtype=np.int64)
