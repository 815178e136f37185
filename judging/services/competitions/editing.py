"""Change a stored definition: the competition, and those of its rounds that were never opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Session, col, exists, select

from judging import tables
from judging.competition import CompetitionRules, digest_of
from judging.errors import Conflict, Listed, Message, NotAllowed
from judging.schemas.definitions.definition_files import Definition
from judging.services import audit
from judging.services.access import READERS, Actor, get_competition, require_confirmed
from judging.services.competitions import definitions
from judging.services.competitions.making import stored_definition
from judging.services.decisions.conflict_kinds import kinds_in_use
from judging.services.people.granting import APPOINTED


class ChangedMeanwhile(Conflict):
    """Somebody else has stored another definition since this one was read."""

    default = Message(
        "Somebody else has saved another version meanwhile. Nothing of yours is stored yet, and nothing is lost: look "
        "at both versions below."
    )


@dataclass(frozen=True, slots=True)
class EditableDefinition:
    """A stored definition, and what of it can be changed.

    Attributes
    ----------
    row : Competition
    definition : Definition
    digest : str
        Of the competition and all of its rounds.
    sealed : frozenset of str
        Keys of the rounds that were opened: their rules change with the consent of the chairs only.
    cities_in_use, categories_in_use : frozenset of str
        Keys that rosters, chairs or sealed rules name.
    """

    row: tables.Competition
    definition: Definition
    digest: str
    sealed: frozenset[str]
    cities_in_use: frozenset[str]
    categories_in_use: frozenset[str]


def get_readable(session: Session, actor: Actor, competition: str) -> EditableDefinition:
    """Return a competition's definition for those who read its rules."""
    return _editable(session, get_competition(session, actor, competition, *READERS))


def get_editable(session: Session, actor: Actor, competition: str, *, locked: bool = False) -> EditableDefinition:
    """Return a competition's definition for an organiser who is going to change it."""
    row = get_competition(session, actor, competition, "organiser")
    if locked:
        session.refresh(row, with_for_update={"key_share": True})
    return _editable(session, row)


def digest_of_definition(definition: Definition) -> str:
    """Return the digest of a competition with all of its rounds."""
    rounds = [rules.digest for rules in definition.rounds]
    return digest_of({"competition": definition.competition.digest, "rounds": rounds})


def change_definition(
    session: Session, actor: Actor, competition: str, definition: Definition, *, instead_of: str | None, at: datetime
) -> bool:
    """Store another definition of a competition; return whether anything is another by that.

    Parameters
    ----------
    session, actor, competition
        An organiser.
    definition : Definition
        With the sealed rounds as they are stored.
    instead_of : str or None
        Digest of the stored definition from which this one was made. None: whatever is stored.
    at : datetime

    Raises
    ------
    ChangedMeanwhile
        When another definition is stored by now.
    Conflict
        When sealed rules would change, or something is removed that is in use.
    NotAllowed, ConfirmationNeeded
        When a program would change who appoints chairs or signs releases; a person confirms that like a decision.
    """
    row = get_competition(session, actor, competition, "organiser")
    session.refresh(row, with_for_update={"key_share": True})
    stored = _editable(session, row)
    if instead_of is not None and instead_of != stored.digest:
        raise ChangedMeanwhile
    if definition.competition.key != row.key:
        raise Conflict(Message("The key of a competition stays as it is: {key}.", key=row.key))
    if digest_of_definition(definition) == stored.digest:
        return False
    _require_own_act(actor, stored.definition, definition)
    _refuse_used_names(stored, definition)
    _refuse_sealed_changes(stored, definition)
    _refuse_used_kinds(session, row, definition)
    _refuse_hidden_appointments(session, row, stored.definition, definition)
    kept = {rules.key for rules in definition.rounds}
    removed = [round_row for round_row in definitions.list_rounds(session, row) if round_row.key not in kept]
    for round_row in removed:
        _remove_round(session, round_row)
    definitions.put_definition(session, row, definition)
    detail = {
        "digest": row.digest,
        "rounds": {rules.key: rules.digest for rules in definition.rounds},
        "removed": [round_row.key for round_row in removed],
        **_changed_policies(stored.definition, definition),
    }
    audit.record(session, actor, "competition.changed", row.key, at=at, competition_id=row.id, detail=detail)
    return True


def _editable(session: Session, row: tables.Competition) -> EditableDefinition:
    definition = stored_definition(session, row)
    opened = [round_row.key for round_row in definitions.list_rounds(session, row) if round_row.state != "draft"]
    cities, categories = definitions.names_in_use(session, row)
    for rules in definition.rounds:
        if rules.key in opened and rules.shortlist is not None:
            cities |= {*rules.shortlist.city_minimum, *rules.shortlist.city_cap}
            categories |= {*rules.shortlist.category_minimum, *rules.shortlist.category_cap}
    return EditableDefinition(
        row,
        definition,
        digest_of_definition(definition),
        frozenset(opened),
        frozenset(cities),
        frozenset(categories),
    )


