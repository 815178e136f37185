"""The agreement that makes a decision final: a chair of every city, or one chair, by the competition's policies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import CompetitionRules
from judging.errors import Conflict, Message
from judging.schemas.invitations import mailbox_of
from judging.services.access import Actor


@dataclass(frozen=True, slots=True)
class SignedFrom:
    """Where a signature was given: how its session began and from which address, and the second factor.

    Attributes
    ----------
    how : str or None
        One of ``tables.BEGINNINGS``; None for a signature without a session.
    address : str
    confirmed_by : str or None
        One of ``tables.CONFIRMATIONS``; None where no second factor was asked for.
    link_issuer : str or None
        Who asked for the link that began the session; None for the signer, for the command line and without a link.
    link_channel : str or None
        One of ``tables.LINK_CHANNELS``: ``hand`` when the issuer saw the link and handed it over.
    """

    how: str | None
    address: str
    confirmed_by: str | None
    link_issuer: str | None = None
    link_channel: str | None = None


class Signer(NamedTuple):
    """The person who agrees, and the city."""

    person_id: int
    city: str


@dataclass(frozen=True, slots=True)
class RequiredConsents:
    """The cities whose chairs must agree, and those that have agreed.

    Attributes
    ----------
    needed : tuple of str
        Cities; empty when one chair of any city is enough.
    given : tuple of str
    """

    needed: tuple[str, ...]
    given: tuple[str, ...]

    @classmethod
    def of(cls, definition: CompetitionRules, given: Collection[str]) -> RequiredConsents:
        """Return the required cities of a competition and those that have agreed."""
        is_every_city = definition.policies.release == "every-city"
        return cls(tuple(city.key for city in definition.cities) if is_every_city else (), tuple(given))

    @property
    def waiting(self) -> tuple[str, ...]:
        """Return the cities whose agreement is missing, in the order of the competition."""
        return tuple(city for city in self.needed if city not in self.given)

    @property
    def is_complete(self) -> bool:
        """Return whether no agreement is missing."""
        return not self.waiting if self.needed else bool(self.given)

    def accepts(self, city: str | None) -> bool:
        """Return whether a chair of this city can still agree."""
        return city is not None and not self.is_complete and city not in self.given


def city_of_chair(actor: Actor, competition_row: tables.Competition) -> str | None:
    """Return the city for which the actor may agree, None when the actor is not a chair.

    If one chair is enough, that chair may have no city; the result is then the empty text.
    """
    competition_id = competition_row.pk
    if actor.person_id is None or "chair" not in actor.roles.get(competition_id, frozenset()):
        return None
    return actor.cities.get(competition_id, "")


def require_signer(
    actor: Actor,
    competition_row: tables.Competition,
    definition: CompetitionRules,
    given: Collection[str],
    *,
    by: Collection[int],
) -> Signer:
    """Return the person and city that agree now; raise Conflict for a second agreement or one for another city.

    ``given`` are the cities that have agreed, ``by`` the people: a person whose city has changed cannot agree again.
    """
    keys = RequiredConsents.of(definition, given)
    city = city_of_chair(actor, competition_row)
    if city is None or actor.person_id is None:
        raise Conflict(Message("Agreeing records the name of a chair: sign in as one."))
    if keys.needed and city not in keys.needed:
        raise Conflict(Message("This needs a chair who represents a city; ask an organiser to name your city."))
    if actor.person_id in by:
        raise Conflict(Message("You have agreed already. A second person must agree too."))
    if city in keys.given:
        raise Conflict(Message("The chair of your city has agreed already."))
    return Signer(actor.person_id, city)


def require_other_mailbox(session: Session, person_id: int, *, by: Collection[int]) -> None:
    """Raise Conflict when one of the people who have agreed has the same mailbox as the one who agrees now.

    Two accounts of one person are two keys in one hand.
    """
    emails = session.exec(select(tables.Person.email).where(col(tables.Person.id).in_(by))).all()
    own = session.get_one(tables.Person, person_id).email
    if mailbox_of(own) in map(mailbox_of, emails):
        raise Conflict(Message("The other chair's account has the same mailbox as yours. A second person must agree."))
