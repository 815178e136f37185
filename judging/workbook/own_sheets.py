"""A judge's own scoresheets as a workbook to fill in anywhere: written, and read again.

One row for each proposal. Only the cells to fill in are unlocked. The levels of a criterion are a note on its heading,
the values of its scale a drop-down list. A hidden sheet has the seal, by which the service knows the file again.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Protection
from openpyxl.worksheet.datavalidation import DataValidation

from judging.errors import InvalidInput, Message
from judging.incoming_tables.containers.archive import check_archive
from judging.incoming_tables.containers.limits import Limits
from judging.rubric import LANGUAGES, Criterion, Rubric, Text
from judging.workbook import style
from judging.workbook.cells import clean, put_text
from judging.workbook.headings import stacked

_SHEET, _SEAL = "Scores", "Seal"
_HEADING_ROW = 1
_FIRST_ROW = 2
# A drop-down list with more values than this is no help; the rule of the cell has the ends of the scale then.
_MOST_LISTED = 21
# A judge has tens of proposals; what is larger is no such workbook.
_LIMITS = Limits(
    max_bytes=2_000_000, max_part_bytes=10_000_000, max_inflated_bytes=20_000_000, max_cells=50_000, max_rows=5000
)
_WHOLE = {
    "comment": Text("Overall comment", "整體評語", "整体评语"),
    "chair_note": Text("Private note to the chair", "給主席的私人備註", "给主席的私密备注"),
    "justification": Text("Justification", "評分理由", "评分理由"),
    "language": Text("Language in which you read it", "閱讀作品時使用的語言", "阅读作品时使用的语言"),
    "confidence": Text("How sure are you? 1, 2 or 3", "信心程度：1、2或3", "把握程度：1、2或3"),
    "identity_revealed": Text("Team can be recognised: 1", "可認出隊伍：1", "可认出团队：1"),
}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One proposal: its key, its title, and the fields of its scoresheet as text."""

    key: str
    title: str
    values: Mapping[str, str]


def field_names(rubric: Rubric) -> tuple[str, ...]:
    """Return the names of the fields of a row, in the order of the columns."""
    return (*(f"{kind}-{key}" for key in rubric.keys for kind in ("score", "comment")), *_WHOLE)


