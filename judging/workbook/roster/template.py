"""The roster workbook for download: empty sheets with headings, lists of choices, instructions."""

import io
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet.datavalidation import DataValidation

from judging.competition import CompetitionRules, RoundRules
from judging.rubric import LANGUAGES, Text
from judging.workbook import style
from judging.workbook.cells import clean, put_text
from judging.workbook.headings import in_line, stacked
from judging.workbook.roster.columns import ROSTER, SHEET_NAMES, RosterColumn

_LISTS = "Lists"
INSTRUCTIONS = "Instructions"
_LAST_ROW = 5000
_WIDTHS = {
    "key": 14.0,
    "title": 40.0,
    "summary": 50.0,
    "email": 28.0,
    "team_email": 28.0,
    "deck_url": 36.0,
    "video_url": 36.0,
    "name": 26.0,
}

_STEPS = (
    Text(
        "Fill in the sheets you need and leave the others empty; the first row must stay as it is.",
        "填寫所需的工作表，其餘留空；首行標題請勿更改。",
        "填写所需的工作表，其余留空；首行标题请勿更改。",
    ),
    Text(
        "Upload the file on the organiser's page. Everything is checked first; when something is wrong, nothing is "
        "stored and every mistake is listed by row.",
        "在主辦機構頁面上載檔案。系統會先檢查全部內容；如有錯誤，不會儲存任何資料，並逐行列出錯誤。",
        "在主办单位页面上传文件。系统会先检查全部内容；如有错误，不会保存任何数据，并逐行列出错误。",
    ),
    Text(
        "A row with a known key changes what is stored under it; an empty cell changes nothing. Formulas are refused: "
        "paste values.",
        "編號已存在的行會更新該項資料；空白儲存格不會更改任何內容。不接受公式，請貼上數值。",
        "编号已存在的行会更新该项数据；空白单元格不会更改任何内容。不接受公式，请粘贴为数值。",
    ),
)


def write_template(competition: CompetitionRules, rules: RoundRules | None = None) -> bytes:
    """Return the roster template of a competition; the criteria offered for scores are those of one round."""
    book = Workbook(write_only=True)
    book.properties.title = clean(competition.name.in_locale(LANGUAGES[0]))
    book.properties.creator = "judging"
    choices = _choices(competition, rules)
    ranges = _ranges(choices)
    columns_of = {kind: _needed(columns, competition) for kind, columns in ROSTER.items()}
    for kind, columns in columns_of.items():
        _write_roster_sheet(book, kind, columns, ranges)
    _write_instructions(book, competition, columns_of)
    _write_lists(book, choices)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _needed(columns: tuple[RosterColumn, ...], competition: CompetitionRules) -> tuple[RosterColumn, ...]:
    """Return the columns without those that have only one possible value in this competition."""
    only = {
        "cities": len(competition.cities) == 1,
        "categories": len(competition.categories) <= 1,
        "languages": len(competition.languages) == 1,
    }
    return tuple(column for column in columns if not only.get(column.choices or column.name, False))


def _choices(competition: CompetitionRules, rules: RoundRules | None) -> dict[str, list[str]]:
    return {
        "cities": [city.key for city in competition.cities],
        "categories": [category.key for category in competition.categories],
        "languages": list(LANGUAGES),
        "rounds": list(competition.rounds),
        "criteria": list(rules.rubric.keys) if rules else [],
    }


def _ranges(choices: dict[str, list[str]]) -> dict[str, str]:
    """Return the range of each list. A list in the cell's rule has at most 255 characters; a range has no limit."""
    letters = style.column_letters(len(choices))
    return {
        name: f"{_LISTS}!${letter}$2:${letter}${len(values) + 1}"
        for letter, (name, values) in zip(letters, choices.items(), strict=True)
        if values
    }


def _write_roster_sheet(book: Workbook, kind: str, columns: tuple[RosterColumn, ...], ranges: dict[str, str]) -> None:
    sheet: Any = book.create_sheet(kind)
    sheet.sheet_properties.tabColor = style.TABS["result"]
    sheet.freeze_panes = "B2"
    for letter, column in zip(style.column_letters(len(columns)), columns, strict=True):
        sheet.column_dimensions[letter].width = _WIDTHS.get(column.name, 18.0)
        if column.choices in ranges:
            rule = DataValidation("list", formula1=ranges[column.choices], allow_blank=True)
            # A warning, not an error: names in any language are accepted as well as keys.
            rule.errorStyle = "warning"
            rule.add(f"{letter}2:{letter}{_LAST_ROW}")
            sheet.data_validations.append(rule)
        # Format text: keys such as 007 and dates are not changed.
        if column.name not in ("score", "max_load"):
            sheet.column_dimensions[letter].number_format = "@"
    sheet.row_dimensions[1].height = style.height_of(3)
    style.set_up_print(
        sheet, heading_row=1, n_columns=len(columns), title=in_line(SHEET_NAMES[kind]), footer="", moment=""
    )
    sheet.append([_heading(sheet, column) for column in columns])


def _heading(sheet: Any, column: RosterColumn) -> Any:
    cell = WriteOnlyCell(sheet)
    put_text(cell, stacked(column.heading))
    cell.font = style.HEADING_FONT
    cell.fill = style.HEADING_FILL if column.is_required else style.OPTIONAL_FILL
    cell.alignment = style.heading_alignment()
    return cell


def _write_instructions(
    book: Workbook, competition: CompetitionRules, columns_of: Mapping[str, tuple[RosterColumn, ...]]
) -> None:
    sheet: Any = book.create_sheet(INSTRUCTIONS)
    sheet.sheet_properties.tabColor = style.TABS["record"]
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDE", (16, 16, 60, 46, 46), strict=True):
        sheet.column_dimensions[letter].width = width
    style.set_up_print(sheet, heading_row=1, n_columns=5, title=in_line(competition.name), footer="", moment="")
    rows = [("Sheet", "Column", "English", "繁體中文", "简体中文")]
    rows += [("", "", *_languages(step)) for step in _STEPS]
    rows += [
        (kind, column.name + (" *" if column.is_required else ""), *_languages(column.about))
        for kind, columns in columns_of.items()
        for column in columns
    ]
    for number, row in enumerate(rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet)
            put_text(cell, text)
            cell.font = style.BODY_FONT if number else style.HEADING_FONT
            cell.alignment = style.alignment(style.KINDS["long"])
            if number == 0:
                cell.fill = style.HEADING_FILL
            cells.append(cell)
        lines = max(style.lines_of(text, width) for text, width in zip(row[2:], (60, 46, 46), strict=True))
        sheet.row_dimensions[number + 1].height = style.height_of(lines)
        sheet.append(cells)


def _write_lists(book: Workbook, choices: dict[str, list[str]]) -> None:
    sheet: Any = book.create_sheet(_LISTS)
    sheet.sheet_state = "hidden"
    longest = max(map(len, choices.values()))
    sheet.append([_text(sheet, name) for name in choices])
    for place in range(longest):
        sheet.append([_text(sheet, values[place]) if place < len(values) else None for values in choices.values()])


def _text(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet)
    put_text(cell, text)
    return cell


def _languages(text: Text) -> tuple[str, str, str]:
    return text.en, text.zh_hant_hk, text.zh_hans_cn
