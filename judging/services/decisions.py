"""Verdicts of the chairs on single proposals, and the shortlist that the rule and the verdicts make together.

A verdict is never a number: scores, ranks and the run stay as they are. ``in`` and ``out`` say that people decided;
``rule`` takes an earlier verdict back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.schemas.decisions import DecisionSchema, LeavingSchema, load
from judging.services import audit, results
from judging.services.access import Actor, get_round
from judging.services.conflicts import require_unhidden


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided on a proposal, why, when and by whom."""

    proposal: str
    verdict: str
    reason: str
    decided_at: datetime
    decided_by: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A proposal that the rule keeps or passes over for another reason than its rank; see `judging.shortlist.Move`."""

    proposal: str
    selected: bool
    clause: str
    group: str


@dataclass(frozen=True, kw_only=True)
class FinalShortlist:
    """The shortlist of a run after the decisions in force. Proposals by key.

    Attributes
    ----------
    size : int or None
        Seats by the rule; None without a rule.
    by_rule, selected : tuple of str
        Whom the rule keeps; whom rule and people keep. By rank.
    reserves : tuple of str
        In order. Whoever loses a tie at the line to others whom people chose comes first; whoever was decided out is
        none.
    tied : tuple of str
        Those between whom people still have to choose; all of them are among ``selected``.
    moved : mapping of str to Moved
    overridden : mapping of str to Verdict
        Verdicts in force.
    unmet, over_cap : tuple of str
        Cities and categories below their minimum or above their cap once the decisions count.
    cut_off : float or None
        Of the rule.
    """

    size: int | None = None
    by_rule: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()
    reserves: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    moved: Mapping[str, Moved] = field(default_factory=dict)
    overridden: Mapping[str, Verdict] = field(default_factory=dict)
    unmet: tuple[str, ...] = ()
    over_cap: tuple[str, ...] = ()
    cut_off: float | None = None

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left for people to choose."""
        return not self.tied

    @property
    def n_free(self) -> int:
        """Return how many seats are free; below zero when more are kept than there are seats."""
        return 0 if self.size is None else self.size - len(self.selected)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data that JSON can hold."""
        return {
            "size": self.size,
            "by_rule": list(self.by_rule),
            "selected": list(self.selected),
            "reserves": list(self.reserves),
            "tied": list(self.tied),
            "moved": [asdict(one) for one in self.moved.values()],
            "overridden": [
                {**asdict(one), "decided_at": one.decided_at.isoformat()} for one in self.overridden.values()
            ],
            "unmet": list(self.unmet),
            "over_cap": list(self.over_cap),
            "cut_off": self.cut_off,
        }


def list_decisions(session: Session, round_row: tables.Round) -> list[Verdict]:
    """Return every verdict ever given in a round, oldest first."""
    rows = session.exec(
        select(tables.Decision, tables.Proposal.key, tables.Person.name)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Decision.proposal_id))
        .join(tables.Person, col(tables.Person.id) == col(tables.Decision.decided_by))
        .where(tables.Decision.round_id == round_row.id)
        .order_by(col(tables.Decision.id))
    ).all()
    return [Verdict(key, row.verdict, row.reason, row.decided_at, name) for row, key, name in rows]


def decisions_in_force(session: Session, round_row: tables.Round) -> dict[str, Verdict]:
    """Return the latest verdict on each proposal that people decided, by key; taken-back ones are gone."""
    latest = {one.proposal: one for one in list_decisions(session, round_row)}
    return {key: one for key, one in sorted(latest.items()) if one.verdict != "rule"}


def decide(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    proposal_key: str,
    *,
    verdict: str,
    reason: str,
    at: datetime,
) -> tables.Decision:
    """Append a verdict on a proposal.

    Raises
    ------
    NotAllowed
        When the actor is no chair, or declared a conflict of interest with the proposal.
    InvalidInput
        Without a reason, or with a verdict that is none.
    Conflict
        When the round has no ranking yet, or there is no verdict to take back.
    """
    typed = load(DecisionSchema, {"proposal": proposal_key, "verdict": verdict, "reason": reason})
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    proposal = _proposal_to_decide(session, actor, round_row, proposal_key)
    latest = session.exec(
        select(tables.Decision)
        .where(tables.Decision.round_id == round_row.id, tables.Decision.proposal_id == proposal.id)
        .order_by(col(tables.Decision.id).desc())
    ).first()
    if typed["verdict"] == "rule" and (latest is None or latest.verdict == "rule"):
        raise Conflict(Message("Nothing was decided on {proposal}: the rule decides already.", proposal=proposal.key))
    # A double click says nothing new.
    if latest is not None and (latest.verdict, latest.reason) == (typed["verdict"], typed["reason"]):
        return latest
    decision = tables.Decision(
        round_id=round_row.id or 0,
        proposal_id=proposal.id or 0,
        verdict=typed["verdict"],
        reason=typed["reason"],
        decided_at=at,
        decided_by=actor.person_id or 0,
    )
    session.add(decision)
    session.flush()
    audit.record(
        session,
        actor,
        "decision.made",
        f"{competition_row.key}/{round_row.key} {proposal.key}",
        at=at,
        competition_id=competition_row.id,
        detail={"verdict": decision.verdict, "reason": decision.reason},
    )
    return decision


def replace_by_reserve(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    proposal_key: str,
    *,
    reason: str,
    at: datetime,
) -> str:
    """Decide a shortlisted proposal out and the first reserve in, for one reason; return the reserve's key."""
    typed = load(LeavingSchema, {"proposal": proposal_key, "reason": reason})
    _, round_row = get_round(session, actor, competition_key, round_key, "chair")
    run = results.latest_run(session, actor, competition_key, round_key)
    final = final_shortlist(session, round_row, run)
    if typed["proposal"] not in final.selected:
        raise Conflict(Message("{proposal} is not on the shortlist.", proposal=proposal_key))
    if not final.reserves:
        raise Conflict(Message("There is no reserve to move up."))
    reserve = final.reserves[0]
    for key, verdict in ((proposal_key, "out"), (reserve, "in")):
        decide(session, actor, competition_key, round_key, key, verdict=verdict, reason=typed["reason"], at=at)
    return reserve


