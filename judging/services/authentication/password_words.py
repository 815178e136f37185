"""What everybody knows about the events of a person: the first that is tried as a password."""

from sqlmodel import Session

from judging import tables
from judging.services.access import Actor, list_competitions
from judging.services.competitions.definitions import definition_of


def known_words(session: Session, actor: Actor) -> list[str]:
    """Return names, places and years of the competitions in which a person takes part, in all their languages."""
    words = ["judging", "judge"]
    for row in list_competitions(session, actor, *tables.ROLES):
        definition = definition_of(row)
        names = [definition.name, *(city.name for city in definition.cities)]
        names += [category.name for category in definition.categories]
        words += [row.key, str(row.created_at.year), *(text for name in names for text in name.by_language.values())]
    return words
