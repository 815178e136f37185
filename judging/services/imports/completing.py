"""What goes without saying in rows of a roster: the only city, the only category, the team of a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from judging.competition import CompetitionRules
from judging.errors import Listed, Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.texts.spelling import folded_script
from judging.schemas.roster_rows import FileRow
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports.import_report import ImportSheet
from judging.services.imports.rosters import inline_teams
from judging.services.roster_entries.proposed_keys import next_keys


@dataclass(slots=True)
class TeamsByName:
    """The keys of teams by the form in which names are compared; several where teams have the same name."""

    keys: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, roster: CompetitionRoster, sheets: Iterable[ImportSheet] = ()) -> Self:
        """Return the teams of a roster, and those that sheets of the same file add."""
        teams = cls()
        names = {key: team.name for key, team in roster.teams.items()}
        for sheet in sheets:
            if sheet.kind == "teams":
                names |= {row["key"]: row["name"] for row in sheet.rows if row.get("name") is not None}
        for key, name in names.items():
            teams.add(key, name)
        return teams

    def add(self, key: str, name: str) -> None:
        """Add one team."""
        self.keys.setdefault(form_of(name), []).append(key)

    def find(self, name: str) -> list[str]:
        """Return the keys of the teams of this name."""
        return self.keys.get(form_of(name), [])


def form_of(name: str) -> str:
    """Return a name without the differences of blanks, case, width and script."""
    return folded_script(name).replace(" ", "")


def complete(
    sheets: Sequence[ImportSheet], roster: CompetitionRoster, rules: CompetitionRules, complaints: Complaints
) -> tuple[ImportSheet, ...]:
    """Return the sheets with what their rows leave out because there is only one possibility.

    A new judge or team is of the only city, a new proposal of the only category. A proposal with the name of a team
    and without its key belongs to the team of this name, of the roster or of the file; without one a team is made.
    Before each sheet of proposals stands one of the teams that its own columns define. Rows that are on the roster
    stay as they are: there, an empty cell changes nothing.
    """
    names = TeamsByName.of(roster, sheets)
    used = [*roster.teams, *(row["key"] for sheet in sheets if sheet.kind == "teams" for row in sheet.rows)]
    used += [row["team"] for sheet in sheets if sheet.kind == "proposals" for row in sheet.rows if row.get("team")]
    completed: list[ImportSheet] = []
    for sheet in sheets:
        if sheet.kind == "proposals":
            named = replace(sheet, rows=tuple(_with_team(sheet, row, names, used, complaints) for row in sheet.rows))
            completed += [inline_teams(named, complaints), named]
        else:
            completed.append(sheet)
    return tuple(_with_only_choices(sheet, roster, rules) for sheet in completed)


def _with_team(
    sheet: ImportSheet, row: FileRow, names: TeamsByName, used: list[str], complaints: Complaints
) -> FileRow:
    """Return a row of a proposal with the key of the team that it names."""
    name = row.get("team_name")
    if name is None:
        return row
    found = names.find(name)
    if row.get("team") is not None:
        if row["team"] not in found:
            names.add(row["team"], name)
        return row
    if len(found) > 1:
        text = Message("several teams are called `{name}`: {teams}; give the key of the one that is meant",
                       name=name, teams=Listed(found))  # fmt: skip
        complaints.add(sheet.name, row.number, "team", text)
        return row
    if found:
        # The team keeps the spelling of its name.
        values = {column: value for column, value in row.values.items() if column != "team_name"}
        return replace(row, values={**values, "team": found[0]})
    key = next_keys("teams", used, 1)[0]
    used.append(key)
    names.add(key, name)
    return replace(row, values={**row.values, "team": key})


def _with_only_choices(sheet: ImportSheet, roster: CompetitionRoster, rules: CompetitionRules) -> ImportSheet:
    only: dict[str, Any] = {}
    if sheet.kind in ("judges", "teams") and len(rules.cities) == 1:
        only["city"] = rules.cities[0].key
    if sheet.kind == "proposals" and len(rules.categories) == 1:
        only["category"] = rules.categories[0].key
    if not only:
        return sheet
    existing = getattr(roster, sheet.kind)
    rows = (row if row["key"] in existing else replace(row, values={**only, **row.values}) for row in sheet.rows)
    return replace(sheet, rows=tuple(rows))
