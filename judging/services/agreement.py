"""Whose agreement makes something final: a chair of every city, or one chair, as the competition's policies say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from judging import tables
from judging.competition import Competition
from judging.errors import Conflict, Message
from judging.services.access import Actor


class Signer(NamedTuple):
    """Who agrees now, and for which city."""

    person_id: int
    city: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The cities whose chairs must agree, and those who have.

    Attributes
    ----------
    needed : tuple of str
        Cities; empty when any one chair is enough.
    given : tuple of str
    """

    needed: tuple[str, ...]
    given: tuple[str, ...]

    @classmethod
    def of(cls, definition: Competition, given: Collection[str]) -> Keys:
        """Return the keys of a competition, given those turned."""
        every = definition.policies.release == "every-city"
        return cls(tuple(city.key for city in definition.cities) if every else (), tuple(given))

    @property
    def waiting(self) -> tuple[str, ...]:
        """Return the cities still to agree, in the order of the competition."""
        return tuple(city for city in self.needed if city not in self.given)

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is waited for."""
        return not self.waiting if self.needed else bool(self.given)

    def wants(self, city: str | None) -> bool:
        """Tell whether a chair of this city can still agree."""
        return city is not None and not self.is_complete and city not in self.given


def city_of_chair(actor: Actor, competition_row: tables.Competition) -> str | None:
    """Return the city for which the actor may agree, None when the actor is no chair.

    A chair without a city can be the one chair of a competition that asks for no more; that city is the empty text.
    """
    competition_id = competition_row.pk
    if actor.person_id is None or "chair" not in actor.roles.get(competition_id, frozenset()):
        return None
    return actor.cities.get(competition_id, "")


def turn_key(
    actor: Actor,
    competition_row: tables.Competition,
    definition: Competition,
    given: Collection[str],
    *,
    by: Collection[int],
) -> Signer:
    """Return the person and the city that agree now, or raise Conflict: nobody agrees twice, or for another city.

    ``given`` are the cities that have agreed, ``by`` the people: a chair whose city is another since then stays one.
    """
    keys = Keys.of(definition, given)
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
