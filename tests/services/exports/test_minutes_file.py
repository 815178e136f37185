"""The minutes of a meeting as PDF, Word and HTML: what they say, in which language, to whom, and on the record."""

import io
from functools import partial

import docx
import pytest
from docx.text.paragraph import Paragraph
from pypdf import PdfReader
from sqlmodel import Session, col, select

from judging import tables
from judging.documents.document import Document, Drawing, Section
from judging.documents.word import write_docx
from judging.errors import Conflict
from judging.services.access import Actor
from judging.services.decisions import conflicts_of_interest, meeting_notes, meetings, minutes, verdicts
from judging.services.exports import minutes_file
from judging.translating import translate
from tests.support.deciding import LATER, calibrated_event
from tests.support.event import COMPETITION, ROUND, Event


@pytest.fixture
def engine_name() -> str:
    """What a file says does not depend on the database."""
    return "sqlite"


@pytest.fixture
def event(session: Session) -> Event:
    """Return an event with a closed meeting, one verdict and one note."""
    event = calibrated_event(session)
    chair = event.actor(session, "chair")
    where = (session, chair, COMPETITION, ROUND)
    meetings.open_meeting(*where, present="Ada\n陳大文", agenda=["P001", "P002", "P003"], at=LATER)
    verdicts.decide(*where, "P001", verdict="in", reason="A\x0b clear need", at=LATER)
    meeting_notes.write_note(*where, 1, text="兩地數據須一致", proposal_key="P002", at=LATER)
    session.commit()
    return event


def close(session: Session, event: Event) -> None:
    minutes.close_meeting(
        session, event.actor(session, "chair"), COMPETITION, ROUND, 1, undiscussed_known=["P003"], at=LATER
    )
    session.commit()


def taken(session: Session, actor: Actor, form: str, language: str = "en") -> bytes:
    collected = minutes_file.collect_minutes(
        session, actor, COMPETITION, ROUND, 1, language=language, format=form,
        translate=partial(translate, language=language),
    )  # fmt: skip
    file = minutes_file.write_minutes(collected)
    minutes_file.record_minutes(session, actor, collected, file, at=LATER)
    assert file.name == f"hksh-2023_first-screening_meeting-1_{language}.{form}"
    return file.content


def style_of(paragraph: Paragraph) -> str | None:
    return None if paragraph.style is None else paragraph.style.name


def test_every_form_has_the_decision_the_note_and_who_was_present(session: Session, event: Event) -> None:
    close(session, event)
    chair = event.actor(session, "chair")
    pdf = "".join(page.extract_text() for page in PdfReader(io.BytesIO(taken(session, chair, "pdf"))).pages)
    word = docx.Document(io.BytesIO(taken(session, chair, "docx")))
    html = taken(session, chair, "html").decode()
    in_word = "\n".join(paragraph.text for paragraph in word.paragraphs)
    title = session.exec(select(tables.Proposal.title).where(tables.Proposal.key == "P001")).one()
    for text in (pdf, in_word, html):
        flat = " ".join(text.split())
        assert all(
            part in flat for part in (f"P001 {title}: on the shortlist. A clear need", "兩地數據須一致", "陳大文")
        )
    headings = [paragraph.text for paragraph in word.paragraphs if style_of(paragraph) == "Heading 1"]
    assert headings == [
        "Present",
        "Decisions",
        "Discussed, with the standing at the end",
        "On the agenda, not discussed",
        "Notes",
        "For auditors",
    ]
    # Digests are read by auditors only: after everything else.
    assert "Rules" not in {row.cells[0].text for row in word.tables[0].rows}
    assert [row.cells[0].text for row in word.tables[-1].rows] == ["Result", "Rules"]
    assert [row.cells[0].text[:4] for row in word.tables[1].rows] == ["Prop", "P001", "P002"]
    assert [row.cells[0].text[:4] for row in word.tables[2].rows] == ["Prop", "P003"]
    actions = session.exec(select(tables.AuditEntry.action).order_by(col(tables.AuditEntry.id))).all()
    assert actions[-3:] == ["minutes.exported"] * 3


def test_the_words_are_in_the_language_asked_for(session: Session, event: Event) -> None:
    close(session, event)
    word = docx.Document(io.BytesIO(taken(session, event.actor(session, "chair"), "docx", "zh-Hant-HK")))
    assert word.paragraphs[0].text == "第1次會議紀錄"
    assert word.core_properties.language == "zh-Hant-HK"


def test_a_reader_with_a_conflict_gets_a_key_only(session: Session, event: Event) -> None:
    close(session, event)
    auditor = event.actor(session, "auditor")
    conflicts_of_interest.declare(session, auditor, COMPETITION, proposal_key="P001", kind="employer", at=LATER)
    html = taken(session, auditor, "html").decode()
    assert "A clear need" not in html
    assert "hidden: you declared a conflict of interest" in html


def test_an_open_meeting_has_no_minutes_yet(session: Session, event: Event) -> None:
    with pytest.raises(Conflict, match="This meeting is open"):
        taken(session, event.actor(session, "chair"), "pdf")


def test_what_word_files_do_not_have_is_refused() -> None:
    drawing = Drawing("<svg/>", "caption", "alternative")
    with pytest.raises(TypeError, match="Drawing is not written"):
        write_docx(Document(language="en", title="T", sections=[Section("S", [drawing])]))
