"""A judge's pages: queue, scoresheet and its versions, own scores in one table, work without a connection."""

from judging.web.judge import (
    calendar_file,
    excel,
    giving_back,
    mirror,
    offline,
    own_conflicts,
    own_scores,
    queue,
    rubric_page,
    scoresheet,
    start,
    two_versions,
    versions,
)
from judging.web.judge.blueprint import bp
from judging.web.judge.stage import on_stage

__all__ = [
    "bp",
    "calendar_file",
    "excel",
    "giving_back",
    "mirror",
    "offline",
    "on_stage",
    "own_conflicts",
    "own_scores",
    "queue",
    "rubric_page",
    "scoresheet",
    "start",
    "two_versions",
    "versions",
]
