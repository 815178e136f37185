"""The mirror: how a judge's own scores compare with the panel, for this judge only, and never anybody's scores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from judging.calibration.diagnostics.judge_sentences import FEWEST
from judging.calibration.report.judges import JudgeResult
from judging.services.access import Actor, get_round
from judging.services.competitions.definitions import rules_of
from judging.services.runs import calibration_runs
from judging.services.runs.reports import report_of
from judging.services.scoresheets.scoring import get_judge

FEWEST_JUDGES = 5
"""In a smaller panel the difference from the panel would tell what single other judges gave."""

Obstacle = Literal["policy", "open", "no-run", "model", "few"]


@dataclass(frozen=True, slots=True)
class Mirror:
    """A judge's own row of the newest run of a closed round.

    Attributes
    ----------
    judge : JudgeResult or None
        None when there is an obstacle.
    level : float
        Coverage probability of its intervals.
    computed_at : datetime or None
    obstacle : str or None
        Why there is nothing to show: the rules do not allow it, the round is not closed, nothing is calibrated, the
        model has no severity, or there are too few scoresheets or judges.
    """

    judge: JudgeResult | None
    level: float
    computed_at: datetime | None
    obstacle: Obstacle | None


def own_mirror(session: Session, actor: Actor, competition_key: str, round_key: str) -> Mirror:
    """Return the actor's own mirror in a round; only judges have one."""
    _, round_row = get_round(session, actor, competition_key, round_key, "judge")
    judge = get_judge(session, actor, round_row.competition_id)
    rules = rules_of(round_row)
    level = rules.calibration.interval
    if not rules.privacy.mirror:
        return Mirror(None, level, None, "policy")
    # While the round is open nobody may learn how others have scored.
    if round_row.state != "closed":
        return Mirror(None, level, None, "open")
    run = calibration_runs.latest_of(session, round_row, calibration_runs.runs_of(session, round_row))
    if run is None:
        return Mirror(None, level, None, "no-run")
    listed = [row for row in report_of(run).judges if row.n_sheets]
    own = next((row for row in listed if row.judge == judge.key), None)
    if own is None or own.n_sheets < FEWEST or len(listed) < FEWEST_JUDGES:
        return Mirror(None, level, None, "few")
    if own.severity is None:
        return Mirror(None, level, None, "model")
    return Mirror(own, run.settings["interval"], run.created_at, None)
