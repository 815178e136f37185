"""Released results for readers outside the panel: who has a seat, who is a reserve, who has an award.

The list has no score, and a rank only where the competition's policy says so. It is made of the release in force, with
the titles and teams of today and without proposals that were withdrawn since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from judging import tables
from judging.competition import CompetitionRules, PublicationPolicy
from judging.errors import Message, NotFound, NotSignedIn
from judging.rubric import Text
from judging.services.access import READERS, Actor, require_role
from judging.services.competitions.definitions import definition_of, list_rounds, rules_of
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.decisions.proposals import ProposalEntry, list_proposals
from judging.services.releases.in_force import SignedRelease, in_force, list_signed
from judging.services.releases.signing import shown

_NOTHING = Message("Nothing has been released in this round yet.")


@dataclass(frozen=True, slots=True)
class PublishedProposal:
    """One proposal of the list; city and category are keys, ``rank`` is None in an alphabetical list."""

    proposal: str
    title: str
    team: str
    city: str
    category: str | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class PublishedAward:
    """One award with the keys of its winners."""

    award: str
    name: Mapping[str, str]
    kind: str
    category: str | None
    winners: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedResults:
    """What a reader may see of the release in force of a round.

    Attributes
    ----------
    competition : CompetitionRules
    round_key : str
    round_name : Text
    is_public : bool
        Whether anybody may read it; then it is the same for everybody.
    order : one of ``judging.competition.RESULTS_ORDER``
    number, digest, content
        Of the release; ``content`` as the chairs signed it, for its digests. Its reason is for those who sign.
    released_at : datetime
        The time of the last signature that was needed.
    signed_by : tuple of str
        Cities.
    proposals : tuple of PublishedProposal
        Those with a seat, a place among the reserves or an award, in the order of the list.
    seats, reserves : tuple of str
        Keys, in the order of the list.
    awards : tuple of PublishedAward
    """

    competition: CompetitionRules
    round_key: str
    round_name: Text
    is_public: bool
    order: str
    number: int
    digest: str
    content: Mapping[str, Any]
    released_at: datetime
    signed_by: tuple[str, ...]
    proposals: tuple[PublishedProposal, ...]
    seats: tuple[str, ...]
    reserves: tuple[str, ...]
    awards: tuple[PublishedAward, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """A release that is or was in force; ``results`` is None when a later one has taken its place."""

    round_key: str
    round_name: Text
    number: int
    digest: str
    released_at: datetime
    results: PublishedResults | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFeed:
    """The releases of a competition, newest first."""

    competition: CompetitionRules
    is_public: bool
    began_at: datetime
    entries: tuple[FeedEntry, ...]


def read_results(session: Session, actor: Actor | None, competition_key: str, round_key: str) -> PublishedResults:
    """Return the released results of a round for a person, or for anybody (None).

    Raises
    ------
    NotSignedIn
        For anybody, when the results are not public; whether there are any is not said.
    NotAllowed
        For a person whose roles do not read them.
    NotFound
        When there is no such round, or nothing has been released.
    """
    row = _find_competition(session, actor, competition_key)
    round_row = next((one for one in list_rounds(session, row) if one.key == round_key), None)
    if round_row is None:
        raise NotFound
    signed = in_force(list_signed(session, definition_of(row), round_row))
    if signed is None:
        raise NotFound(_NOTHING)
    return _results_of(session, row, round_row, signed, _hidden(session, actor, row))


def read_feed(session: Session, actor: Actor | None, competition_key: str) -> ReleaseFeed:
    """Return the releases of a competition for a person, or for anybody (None); errors as in ``read_results``."""
    row = _find_competition(session, actor, competition_key)
    definition, hidden = definition_of(row), _hidden(session, actor, row)
    entries = []
    for round_row in list_rounds(session, row):
        listed = list_signed(session, definition, round_row)
        newest = in_force(listed)
        entries += [
            FeedEntry(
                round_key=round_row.key,
                round_name=rules_of(round_row).name,
                number=signed.row.number,
                digest=signed.row.digest,
                released_at=_released_at(signed),
                results=_results_of(session, row, round_row, signed, hidden) if signed is newest else None,
            )
            for signed in listed
            if signed.required.is_complete
        ]
    entries.sort(key=lambda entry: entry.released_at, reverse=True)
    return ReleaseFeed(
        competition=definition, is_public=_is_public(definition), began_at=row.created_at, entries=tuple(entries)
    )


def is_public(session: Session, competition_key: str) -> bool:
    """Return whether anybody may read the released results of a competition; False when there is no such one."""
    row = session.exec(select(tables.Competition).where(tables.Competition.key == competition_key)).one_or_none()
    return row is not None and _is_public(definition_of(row))


def _find_competition(session: Session, actor: Actor | None, key: str) -> tables.Competition:
    row = session.exec(select(tables.Competition).where(tables.Competition.key == key)).one_or_none()
    if row is not None and _is_public(definition_of(row)):
        return row
    if actor is None:
        raise NotSignedIn
    if row is None:
        raise NotFound
    require_role(actor, row.pk, *(READERS if definition_of(row).policies.publication is None else tables.ROLES))
    return row


def _is_public(definition: CompetitionRules) -> bool:
    policy = definition.policies.publication
    return policy is not None and policy.results == "public"


def _hidden(session: Session, actor: Actor | None, row: tables.Competition) -> Collection[str]:
    # What everybody may read is hidden from nobody.
    if actor is None or _is_public(definition_of(row)):
        return frozenset()
    return hidden_proposals(session, actor, row.pk)


def _released_at(signed: SignedRelease) -> datetime:
    return max((signature.at for signature in signed.signatures), default=signed.row.proposed_at)


def _results_of(
    session: Session,
    row: tables.Competition,
    round_row: tables.Round,
    signed: SignedRelease,
    hidden: Collection[str],
) -> PublishedResults:
    definition, content = definition_of(row), shown(signed.row.content, hidden)
    policy = definition.policies.publication or PublicationPolicy()
    listed = {
        key: entry
        for key, entry in list_proposals(session, round_row).items()
        if not entry.is_withdrawn and key not in hidden
    }
    ranks = {entry["proposal"]: entry["rank"] for entry in content["ranking"]}
    shortlist = content["shortlist"]
    place = {key: number for number, key in enumerate((*shortlist["selected"], *shortlist["reserves"]))}

    def in_order(keys: Collection[str]) -> tuple[str, ...]:
        present = [key for key in keys if key in listed]
        if policy.order == "rank":
            return tuple(sorted(present, key=lambda key: (place.get(key, len(place)), ranks.get(key) or 0, key)))
        return tuple(sorted(present, key=lambda key: (listed[key].title.casefold(), key)))

    awards = tuple(
        PublishedAward(
            award=award["award"],
            name=award["name"],
            kind=award["kind"],
            category=award["category"],
            winners=in_order(award["winners"]),
        )
        for award in content["awards"]
    )
    named = {*shortlist["selected"], *shortlist["reserves"], *(key for award in awards for key in award.winners)}
    return PublishedResults(
        competition=definition,
        round_key=round_row.key,
        round_name=rules_of(round_row).name,
        is_public=_is_public(definition),
        order=policy.order,
        number=signed.row.number,
        digest=signed.row.digest,
        content=signed.row.content,
        released_at=_released_at(signed),
        signed_by=tuple(signature.city for signature in signed.signatures),
        proposals=tuple(
            _proposal(listed[key], ranks.get(key) if policy.order == "rank" else None) for key in in_order(named)
        ),
        seats=in_order(shortlist["selected"]),
        reserves=in_order(shortlist["reserves"]),
        awards=awards,
    )


def _proposal(entry: ProposalEntry, rank: int | None) -> PublishedProposal:
    return PublishedProposal(entry.key, entry.title, entry.team, entry.city, entry.category, rank)
