"""Uploaded tables: what people send is read as they see it; what would be dear or dangerous is refused by its place."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from judging.errors import InvalidInput
from judging.incoming_tables.containers.cells import RawSheet
from judging.incoming_tables.containers.limits import Limits
from judging.incoming_tables.containers.read_book import read_book

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read(content: bytes, name: str = "judges.xlsx", limits: Limits | None = None) -> list[RawSheet]:
    return list(read_book(content, name, limits=limits).sheets)


def refused(content: bytes, name: str = "judges.xlsx", limits: Limits | None = None) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as caught:
        read(content, name, limits)
    return caught.value.messages


def saved(*rows: list[object], title: str = "judges") -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A workbook with some of its parts changed, added or taken away."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def with_sheet(xml: str, *, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    return changed(
        saved(["judge"]), lambda parts: parts.update({part: f'<worksheet xmlns="{MAIN}">{xml}</worksheet>'.encode()})
    )


def texts(sheet: RawSheet) -> list[dict[str, str]]:
    """The rows below the first, by the texts of the first."""
    heading = sheet.rows[0].cells
    return [{heading[column].text: cell.text for column, cell in row.cells.items()} for row in sheet.rows[1:]]


def test_a_sheet_is_read_as_it_shows_and_keeps_its_row_numbers() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["Judge\n評審\n评审", "Max load", None, "score"],
        ["J01", 12, None, 7.1],
        [],
        ["J02", None, None, 1e-7],
        [7, 0.855, 7],
    ):
        sheet.append(row)
    sheet["A5"].number_format, sheet["B5"].number_format, sheet["C5"].number_format = "000", "0.0%", '"P"000'
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["B"].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    [read_sheet] = read(stream.getvalue())
    shown = {
        row.number: [(column, cell.text, cell.kind) for column, cell in row.cells.items()] for row in read_sheet.rows
    }
    assert shown == {
        1: [(1, "Judge\n評審\n评审", "text"), (2, "Max load", "text"), (4, "score", "text")],
        2: [(1, "J01", "text"), (2, "12", "number"), (4, "7.1", "number")],
        4: [(1, "J02", "text"), (4, "1e-07", "number")],
        5: [(1, "007", "text"), (2, "85.5%", "percent"), (3, "P007", "text")],
    }
    assert (set(read_sheet.hidden_rows), set(read_sheet.hidden_columns)) == ({4}, {2})


def test_a_formula_without_a_value_an_error_and_a_formula_with_one_are_known_apart() -> None:
    [sheet] = read(saved(["judge", "score"], ["J01", "=1+1"], ["J02", "#N/A"], ["J03", 5]))
    assert [row.cells[2].kind for row in sheet.rows] == ["text", "no value", "error", "number"]
    cells = '<c r="A1" t="inlineStr"><is><t>score</t></is></c></row><row r="2"><c r="A2"><f>4+4</f><v>8</v></c>'
    [sheet] = read(with_sheet(f'<sheetData><row r="1">{cells}</row></sheetData>'))
    assert (sheet.n_formulas, texts(sheet)) == (1, [{"score": "8"}])


def test_hidden_sheets_are_known_as_hidden() -> None:
    book = Workbook()
    book.worksheets[0].append(["judge"])
    book.create_sheet("hidden").sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    assert [sheet.is_hidden for sheet in read(stream.getvalue())] == [False, True]


def test_empty_cells_with_a_format_are_nothing_wherever_they_are() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row><row r="1048576"><c r="A1048576" s="1"/></row>'
    [sheet] = read(with_sheet(f"<sheetData>{rows}</sheetData>"))
    assert [(row.number, len(row.cells)) for row in sheet.rows] == [(1, 1)]


def test_a_text_that_looks_like_a_formula_is_read_as_the_text_it_is() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["title"])
    sheet["A2"].value = "=HYPERLINK(1)"
    sheet["A2"].data_type = "s"
    stream = io.BytesIO()
    book.save(stream)
    assert texts(read(stream.getvalue())[0]) == [{"title": "=HYPERLINK(1)"}]


@pytest.mark.parametrize(
    "part",
    ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml", "docProps/core.xml", "xl/media/note.svg"],
)
def test_a_document_type_is_refused_in_any_part(part: str) -> None:
    laughs = b'<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    assert "document types" in refused(changed(saved(["judge"]), lambda parts: parts.update({part: laughs})))["file"][0]


def test_macros_embedded_files_and_links_are_refused() -> None:
    plain = saved(["judge"])
    macro = changed(plain, lambda parts: parts.update({"xl/vbaProject.bin": b"\xd0\xcf"}))
    assert "macros" in refused(macro)["file"][0]

    def retype(parts: dict[str, bytes]) -> None:
        types = parts["[Content_Types].xml"].decode()
        sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        parts["[Content_Types].xml"] = types.replace(
            sheet, "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        ).encode()

    assert "macros" in refused(changed(plain, retype))["file"][0]
    nested = changed(plain, lambda parts: parts.update({"xl/embeddings/inner.xlsx": plain}))
    assert "embeds" in refused(nested)["file"][0]


def test_what_is_no_workbook_says_what_it_is() -> None:
    plain = saved(["judge"])
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("judges.xlsx", plain)
    assert "zip archive" in refused(nested.getvalue())["file"][0]
    with zipfile.ZipFile(nested := io.BytesIO(), "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    assert "Word or PowerPoint" in refused(nested.getvalue())["file"][0]
    assert "JSON" in refused(b'[{"judge": "J01"}]', "judges.csv")["file"][0]
    assert "cannot be read" in refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "judges.xls")["file"][0]
    assert "web page" in refused(b"<html><table><tr><td>J01</td></tr></table></html>", "judges.xls")["file"][0]
    assert "Excel 2003" in refused(b'<?xml version="1.0"?><Workbook/>', "judges.xls")["file"][0]
    assert "PDF" in refused(b"%PDF-1.7 x", "judges.csv")["file"][0]
    assert "damaged" in refused(plain[: len(plain) // 2])["file"][0]
    assert "empty" in refused(b"")["file"][0]
    assert "larger" in refused(plain, limits=Limits(max_bytes=1000))["file"][0]


def test_a_damaged_part_is_refused_by_name() -> None:
    broken = changed(
        saved(["judge"]), lambda parts: parts.update({"xl/styles.xml": b"<styleSheet><fonts></styleSheet>"})
    )
    assert "xl/styles.xml" in refused(broken)["file"][0]


def test_parts_that_contradict_each_other_are_refused() -> None:
    lost = with_sheet('<sheetData><row r="1"><c r="A1" t="s"><v>77</v></c></row></sheetData>')
    assert "cannot be read" in refused(lost)["file"][0]


def test_a_repeated_part_is_refused() -> None:
    stream = io.BytesIO(saved(["judge"]))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("XL/workbook.xml", b"<workbook/>")
    assert "same name" in refused(stream.getvalue())["file"][0]


CHINESE = "judge,name,city\nJ01,評審甲,香港\nJ02,「開放數據」負責人,上海\n"
SIMPLIFIED = "judge,name,city\nJ01,评审甲,香港\nJ02,“开放数据”负责人,上海\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "big5"),
        (CHINESE, "utf-16"),
        (CHINESE, "gb18030"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "utf-8"),
    ],
)
def test_chinese_csv_is_read_in_the_encodings_that_excel_writes(text: str, encoding: str) -> None:
    [table] = read(text.encode(encoding), "judges.csv")
    names = [line.split(",")[1] for line in text.splitlines()[1:]]
    assert table.name == "judges"
    assert [row["name"] for row in texts(table)] == names


def test_bytes_that_are_no_text_are_not_guessed_at() -> None:
    assert "NUL" in refused(b"judge\nJ\x0001\n", "judges.csv")["file"][0]


@pytest.mark.parametrize(("name", "separator"), [("a.csv", ","), ("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", "\t")])
def test_the_separator_is_found_and_quoted_cells_may_hold_it(name: str, separator: str) -> None:
    content = (
        f'judge{separator}name\r\nJ01{separator}"Lee{separator} ""Al""\r\nof Hong Kong"\r\n\r\nJ02{separator}Wu\r\n'
    )
    [table] = read(content.encode(), name)
    assert [row.number for row in table.rows] == [1, 2, 4]
    assert texts(table) == [
        {"judge": "J01", "name": f'Lee{separator} "Al"\nof Hong Kong'},
        {"judge": "J02", "name": "Wu"},
    ]


def test_csv_is_capped_and_its_complaints_name_the_line() -> None:
    limits = Limits(max_rows=3, max_columns=4)
    assert list(refused(b"a,b\n1,2\n1,2,3,4,5\n", "a.csv", limits)) == ["line 3"]
    assert "rows" in refused(b"a\n1\n2\n3\n", "a.csv", limits)["file"][0]
    assert list(refused(b'a,b\n1,"2\n', "a.csv")) == ["line 2"]
    assert list(refused(b"a,b\n" + b"x" * 200_000, "a.csv")) == ["line 2"]


def test_strict_workbooks_and_prefixed_elements_are_read_with_their_formats() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([7, 0.85])
    sheet["A1"].number_format, sheet["B1"].number_format = "000", "0%"
    stream = io.BytesIO()
    book.save(stream)

    def strict(parts: dict[str, bytes]) -> None:
        relations = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        for name, part in parts.items():
            parts[name] = part.replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
                relations, b"http://purl.oclc.org/ooxml/officeDocument/relationships"
            )

    def prefixed(parts: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet1.xml"
        parts[name] = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", parts[name]).replace(b"xmlns=", b"xmlns:x=")

    for change in (strict, prefixed):
        [read_sheet] = read(changed(stream.getvalue(), change))
        assert [cell.text for cell in read_sheet.rows[0].cells.values()] == ["007", "85%"]
