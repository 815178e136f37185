"""What could be released now, and what speaks against it."""

from __future__ import annotations

from sqlmodel import Session

from judging import tables
from judging.competition import CompetitionRules
from judging.errors import Listed, Message
from judging.services.access import Actor
from judging.services.decisions.proposals import named
from judging.services.releases.content import Content, content_of
from judging.services.runs import calibration_runs


def candidate_of(
    session: Session, actor: Actor, competition_row: tables.Competition, row: tables.Round, definition: CompetitionRules
) -> tuple[Content | None, tuple[Message, ...]]:
    """Return the content that could be released, and the reasons against it."""
    run = calibration_runs.latest_run(session, actor, competition_row.key, row.key)
    if run is None:
        return None, (
            Message("This round has not been calibrated yet: a chair calibrates it before anything is released."),
        )
    content = content_of(session, competition_row, row, definition, run)
    freshness = calibration_runs.freshness(session, run)
    obstacles = []
    if row.state != "closed":
        obstacles.append(Message("Scores can still come in: an organiser closes the round before its results go out."))
    obstacles += [
        Message("Run {number} is out of date; calibrate again first. {change}", number=run.number, change=change)
        for change in freshness.changes()
    ]
    if content["shortlist"]["tied"]:
        obstacles.append(
            Message(
                "People still have to choose between those who tie at the line: {proposals}.",
                proposals=Listed(named(session, competition_row.pk, content["shortlist"]["tied"])),
            )
        )
    return content, tuple(obstacles)
