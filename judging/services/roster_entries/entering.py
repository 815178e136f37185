"""Enter judges, teams and proposals by hand, one or many at once, with the checks of a file: all of them or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from judging import tables
from judging.competition import CompetitionRules
from judging.errors import InvalidInput, Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.reading import ReadRow
from judging.schemas.roster_rows import COLUMNS, FileRow, load_rows
from judging.services import audit
from judging.services.access import Actor, get_competition
from judging.services.competitions.definitions import definition_of, is_practice, list_rounds
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports import rosters
from judging.services.imports.completing import complete, form_of
from judging.services.imports.import_report import ImportSheet
from judging.services.roster_entries.editing import rows_of, texts_of
from judging.services.roster_entries.history import RosterLog
from judging.services.roster_entries.proposed_keys import next_keys
from judging.services.rounds import practice

MOST_ROWS = 100
"""Of one form; more come in a file."""
_OWN = {
    "judges": ("name", "email"),
    "teams": ("name", "email"),
    "proposals": ("title", "team", "team_name", "team_email"),
}
"""What makes a row of a form one that is meant: keys, cities and categories are proposed."""


@dataclass(frozen=True, slots=True)
class TypedRows:
    """Checked rows, numbered as in their form; ``proposed`` has the numbers of those whose key nobody has chosen."""

    kind: str
    rows: tuple[FileRow, ...]
    proposed: frozenset[int]


@dataclass(frozen=True, slots=True)
class EnteredRows:
    """The keys of the rows, and of the teams that were made with them.

    ``is_again`` says that the same rows were stored before: the form was sent twice.
    """

    keys: tuple[str, ...]
    team_keys: tuple[str, ...] = ()
    is_again: bool = False


def place_of(number: int, column: str) -> str:
    """Return the name of a field in a form of several rows."""
    return f"{column}-{number}"


def of_one_row(error: InvalidInput) -> InvalidInput:
    """Return the complaints about the only row of a form by field alone."""
    messages = {field.removesuffix("-1"): texts for field, texts in error.messages.items()}
    return InvalidInput(messages, error.message)


def propose_keys(session: Session, actor: Actor, competition_key: str, kind: str, n: int) -> list[str]:
    """Return the next keys of a roster, for a form; see ``proposed_keys.next_keys``."""
    competition_row = get_competition(session, actor, competition_key, "organiser")
    return next_keys(kind, rows_of(CompetitionRoster.of(session, competition_row), kind), n)


def read_rows(
    session: Session, actor: Actor, competition_key: str, kind: str, typed: Sequence[Mapping[str, str]]
) -> TypedRows:
    """Read the rows of a form, numbered from 1; a reading session is enough.

    A value ``proposed_key`` says which key the form had proposed. Rows with nothing but what was proposed are left
    out, unless there is only one.

    Raises
    ------
    InvalidInput
        With every complaint by field, as ``place_of`` names it.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    rules = definition_of(competition_row)
    columns = [column.name for column in COLUMNS[kind]]
    texts = {
        number: {name: text for name in columns if (text := str(row.get(name) or "").strip())}
        for number, row in enumerate(typed, 1)
    }
    meant = {number: row for number, row in texts.items() if len(texts) == 1 or any(name in row for name in _OWN[kind])}
    if not meant:
        raise InvalidInput({place_of(1, _OWN[kind][0]): Message("this must be filled in")})
    if len(meant) > MOST_ROWS:
        raise InvalidInput({"rows": Message("At most {n} rows fit into one form. Import a file.", n=MOST_ROWS)})
    not_chosen = frozenset(
        number for number, row in meant.items() if row.get("key") in (None, typed[number - 1].get("proposed_key"))
    )
    roster = CompetitionRoster.of(session, competition_row)
    typed_keys = [row["key"] for row in meant.values() if "key" in row]
    proposed = iter(next_keys(kind, [*rows_of(roster, kind), *typed_keys], len(meant) - len(typed_keys)))
    rows, found = load_rows(
        kind,
        [ReadRow(number, row if "key" in row else {**row, "key": next(proposed)}) for number, row in meant.items()],
        competition=rules,
    )
    complaints: dict[str, list[str]] = {}
    for number, column, text in found:
        complaints.setdefault(place_of(number, column), []).append(text)
    for number, row in meant.items():
        for column in _missing(kind, row, rules):
            complaints.setdefault(place_of(number, column), []).append(Message("this must be filled in"))
    if complaints:
        raise InvalidInput(complaints)
    return TypedRows(kind, tuple(rows), not_chosen)


def _missing(kind: str, row: Mapping[str, str], rules: CompetitionRules) -> list[str]:
    """Return the columns that a new row needs and does not have."""
    if kind == "proposals":
        needed = ["title"] if "team" in row else ["title", "team_name"]
    else:
        needed = ["name"] if len(rules.cities) == 1 else ["name", "city"]
    return [column for column in needed if column not in row]


