"""Limits of workbooks: what is too far out, too large or too many is refused before it is read."""

import pytest

from judging.incoming_tables.containers.limits import Limits
from tests.incoming_tables.containers.test_containers import MAIN, changed, read, refused, saved, texts, with_sheet


@pytest.mark.parametrize("cell", ["XFD2", "A1048576", "XFD1048576"])
def test_one_far_cell_is_refused_before_anything_is_padded(cell: str) -> None:
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    content = with_sheet(f'<sheetData><row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>')
    assert len(content) < 8_000
    [(place, [message])] = refused(content).items()
    assert place == "sheet1"
    assert message.startswith("There is a value in ")


def test_a_far_cell_is_found_in_a_worksheet_under_any_name() -> None:
    row = '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{row}</sheetData></worksheet>'

    def rename(parts: dict[str, bytes]) -> None:
        del parts["xl/worksheets/sheet1.xml"]
        parts["xl/media/picture.png"] = sheet.encode()
        rels = parts["xl/_rels/workbook.xml.rels"].decode()
        parts["xl/_rels/workbook.xml.rels"] = rels.replace("worksheets/sheet1.xml", "media/picture.png").encode()

    assert list(refused(changed(saved(["judge"]), rename))) == ["picture"]


def test_a_dimension_that_lies_costs_nothing() -> None:
    content = with_sheet(
        '<dimension ref="A1:XFD1048576"/><sheetData>'
        '<row r="1"><c r="A1" t="str"><v>judge</v></c></row>'
        '<row r="2"><c r="A2" t="str"><v>J01</v></c></row></sheetData>'
    )
    assert texts(read(content)[0]) == [{"judge": "J01"}]


def test_cells_without_references_are_counted_where_they_fall() -> None:
    limits = Limits(max_columns=3)
    assert (
        "D1"
        in refused(with_sheet("<sheetData><row><c/><c/><c/><c><v>1</v></c></row></sheetData>"), limits=limits)[
            "sheet1"
        ][0]
    )


def test_a_cell_that_claims_another_row_is_refused() -> None:
    assert list(refused(with_sheet('<sheetData><row r="1"><c r="A900"/></row></sheetData>'))) == ["file"]


@pytest.mark.parametrize("cell", ["AAAAAAAAA1", "A", "1", "A99999999999", "Á1", ""])
def test_a_reference_that_is_none_is_refused(cell: str) -> None:
    assert list(refused(with_sheet(f'<sheetData><row r="1"><c r="{cell}"/></row></sheetData>'))) == ["file"]


def test_a_million_columns_are_refused() -> None:
    cells = "<c><v>1</v></c>" * 1_000_000
    assert list(refused(with_sheet(f"<sheetData><row>{cells}</row></sheetData>"), limits=Limits(max_ratio=5000))) == [
        "sheet1"
    ]


def test_a_zip_bomb_is_refused_by_its_ratio() -> None:
    bomb = changed(saved(["judge"]), lambda parts: parts.update({"xl/media/zero.png": bytes(20_000_000)}))
    assert len(bomb) < 40_000
    assert "unpacks" in refused(bomb)["file"][0]


def test_many_parts_of_modest_size_are_refused_by_their_sum() -> None:
    def fill(parts: dict[str, bytes]) -> None:
        parts.update({f"xl/media/{k}.png": bytes(900_000) for k in range(10)})

    limits = Limits(max_inflated_bytes=5_000_000)
    assert "unpacks" in refused(changed(saved(["judge"]), fill), limits=limits)["file"][0]
    assert "parts" in refused(changed(saved(["judge"]), fill), limits=Limits(max_parts=12))["file"][0]


def test_one_long_text_shared_by_many_cells_is_refused() -> None:
    def share(parts: dict[str, bytes]) -> None:
        rows = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>' for r in range(1, 2001))
        parts["xl/worksheets/sheet1.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
        )
        types = parts["[Content_Types].xml"].decode()
        override = (
            '<Override PartName="/xl/sharedStrings.xml" ContentType='
            '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
        )
        parts["[Content_Types].xml"] = types.replace("</Types>", override).encode()
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}"><si><t>{"y" * 30_000}</t></si></sst>'.encode()

    assert "characters" in refused(changed(saved(["judge"]), share))["file"][0]


def test_other_elements_than_cells_and_texts_are_counted_before_a_reader_builds_them() -> None:
    names = "".join(f'<definedName name="n{k}">judges!$A$1</definedName>' for k in range(60_000))

    def define(parts: dict[str, bytes]) -> None:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<definedNames", b"<x", 1)
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
            b"</sheets>", f"</sheets><definedNames>{names}</definedNames>".encode()
        )

    formats = "".join(f'<numFmt numFmtId="{k}" formatCode="0"/>' for k in range(60_000))
    merged = "".join(f'<mergeCell ref="A{k}:B{k}"/>' for k in range(60_000))
    styles = f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts></styleSheet>'.encode()
    files = (
        changed(saved(["judge"]), define),
        changed(saved(["judge"]), lambda parts: parts.update({"xl/styles.xml": styles})),
        with_sheet(f"<sheetData/><mergeCells>{merged}</mergeCells>"),
    )
    complaint = (
        "The workbook holds more than 50000 names, styles, merged cells or other things beside its texts. Copy the "
        "rows that matter to a new workbook."
    )
    assert [refused(file) for file in files] == [{"file": [complaint]}] * 3


def test_more_shared_texts_than_any_table_needs_are_refused() -> None:
    table = "".join(f"<si><t>{k}</t></si>" for k in range(200_001))
    part = f'<sst xmlns="{MAIN}">{table}</sst>'.encode()
    file = changed(saved(["judge"]), lambda parts: parts.update({"xl/sharedStrings.xml": part}))
    assert refused(file) == {"file": ["The workbook has more than 200000 different texts."]}


def test_a_tag_of_a_hundred_thousand_attributes_is_refused() -> None:
    attributes = " ".join(f'a{k}="{k}"' for k in range(100_000))
    file = changed(
        saved(["judge"]),
        lambda parts: parts.update({"xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}" {attributes}/>'.encode()}),
    )
    assert list(refused(file)) == ["file"]


def test_ordinary_styles_names_and_merged_cells_are_no_hindrance() -> None:
    merged = "".join(f'<mergeCell ref="A{k}:B{k}"/>' for k in range(2, 2_000))
    cell = '<c r="A1" t="inlineStr"><is><t>judge</t></is></c>'
    file = with_sheet(f'<sheetData><row r="1">{cell}</row></sheetData><mergeCells>{merged}</mergeCells>')
    assert [sheet.rows[0].cells[1].text for sheet in read(file)] == ["judge"]
