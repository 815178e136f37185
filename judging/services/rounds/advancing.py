"""From one round into the next: the shortlist of the release in force, shown as a difference before it is applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from judging import tables
from judging.competition import digest_of
from judging.errors import Conflict, Message, NotFound
from judging.services import audit
from judging.services.access import READERS, Actor, get_competition
from judging.services.assignments.assigning import withdraw_by_plan
from judging.services.competitions import list_rounds
from judging.services.runs.carried_over import find_released

ADVANCERS = ("chair", "organiser")


@dataclass(frozen=True, slots=True)
class Other:
    """A proposal that is in the next round and not on the shortlist; once scored there, it stays."""

    key: str
    title: str
    n_sheets: int

    @property
    def is_removable(self) -> bool:
        """Tell whether nobody has scored it there yet."""
        return self.n_sheets == 0


@dataclass(frozen=True, kw_only=True)
class Advance:
    """What would change in the next round.

    Attributes
    ----------
    before, after : tables.Round
    release : int or None
        Number of the release in force.
    entering, present : tuple of (key, title)
        Shortlisted proposals that would enter, and those that are there.
    others : tuple of Other
    obstacle : Message or None
        Why nothing can be applied.
    digest : str
        Of release and difference: applied as it was shown, or not at all.
    """

    before: tables.Round
    after: tables.Round
    release: int | None = None
    entering: tuple[tuple[str, str], ...] = ()
    present: tuple[tuple[str, str], ...] = ()
    others: tuple[Other, ...] = ()
    obstacle: Message | None = None
    digest: str = ""


def find_next(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> tables.Round | None:
    """Return the round after this one."""
    rounds = list_rounds(session, competition_row)
    return next((one for one in rounds if one.position > round_row.position), None)


def find_previous(
    session: Session, competition_row: tables.Competition, round_row: tables.Round
) -> tables.Round | None:
    """Return the round before this one."""
    rounds = list_rounds(session, competition_row)
    return next((one for one in reversed(rounds) if one.position < round_row.position), None)


def propose_advance(session: Session, actor: Actor, competition_key: str, from_round: str, to_round: str) -> Advance:
    """Return what advancing would change, without changing anything."""
    competition_row, before, after = _rounds(session, actor, competition_key, from_round, to_round, *READERS)
    return _proposed(session, competition_row, before, after)


def advance(
    session: Session,
    actor: Actor,
    competition_key: str,
    from_round: str,
    to_round: str,
    *,
    digest: str,
    remove: Collection[str] = (),
    at: datetime,
) -> Advance:
    """Let the released shortlist of one round enter a later one; return what changed.

    Doing it again changes nothing. Panels, assignments and rules of the later round are its own.

    Parameters
    ----------
    session : Session
    actor : Actor
        A chair or an organiser.
    competition_key, from_round, to_round : str
    digest : str
        Of the difference that was shown.
    remove : collection of str
        Keys of proposals to take out of the later round; only such as are not on the shortlist and not scored there.
    at : datetime

    Raises
    ------
    Conflict
        Without a release in force, when the later round is closed, or when the difference is no longer what was shown.
    """
    competition_row, before, after = _rounds(session, actor, competition_key, from_round, to_round, *ADVANCERS)
    # Judges who save hold a shared lock: nobody scores a proposal while it is taken out.
    session.refresh(after, with_for_update=True)
    proposed = _proposed(session, competition_row, before, after)
    if proposed.obstacle is not None:
        raise Conflict(proposed.obstacle)
    if proposed.digest != digest:
        raise Conflict(
            Message("What would change has changed since it was shown. Look at it again before you apply it.")
        )
    staying = [other.key for other in proposed.others if other.key in remove and not other.is_removable]
    unknown = set(remove) - {other.key for other in proposed.others}
    if staying or unknown:
        raise Conflict(
            Message(
                "{proposals} cannot be taken out: only what is not shortlisted and not scored yet can.",
                proposals=", ".join(sorted({*staying, *unknown})),
            )
        )
    if not proposed.entering and not remove:
        return proposed
    ids = _ids(session, competition_row, {key for key, _ in proposed.entering} | set(remove))
    for key, _ in proposed.entering:
        session.add(tables.RoundProposal(round_id=after.pk, proposal_id=ids[key]))
    _take_out(session, after, [ids[key] for key in remove])
    session.flush()
    detail: dict[str, Any] = {
        "from": before.key,
        "release": proposed.release,
        "entered": [key for key, _ in proposed.entering],
        "removed": sorted(remove),
    }
    audit.record_in_round(
        session,
        actor,
        "round.advanced",
        competition_row,
        after,
        at=at,
        detail=detail,
    )
    return proposed


def _rounds(
    session: Session, actor: Actor, competition_key: str, from_round: str, to_round: str, *roles: str
) -> tuple[tables.Competition, tables.Round, tables.Round]:
    competition_row = get_competition(session, actor, competition_key, *roles)
    rounds = {round_row.key: round_row for round_row in list_rounds(session, competition_row)}
    before, after = rounds.get(from_round), rounds.get(to_round)
    if before is None or after is None or before.position >= after.position:
        raise NotFound
    return competition_row, before, after


def _proposed(
    session: Session, competition_row: tables.Competition, before: tables.Round, after: tables.Round
) -> Advance:
    titles = dict(
        session.exec(
            select(tables.Proposal.key, tables.Proposal.title).where(
                tables.Proposal.competition_id == competition_row.id
            )
        ).all()
    )
    there = set(
        session.exec(
            select(tables.Proposal.key)
            .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
            .where(tables.RoundProposal.round_id == after.id)
        )
    )
    released = find_released(session, competition_row, before)
    if released is None:
        obstacle = Message("Round {round} has not been released. Its shortlist enters once it is.", round=before.key)
        return Advance(before=before, after=after, obstacle=obstacle)
    selected: list[str] = released.release.content["shortlist"]["selected"]
    scored = _n_sheets(session, after)
    entering = tuple((key, titles.get(key, key)) for key in selected if key not in there)
    others = tuple(Other(key, titles[key], scored[key]) for key in sorted(there - set(selected)))
    found: Message | None = None
    if after.state == "closed":
        found = Message("Round {round} is closed; reopen it first.", round=after.key)
    elif not selected:
        found = Message("The release of round {round} selects no proposal.", round=before.key)
    return Advance(
        before=before,
        after=after,
        release=released.release.number,
        entering=entering,
        present=tuple((key, titles.get(key, key)) for key in selected if key in there),
        others=others,
        obstacle=found,
        digest=digest_of(
            {
                "release": released.release.digest,
                "entering": [key for key, _ in entering],
                "others": [[other.key, other.n_sheets] for other in others],
            }
        ),
    )


def _n_sheets(session: Session, round_row: tables.Round) -> Counter[str]:
    """Count the assignments of each proposal in a round that anybody has begun to score, in whatever state."""
    return Counter(
        dict(
            session.exec(
                select(tables.Proposal.key, func.count(func.distinct(tables.Assignment.id)))
                .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
                .join(tables.Scoresheet, col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id))
                .where(tables.Assignment.round_id == round_row.id)
                .group_by(tables.Proposal.key)
            ).all()
        )
    )


def _ids(session: Session, competition_row: tables.Competition, keys: Collection[str]) -> dict[str, int]:
    proposals = session.exec(
        select(tables.Proposal).where(
            tables.Proposal.competition_id == competition_row.id, col(tables.Proposal.key).in_(keys)
        )
    ).all()
    return {proposal.key: proposal.pk for proposal in proposals}


def _take_out(session: Session, round_row: tables.Round, proposals: Collection[int]) -> None:
    """End the part of proposals in a round, and the assignments that nobody has begun."""
    for assignment in session.exec(
        select(tables.Assignment).where(
            tables.Assignment.round_id == round_row.id,
            tables.Assignment.state == "active",
            col(tables.Assignment.proposal_id).in_(proposals),
        )
    ):
        # Not a person's ban: should the proposal come back, the plan may give it to the same judge.
        withdraw_by_plan(assignment)
        session.add(assignment)
    for row in session.exec(
        select(tables.RoundProposal).where(
            tables.RoundProposal.round_id == round_row.id, col(tables.RoundProposal.proposal_id).in_(proposals)
        )
    ):
        session.delete(row)
