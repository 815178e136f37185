"""Load rows of judges, teams, proposals, assignments and scores: from the cells of a sheet to checked values.

All rows are checked before any is used, and every complaint names its row and column. An empty cell or a missing
column means: no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from judging.competition import CompetitionRules, RoundRules
from judging.errors import Message
from judging.incoming_tables.reading import ReadRow
from judging.schemas.cell_fields import (
    CountCell,
    EmailCell,
    EmailsCell,
    KeyCell,
    LineCell,
    LinkCell,
    MomentCell,
    NameCell,
    NamesCell,
    NumberCell,
    ParagraphCell,
    names_of,
)

# Names of the three languages that judges and organisers use, in addition to the tags.
LANGUAGE_SPELLINGS: dict[str, tuple[str, ...]] = {
    "en": ("English", "英文", "英語", "英语", "en-GB", "en-US"),
    "zh-Hant-HK": ("Traditional Chinese", "繁體中文", "繁体中文", "zh-HK", "zh-TW", "zh-MO", "zh-Hant"),
    "zh-Hans-CN": ("Simplified Chinese", "简体中文", "簡體中文", "zh-CN", "zh-SG", "zh-Hans", "zh"),
}

UNKNOWN_CITY = Message("`{text}` is not a city of this competition; known: {known}")
UNKNOWN_CATEGORY = Message("`{text}` is not a category of this competition; known: {known}")
UNKNOWN_CRITERION = Message("`{text}` is not a criterion of this round; known: {known}")
UNKNOWN_LANGUAGE = Message("`{text}` is not a language of proposals; known: {known}")


@dataclass(frozen=True, slots=True)
class FileColumn:
    """One column of a sheet: its heading, and a description of its content."""

    name: str
    about: Message
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class FileRow:
    """One checked row: its number in the sheet, the values of the non-empty cells, and the heading of its score."""

    number: int
    values: Mapping[str, Any]
    column: str = "score"

    def __getitem__(self, column: str) -> Any:
        """Return the value of a required column."""
        return self.values[column]

    def get(self, column: str) -> Any:
        """Return the value of a column, or None when the cell is empty."""
        return self.values.get(column)


COLUMNS: dict[str, tuple[FileColumn, ...]] = {
    "judges": (
        FileColumn("key", Message("short name of the judge, such as J01"), is_required=True),
        FileColumn("name", Message("as chairs and organisers see it; needed for a new judge")),
        FileColumn("city", Message("key or name of a city; needed for a new judge where there are several")),
        FileColumn("email", Message("gives the judge an account to sign in with")),
        FileColumn("categories", Message("those the judge scores, separated by commas; empty means all")),
        FileColumn("languages", Message("those the judge scores, separated by commas; empty means all")),
        FileColumn("max_load", Message("most proposals this judge takes on")),
        FileColumn("affiliation", Message("where the judge works; conflicts of interest are proposed from it")),
    ),
    "teams": (
        FileColumn("key", Message("short name of the team, such as T014"), is_required=True),
        FileColumn("name", Message("needed for a new team")),
        FileColumn("city", Message("key or name of a city; needed for a new team where there are several")),
        FileColumn("affiliation", Message("where the team works; conflicts of interest are proposed from it")),
        FileColumn(
            "email",
            Message("of the team, several with commas between; conflicts of interest are proposed from their domains"),
        ),
        FileColumn("mentors", Message("keys, names or e-mail addresses of its mentors, separated by commas")),
    ),
    "proposals": (
        FileColumn("key", Message("short name of the proposal, such as P014"), is_required=True),
        FileColumn("team", Message("key of its team; not needed where the team is named here")),
        FileColumn(
            "team_name",
            Message(
                "name of the team or contestant; a team of this name is made when there is none, so that no sheet "
                "of teams is needed"
            ),
        ),
        FileColumn("team_city", Message("key or name of the team's city; not needed where there is only one")),
        FileColumn("team_email", Message("of the team, several with commas between")),
        FileColumn("title", Message("needed for a new proposal")),
        FileColumn("category", Message("key or name of a category")),
        FileColumn("language", Message("of the slides: en, zh-Hant-HK or zh-Hans-CN")),
        FileColumn("summary", Message("what judges read first")),
        FileColumn("deck_url", Message("web address of the slides")),
        FileColumn("video_url", Message("web address of the video")),
    ),
    "assignments": (
        FileColumn("judge", Message("key of the judge"), is_required=True),
        FileColumn("proposal", Message("key of the proposal"), is_required=True),
        FileColumn("round", Message("key of the round, when it is not chosen with the file")),
    ),
    "scores": (
        FileColumn("proposal", Message("key of the proposal"), is_required=True),
        FileColumn("judge", Message("key of the judge"), is_required=True),
        FileColumn("score", Message("on the criterion's own scale"), is_required=True),
        FileColumn("criterion", Message("key or name of the criterion; not needed when there is only one")),
        FileColumn("comment", Message("on this criterion, or on the whole when no criterion is named")),
        FileColumn("scored_at", Message("such as 2023-07-03 14:05")),
        FileColumn("judge_city", Message("only checked against the roster")),
        FileColumn("proposal_city", Message("only checked against the roster")),
        FileColumn("category", Message("only checked against the roster")),
    ),
}
KINDS = tuple(COLUMNS)


def row_schema(kind: str, competition: CompetitionRules, rules: RoundRules | None = None) -> Schema:
    """Return the schema of one kind of row; the criteria of ``scores`` are those of the round's rules."""
    city_names = {city.key: names_of(city.name) for city in competition.cities}
    category_names = {category.key: names_of(category.name) for category in competition.categories}
    criterion_names = {criterion.key: names_of(criterion.name) for criterion in rules.rubric.criteria} if rules else {}
    city_cell = partial(NameCell, city_names, unknown=UNKNOWN_CITY)
    category_cell = partial(NameCell, category_names, unknown=UNKNOWN_CATEGORY)
    fields_by_kind: dict[str, dict[str, fields.Field[Any]]] = {
        "judges": {
            "key": KeyCell(longest=40, required=True),
            "name": LineCell(longest=200),
            "city": city_cell(),
            "email": EmailCell(),
            "categories": NamesCell(category_names, unknown=UNKNOWN_CATEGORY),
            "languages": NamesCell(LANGUAGE_SPELLINGS, unknown=UNKNOWN_LANGUAGE),
            "max_load": CountCell(),
            "affiliation": LineCell(longest=200),
        },
        "teams": {
            "key": KeyCell(longest=40, required=True),
            "name": LineCell(longest=200),
            "city": city_cell(),
            "affiliation": LineCell(longest=200),
            "email": EmailsCell(),
            "mentors": LineCell(longest=500),
        },
        "proposals": {
            "key": KeyCell(longest=60, required=True),
            "team": KeyCell(longest=40),
            "team_name": LineCell(longest=200),
            "team_city": city_cell(),
            "team_email": EmailsCell(),
            "title": LineCell(longest=300),
            "category": category_cell(),
            "language": NameCell(LANGUAGE_SPELLINGS, unknown=UNKNOWN_LANGUAGE),
            "summary": ParagraphCell(longest=5000),
            "deck_url": LinkCell(),
            "video_url": LinkCell(),
        },
        "assignments": {
            "judge": KeyCell(longest=40, required=True),
            "proposal": KeyCell(longest=60, required=True),
            "round": KeyCell(longest=60),
        },
        "scores": {
            "proposal": KeyCell(longest=60, required=True),
            "judge": KeyCell(longest=40, required=True),
            # Missing is not zero: such a row may still have a comment.
            "score": NumberCell(),
            "criterion": NameCell(criterion_names, unknown=UNKNOWN_CRITERION),
            "comment": ParagraphCell(longest=5000),
            "scored_at": MomentCell(zone=competition.zone),
            "judge_city": city_cell(),
            "proposal_city": city_cell(),
            "category": category_cell(),
        },
    }
    return Schema.from_dict(fields_by_kind[kind], name=f"{kind.title()}Row")(unknown=EXCLUDE)


def load_rows(
    kind: str,
    rows: Iterable[ReadRow],
    *,
    competition: CompetitionRules,
    rules: RoundRules | None = None,
) -> tuple[list[FileRow], list[tuple[int, str, str]]]:
    """Check the rows of one sheet.

    Parameters
    ----------
    kind : str
        One of KINDS.
    rows : iterable of ReadRow
    competition, rules
        The competition and rules with the cities, categories and criteria that the rows may name.

    Returns
    -------
    rows : list of FileRow
        The rows without a complaint, in order.
    complaints : list of (row number, column, complaint)
    """
    schema = row_schema(kind, competition, rules)
    checked = []
    complaints = []
    for row in rows:
        try:
            checked.append(FileRow(row.number, schema.load(dict(row.values)), row.column))
        except ValidationError as error:
            complaints_of_row = error.messages_dict
            complaints += [
                (row.number, column, _message(text)) for column, texts in complaints_of_row.items() for text in texts
            ]
    return checked, complaints


def _message(text: str) -> str:
    # The only message of marshmallow itself that can occur here is that of a missing cell.
    return text if isinstance(text, Message) else Message("this cell must be filled in")
