"""The panel chair's pages: progress of the rounds, ranking, judges, and what the data can show."""

from judging.web.chair import (
    awards,
    conflicts,
    entered,
    judges,
    linkage,
    meeting,
    next_round,
    preflight,
    ranking,
    releases,
    rounds,
    rules,
    sensitivity,
    shortlist,
)
from judging.web.chair.blueprint import bp

__all__ = [
    "awards",
    "bp",
    "conflicts",
    "entered",
    "judges",
    "linkage",
    "meeting",
    "next_round",
    "preflight",
    "ranking",
    "releases",
    "rounds",
    "rules",
    "sensitivity",
    "shortlist",
]
