from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument
from sqlmodel import Session, col, func, select

from judging import tables
from judging.calibration.explanation.sentences import say, shown_amounts
from judging.calibration.report.whole import Report
from judging.decimals import SCORE
from judging.media.file_store import FileStore
from judging.services import audit
from judging.services.authentication import sign_in
from judging.services.demo.loading import load_demo
from judging.services.runs.reports import report_of
from tests.support.optional import present

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def assert_decks_of_the_judge(session: Session, files: FileStore) -> None:
    """Every proposal of the judge with the link has a deck; every slide of a deck says that it is simulated."""
    stored = {row.proposal_id: row.digest for row in session.exec(select(tables.ProposalFile)).all()}
    own = session.exec(
        select(tables.Proposal)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Competition, col(tables.Competition.id) == col(tables.Judge.competition_id))
        .where(tables.Competition.key == "hksh-practice", tables.Judge.key == "J07")
    ).all()
    marks = {"en": "Simulated for a demonstration", "zh-Hant-HK": "為示範而模擬", "zh-Hans-CN": "为演示而模拟"}
    assert {row.id for row in own} < stored.keys()
    hosted = session.exec(select(tables.Proposal).where(col(tables.Proposal.id).in_(stored))).all()
    assert {row.language for row in hosted} == set(marks)
    for row in hosted:
        deck = PdfDocument(files.path_of(stored[row.pk]))
        texts = [page.get_textpage().get_text_bounded() for page in deck]
        assert [marks[present(row.language)] in text for text in texts] == [True] * 5
        assert row.deck_url is None


# The demo is loaded into SQLite only: `run.py demo` takes no other database.
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_demo_has_something_for_every_page_and_loads_once(session: Session, tmp_path: Path) -> None:
    files = FileStore(tmp_path / "files")
    links = load_demo(session, rubrics_dir=ROOT / "rubrics", data_dir=ROOT / "demo", at=AT, files=files)
    again = load_demo(session, rubrics_dir=ROOT / "rubrics", data_dir=ROOT / "demo", at=AT, files=files)
    assert (links.was_loaded, again.was_loaded) == (False, True)

    emails = []
    for token in (again.judge, again.chair, again.organiser):
        link = present(sign_in.find_link(session, token, at=AT))
        emails.append((link.person.email, link.state))
    assert emails == [
        ("judge07@example.org", "good"),
        ("chair-hk@example.org", "good"),
        ("organiser@example.org", "good"),
    ]
    old = present(sign_in.find_link(session, links.judge, at=AT))
    assert old.state == "revoked"

    rows = session.exec(
        select(tables.Competition.key, tables.Competition.is_simulated, tables.Round.key, tables.Round.state)
        .join(tables.Round, col(tables.Round.competition_id) == col(tables.Competition.id))
        .order_by(col(tables.Competition.id).desc(), col(tables.Round.position))
    ).all()
    assert [tuple(row) for row in rows] == [
        ("hksh-2023", True, "first-screening", "closed"),
        ("hksh-2023", True, "grand-final", "draft"),
        ("hksh-practice", True, "first-screening", "open"),
        ("diving-2000", False, "all-dives", "closed"),
    ]
    assert list(audit.verify(session)) == []
    assert_decks_of_the_judge(session, files)

    states = session.exec(
        select(tables.Scoresheet.state, func.count())
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Competition, col(tables.Competition.id) == col(tables.Judge.competition_id))
        .where(tables.Competition.key == "hksh-practice", tables.Judge.key == "J07")
        .group_by(tables.Scoresheet.state)
        .order_by(tables.Scoresheet.state)
    ).all()
    assert [state for state, _ in states] == ["draft", "submitted"]

    run = session.exec(
        select(tables.CalibrationRun)
        .join(tables.Round, col(tables.Round.id) == col(tables.CalibrationRun.round_id))
        .where(tables.Round.key == "all-dives")
    ).one()
    home = run.result["fixed"]["home_city"]
    # Points on 0..100, of a scale from 0 to 10: the reference of lme4 is .294837 (s.e. .026627).
    assert home["estimate"] / 10 == pytest.approx(0.294837, rel=1e-4)
    assert home["standard_error"] / 10 == pytest.approx(0.026627, rel=1e-2)
    assert (run.settings["n_sheets"], run.settings["n_judges"]) == (10787, 25)

    for run in session.exec(select(tables.CalibrationRun)).all():
        assert_displayed_terms_add_up(report_of(run))


def assert_displayed_terms_add_up(report: Report) -> None:
    """The terms of every proposal, as displayed, are the difference of the two displayed scores, also in words."""
    for row in report.proposals:
        explanation = row.explanation
        if explanation is None:
            continue
        raw, calibrated = round(explanation.raw, SCORE.page), round(explanation.calibrated, SCORE.page)
        assert round(sum(shown_amounts(report, explanation)), 6) == round(calibrated - raw, 6), row.proposal
        move, terms = say(report, explanation, proposal_city=row.city)
        said = [float(str(term).rsplit(" ", 1)[1]) for term in terms]
        assert round(sum(said), 6) == round(calibrated - raw, 6), row.proposal
        assert float(move.values.get("move", 0.0)) == round(abs(calibrated - raw), 6), row.proposal
