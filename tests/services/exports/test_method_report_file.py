"""The method report of a stored run: decided, released or not, with a conflict of interest, and on the record."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, NotAllowed, NotFound
from judging.services.access import Actor
from judging.services.audit import signed_heads
from judging.services.decisions import conflicts_of_interest, verdicts
from judging.services.exports import method_report_file
from judging.services.jobs.job_requests import File
from judging.services.releases.states import find_in_force
from judging.services.runs import calibrating
from judging.translating import translate
from tests.support.deciding import LATER, release
from tests.support.document_reading import ReadTable, pages_of, tables_of
from tests.support.event import AT, COMPETITION, ROUND, Event, event_of, make_event, newest_run, use_model
from tests.support.optional import present
from tests.support.snapshots import stored_once


@pytest.fixture
def engine_name() -> str:
    """What a report says does not depend on the engine; the jobs that write it run on both."""
    return "sqlite"


@pytest.fixture
def event(session: Session) -> Event:
    """Return an event with a run."""

    def store() -> None:
        event = make_event(session)
        use_model(session, "mixed")
        calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)

    stored_once(session, "calibrated with mixed for a report", store)
    return event_of(session)


def taken(session: Session, actor: Actor, **options: Any) -> File:
    """Collect, write and record a report in one step."""
    options = {"format": "html", "language": "en", "at": LATER, **options}
    collected = method_report_file.collect_method_report(
        session, actor, COMPETITION, ROUND, translate=partial(translate, language=options["language"]), **options
    )
    file = method_report_file.write_method_report(collected)
    method_report_file.record_method_report(session, actor, collected, file, at=options["at"])
    return file


def two_columns(table: ReadTable) -> dict[str, str]:
    """Return a table of labels and values."""
    return {row[0]: row[1] for row in table.rows}


@pytest.fixture
def head_key(event: Event, tmp_path: Path) -> Iterator[None]:
    """Sign heads of the audit log while a test runs."""
    signed_heads.use_key(tmp_path / "audit-head.key")
    yield
    signed_heads.use_key(None)


@pytest.mark.usefixtures("head_key")
def test_the_file_carries_the_run_its_digests_the_rules_and_the_head(session: Session, event: Event) -> None:
    taken(session, event.actor(session, "auditor"))
    session.commit()
    head = present(signed_heads.newest_head(session, at=LATER)).text
    file = taken(session, event.actor(session, "organiser"))
    run = newest_run(session)
    assert (file.name, file.media_type) == ("hksh-2023_first-screening_run-1_method-report_en.html", "text/html")
    tables_found = tables_of(file.content)
    told = two_columns(tables_found["SHA-256 and versions"])
    assert (told["Input digest"], told["Rules digest"], told["Result digest"]) == (
        *(run.input_digest, run.rules_digest, run.result_digest),
    )
    copy = two_columns(tables_found["This copy"])
    assert copy["Exported by"] == event.people["organiser"].name
    assert copy["Head of the audit log"] == head
    ranking = tables_found["All proposals, best first"]
    assert dict(zip(ranking.texts("Proposal"), ranking.column("Calibrated score"), strict=True)) == {
        row["proposal"]: row["calibrated"] for row in run.result["proposals"]
    }
    rules = tables_found["The sealed definition of the round"]
    assert ["Shortlist", "Seats", "20"] in [row[:3] for row in rules.rows]
    text = file.content.decode()
    assert "Simulated data" in text
    assert "Not released: these results have not been signed" in text
    assert "People have changed nothing" in text


def test_the_same_moment_gives_the_same_bytes_and_a_later_one_another_copy(session: Session, event: Event) -> None:
    auditor = event.actor(session, "auditor")
    for kind in ("html", "pdf"):
        assert taken(session, auditor, format=kind) == taken(session, auditor, format=kind)
    first, second = (taken(session, auditor, at=at).content for at in (LATER, LATER + timedelta(hours=1)))
    differing = [
        (one, other)
        for one, other in zip(first.decode().splitlines(), second.decode().splitlines(), strict=True)
        if one != other
    ]
    assert [one.split("</th>")[0] for one, _ in differing] == ['<tr><th scope="row">Exported']


def test_decisions_release_and_signatures_stand_in_it(session: Session, event: Event) -> None:
    chair = event.actor(session, "chair")
    before = taken(session, chair)
    key = tables_of(before.content)["All proposals, best first"].texts("Proposal")[-1]
    verdicts.decide(session, chair, COMPETITION, ROUND, key, verdict="in", reason="The panel saw the prototype.", at=AT)
    release(session, event)
    file = taken(session, chair)
    found = tables_of(file.content)
    assert [row[:3] for row in found["Every decision on a proposal, oldest first"].rows] == [
        [key, "on the shortlist", "The panel saw the prototype."]
    ]
    listed = found["Shortlist, reserves in order, and who was passed over"]
    place = listed.texts("Proposal").index(key)
    assert (listed.texts("Standing")[place], listed.rows[place][-1]) == ("shortlisted", "Verdict: on the shortlist")
    text = file.content.decode()
    status = present(find_in_force(session, *_rows(session, event)))
    assert f"<dt>Digest</dt><dd>{status.digest}</dd>" in text
    assert text.count("<dt>Signed</dt>") == 2
    assert "Not released" not in text
    pdf = taken(session, chair, format="pdf", language="zh-Hans-CN")
    pages = pages_of(pdf.content)
    together = "".join("".join(pages).split())
    assert status.digest in together
    assert "Thepanelsawtheprototype." in together
    digest = newest_run(session).result_digest
    assert all(digest[:16] in page and f"{number} / {len(pages)}" in page for number, page in enumerate(pages, 1))
    assert str(PdfReader(io.BytesIO(pdf.content)).root_object["/Lang"]) == "zh-CN"


def _rows(session: Session, event: Event) -> tuple[tables.Competition, tables.Round]:
    row = session.get_one(tables.Round, event.round_row.id)
    return session.get_one(tables.Competition, row.competition_id), row


def test_what_is_hidden_from_a_reader_is_left_out_and_said(session: Session, event: Event) -> None:
    chair = event.actor(session, "chair")
    everything = tables_of(taken(session, event.actor(session, "auditor")).content)["All proposals, best first"]
    key = everything.texts("Proposal")[0]
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key=key, kind="family", at=AT)
    file = taken(session, chair)
    seen = tables_of(file.content)["All proposals, best first"]
    row = next(row for row in seen.rows if row[seen.headings.index("Proposal")] == key)
    assert row[seen.headings.index("Calibrated score")] == "–"
    assert row[-1] == "hidden: you declared a conflict"
    assert seen.texts("Rank")[0] == "1"
    assert "the results of 1 proposals are left out" in file.content.decode()
    shortlist = tables_of(file.content)["Shortlist, reserves in order, and who was passed over"]
    assert key not in shortlist.texts("Proposal")


def test_every_copy_is_recorded_with_its_digest(session: Session, event: Event) -> None:
    file = taken(session, event.actor(session, "organiser"), format="pdf", language="zh-Hant-HK")
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "report.exported")).one()
    assert entry.detail == {
        "format": "pdf",
        "language": "zh-Hant-HK",
        "result_digest": newest_run(session).result_digest,
        "sha256": hashlib.sha256(file.content).hexdigest(),
    }


def test_it_is_refused_without_a_run_and_for_those_who_may_not_read(session: Session) -> None:
    event = make_event(session, n_proposals=6)
    ask = partial(
        method_report_file.request_method_report, session, round_key=ROUND, language="en", format="pdf", at=AT
    )
    with pytest.raises(Conflict, match="no method to report"):
        ask(actor=event.actor(session, "chair"), competition_key=COMPETITION, run_number=None)
    with pytest.raises(NotFound):
        ask(actor=event.actor(session, "chair"), competition_key=COMPETITION, run_number=7)
    with pytest.raises((NotAllowed, NotFound)):
        ask(actor=event.actor(session, "judge"), competition_key=COMPETITION, run_number=None)
