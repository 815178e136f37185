"""A file with its mistakes marked: the same table with a column of complaints, to be corrected and uploaded again."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.containers.cells import NUMBER, Book
from judging.incoming_tables.containers.limits import Limits
from judging.incoming_tables.containers.read_book import read_book
from judging.incoming_tables.mapping import TableMapping
from judging.rubric import Text
from judging.workbook.cells import clean, put_text
from judging.workbook.headings import stacked

HEADING = Text("Complaints", "需更正之處", "需更正之处")
_LONGEST_TITLE = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


def mark_mistakes(
    content: bytes,
    filename: str,
    mapping: TableMapping,
    complaints: Complaints,
    *,
    translate: Callable[[str], str] = str,
    limits: Limits | None = None,
) -> bytes:
    """Return a file, read again as its mapping says, as a workbook with a column of complaints, each translated."""
    book = read_book(content, filename, encoding=mapping.encoding or None, limits=limits)
    sheet = mapping.sheets[0] if mapping.sheets else ""
    texts = {place: [translate(text) for text in of_row] for place, of_row in complaints.texts_by_row().items()}
    return write_corrected(book, texts, heading_row=mapping.heading_rows[1], kinds_sheet=sheet)


def write_corrected(
    book: Book, complaints: Mapping[tuple[str, int], Sequence[str]], *, heading_row: int, kinds_sheet: str = ""
) -> bytes:
    """Return a workbook with the cells of a file and, right of them, what is wrong with each row.

    Parameters
    ----------
    book : Book
        The file as it was read.
    complaints : mapping of (sheet, row) to complaints
        The sheet is empty when only one sheet was read.
    heading_row : int
        Where the heading of the column of complaints goes.
    kinds_sheet : str
        The sheet that is meant by an empty one.
    """
    written = Workbook(write_only=True)
    for sheet in book.sheets:
        if not sheet.rows:
            continue
        target = written.create_sheet(clean(sheet.name).translate(_FORBIDDEN)[:_LONGEST_TITLE] or "Sheet")
        width = max(max(row.cells) for row in sheet.rows)
        of_sheet = {
            row: texts
            for (name, row), texts in complaints.items()
            if name == sheet.name or (not name and sheet.name == kinds_sheet)
        }
        number = 0
        for row in sheet.rows:
            while number + 1 < row.number:
                target.append([])
                number += 1
            number = row.number
            line: list[object] = []
            for column in range(1, width + 1):
                cell = row.cells.get(column)
                if cell is None:
                    line.append(None)
                elif cell.kind == NUMBER:
                    line.append(float(cell.text))
                else:
                    text = WriteOnlyCell(target)
                    put_text(text, cell.text)
                    line.append(text)
            said = stacked(HEADING) if number == heading_row and of_sheet else "\n".join(of_sheet.get(number, ()))
            if said:
                text = WriteOnlyCell(target)
                put_text(text, said)
                line.append(text)
            target.append(line)
    stream = io.BytesIO()
    written.save(stream)
    return stream.getvalue()
