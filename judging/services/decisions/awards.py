"""Awards in addition to the ranking: defined, granted with a reason, withdrawn; a team may win several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.rubric import LANGUAGES, Text
from judging.schemas.typed_decisions import GrantSchema, WithdrawalSchema, load, load_award
from judging.services import audit
from judging.services.access import Actor, get_round, require_confirmed, require_person
from judging.services.competitions.definitions import definition_of
from judging.services.competitions.taking_part import takes_part
from judging.services.decisions.conflicts_of_interest import require_unhidden

DEFINERS = ("chair", "organiser")


@dataclass(frozen=True, slots=True)
class Grant:
    """An award granted to a proposal; ``withdrawn_at`` is None while the grant is in force."""

    id: int
    proposal: str
    title: str
    team: str
    reason: str
    granted_at: datetime
    granted_by: str
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedAward:
    """An award with all its grants, in order of time."""

    key: str
    name: Text
    kind: str
    category: str | None
    most_winners: int
    grants: tuple[Grant, ...]

    @property
    def winners(self) -> tuple[Grant, ...]:
        """Return the grants that are in force."""
        return tuple(grant for grant in self.grants if grant.withdrawn_at is None)

    @property
    def n_free(self) -> int:
        """Return the number of further winners that are possible."""
        return self.most_winners - len(self.winners)


def name_of(award: tables.Award) -> Text:
    """Return the name of an award in all its languages."""
    return Text(*(award.name.get(language, "") for language in LANGUAGES))


def awards_of(session: Session, round_row: tables.Round) -> list[ListedAward]:
    """Return the awards of a round with all grants; the caller checks permissions."""
    awards = session.exec(
        select(tables.Award).where(tables.Award.round_id == round_row.id).order_by(col(tables.Award.id))
    ).all()
    rows = session.exec(
        select(tables.AwardGrant, tables.Proposal, tables.Person.name)
        .join(tables.Award, col(tables.Award.id) == col(tables.AwardGrant.award_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.AwardGrant.proposal_id))
        .join(tables.Person, col(tables.Person.id) == col(tables.AwardGrant.granted_by))
        .where(tables.Award.round_id == round_row.id)
        .order_by(col(tables.AwardGrant.id))
    ).all()
    teams = {
        team.id: team.name
        for team in session.exec(
            select(tables.Team).where(col(tables.Team.id).in_({proposal.team_id for _, proposal, _ in rows}))
        )
    }
    grants: dict[int, list[Grant]] = {}
    for row, proposal, name in rows:
        grants.setdefault(row.award_id, []).append(
            Grant(
                id=row.pk,
                proposal=proposal.key,
                title=proposal.title,
                team=teams.get(proposal.team_id, ""),
                reason=row.reason,
                granted_at=row.granted_at,
                granted_by=name,
                withdrawn_at=row.withdrawn_at,
            )
        )
    return [
        ListedAward(
            award.key,
            name_of(award),
            award.kind,
            award.category,
            award.most_winners,
            tuple(grants.get(award.pk, ())),
        )
        for award in awards
    ]


def propose_key(session: Session, actor: Actor, competition_key: str, round_key: str, name: Mapping[str, str]) -> str:
    """Return a key for an award that was given none: ``award-1`` and so on.

    An award of this name that nobody has won keeps its key: the same form, sent twice, defines one award.
    """
    _competition, round_row = get_round(session, actor, competition_key, round_key, *DEFINERS)
    awards = session.exec(select(tables.Award).where(tables.Award.round_id == round_row.id)).all()
    typed = {language: text for language, text in name.items() if text}
    for award in awards:
        named = {language: text for language, text in award.name.items() if text}
        if named == typed and not _grants_in_force(session, award):
            return award.key
    taken = {award.key for award in awards}
    return next(key for number in range(1, len(taken) + 2) if (key := f"award-{number}") not in taken)


def define_award(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, award: Mapping[str, Any], at: datetime
) -> tables.Award:
    """Define an award of a round, or change the definition of an award without a winner.

    Parameters
    ----------
    session : Session
    actor : Actor
        A chair or an organiser.
    competition_key, round_key : str
    award : mapping
        ``key``, ``name`` by language, ``kind``, ``category`` (of a category award), ``most_winners``.
    at : datetime
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *DEFINERS)
    definition = definition_of(competition_row)
    loaded = load_award(award, languages=definition.languages)
    if loaded["category"] and all(category.key != loaded["category"] for category in definition.categories):
        raise InvalidInput({"category": Message("there is no category `{category}`", category=loaded["category"])})
    row = session.exec(
        select(tables.Award).where(tables.Award.round_id == round_row.id, tables.Award.key == loaded["key"])
    ).one_or_none()
    if row is None:
        row = tables.Award(round_id=round_row.pk, **loaded)
    elif _grants_in_force(session, row):
        raise Conflict(Message("The award {award} has been given; it can no longer be changed.", award=row.key))
    else:
        row.name, row.kind, row.category, row.most_winners = (
            loaded["name"],
            loaded["kind"],
            loaded["category"],
            loaded["most_winners"],
        )
    session.add(row)
    session.flush()
    audit.record_in_round(session, actor, "award.defined", competition_row, round_row, row.key, at=at, detail=loaded)
    return row


