"""Workbooks as WPS, Numbers, Google Sheets and LibreOffice write them: the peculiarities of each are no hindrance."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from judging.incoming_tables.known import Known
from judging.incoming_tables.reading import ReadTable, read_file
from tests.support.files.tables import ONE, scores

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TEXTS = ["proposal", "judge", "score", "P001", "J1", "J2", "P002"]
TRUE = {("P001", "J1"): "8", ("P001", "J2"): "7.5", ("P002", "J1"): "6"}


def package(
    sheets: dict[str, str],
    *,
    texts: str = "",
    styles: str = "",
    formats: str = "",
    others: dict[str, str] | None = None,
) -> bytes:
    """Return a workbook of worksheets by title; ``texts`` are the attributes of the table of shared texts."""
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="text/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        + f'<Relationship Id="rId98" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId99" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(f'<sheet name="{title}" sheetId="{n}" r:id="rId{n}"/>' for n, title in enumerate(sheets, 1))
        + "</sheets></workbook>",
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}" {texts}>'
        + "".join(f"<si><t>{text}</t></si>" for text in _TEXTS)
        + "</sst>",
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{styles}'
        f'<cellXfs><xf numFmtId="0"/>{formats}</cellXfs></styleSheet>',
        **{
            f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{xml}</worksheet>'
            for n, xml in enumerate(sheets.values(), 1)
        },
        **(others or {}),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{part}')
    return stream.getvalue()


def shared(cell: str, text: str, style: str = "") -> str:
    return f'<c r="{cell}"{style} t="s"><v>{_TEXTS.index(text)}</v></c>'


def table(first: int = 1, style: str = "", row: str = "") -> str:
    """Return the rows of the true table, the headings in row ``first``."""
    rows = [("proposal", "judge", "score"), ("P001", "J1", 8), ("P001", "J2", 7.5), ("P002", "J1", 6)]
    return "".join(
        f'<row r="{number}"{row}>'
        + "".join(
            shared(f"{letter}{number}", value, style)
            if isinstance(value, str)
            else f'<c r="{letter}{number}"{style}><v>{value}</v></c>'
            for letter, value in zip("ABC", values, strict=True)
        )
        + "</row>"
        for number, values in enumerate(rows, first)
    )


def read(content: bytes) -> ReadTable:
    return read_file(content, "scores.xlsx", ONE)


def test_google_sheets_writes_a_thousand_formatted_rows_and_no_count_of_texts() -> None:
    height = ' ht="15.75" customHeight="1"'
    empty = "".join(
        f'<row r="{n}"{height}>{"".join(f"""<c r="{c}{n}" s="0"/>""" for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")}</row>'
        for n in range(5, 1001)
    )
    formatted = table(style=' s="0"', row=height)
    sheet = (
        '<sheetPr><outlinePr summaryBelow="0" summaryRight="0"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1.0" topLeftCell="A2" activePane="bottomLeft" '
        'state="frozen"/><selection activeCell="B3" sqref="B3" pane="bottomLeft"/></sheetView></sheetViews>'
        '<sheetFormatPr customHeight="1" defaultColWidth="12.63" defaultRowHeight="15.75"/>'
        f'<sheetData>{formatted}{empty}</sheetData><drawing r:id="rId1"/>'
    )
    content = package({"Form Responses 1": sheet})
    assert scores(read(content)) == TRUE


def test_a_formula_that_only_google_knows_is_read_by_its_value() -> None:
    cells = table().replace(
        '<c r="C3"><v>7.5</v></c>',
        '<c r="C3"><f>IFERROR(__xludf.DUMMYFUNCTION("AVERAGE(FILTER(D:D,D:D&gt;1))"),7.5)</f><v>7.5</v></c>',
    )
    found = read(package({"Sheet1": f"<sheetData>{cells}</sheetData>"}))
    assert scores(found) == TRUE
    assert "1 cells hold formulas; the values stored beside them are read" in map(str, found.notes)


def test_numbers_puts_a_summary_first_and_the_title_of_each_table_above_it() -> None:
    summary = (
        '<sheetData><row r="2"><c r="B2" t="inlineStr"><is><t>This document was exported from Numbers. Each table was '
        "converted to an Excel worksheet. All other objects on each Numbers sheet were placed on separate worksheets."
        '</t></is></c></row><row r="7"><c r="B7" t="inlineStr"><is><t>Numbers Sheet Name</t></is></c>'
        '<c r="C7" t="inlineStr"><is><t>Numbers Table Name</t></is></c>'
        '<c r="D7" t="inlineStr"><is><t>Excel Worksheet Name</t></is></c></row>'
        '<row r="9"><c r="B9" t="inlineStr"><is><t>Sheet 1</t></is></c></row>'
        '<row r="10"><c r="C10" t="inlineStr"><is><t>Table 1</t></is></c>'
        '<c r="D10" t="inlineStr"><is><t>Sheet 1 - Table 1</t></is></c></row></sheetData>'
    )
    title = (
        '<row r="1"><c r="A1" s="0" t="inlineStr"><is><t>Table 1</t></is></c><c r="B1" s="0"/><c r="C1" s="0"/></row>'
    )
    sheet = f'<sheetData>{title}{table(2)}</sheetData><mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>'
    found = read(package({"Export Summary": summary, "Sheet 1 - Table 1": sheet}))
    assert scores(found) == TRUE
    assert "sheets left out: Export Summary" in map(str, found.notes)
    assert found.mapping.heading_rows == (2, 2)


def test_wps_states_a_wrong_dimension_and_adds_parts_and_elements_of_its_own() -> None:
    picture = '<c r="D2" t="str"><f>_xlfn.DISPIMG("ID_4B1C",1)</f><v>=DISPIMG("ID_4B1C",1)</v></c></row>'
    cells = table().replace("</row>", "", 1)
    head, rest = cells[: cells.index('<row r="2"')], cells[cells.index('<row r="2"') :]
    head += '<c r="D1" t="inlineStr"><is><t>照片</t></is></c></row>'
    sheet = (
        '<dimension ref="A1"/><sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews>'
        f"<sheetData>{head}{rest.replace('</row>', picture, 1)}</sheetData>"
        '<autoFilter xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" ref="A1:D4" '
        'etc:filterBottomFollowUsedRange="0"><extLst><etc:autoFilterAnalysis etc:version="v1"/></extLst></autoFilter>'
    )
    own = "<property name='KSOProductBuildVer'/>"
    others = {
        "xl/cellimages.xml": '<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>',
        "docProps/custom.xml": f'<Properties xmlns="{_OFFICE}/custom-properties">{own}</Properties>',
    }
    found = read(package({"Sheet1": sheet}, texts='count="12" uniqueCount="7"', others=others))
    assert scores(found) == TRUE
    assert "columns left out: D (照片)" in map(str, found.notes)


def test_an_id_in_a_column_with_a_format_keeps_its_zeros_as_google_writes_it() -> None:
    styles = '<numFmts count="1"><numFmt numFmtId="164" formatCode="000"/></numFmts>'
    cells = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Entry</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>J1</t></is></c></row>'
        '<row r="2"><c r="A2" s="1"><v>7.0</v></c><c r="B2"><v>8.0</v></c></row>'
    )
    content = package({"Sheet1": f"<sheetData>{cells}</sheetData>"}, styles=styles, formats='<xf numFmtId="164"/>')
    assert scores(read(content)) == {("007", "J1"): "8"}


@pytest.mark.parametrize(
    ("ending", "convert"),
    [
        ("xlsx", "xlsx:Calc MS Excel 2007 XML"),
        ("xls", "xls:MS Excel 97"),
        ("ods", "ods"),
        ("csv", "csv:Text - txt - csv (StarCalc):59,34,76"),
    ],
)
def test_libreoffice_writes_the_same_table_in_every_format(ending: str, convert: str, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["Entry", "Judge", "Points"], [7, "王小明", 8.5], [7, "Judge Three", 0.75]):
        sheet.append(row)
    for cell in ("A2", "A3"):
        sheet[cell].number_format = "000"
    sheet.row_dimensions[3].hidden = True
    book.save(tmp_path / "scores.xlsx")
    soffice = shutil.which("soffice")
    assert soffice is not None, (
        "There is no LibreOffice on PATH: run the tests with python3 run.py test, which brings one."
    )
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        soffice,
        profile,
        "--headless",
        "--norestore",
        "--convert-to",
        convert,
        "--outdir",
        str(tmp_path / "out"),
    ]
    subprocess.run([*command, str(tmp_path / "scores.xlsx")], check=True, capture_output=True, timeout=600)
    content = (tmp_path / "out" / f"scores.{ending}").read_bytes()
    found = read_file(content, f"scores.{ending}", Known(kind="scores", judges=ONE.judges, proposals=ONE.proposals))
    assert scores(found) == {("007", "J2"): "8.5", ("007", "J3"): "0.75"}
    if ending != "csv":
        assert "1 hidden rows are read like the others: row 3" in map(str, found.notes)