def final_shortlist(session: Session, round_row: tables.Round, run: tables.CalibrationRun | None) -> FinalShortlist:
    """Return the shortlist of a run with the decisions in force now."""
    in_force = decisions_in_force(session, round_row)
    if run is None:
        return FinalShortlist(selected=tuple(k for k, v in in_force.items() if v.verdict == "in"), overridden=in_force)
    return settle(run.result, run.settings["shortlist"], in_force)


def settle(
    result: Mapping[str, Any], rule: Mapping[str, Any] | None, in_force: Mapping[str, Verdict]
) -> FinalShortlist:
    """Join a run's shortlist with verdicts.

    Parameters
    ----------
    result : mapping
        Of a calibration run.
    rule : mapping or None
        The shortlist rule in the run's settings.
    in_force : mapping of str to Verdict
    """
    entries = {row["proposal"]: row for row in result["proposals"]}
    chosen = {key for key, one in in_force.items() if one.verdict == "in"}
    barred = {key for key, one in in_force.items() if one.verdict == "out"}
    by_rule = result.get("shortlist")
    if by_rule is None or rule is None:
        return FinalShortlist(selected=_by_rank(chosen, entries), overridden=in_force)
    size: int = rule["size"]
    kept = (set(by_rule["selected"]) | chosen) - barred
    undecided = set(by_rule["tied_at_line"]) & kept - chosen
    n_left = size - len(kept - undecided)
    # People who put some of those who tie on the list have chosen between them: the rest follow as reserves. A verdict
    # on somebody else never drops anybody.
    has_lost = n_left <= 0 and bool(chosen & set(by_rule["tied_at_line"]))
    lost = undecided if has_lost else set()
    kept -= lost
    reserves = [*_by_rank(lost, entries), *(key for key in by_rule["reserves"] if key not in kept | barred)]
    return FinalShortlist(
        size=size,
        by_rule=tuple(by_rule["selected"]),
        selected=_by_rank(kept, entries),
        reserves=tuple(reserves[: rule["reserves"]]),
        tied=() if has_lost or len(kept) <= size else _by_rank(undecided, entries),
        moved={move["proposal"]: Moved(**move) for move in by_rule["moves"]},
        overridden=in_force,
        unmet=_outside(kept, entries, rule, "minimum"),
        over_cap=_outside(kept, entries, rule, "cap"),
        cut_off=by_rule["cut_off"],
    )


def _by_rank(keys: Iterable[str], entries: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    def place(key: str) -> tuple[bool, int, str]:
        rank = entries.get(key, {}).get("rank")
        return rank is None, rank or 0, key

    return tuple(sorted(keys, key=place))


def _outside(
    kept: Iterable[str], entries: Mapping[str, Mapping[str, Any]], rule: Mapping[str, Any], bound: str
) -> tuple[str, ...]:
    """Name the cities and categories below their minimum or above their cap."""
    kept, found = list(kept), []
    for family in ("city", "category"):
        count = Counter(entries.get(key, {}).get(family) for key in kept)
        for name, number in rule[f"{family}_{bound}"].items():
            if (count[name] < number) if bound == "minimum" else (count[name] > number):
                found.append(name)
    return tuple(found)


def _proposal_to_decide(session: Session, actor: Actor, round_row: tables.Round, proposal_key: str) -> tables.Proposal:
    proposal = session.exec(
        select(tables.Proposal)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .where(tables.RoundProposal.round_id == round_row.id, tables.Proposal.key == proposal_key)
    ).one_or_none()
    if proposal is None:
        raise NotFound(Message("This round has no proposal {proposal}.", proposal=proposal_key))
    if actor.person_id is None:
        raise Conflict(Message("A decision carries the name of the person who made it: sign in as a chair."))
    require_unhidden(session, actor, round_row.competition_id, proposal.key)
    n_runs = session.exec(
        select(func.count(col(tables.CalibrationRun.id))).where(tables.CalibrationRun.round_id == round_row.id)
    ).one()
    if not n_runs:
        raise Conflict(Message("This round has not been calibrated yet: there is no ranking to decide on."))
    return proposal
