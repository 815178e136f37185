"""The page of a job of any kind leads back to the page from which it was asked for, also while it waits."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlmodel import Session, select

from judging import tables
from judging.jobs.kinds import KINDS
from tests.support.event import AT, COMPETITION, ROUND, make_event, sign_in

CHAIR = f"/chair/{COMPETITION}/{ROUND}"
ORGANISER = f"/organiser/{COMPETITION}"
ORIGINS = {
    "appeal_effect": (f"{CHAIR}/appeals/2", "Appeal 2"),
    "bundle": (f"{CHAIR}/release", "Release of the results"),
    "calibration": (CHAIR, "Ranking"),
    "comparison": (f"{CHAIR}/sensitivity?run=3", "Does it matter?"),
    "deck": (f"{ORGANISER}/files", "Slides and videos"),
    "import": (f"{ORGANISER}/import", "Import"),
    "letters": (f"{ORGANISER}/{ROUND}/letters", "Letters and public page"),
    "method_report": (f"{CHAIR}/release", "Release of the results"),
    "minutes": (f"{CHAIR}/meeting/1", "Meeting 1"),
    "paper_forms": (f"{CHAIR}/paper", "Scoresheets on paper"),
    "removal": (f"{ORGANISER}/archive", "Archive"),
    "rules_effect": (f"{CHAIR}/rules", "Rules of this round"),
    "verification": (f"{CHAIR}/release", "Release of the results"),
    "workbook": (f"{ORGANISER}/{ROUND}", "Round"),
}


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def does_jobs() -> bool:
    return False


def test_every_kind_of_job_of_a_person_has_a_way_back() -> None:
    # The reports of mail that came back are read by the clock, not because of a press on a page.
    assert set(ORIGINS) == set(KINDS) - {"delivery_reports"}


def test_the_page_of_a_job_leads_back_to_where_it_was_asked_for(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    competition = session.exec(select(tables.Competition)).one()
    round_row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    numbers = {}
    for kind in ORIGINS:
        job = tables.Job(
            kind=kind,
            work_key=kind,
            competition_id=competition.pk,
            round_id=None if kind in ("deck", "removal") else round_row.pk,
            person_id=event.people["organiser"].pk,
            request={"appeal": 2, "meeting": 1, "run": 3},
            created_at=AT,
        )
        session.add(job)
        session.flush()
        numbers[kind] = job.pk
    session.commit()
    client = app.test_client()
    sign_in(client, event.people["organiser"])
    for kind, (address, name) in ORIGINS.items():
        page = client.get(f"/jobs/{numbers[kind]}").text
        assert f'<a href="{address}"><span aria-hidden="true">← </span>Back to: {name}</a>' in page, kind


def test_the_page_of_a_job_offers_a_file_only_where_the_job_makes_one(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    competition = session.exec(select(tables.Competition)).one()
    # A chair sees the jobs of decks, and has no page of decks to go to.
    job = tables.Job(
        kind="deck",
        work_key="deck",
        competition_id=competition.pk,
        person_id=event.people["organiser"].pk,
        request={},
        state="done",
        created_at=AT,
        ended_at=AT,
    )
    session.add(job)
    session.commit()
    client = app.test_client()
    sign_in(client, event.people["chair"])
    page = client.get(f"/jobs/{job.pk}")
    assert (page.status_code, "Done." in page.text, "Back to: Start page" in page.text) == (200, True, True)
    assert f"/jobs/{job.pk}/file" not in page.text
