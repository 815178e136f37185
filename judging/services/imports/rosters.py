"""Import judges, teams and proposals: check the rows against the roster, then add or update them by key.

An import never deletes: a row that is missing in the file remains in the roster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.field_words import word_of
from judging.schemas.cell_fields import look_of
from judging.schemas.roster_rows import FileRow
from judging.services.access import Actor
from judging.services.assignments.declared_conflicts import close_conflicted
from judging.services.authentication.sign_in import revoke_unused_links
from judging.services.competitions.roster import CompetitionRoster, enter_round, without_practice
from judging.services.imports.account_names import complain_about_name
from judging.services.imports.import_report import (
    ImportOutcome,
    ImportSheet,
    complain_about_repeats,
    upsert,
)
from judging.services.imports.same_names import same_name_notes
from judging.services.people.granting import give_role, names_of_responsible
from judging.services.roster_entries.history import RosterLog

_NEEDED = {
    "judges": ("name", "city"),
    "teams": ("name", "city"),
    "proposals": ("team", "title"),
}


def inline_teams(sheet: ImportSheet, complaints: Complaints) -> ImportSheet:
    """Return the teams that a sheet of proposals defines in its own columns."""
    teams: dict[str, FileRow] = {}
    for row in sheet.rows:
        cells = {name: row.get(f"team_{name}") for name in ("name", "city", "email")}
        values = {name: value for name, value in cells.items() if value is not None}
        if row.get("team") is None or not values:
            continue
        earlier = teams.setdefault(row["team"], FileRow(row.number, {"key": row["team"], **values}))
        for name, value in values.items():
            if earlier.values.get(name, value) != value:
                text = Message(
                    "team {team} has something else in row {row}: {what} {value}",
                    team=row["team"],
                    what=word_of(f"team_{name}"),
                    value=earlier.values[name],
                    row=earlier.number,
                )
                complaints.add(sheet.name, row.number, f"team_{name}", text)
    return ImportSheet("teams", sheet.name, tuple(teams.values()), prefix="team_")


def check_rows(
    session: Session,
    sheet: ImportSheet,
    roster: CompetitionRoster,
    in_file: Mapping[str, frozenset[str]],
    complaints: Complaints,
) -> None:
    """Complain about rows of judges, teams or proposals that cannot be stored.

    ``in_file`` contains the keys, by kind, that other sheets of the same file add.
    """
    complain_about_repeats(sheet, ("key",), complaints)
    existing: Mapping[str, Any] = getattr(roster, sheet.kind)
    _complain_about_look_alikes(sheet, existing, complaints)
    for row in sheet.rows:
        if row["key"] not in existing:
            for column in _NEEDED[sheet.kind]:
                place = sheet.prefix + column
                if row.get(column) is None and not complaints.has(sheet.name, row.number, place):
                    complaints.add(sheet.name, row.number, place, _missing(column, row["key"]))
        team = row.get("team")
        if team is not None and team not in roster.teams and team not in in_file["teams"]:
            text = Message("there is no team `{team}`; add it to the teams, or give its name in this row", team=team)
            complaints.add(sheet.name, row.number, "team", text)
    if sheet.kind == "judges":
        _check_emails(session, sheet, roster, complaints)


def _missing(column: str, key: str) -> Message:
    if column == "team":
        return Message("`{key}` is new here: give the key of its team, or the name of the team or contestant", key=key)
    return Message("`{key}` is new here, so this cell must be filled in", key=key)


def _complain_about_look_alikes(sheet: ImportSheet, existing: Mapping[str, Any], complaints: Complaints) -> None:
    """Complain about a new key that readers may take for another one, such as `p001` for `P001`."""
    keys = {look_of(key): key for key in existing}
    for row in sheet.rows:
        other = row["key"] if row["key"] in existing else keys.setdefault(look_of(row["key"]), row["key"])
        if other != row["key"]:
            text = Message(
                "`{key}` is easily taken for `{other}`: give one of them another key, or the same if they are the same",
                key=row["key"],
                other=other,
            )
            complaints.add(sheet.name, row.number, "key", text)


def _check_emails(session: Session, sheet: ImportSheet, roster: CompetitionRoster, complaints: Complaints) -> None:
    email_of = {judge.key: roster.emails.get(judge.pk) for judge in roster.judges.values()}
    email_of.update({row["key"]: row.get("email") for row in sheet.rows if row.get("email") is not None})
    owners: dict[str, list[str]] = {}
    for key, email in email_of.items():
        if email is not None:
            owners.setdefault(email, []).append(key)
    people = _people(session, [row["email"] for row in sheet.rows if row.get("email") is not None])
    in_use = accounts_in_use(session, roster)
    responsible = names_of_responsible(session, roster.competition_id)
    for row in sheet.rows:
        stored = roster.judges.get(row["key"])
        complain_about_name(sheet, row, stored, people, responsible, complaints)
        if stored is not None and stored.person_id in in_use:
            _check_account_in_use(sheet, row, stored, in_use[stored.person_id], complaints)
        person = people.get(row.get("email") or "")
        if person is not None and not person.is_active:
            text = Message("the account of {email} is switched off; invite this person first", email=person.email)
            complaints.add(sheet.name, row.number, "email", text)
        others = [key for key in owners.get(row.get("email") or "", []) if key != row["key"]]
        if others:
            text = Message("{email} is already the address of judge {judge}", email=row["email"], judge=others[0])
            complaints.add(sheet.name, row.number, "email", text)


def accounts_in_use(session: Session, roster: CompetitionRoster) -> dict[int, tables.Person]:
    """Return the accounts of judges that somebody has signed in to, by their key."""
    ids = [judge.person_id for judge in roster.judges.values() if judge.person_id is not None]
    people = session.exec(select(tables.Person).where(col(tables.Person.id).in_(ids))).all()
    return {
        person.pk: person
        for person in people
        if person.first_signed_in_at is not None or person.password_hash is not None
    }


def _check_account_in_use(
    sheet: ImportSheet, row: FileRow, judge: tables.Judge, account: tables.Person, complaints: Complaints
) -> None:
    """Complain about a row that would give a judge's scoresheets to another account, or the account another name."""
    if row.get("email") not in (None, account.email):
        text = Message(
            "judge {judge} uses the account {email}; another address needs this person's consent: page People",
            judge=judge.key,
            email=account.email,
        )
        complaints.add(sheet.name, row.number, "email", text)
    if row.get("name") not in (None, judge.name):
        text = Message(
            "judge {judge} uses an account; another name needs this person's consent: page People", judge=judge.key
        )
        complaints.add(sheet.name, row.number, "name", text)


