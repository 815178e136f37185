"""Suggestions of further scoresheets where they improve the shortlist most, within the limits of the sealed rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from sqlmodel import Session, col, select

from judging import tables
from judging.assignment.next_assignments import Suggestion, next_assignments
from judging.assignment.scoresheet_noise import scoresheet_noise
from judging.calibration.ratings import Floats
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.whole import Report
from judging.competition import digest_of
from judging.errors import Message
from judging.round_policies import ReadingPolicy
from judging.services.access import READERS, Actor, get_round
from judging.services.assignments.panels import Panel, panel_of
from judging.services.competitions.definitions import rules_of
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.decisions.verdicts import decisions_in_force
from judging.services.runs import calibration_runs
from judging.services.runs.reports import report_of
from judging.services.scoresheets.versions import counts_in_results

MOST_SUGGESTED = 8
# Maximum difference between a judge's load and that of the least loaded judge who could score the proposal.
_SLACK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Further scoresheets of the whole round.

    Attributes
    ----------
    policy : ReadingPolicy
    n_used : int
        Number of assignments beyond those that every proposal gets.
    """

    policy: ReadingPolicy
    n_used: int

    @property
    def n_left(self) -> int:
        """Return how many more the rules allow."""
        return max(self.policy.extra - self.n_used, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherReadings:
    """The further assignments that are possible now.

    Attributes
    ----------
    budget : Budget
    suggestions : tuple of Suggestion
        Best first.
    judges, titles : mappings of key to name or title
    obstacle : Message or None
        Why nothing can be assigned.
    basis : str
        Digest of what the suggestions were computed from.
    """

    budget: Budget
    suggestions: tuple[Suggestion, ...] = ()
    judges: dict[str, str]
    titles: dict[str, str]
    obstacle: Message | None = None
    basis: str = ""


def suggest(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, n: int = MOST_SUGGESTED
) -> FurtherReadings:
    """Return the further assignments that improve the shortlist most, or why none is possible.

    Proposals that are hidden from the actor because of a conflict of interest are skipped, and those on which people
    have decided.
    """
    return suggestions_from(collect_state(session, actor, competition_key, round_key), n=n)


@dataclass(frozen=True, eq=False, kw_only=True)
class ReadingsState:
    """What further assignments are computed from.

    Attributes
    ----------
    state, rules_digest : str
        Of the round.
    policy : ReadingPolicy
    panel : Panel
    run_number : int or None
    report : Report or None
        Of the newest run that follows the rules.
    submitted : frozenset of pairs (proposal, judge)
    hidden : frozenset of str
    decided : frozenset of str
        Proposals on which people have decided: no scoresheet can change that.
    """

    state: str
    rules_digest: str
    policy: ReadingPolicy
    panel: Panel
    run_number: int | None
    report: Report | None
    submitted: frozenset[tuple[str, str]]
    hidden: frozenset[str]
    decided: frozenset[str]

    @property
    def digest(self) -> str:
        """Return a digest of everything that decides what is suggested."""
        panel = self.panel
        return digest_of(
            {
                "round": [self.state, self.rules_digest, self.run_number],
                "assigned": sorted(map(list, panel.assigned)),
                "submitted": sorted(map(list, self.submitted)),
                "hidden": sorted(self.hidden),
                "decided": sorted(self.decided),
                "roster": [list(panel.roster.proposals), list(panel.roster.judges), panel.roster.max_load.tolist()],
                "eligible": panel.roster.eligible.tobytes().hex(),
            }
        )


def collect_state(session: Session, actor: Actor, competition_key: str, round_key: str) -> ReadingsState:
    """Return what further assignments are computed from."""
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    run = calibration_runs.latest_run(session, actor, competition_key, round_key)
    return ReadingsState(
        state=round_row.state,
        rules_digest=round_row.digest,
        policy=rules_of(round_row).readings,
        panel=panel_of(session, competition_row, round_row),
        run_number=None if run is None else run.number,
        report=None if run is None else report_of(run),
        submitted=_submitted(session, round_row),
        hidden=hidden_proposals(session, actor, competition_row.pk),
        decided=frozenset(decisions_in_force(session, round_row)),
    )


def suggestions_from(state: ReadingsState, *, n: int = MOST_SUGGESTED) -> FurtherReadings:
    """Return the further assignments that improve the shortlist most; no database is needed."""
    policy, panel, report = state.policy, state.panel, state.report
    count = Counter(proposal for proposal, _ in panel.assigned)
    n_used = sum(max(number - policy.per_proposal, 0) for number in count.values())
    nothing = FurtherReadings(
        budget=Budget(policy=policy, n_used=n_used),
        judges={key: judge.name for key, judge in panel.judges.items()},
        titles=dict(panel.titles),
        basis=state.digest,
    )
    obstacle = _obstacle(state.state, nothing.budget, report)
    if obstacle is not None or report is None:
        return replace(nothing, obstacle=obstacle)
    waiting = {proposal for proposal, _ in panel.assigned - state.submitted}
    roster = panel.roster
    left_out = waiting | state.hidden | state.decided
    excluded = np.array([key in left_out for key in roster.proposals], dtype=bool)
    roster = replace(roster, eligible=roster.eligible & ~excluded[:, None])
    by_key = {row.proposal: row for row in report.proposals}
    rows = [by_key.get(key, ProposalResult(proposal=key)) for key in roster.proposals]
    p_shortlist = _column(row.p_shortlist for row in rows)
    error = _column(row.standard_error if report.carried is None else row.combined_standard_error for row in rows)
    try:
        noise = scoresheet_noise(report, roster.judges)
    except ValueError:
        noise = None
    if noise is None or np.isnan(p_shortlist).all():
        return replace(
            nothing,
            obstacle=Message("This run has no uncertainty of its scores, so no further scoresheet can be preferred."),
        )
    suggestions = next_assignments(
        roster,
        p_shortlist=p_shortlist,
        error=np.nan_to_num(error),
        noise=noise,
        done=sorted(panel.assigned),
        n=min(n, nothing.budget.n_left),
        most=policy.maximum,
        slack=_SLACK,
        once=True,
    )
    # An assignment that cannot change the shortlist is not worth a judge's time.
    useful = tuple(suggestion for suggestion in suggestions if suggestion.gain > 0)
    least = policy.stop_below
    worthwhile = useful if least is None else tuple(one for one in useful if 100.0 * one.change >= least)
    obstacle = None
    if not worthwhile:
        obstacle = _stopped(least) if useful and least is not None else _nothing_suggested(waiting)
    return replace(nothing, suggestions=worthwhile, obstacle=obstacle)


def _stopped(least: float) -> Message:
    return Message(
        "Each further scoresheet would change the shortlist with a probability below {percent} %: by the sealed rules "
        "no more are asked for.",
        percent=f"{least:g}",
    )


def _obstacle(state: str, budget: Budget, report: Report | None) -> Message | None:
    if not budget.policy.extra:
        return Message("The sealed rules of this round allow no further scoresheets of single proposals.")
    if state != "open":
        return Message("Further scoresheets can be asked for while the round is open.")
    if not budget.n_left:
        return Message(
            "All {extra} further scoresheets that the sealed rules allow are used.", extra=budget.policy.extra
        )
    if report is None:
        return Message("Calibrate the round first: the ranking shows where a further scoresheet would help.")
    if report.shortlist is None:
        return Message("This round has no shortlist, so no further scoresheet can change one.")
    return None


def _column(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _nothing_suggested(waiting: set[str]) -> Message:
    if waiting:
        return Message(
            "No further scoresheet can be suggested now: {n} proposals still wait for one that is asked for.",
            n=len(waiting),
        )
    return Message("No judge is free and eligible for a scoresheet that could change the shortlist.")


def _submitted(session: Session, round_row: tables.Round) -> frozenset[tuple[str, str]]:
    """Return the pairs (proposal, judge) whose newest scoresheet is submitted, as keys."""
    return frozenset(
        session.exec(
            select(tables.Proposal.key, tables.Judge.key)
            .select_from(tables.Assignment)
            .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
            .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
            .join(tables.Scoresheet, col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id))
            .where(
                tables.Assignment.round_id == round_row.id,
                counts_in_results(),
            )
        )
    )