def grant(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    award_key: str,
    proposal_key: str,
    reason: str,
    at: datetime,
) -> tables.AwardGrant:
    """Grant an award to a proposal of the round, independent of its rank.

    Raises
    ------
    NotAllowed
        When the actor is not a chair, or declared a conflict of interest with the proposal.
    ConfirmationNeeded
        When the actor has not confirmed with a second factor lately, and must.
    Conflict
        When the award has all its winners, this proposal has it already, or the award is for another category.
    """
    request = load(GrantSchema, {"award": award_key, "proposal": proposal_key, "reason": reason})
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    giver = require_person(actor, Message("An award records the name of the person who gave it: sign in as a chair."))
    require_confirmed(actor)
    award = session.exec(
        select(tables.Award)
        .where(tables.Award.round_id == round_row.id, tables.Award.key == request["award"])
        # If two chairs grant the last one at the same time, the second one waits and gets an error.
        .with_for_update(key_share=True)
    ).one_or_none()
    if award is None:
        raise InvalidInput({"award": Message("There is no award {award} in this round.", award=request["award"])})
    proposal = session.exec(
        select(tables.Proposal)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .where(takes_part(round_row), tables.Proposal.key == request["proposal"])
    ).one_or_none()
    if proposal is None:
        complaint = Message("This round has no proposal {proposal}.", proposal=request["proposal"])
        raise InvalidInput({"proposal": complaint})
    require_unhidden(session, actor, round_row.competition_id, proposal.key)
    _refuse(session, competition_row, award, proposal)
    row = tables.AwardGrant(
        award_id=award.pk,
        proposal_id=proposal.pk,
        reason=request["reason"],
        granted_at=at,
        granted_by=giver,
    )
    session.add(row)
    session.flush()
    detail = {"proposal": proposal.key, "reason": row.reason, "confirmed_by": actor.confirmed_by}
    audit.record_in_round(session, actor, "award.granted", competition_row, round_row, award.key, at=at, detail=detail)
    return row


def withdraw_grant(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    grant_id: int,
    reason: str,
    at: datetime,
) -> None:
    """Withdraw a grant, with a reason; the grant remains stored."""
    request = load(WithdrawalSchema, {"reason": reason})
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    require_confirmed(actor)
    grant_row = session.exec(
        select(tables.AwardGrant, tables.Award, tables.Proposal.key)
        .join(tables.Award, col(tables.Award.id) == col(tables.AwardGrant.award_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.AwardGrant.proposal_id))
        .where(tables.AwardGrant.id == grant_id, tables.Award.round_id == round_row.id)
    ).one_or_none()
    if grant_row is None:
        raise NotFound
    row, award, proposal_key = grant_row
    require_unhidden(session, actor, round_row.competition_id, proposal_key)
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at = at
    session.add(row)
    session.flush()
    detail = {"proposal": proposal_key, "reason": request["reason"], "confirmed_by": actor.confirmed_by}
    audit.record_in_round(
        session, actor, "award.withdrawn", competition_row, round_row, award.key, at=at, detail=detail
    )


def grant_in_force(session: Session, round_row: tables.Round, *, award_key: str, proposal_key: str) -> int:
    """Return the key of the grant of an award to a proposal; raise Conflict when there is none in force."""
    found = session.exec(
        select(tables.AwardGrant.id)
        .join(tables.Award, col(tables.Award.id) == col(tables.AwardGrant.award_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.AwardGrant.proposal_id))
        .where(
            tables.Award.round_id == round_row.id,
            tables.Award.key == award_key,
            tables.Proposal.key == proposal_key,
            col(tables.AwardGrant.withdrawn_at).is_(None),
        )
    ).first()
    if found is None:
        raise Conflict(Message("The award {award} is not given to {proposal}.", award=award_key, proposal=proposal_key))
    return found


def _refuse(
    session: Session, competition_row: tables.Competition, award: tables.Award, proposal: tables.Proposal
) -> None:
    named = proposal.named
    if award.category is not None:
        lineage = definition_of(competition_row).lineage(proposal.category) if proposal.category else ()
        if award.category not in lineage:
            text = Message("{proposal} is not of the category {category}.", proposal=named, category=award.category)
            raise Conflict(text)
    grants = _grants_in_force(session, award)
    if any(grant.proposal_id == proposal.id for grant in grants):
        raise Conflict(Message("{proposal} has this award already.", proposal=named))
    if len(grants) >= award.most_winners:
        raise Conflict(Message("This award has all its {n} winners. Take one back first.", n=award.most_winners))


def _grants_in_force(session: Session, award: tables.Award) -> Sequence[tables.AwardGrant]:
    grant = tables.AwardGrant
    in_force = select(grant).where(grant.award_id == award.id, col(grant.withdrawn_at).is_(None))
    return session.exec(in_force).all()