def add_rows(
    session: Session, actor: Actor, competition_key: str, typed: TypedRows, *, may_be_again: bool = False, at: datetime
) -> EnteredRows:
    """Add rows to a roster, and the teams that proposals name; new proposals enter the first round that is not closed.

    Parameters
    ----------
    session, actor, competition_key
        Of a write transaction; an organiser.
    typed : TypedRows
    may_be_again : bool
        Rows that are stored already as they are here are no mistake: a form was sent twice.
    at : datetime

    Raises
    ------
    InvalidInput
        With every complaint by field.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    # Locked, so that two forms do not get the same keys.
    session.refresh(competition_row, with_for_update={"key_share": True})
    rules = definition_of(competition_row)
    roster = CompetitionRoster.of(session, competition_row)
    sheet = ImportSheet(typed.kind, "", typed.rows)
    if may_be_again and _are_stored(sheet, roster):
        return EnteredRows(tuple(row["key"] for row in sheet.rows), is_again=True)
    sheet = replace(sheet, rows=_with_free_keys(typed, rows_of(roster, typed.kind)))
    sheets = _checked(session, sheet, roster, rules)
    team_keys = _store(session, actor, competition_row, roster, sheets, at=at)
    keys = tuple(row["key"] for row in sheet.rows)
    log = RosterLog(session, actor, competition_row.pk, at=at)
    for kind, added in (("teams", team_keys), (typed.kind, keys)):
        for key in added:
            texts = texts_of(kind, rows_of(roster, kind)[key], roster)
            log.note(kind, key, "added", {name: ("", text) for name, text in texts.items() if text})
    session.flush()
    audit.record(
        session,
        actor,
        "roster.changed",
        f"{competition_row.key} {', '.join(keys)}"[:200],
        at=at,
        competition_id=competition_row.pk,
        detail={"kind": typed.kind, "action": "added", "keys": list(keys), "teams": list(team_keys)},
    )
    return EnteredRows(keys, team_keys)


def _with_free_keys(typed: TypedRows, existing: Mapping[str, Any]) -> tuple[FileRow, ...]:
    """Return the rows; a proposed key that somebody else has used since is exchanged for one that is free."""
    is_taken = {row.number for row in typed.rows if row.number in typed.proposed and row["key"] in existing}
    others = [row["key"] for row in typed.rows if row.number not in is_taken]
    free = iter(next_keys(typed.kind, [*existing, *others], len(is_taken)))
    return tuple(
        replace(row, values={**row.values, "key": next(free)}) if row.number in is_taken else row for row in typed.rows
    )


def _are_stored(sheet: ImportSheet, roster: CompetitionRoster) -> bool:
    """Return whether every row is on the roster with just these values."""
    teams = {team.pk: team for team in roster.teams.values()}
    for row in sheet.rows:
        stored = rows_of(roster, sheet.kind).get(row["key"])
        if stored is None:
            return False
        texts = texts_of(sheet.kind, stored, roster)
        if isinstance(stored, tables.Proposal):
            team = teams[stored.team_id]
            texts |= {"team_name": team.name, "team_city": team.city, "team_email": team.email or ""}
        for name, value in row.values.items():
            text = ", ".join(value) if isinstance(value, list) else str(value)
            if name != "key" and form_of(text) != form_of(texts.get(name, "")):
                return False
    return True


def _checked(
    session: Session, sheet: ImportSheet, roster: CompetitionRoster, rules: CompetitionRules
) -> tuple[ImportSheet, ...]:
    complaints = Complaints()
    sheets = complete((sheet,), roster, rules, complaints)
    in_form = {"judges": frozenset[str](), "proposals": frozenset[str]()}
    in_form["teams"] = frozenset(row["key"] for one in sheets if one.kind == "teams" for row in one.rows)
    for one in sheets:
        rosters.check_rows(session, one, roster, in_form, complaints)
        if one.prefix:
            _complain_about_changed_teams(one, roster, complaints)
    for row in sheet.rows:
        if row["key"] in rows_of(roster, sheet.kind):
            complaints.add("", row.number, "key", Message("`{key}` is on the roster already", key=row["key"]))
    found: dict[str, list[str]] = {}
    for (_, number), texts in complaints.by_row.items():
        for column, text in texts:
            found.setdefault(place_of(number, column), []).append(text)
    if found:
        raise InvalidInput(found)
    return sheets


def _complain_about_changed_teams(sheet: ImportSheet, roster: CompetitionRoster, complaints: Complaints) -> None:
    """Complain about an entry that would change a team which is there: perhaps it is another one of the same name."""
    for row in sheet.rows:
        team = roster.teams.get(row["key"])
        for name, value in row.values.items():
            if team is not None and name != "key" and (stored := getattr(team, name)) != value:
                text = Message(
                    "team {team} ({name}) has something else: {stored}. Leave this empty for an entry of this team, or "
                    "give another team another name",
                    team=team.key,
                    name=team.name,
                    stored=stored or "–",
                )
                complaints.add(sheet.name, row.number, f"{sheet.prefix}{name}", text)


def _store(
    session: Session,
    actor: Actor,
    competition_row: tables.Competition,
    roster: CompetitionRoster,
    sheets: Sequence[ImportSheet],
    *,
    at: datetime,
) -> tuple[str, ...]:
    """Store checked sheets; return the keys of the teams that came with proposals."""
    team_keys: tuple[str, ...] = ()
    for sheet in sheets:
        if sheet.kind == "teams":
            if sheet.prefix:
                team_keys = tuple(row["key"] for row in sheet.rows if row["key"] not in roster.teams)
            rosters.store_teams(session, sheet, roster)
        elif sheet.kind == "judges":
            rosters.store_judges(session, actor, sheet, roster, at=at)
        else:
            rounds = [row for row in list_rounds(session, competition_row) if not is_practice(row)]
            first = rounds[0] if rounds and rounds[0].state != "closed" else None
            rosters.store_proposals(session, sheet, roster, round_row=first)
    if any(sheet.kind != "teams" for sheet in sheets):
        practice.follow_roster(session, competition_row, at=at)
    return team_keys
