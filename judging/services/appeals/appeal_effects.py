"""Whether a further scoresheet could change a decision at all: refits with every total that a judge could give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlmodel import Session, select

from judging import progress, tables
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.report.whole import Report
from judging.competition import RoundRules
from judging.errors import Conflict, Message
from judging.final_shortlist import Verdict, settle
from judging.schemas.appeals import AppealJudgeSchema
from judging.schemas.typed_decisions import load
from judging.services import audit
from judging.services.access import Actor, get_round, require_person
from judging.services.appeals.appeals import ENTERERS, get_appeal, require_open
from judging.services.competitions.definitions import rules_of
from judging.services.decisions.verdicts import decisions_in_force
from judging.services.jobs.job_requests import request_job
from judging.services.runs import calibration_runs
from judging.services.runs.carried_over import carried_for
from judging.services.runs.inputs import collect_ratings

# Only ranks and shortlist are read. Draws are needed for intervals and take most of the time of a calibration.
_FEW_DRAWS = 100
_MOST_STEPS = 41


@dataclass(frozen=True, eq=False, kw_only=True)
class CollectedAppeal:
    """What the effect of a further scoresheet is computed from; no rows of the database."""

    competition_key: str
    round_key: str
    number: int
    judge: str
    proposal: str
    rules: RoundRules
    ratings: Ratings
    carried: Carried | None
    decisions: Mapping[str, Verdict]


def request_effect(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    number: int,
    typed: dict[str, Any],
    *,
    at: datetime,
) -> tables.Job:
    """Ask what a further scoresheet of a judge could change; see `effect_of`."""
    request = load(AppealJudgeSchema, typed)
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *ENTERERS)
    require_open(get_appeal(session, actor, competition_key, round_key, number))
    asked = {"competition": competition_key, "round": round_key, "appeal": number, "judge": request["judge"]}
    return request_job(
        session, actor, "appeal_effect", competition=competition_row, round_row=round_row, request=asked, at=at
    )


def collect_effect(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int, judge: str
) -> CollectedAppeal:
    """Return what the effect is computed from; a reading session is enough.

    Raises
    ------
    Conflict
        When the judge has no scoresheet in this round: nothing is known of the severity.
    """
    _, round_row = get_round(session, actor, competition_key, round_key, *ENTERERS)
    appeal = get_appeal(session, actor, competition_key, round_key, number)
    rules = rules_of(round_row)
    ratings = collect_ratings(session, round_row, rules=rules)
    if judge not in ratings.judges or not ratings.n_sheets_of_judge[ratings.judges.index(judge)]:
        raise Conflict(
            Message("{judge} has no scoresheet in this round: how strict this judge is, nobody knows.", judge=judge)
        )
    return CollectedAppeal(
        competition_key=competition_key,
        round_key=round_key,
        number=number,
        judge=judge,
        proposal=appeal.proposal,
        rules=rules,
        ratings=ratings,
        carried=carried_for(session, round_row, rules, proposals=ratings.proposals),
        decisions=decisions_in_force(session, round_row),
    )


def effect_of(collected: CollectedAppeal) -> dict[str, Any]:
    """Refit with one further scoresheet that has the lowest and the highest marks, and find where the list changes.

    All criteria have the same share of their scale. More marks never take a proposal off the list, so the totals in
    between are searched by halving.

    Returns
    -------
    effect : dict
        ``is_listed``: on the list with the present scores. ``threshold``: the smallest total on 0..100 with which it is
        on the list; None when none is. ``lowest`` and ``highest``: the totals that were tried at the ends.
        ``rank``, ``rank_at_lowest``, ``rank_at_highest``. ``is_decided``: whether people have decided on it.
    """
    totals = _totals(collected.ratings)
    reports: dict[int, Report] = {}

    def listed_with(step: int) -> bool:
        progress.advance(Message("Fitting the model"), len(reports), 10)
        reports[step] = _report(collected, _with_sheet(collected, step, len(totals)))
        return _is_listed(collected, reports[step])

    present = _report(collected, collected.ratings)
    last = len(totals) - 1
    at_lowest, at_highest = listed_with(0), listed_with(last)
    first = 0 if at_lowest else last if at_highest else None
    if at_highest and not at_lowest:
        below, first = 0, last
        while first - below > 1:
            middle = (below + first) // 2
            if listed_with(middle):
                first = middle
            else:
                below = middle
    return {
        "is_listed": _is_listed(collected, present),
        "threshold": None if first is None else totals[first],
        "lowest": totals[0],
        "highest": totals[last],
        "rank": _rank(collected, present),
        "rank_at_lowest": _rank(collected, reports[0]),
        "rank_at_highest": _rank(collected, reports[last]),
        "is_decided": collected.proposal in collected.decisions,
        "has_list": present.shortlist is not None or bool(collected.decisions),
    }


def store_effect(
    session: Session, actor: Actor, collected: CollectedAppeal, effect: dict[str, Any], *, at: datetime
) -> None:
    """Keep what was computed, with its entry in the audit log; the caller commits."""
    where = collected.competition_key, collected.round_key
    competition_row, round_row = get_round(session, actor, *where, *ENTERERS)
    appeal = get_appeal(session, actor, *where, collected.number)
    person = require_person(actor, Message("An appeal records who did what: sign in."))
    judge = session.exec(
        select(tables.Judge).where(
            tables.Judge.competition_id == competition_row.id, tables.Judge.key == collected.judge
        )
    ).one()
    session.add(
        tables.AppealEffect(
            appeal_id=appeal.row.pk, judge_id=judge.pk, content=effect, computed_at=at, computed_by=person
        )
    )
    session.flush()
    subject = f"appeal {collected.number} {collected.proposal}"
    detail = {"judge": collected.judge, "is_listed": effect["is_listed"], "threshold": effect["threshold"]}
    audit.record_in_round(session, actor, "appeal.computed", competition_row, round_row, subject, at=at, detail=detail)


def _n_steps(ratings: Ratings) -> int:
    counts = np.rint((ratings.maximum - ratings.minimum) / ratings.step).astype(int) + 1
    return int(min(max(int(counts.min()), 2), _MOST_STEPS))


def _marks(ratings: Ratings, step: int, n_steps: int) -> Floats:
    """Return the mark on each criterion at a share of its scale, a value of the scale."""
    share = step / (n_steps - 1)
    steps = np.rint(share * (ratings.maximum - ratings.minimum) / ratings.step)
    return np.asarray(ratings.minimum + steps * ratings.step)


def _totals(ratings: Ratings) -> list[float]:
    """Return the total on 0..100 at each step, rising."""
    n_steps = _n_steps(ratings)
    spread = ratings.maximum - ratings.minimum
    return [
        round(float((ratings.weights * (_marks(ratings, step, n_steps) - ratings.minimum) / spread).sum() * 100), 6)
        for step in range(n_steps)
    ]


def _with_sheet(collected: CollectedAppeal, step: int, n_steps: int) -> Ratings:
    ratings = collected.ratings
    proposal = np.append(ratings.proposal, ratings.proposals.index(collected.proposal))
    judge = np.append(ratings.judge, ratings.judges.index(collected.judge))
    score = np.vstack([ratings.score, _marks(ratings, step, n_steps)])
    scored_at = np.append(ratings.scored_at, np.nan)
    order = np.lexsort((judge, proposal))
    return replace(
        ratings, proposal=proposal[order], judge=judge[order], score=score[order], scored_at=scored_at[order]
    )


def _report(collected: CollectedAppeal, ratings: Ratings) -> Report:
    settings = replace(calibration_runs.settings_of(collected.rules), n_draws=_FEW_DRAWS)
    return calibration_runs.report_on(ratings, settings, carried=collected.carried)


def _is_listed(collected: CollectedAppeal, report: Report) -> bool:
    return collected.proposal in settle(report, collected.decisions).selected


def _rank(collected: CollectedAppeal, report: Report) -> int | None:
    return next((row.rank for row in report.proposals if row.proposal == collected.proposal), None)
