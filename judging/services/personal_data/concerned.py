"""Whose personal data a removal concerns: people, judges and teams that take part in no other event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import or_
from sqlmodel import Session, col, select

from judging import tables
from judging.tables.competitions import addresses_in

DOMAIN = "removed.invalid"
"""The domain of addresses that reach nobody; no real one ends so (RFC 2606)."""
_SUBJECTS = ("appeal", "award", "meeting", "person", "release", "round", "rules", "session")
"""Words with which subjects in the log begin."""
_DIGEST = re.compile(r"[0-9a-fA-F]{12,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """Rows that get pseudonyms, and the texts that stand for them elsewhere.

    Attributes
    ----------
    people, judges, teams : mapping of row to pseudonym
    words : mapping of text to pseudonym
        Names, addresses and affiliations, present and earlier ones.
    """

    people: dict[int, str]
    judges: dict[int, str]
    teams: dict[int, str]
    words: dict[str, str]


def concerned_by(session: Session, competition: tables.Competition, *, kept: frozenset[int]) -> Concerned:
    """Return whose data are removed; ``kept`` are people who keep their accounts, such as the one who asks.

    Whoever is there already under a pseudonym is there again: a removal that was interrupted goes on.
    """
    people = {row.pk: f"Person {row.pk}" for row in _people_of(session, competition, kept)}
    judges = [
        row
        for row in session.exec(select(tables.Judge).where(tables.Judge.competition_id == competition.id))
        if row.person_id is None or row.person_id in people
    ]
    teams = session.exec(select(tables.Team).where(tables.Team.competition_id == competition.id)).all()
    concerned = Concerned(
        people=people,
        judges={row.pk: f"Judge {row.key}" for row in judges},
        teams={row.pk: f"Team {row.key}" for row in teams},
        words={},
    )
    codes = _codes_of(session, competition)
    for text, pseudonym in _words(session, competition, concerned):
        if len(text := text.strip()) < 2 or text.casefold() in codes or _DIGEST.fullmatch(text):
            continue
        if text != pseudonym and not text.endswith(f"@{DOMAIN}"):
            concerned.words.setdefault(text, pseudonym)
    return concerned


def _people_of(session: Session, competition: tables.Competition, kept: frozenset[int]) -> list[tables.Person]:
    person, role, judge, setup = tables.Person, tables.Role, tables.Judge, tables.SetupLink
    here = or_(
        col(person.id).in_(select(role.person_id).where(role.competition_id == competition.id)),
        col(person.id).in_(select(judge.person_id).where(judge.competition_id == competition.id)),
        # Whose role was taken away is in the record of the event all the same.
        col(person.id).in_(
            select(tables.AuditEntry.person_id).where(tables.AuditEntry.competition_id == competition.id)
        ),
        col(person.id).in_(
            select(tables.FormerEntry.person_id).where(tables.FormerEntry.competition_id == competition.id)
        ),
    )
    elsewhere = or_(
        col(person.id).in_(select(role.person_id).where(role.competition_id != competition.id)),
        col(person.id).in_(
            select(judge.person_id).where(judge.competition_id != competition.id, col(judge.person_id).is_not(None))
        ),
        # Who signed or decided in another event has a name there, also without a role by now.
        col(person.id).in_(
            select(tables.AuditEntry.person_id).where(
                col(tables.AuditEntry.competition_id).is_not(None),
                col(tables.AuditEntry.competition_id) != competition.id,
                col(tables.AuditEntry.person_id).is_not(None),
            )
        ),
        col(person.id).in_(
            select(tables.FormerEntry.person_id).where(
                tables.FormerEntry.competition_id != competition.id, col(tables.FormerEntry.person_id).is_not(None)
            )
        ),
        # Whoever has set up the installation may make the next event.
        col(person.id).in_(select(setup.person_id).where(col(setup.person_id).is_not(None))),
    )
    query = select(person).where(here, ~elsewhere).order_by(col(person.id))
    return [row for row in session.exec(query) if row.pk not in kept]


def _codes_of(session: Session, competition: tables.Competition) -> set[str]:
    """Return what entries of the log are about: a team with such a name would take it out of the log."""
    codes = set(_SUBJECTS)
    for table in (tables.Round, tables.Proposal, tables.Judge, tables.Team):
        keys = session.exec(select(table.key).where(table.competition_id == competition.id))
        codes |= {key.casefold() for key in keys}
    return codes


def _words(session: Session, competition: tables.Competition, concerned: Concerned) -> Iterator[tuple[str, str]]:
    """Yield every text that names somebody, with the pseudonym for it."""
    for person in session.exec(select(tables.Person).where(col(tables.Person.id).in_(concerned.people))):
        yield from ((text, concerned.people[person.pk]) for text in (person.email, person.name))
    for change in session.exec(
        select(tables.AccountChange).where(col(tables.AccountChange.person_id).in_(concerned.people))
    ):
        if change.kind in ("address", "name"):
            yield from ((text, concerned.people[change.person_id]) for text in (change.old_value, change.new_value))
    by_key: dict[tuple[str, str], str] = {}
    for judge in session.exec(select(tables.Judge).where(col(tables.Judge.id).in_(concerned.judges))):
        pseudonym = by_key["judges", judge.key] = concerned.judges[judge.pk]
        yield from ((judge.name, pseudonym), (judge.affiliation or "", pseudonym))
    for team in session.exec(select(tables.Team).where(col(tables.Team.id).in_(concerned.teams))):
        pseudonym = by_key["teams", team.key] = concerned.teams[team.pk]
        of_team = (team.name, team.email, *team.emails, team.affiliation, team.mentors)
        yield from ((text or "", pseudonym) for text in of_team)
    asked = (
        select(tables.Appeal.asked_by, tables.Proposal.team_id)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Appeal.proposal_id))
        .where(tables.Proposal.competition_id == competition.id)
    )
    yield from ((name, concerned.teams[number]) for name, number in session.exec(asked) if number in concerned.teams)
    changes = tables.RosterChange
    for row in session.exec(select(changes).where(changes.competition_id == competition.id)):
        if (pseudonym_of := by_key.get((row.kind, row.row_key))) is not None:
            for field in ("name", "email", "affiliation", "mentors"):
                texts = [text for text in row.changes.get(field, ()) if isinstance(text, str)]
                yield from ((text, pseudonym_of) for text in texts)
                if field == "email":
                    yield from ((one, pseudonym_of) for text in texts for one in addresses_in(text))
