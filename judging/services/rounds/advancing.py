"""Advance the shortlist of the release in force to a later round; the change is displayed before it is applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from judging import tables
from judging.competition import digest_of
from judging.errors import Conflict, Listed, Message, NotAllowed, NotFound
from judging.rubric import Text
from judging.services import audit
from judging.services.access import READERS, Actor, get_competition
from judging.services.assignments.assigning import withdraw_by_plan
from judging.services.competitions.definitions import is_practice, list_rounds, rules_of
from judging.services.competitions.taking_part import takes_part
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.runs.carried_over import find_released

ADVANCERS = ("chair", "organiser")


@dataclass(frozen=True, slots=True)
class NotShortlisted:
    """A proposal of the next round that is not on the shortlist; it cannot be removed once it is scored there."""

    key: str
    title: str
    n_sheets: int

    @property
    def is_removable(self) -> bool:
        """Return whether the proposal has no scoresheet there yet."""
        return self.n_sheets == 0


@dataclass(frozen=True, kw_only=True)
class Advance:
    """The changes of the next round.

    Attributes
    ----------
    before, after : tables.Round
    release : int or None
        Number of the release in force.
    entering, present : tuple of (key, title)
        Shortlisted proposals that would enter, and those that are in the round already.
    others : tuple of NotShortlisted
    obstacle : Message or None
        Why nothing can be applied.
    digest : str
        Of release and changes: only the displayed changes can be applied.
    """

    before: tables.Round
    after: tables.Round
    release: int | None = None
    entering: tuple[tuple[str, str], ...] = ()
    present: tuple[tuple[str, str], ...] = ()
    others: tuple[NotShortlisted, ...] = ()
    obstacle: Message | None = None
    digest: str = ""

    @property
    def before_name(self) -> Text:
        """Return the name of the round whose shortlist goes on."""
        return rules_of(self.before).name


def find_next(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> tables.Round | None:
    """Return the round after this one; a round of practice has none, and is none."""
    if is_practice(round_row):
        return None
    rounds = list_rounds(session, competition_row)
    return next((row for row in rounds if row.position > round_row.position and not is_practice(row)), None)


def find_previous(
    session: Session, competition_row: tables.Competition, round_row: tables.Round
) -> tables.Round | None:
    """Return the round before this one; a round of practice has none, and is none."""
    if is_practice(round_row):
        return None
    rounds = list_rounds(session, competition_row)
    return next((row for row in reversed(rounds) if row.position < round_row.position and not is_practice(row)), None)


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
    """Add the released shortlist of one round to a later round; return the changes.

    Applying it twice changes nothing. The later round has its own panels, assignments and rules.

    Parameters
    ----------
    session : Session
    actor : Actor
        A chair or an organiser.
    competition_key, from_round, to_round : str
    digest : str
        Of the changes that were displayed.
    remove : collection of str
        Keys of proposals to remove from the later round; only those that are not shortlisted and not scored there.
    at : datetime

    Raises
    ------
    Conflict
        Without a release in force, when the later round is closed, or when the changes differ from the displayed ones.
    """
    competition_row, before, after = _rounds(session, actor, competition_key, from_round, to_round, *ADVANCERS)
    # Saving takes a shared lock: nobody can score a proposal while it is removed.
    session.refresh(after, with_for_update={"key_share": True})
    proposed = _proposed(session, competition_row, before, after)
    if proposed.obstacle is not None:
        raise Conflict(proposed.obstacle)
    if proposed.digest != digest:
        raise Conflict(
            Message("What would change has changed since it was shown. Look at it again before you apply it.")
        )
    not_removable = [other.key for other in proposed.others if other.key in remove and not other.is_removable]
    unknown = set(remove) - {other.key for other in proposed.others}
    if not_removable or unknown:
        raise Conflict(
            Message(
                "{proposals} cannot be taken out: only what is not shortlisted and not scored yet can.",
                proposals=Listed(sorted({*not_removable, *unknown})),
            )
        )
    if not proposed.entering and not remove:
        return proposed
    ids = _ids(session, competition_row, {key for key, _ in proposed.entering} | set(remove))
    for key, _ in proposed.entering:
        session.add(tables.RoundProposal(round_id=after.pk, proposal_id=ids[key]))
    _remove(session, after, [ids[key] for key in remove])
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
    if is_practice(before) or is_practice(after):
        raise NotFound
    if hidden := hidden_proposals(session, actor, competition_row.pk):
        # Even their number says whether a hidden proposal is among them.
        raise NotAllowed(
            Message(
                "Who goes on would show you {proposals}, with which you declared a conflict of interest. Another "
                "organiser or chair can do it.",
                proposals=Listed(sorted(hidden)),
            )
        )
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
    present = set(
        session.exec(
            select(tables.Proposal.key)
            .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
            .where(takes_part(after))
        )
    )
    released = find_released(session, competition_row, before)
    if released is None:
        not_released = Message(
            "Round {round} has not been released. Its shortlist enters once it is.", round=rules_of(before).name
        )
        return Advance(before=before, after=after, obstacle=not_released)
    withdrawn = _withdrawn(session, competition_row)
    selected = [key for key in released.release.content["shortlist"]["selected"] if key not in withdrawn]
    scored = _n_sheets(session, after)
    entering = tuple((key, titles.get(key, key)) for key in selected if key not in present)
    others = tuple(NotShortlisted(key, titles[key], scored[key]) for key in sorted(present - set(selected)))
    obstacle: Message | None = None
    if after.state == "closed":
        obstacle = Message("Round {round} is closed; reopen it first.", round=after.key)
    elif not selected:
        obstacle = Message("The release of round {round} selects no proposal.", round=rules_of(before).name)
    return Advance(
        before=before,
        after=after,
        release=released.release.number,
        entering=entering,
        present=tuple((key, titles.get(key, key)) for key in selected if key in present),
        others=others,
        obstacle=obstacle,
        digest=digest_of(
            {
                "release": released.release.digest,
                "entering": [key for key, _ in entering],
                "others": [[other.key, other.n_sheets] for other in others],
            }
        ),
    )


def _withdrawn(session: Session, competition_row: tables.Competition) -> set[str]:
    return set(
        session.exec(
            select(tables.Proposal.key).where(
                tables.Proposal.competition_id == competition_row.id, col(tables.Proposal.withdrawn_at).is_not(None)
            )
        )
    )


def _n_sheets(session: Session, round_row: tables.Round) -> Counter[str]:
    """Count the assignments of each proposal in a round that have a scoresheet in any state."""
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


def _remove(session: Session, round_row: tables.Round, proposals: Collection[int]) -> None:
    """Remove proposals from a round, and withdraw the assignments without a scoresheet."""
    for assignment in session.exec(
        select(tables.Assignment).where(
            tables.Assignment.round_id == round_row.id,
            tables.Assignment.state == "active",
            col(tables.Assignment.proposal_id).in_(proposals),
        )
    ):
        # Withdrawn by plan, not by a person: if the proposal returns, a plan may assign it to the same judge.
        withdraw_by_plan(assignment)
        session.add(assignment)
    for row in session.exec(
        select(tables.RoundProposal).where(
            tables.RoundProposal.round_id == round_row.id, col(tables.RoundProposal.proposal_id).in_(proposals)
        )
    ):
        session.delete(row)
