import io

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.competition import CompetitionRules
from judging.errors import NotAllowed
from judging.services.competitions.definitions import definition_of
from judging.workbook.roster.template import write_template
from tests.support.event import ROUND, Event, make_event
from tests.support.imports import counts, send


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


def test_the_template_filled_in_is_imported_sheet_by_sheet(session: Session, event: Event) -> None:
    from openpyxl import load_workbook

    row = session.exec(select(tables.Competition)).one()
    definition: CompetitionRules = definition_of(row)
    book = load_workbook(io.BytesIO(write_template(definition)))
    cells = {
        "judges": ["J95", "Judge 95", "hk"],
        "teams": ["T95", "Team 95", "sh"],
        "assignments": ["J95", "P95"],
    }
    for kind, values in cells.items():
        for column, value in enumerate(values, 1):
            book[kind].cell(2, column, value)
    headings = [str(cell.value).partition("\n")[0].lower().replace(" ", "_") for cell in book["proposals"][1]]
    for name, text in {"key": "P95", "team": "T95", "title": "Simulated proposal 95"}.items():
        book["proposals"].cell(2, headings.index(name) + 1, text)
    filled = io.BytesIO()
    book.save(filled)
    report = send(session, event, None, filled.getvalue(), filename="roster.xlsx", round_key=ROUND)
    assert report.left_out == ()
    new = [outcome for outcome in report.outcomes if outcome.kind != "scores"]
    assert [(one.kind, one.n_new) for one in new] == [
        ("teams", 1),
        ("judges", 1),
        ("proposals", 1),
        ("assignments", 1),
    ]


def test_checking_only_stores_nothing(session: Session, event: Event) -> None:
    report = send(session, event, "teams", "key,name,city\nT901,Team 901,hk\n", check_only=True)
    session.commit()
    assert (report.is_stored, counts(report)) == (False, [("teams", 1, 0, 0)])
    assert session.exec(select(tables.Team).where(tables.Team.key == "T901")).all() == []
    assert session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "file.imported")).all() == []


@pytest.mark.parametrize("role", ["judge", "chair", "auditor"])
def test_only_an_organiser_imports(session: Session, event: Event, role: str) -> None:
    with pytest.raises(NotAllowed):
        send(session, event, "teams", "key,name,city\nT901,Team 901,hk\n", role=role)