def write_own_sheets(
    name: Text, rubric: Rubric, rows: Sequence[SheetRow], seal: str, *, not_asked: Collection[str] = ()
) -> bytes:
    """Return the workbook of a judge's scoresheets.

    Parameters
    ----------
    name : Text
        The name of the round.
    rubric : Rubric
    rows : sequence of SheetRow
    seal : str
        What ``read_own_sheets`` returns again.
    not_asked : collection of str
        Fields whose columns are hidden, because the page does not ask for them.
    """
    book = Workbook()
    book.properties.title = clean(name.in_locale(LANGUAGES[0]))
    book.properties.creator = "judging"
    sheet: Any = book.active
    sheet.title = _SHEET
    sheet.freeze_panes = "C2"
    names = field_names(rubric)
    headings = [Text("Proposal", "作品", "作品"), Text("Title", "名稱", "名称"), *_headings(rubric)]
    letters = style.column_letters(len(headings))
    widths = [12.0, 34.0, *(10.0 if name.startswith("score-") else 30.0 for name in names)]
    for letter, heading, width in zip(letters, headings, widths, strict=True):
        cell = sheet[f"{letter}{_HEADING_ROW}"]
        put_text(cell, stacked(heading))
        cell.font, cell.fill, cell.alignment = style.HEADING_FONT, style.HEADING_FILL, style.heading_alignment()
        sheet.column_dimensions[letter].width = width
    sheet.row_dimensions[_HEADING_ROW].height = style.height_of(4)
    for number, row in enumerate(rows, _FIRST_ROW):
        texts = [row.key, row.title, *(row.values.get(name, "") for name in names)]
        for letter, column, text in zip(letters, ("", "", *names), texts, strict=True):
            cell = sheet[f"{letter}{number}"]
            if column.startswith("score-") and text:
                cell.value = float(text)
            elif text:
                put_text(cell, text)
            cell.font = style.BODY_FONT
            cell.alignment = Alignment(vertical="top", wrap_text=not column.startswith("score-"))
            cell.protection = Protection(locked=not column)
    last = _FIRST_ROW + len(rows) - 1
    for letter, column in zip(letters[2:], names, strict=True):
        rule = _rule(rubric, column)
        if rule is not None and rows:
            rule.add(f"{letter}{_FIRST_ROW}:{letter}{last}")
            sheet.add_data_validation(rule)
        if column.startswith("score-"):
            criterion = rubric.criterion(column.removeprefix("score-"))
            sheet[f"{letter}{_HEADING_ROW}"].comment = Comment(_levels(criterion), "judging", width=420, height=320)
    for letter, column in zip(letters[2:], names, strict=True):
        # Hidden and not left out: a cell is read by its place.
        sheet.column_dimensions[letter].hidden = column in not_asked
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    hidden: Any = book.create_sheet(_SEAL)
    hidden.sheet_state = "hidden"
    hidden.protection.sheet = True
    put_text(hidden["A1"], seal)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read_own_sheets(content: bytes, rubric: Rubric) -> tuple[str, dict[str, dict[str, str]]]:
    """Return the seal of an uploaded workbook, and the fields of each row as text, by the key of the proposal.

    Raises
    ------
    InvalidInput
        When it is no workbook of ``write_own_sheets``, or a cell to fill in has a formula.
    """
    check_archive(content, _LIMITS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(content), keep_links=False)
        except (ValueError, KeyError, OSError) as error:
            raise _not_ours() from error
    if _SHEET not in book.sheetnames or _SEAL not in book.sheetnames:
        raise _not_ours()
    names = field_names(rubric)
    rows: dict[str, dict[str, str]] = {}
    sheet = book[_SHEET]
    for cells in sheet.iter_rows(min_row=_FIRST_ROW, max_col=2 + len(names)):
        key = _text(cells[0].value)
        if not key:
            continue
        for cell in cells[2:]:
            if cell.data_type == "f":
                raise InvalidInput(
                    {"file": Message("Cell {cell} has a formula. Paste its value instead.", cell=cell.coordinate)}
                )
        if key in rows:
            raise InvalidInput({"file": Message("The proposal {key} has two rows. Remove one.", key=key)})
        values = [_text(cell.value) for cell in cells[2:]]
        rows[key] = dict(zip(names, [*values, *[""] * (len(names) - len(values))], strict=True))
    return _text(book[_SEAL]["A1"].value), rows


def _headings(rubric: Rubric) -> list[Text]:
    headings = []
    for criterion in rubric.criteria:
        name = criterion.name
        headings += [
            Text(*(f"{text} ({criterion.weight:g}%)" for text in (name.en, name.zh_hant_hk, name.zh_hans_cn))),
            Text(f"{name.en}: comment", f"{name.zh_hant_hk}：評語", f"{name.zh_hans_cn}：评语"),
        ]
    return [*headings, *_WHOLE.values()]


def _levels(criterion: Criterion) -> str:
    lines = [f"{criterion.scale.minimum:g} – {criterion.scale.maximum:g}"]
    lines += [f"{level.value:g}: {stacked(level.description)}" for level in reversed(criterion.levels)]
    return clean("\n".join(lines))


def _rule(rubric: Rubric, column: str) -> DataValidation | None:
    if column.startswith("score-"):
        scale = rubric.criterion(column.removeprefix("score-")).scale
        if scale.n_values <= _MOST_LISTED:
            return _list(f"{value:.10g}" for value in scale.values())
        low, high = f"{scale.minimum:g}", f"{scale.maximum:g}"
        return DataValidation(type="decimal", operator="between", formula1=low, formula2=high, allow_blank=True)
    choices = {"language": LANGUAGES, "confidence": ("1", "2", "3"), "identity_revealed": ("1",)}.get(column)
    return None if choices is None else _list(choices)


def _list(values: Any) -> DataValidation:
    return DataValidation("list", formula1='"' + ",".join(values) + '"', allow_blank=True)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, int | float):
        return f"{value:.10g}"
    return str(value).strip()


def _not_ours() -> InvalidInput:
    return InvalidInput(
        {"file": Message("This is not the workbook of your scoresheets. Download it here, fill it in, and upload it.")}
    )