def store_teams(
    session: Session, sheet: ImportSheet, roster: CompetitionRoster, *, log: RosterLog | None = None
) -> ImportOutcome:
    """Add and update teams."""
    existing = dict(roster.teams)
    notes = same_name_notes("teams", sheet.rows, {key: team.name for key, team in existing.items()})
    updates = []
    for row in sheet.rows:
        values = {
            name: row[name] for name in ("name", "city", "affiliation", "email", "mentors") if row.get(name) is not None
        }
        stored = roster.teams.setdefault(
            row["key"], tables.Team(competition_id=roster.competition_id, key=row["key"], name="", city="")
        )
        updates.append((row, stored, values))
    outcome = upsert(session, "teams", updates, existing, log)
    session.flush()
    return replace(outcome, notes=(*outcome.notes, *notes))


def store_judges(
    session: Session,
    actor: Actor,
    sheet: ImportSheet,
    roster: CompetitionRoster,
    *,
    at: datetime,
    log: RosterLog | None = None,
) -> ImportOutcome:
    """Add and update judges; a judge with an e-mail address gets an account with the role of a judge."""
    existing = dict(roster.judges)
    notes = same_name_notes("judges", sheet.rows, {key: judge.name for key, judge in existing.items()})
    people = _people(session, [row["email"] for row in sheet.rows if row.get("email") is not None])
    updates = []
    for row in sheet.rows:
        columns = ("name", "city", "categories", "languages", "max_load", "affiliation")
        values: dict[str, Any] = {name: row[name] for name in columns if row.get(name) is not None}
        stored = roster.judges.setdefault(
            row["key"],
            tables.Judge(competition_id=roster.competition_id, key=row["key"], name="", city=""),
        )
        updates.append((row, stored, values))
    outcome = upsert(session, "judges", updates, existing, log)
    for row, stored, _ in updates:
        email = row.get("email")
        if email is None:
            continue
        person = people.get(email)
        if person is None:
            person = people[email] = tables.Person(email=email, name=stored.name, created_at=at)
            session.add(person)
            session.flush()
        _give_account(session, actor, stored, person, at=at)
    session.flush()
    # What a person has declared holds for the judge of this account from now on.
    close_conflicted(session, session.get_one(tables.Competition, roster.competition_id))
    return replace(outcome, notes=(*outcome.notes, *notes))


def _people(session: Session, emails: list[str]) -> dict[str, tables.Person]:
    people = session.exec(select(tables.Person).where(col(tables.Person.email).in_(emails))).all()
    return {person.email: person for person in people}


def _give_account(session: Session, actor: Actor, judge: tables.Judge, person: tables.Person, *, at: datetime) -> None:
    """Connect a judge to a person; the person who was connected before loses the role of a judge."""
    if judge.person_id == person.id:
        return
    roles = select(tables.Role).where(tables.Role.competition_id == judge.competition_id, tables.Role.role == "judge")
    if judge.person_id is not None:
        # Nobody has used that account: `check_rows` refuses the others.
        for role in session.exec(roles.where(tables.Role.person_id == judge.person_id)):
            session.delete(role)
        revoke_unused_links(session, judge.person_id, at=at)
    judge.person_id = person.id
    # Who has left gets the role again when the judge is put back.
    if judge.is_active and session.exec(roles.where(tables.Role.person_id == person.id)).first() is None:
        give_role(session, actor, person, judge.competition_id, "judge", None, given_by=actor.person_id, at=at)
    session.flush()


def store_proposals(
    session: Session,
    sheet: ImportSheet,
    roster: CompetitionRoster,
    *,
    round_row: tables.Round | None,
    log: RosterLog | None = None,
) -> ImportOutcome:
    """Add and update proposals; new ones enter the round, and with a chosen round all of them do."""
    existing = dict(roster.proposals)
    titles = {key: proposal.title for key, proposal in existing.items()}
    notes = same_name_notes("proposals", sheet.rows, titles, column="title")
    updates = []
    for row in sheet.rows:
        columns = ("title", "category", "language", "summary", "deck_url", "video_url")
        values: dict[str, Any] = {name: row[name] for name in columns if row.get(name) is not None}
        if row.get("team") is not None:
            values["team_id"] = roster.teams[row["team"]].id
        stored = roster.proposals.setdefault(
            row["key"], tables.Proposal(competition_id=roster.competition_id, key=row["key"], title="", team_id=0)
        )
        updates.append((row, stored, values))
    outcome = upsert(session, "proposals", updates, existing, log)
    session.flush()
    if round_row is not None:
        enter_round(session, round_row, without_practice(session, [stored for _, stored, _ in updates], round_row))
    return replace(outcome, notes=(*outcome.notes, *notes))