def _require_own_act(actor: Actor, stored: Definition, definition: Definition) -> None:
    """Refuse a program, and ask a person for a second factor, where it is settled who decides.

    With a scope for rounds, a program could otherwise let one organiser appoint the chairs, or a single chair release.
    """
    before, after = stored.competition, definition.competition
    if before.policies.appointments == after.policies.appointments and _signers(before) == _signers(after):
        return
    if actor.token:
        raise NotAllowed(
            Message(
                "Who appoints chairs and who signs a release is a person's own act: no access token is accepted for "
                "it. Change it on the page of the rules."
            )
        )
    require_confirmed(actor)


def _signers(competition: CompetitionRules) -> frozenset[str] | None:
    """Return the cities whose chairs sign a release; None where one chair of any city is enough."""
    return frozenset(city.key for city in competition.cities) if competition.policies.release == "every-city" else None


def _refuse_sealed_changes(stored: EditableDefinition, definition: Definition) -> None:
    given = {rules.key: rules.digest for rules in definition.rounds}
    for rules in stored.definition.rounds:
        if rules.key in stored.sealed and given.get(rules.key) != rules.digest:
            raise Conflict(
                Message(
                    "The rules of round {round} are sealed since it was opened. They change with the consent of the "
                    "chairs, on the page of its rules.",
                    round=rules.key,
                )
            )
    if not stored.sealed:
        return
    before, after = stored.definition.competition, definition.competition
    # Without a city, its chair signs no more; with another one, nobody could sign until it has a chair.
    if _signers(before) != _signers(after):
        raise Conflict(Message("Who signs a release is settled since the first round was opened."))
    if before.policies.appointments != after.policies.appointments:
        raise Conflict(Message("Who appoints chairs is settled since the first round was opened."))
    if set(after.languages) - set(before.languages):
        raise Conflict(Message("A round that was opened has no texts in another language: none can be added any more."))


def _refuse_used_names(stored: EditableDefinition, definition: Definition) -> None:
    cities = stored.cities_in_use - {city.key for city in definition.competition.cities}
    categories = stored.categories_in_use - {category.key for category in definition.competition.categories}
    if missing := sorted(cities | categories):
        raise Conflict(
            Message("Rosters, chairs or sealed rules use {names}, which cannot be removed.", names=Listed(missing))
        )


def _refuse_used_kinds(session: Session, row: tables.Competition, definition: Definition) -> None:
    own = definition.competition.policies.own_conflict_keys
    if missing := sorted(kinds_in_use(session, row) - set(own)):
        raise Conflict(
            Message("Conflicts of interest are of the kind {names}, which cannot be removed.", names=Listed(missing))
        )


def _refuse_hidden_appointments(
    session: Session, row: tables.Competition, stored: Definition, definition: Definition
) -> None:
    """Refuse to take the policy back while somebody has a role by it: releases would no longer say so."""
    before, after = stored.competition.policies.appointments, definition.competition.policies.appointments
    if before == after or before is None:
        return
    change = tables.AccountChange
    confirmed = exists().where(
        col(change.competition_id) == row.id,
        col(change.person_id) == col(tables.Role.person_id),
        col(change.role) == col(tables.Role.role),
        col(change.confirmed_by).is_not(None),
    )
    names = session.exec(
        select(tables.Person.name)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Role.competition_id == row.id,
            col(tables.Role.role).in_(APPOINTED),
            col(tables.Role.given_by).is_not(None),
            ~confirmed,
        )
        .order_by(col(tables.Person.name))
    ).all()
    if names:
        raise Conflict(
            Message(
                "One organiser alone has appointed {names}. Who appoints chairs stays as it is while they have their "
                "roles: released results say so.",
                names=Listed(names, in_prose=True),
            )
        )


def _changed_policies(stored: Definition, definition: Definition) -> dict[str, list[str | None]]:
    """Return who appoints chairs, before and after, when it changes: the digests in the log do not show it."""
    before, after = stored.competition.policies.appointments, definition.competition.policies.appointments
    return {} if before == after else {"appointments": [before, after]}


def _remove_round(session: Session, round_row: tables.Round) -> None:
    """Delete a draft round that nothing belongs to yet."""
    for column in _columns_of_rounds():
        if session.exec(select(column).where(column == round_row.pk).limit(1)).first() is not None:
            raise Conflict(
                Message(
                    "Round {round} has proposals, assignments or a letter already, and cannot be removed.",
                    round=round_row.key,
                )
            )
    session.delete(round_row)
    session.flush()


def _columns_of_rounds() -> list[Column[Any]]:
    """Return every column that names a round."""
    round_table = tables.metadata.tables["round"]
    return [
        column
        for table in tables.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is round_table for key in column.foreign_keys)
    ]
