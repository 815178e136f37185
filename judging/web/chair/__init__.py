"""The panel chair's pages: progress of the rounds, ranking, judges, and what the data can show."""

from judging.web.chair import (
    appeals,
    entered,
    next_round,
    paper,
    practice,
    preflight,
    progress,
    releases,
    round_pages,
    rounds,
    rules,
)
from judging.web.chair.blueprint import bp
from judging.web.chair.decisions import awards, conflicts, meeting, meeting_item, shortlist
from judging.web.chair.pictures import page as pictures
from judging.web.chair.pitches import order_form, screen, stage
from judging.web.chair.results import judges, linkage, outside, ranking, sensitivity

__all__ = [
    "appeals",
    "awards",
    "bp",
    "conflicts",
    "entered",
    "judges",
    "linkage",
    "meeting",
    "meeting_item",
    "next_round",
    "order_form",
    "outside",
    "paper",
    "pictures",
    "practice",
    "preflight",
    "progress",
    "ranking",
    "releases",
    "round_pages",
    "rounds",
    "rules",
    "screen",
    "sensitivity",
    "shortlist",
    "stage",
]
