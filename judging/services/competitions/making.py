"""Make a competition on a page: from a template, from an earlier event, or from uploaded files."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, Message, NotAllowed, RubricError
from judging.schemas.definitions.definition_files import COMPETITION_FILE, Definition, load_definition
from judging.services import audit
from judging.services.access import Actor, get_competition, list_competitions, require_person
from judging.services.competitions.definitions import definition_of, list_rounds, rules_of, store_new
from judging.services.competitions.judges_again import copy_judges
from judging.services.people.first_organiser import may_make_competitions

_NO_PERSON = Message("At the command line, competitions are made with load-competition.")


EXAMPLES = frozenset({"diving-2000"})
"""Shipped competitions that show published data; few events begin from them."""
_FIRST = ("hksh-2023", "school-contest", "awards", "hackathon")


def list_templates(folder: Path) -> list[Definition]:
    """Return the competitions in the folder of rubrics that pass the check: the usual first, examples last, by key."""
    found = []
    for path in sorted(folder.glob(f"*/{COMPETITION_FILE}")):
        try:
            found.append(load_definition(path.parent))
        except RubricError:
            # `check-rubrics` says what is wrong with it; nobody can start from it.
            continue
    return sorted(found, key=lambda definition: _place(definition.competition.key))


def _place(key: str) -> tuple[bool, int, str]:
    return key in EXAMPLES, _FIRST.index(key) if key in _FIRST else len(_FIRST), key


def list_earlier(session: Session, actor: Actor) -> list[Definition]:
    """Return the definitions of the competitions that the actor organises, newest first."""
    return [stored_definition(session, row) for row in list_competitions(session, actor, "organiser")]


def get_stored(session: Session, actor: Actor, competition: str) -> Definition:
    """Return a competition with its rounds as they are stored, for those who see the rosters."""
    return stored_definition(session, get_competition(session, actor, competition, "organiser", "chair", "auditor"))


def keys_in_use(session: Session, actor: Actor) -> frozenset[str]:
    """Return the keys of all competitions, for whoever makes one."""
    require_maker(session, actor)
    return frozenset(session.exec(select(tables.Competition.key)))


def require_maker(session: Session, actor: Actor) -> None:
    """Raise NotAllowed unless the actor may make competitions."""
    if not may_make_competitions(session, actor):
        raise NotAllowed


def make_competition(
    session: Session, actor: Actor, definition: Definition, *, at: datetime, judges_of: str = ""
) -> tables.Competition:
    """Store a new competition, as the same files would from the command line; its maker is its organiser.

    Parameters
    ----------
    session : Session
    actor : Actor
    definition : Definition
    at : datetime
    judges_of : str, optional
        The key of an earlier competition of the actor, whose judges are taken along without their conflicts.

    Raises
    ------
    NotAllowed
        Unless the actor organises a competition or has set the installation up.
    Conflict
        When there is a competition with this key, or the judges of the earlier one have no names any more.
    """
    require_maker(session, actor)
    person_id = require_person(actor, _NO_PERSON)
    key = definition.competition.key
    if session.exec(select(tables.Competition.id).where(tables.Competition.key == key)).first() is not None:
        raise Conflict(Message("There is a competition with the key {key} already. Choose another one.", key=key))
    row = store_new(session, actor, definition, at=at)
    session.add(tables.Role(person_id=person_id, competition_id=row.pk, role="organiser", given_by=person_id))
    session.flush()
    detail: dict[str, object] = {"digest": row.digest}
    if judges_of:
        detail |= {"judges_of": judges_of, "judges": copy_judges(session, actor, judges_of, row, at=at)}
    audit.record(session, actor, "competition.made", row.key, at=at, competition_id=row.id, detail=detail)
    return row


def stored_definition(session: Session, row: tables.Competition) -> Definition:
    """Return a competition with its rounds as they are stored."""
    return Definition(definition_of(row), tuple(rules_of(round_row) for round_row in list_rounds(session, row)))
