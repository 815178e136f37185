"""The start page lists what waits for a person, with the way to it, and nothing else."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import Actor, load_actor
from judging.services.competitions.definitions import definition_of
from judging.services.decisions import conflicts_of_interest, verdicts
from judging.services.decisions.asking import tell_chairs
from judging.services.decisions.awaited import awaited_by
from judging.services.mail.letter_parts import Facts
from judging.services.mail.letters import LETTERS
from judging.services.releases import signing
from judging.translating import CATALOGUES, translate
from tests.support.deciding import LATER, calibrated_event, chair_of
from tests.support.event import COMPETITION, ROUND, make_event, sign_in
from tests.support.releases import propose_release, sign_release
from tests.support.sign_in.attempts import MAILER
from tests.web.chair.test_pages import text_of

HERE = f"/chair/{COMPETITION}/{ROUND}"
WHERE = (COMPETITION, ROUND)


def person_of(actor: Actor) -> int:
    """Return the key of an actor's person."""
    assert actor.person_id is not None
    return actor.person_id


def kinds(session: Session, person_id: int) -> list[tuple[str, int]]:
    return [(one.kind, one.number) for one in awaited_by(session, load_actor(session, person_id))]


def test_a_signature_and_what_only_one_chair_may_decide_wait_until_they_are_done(
    client: FlaskClient, session: Session
) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    hk, sh = chair_of(session, "hk"), chair_of(session, "sh")
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.closed_at = "closed", LATER
    session.flush()
    # The judges of this event but one have no account; once it is closed, nobody types their paper any more.
    assert kinds(session, person_of(sh)) == [("release", 1)]
    conflicts_of_interest.declare(session, hk, COMPETITION, proposal_key="P001", kind="employer", at=LATER)
    assert kinds(session, person_of(sh)) == [("conflict", 1), ("release", 1)]
    assert kinds(session, person_of(hk)) == [("release", 1)]
    verdicts.decide(session, sh, *WHERE, "P001", verdict="out", reason="Not open data.", at=LATER)
    assert kinds(session, person_of(sh)) == [("release", 1)]
    release = propose_release(session, hk, run_number=1, reason="", at=LATER)
    assert kinds(session, person_of(hk)) == kinds(session, person_of(sh)) == [("signature", 1)]
    sign_release(session, hk, release.number, digest=release.digest, at=LATER)
    session.commit()
    assert kinds(session, person_of(hk)) == []
    session.rollback()
    waiting = session.get_one(tables.Person, sh.person_id)
    session.expunge(waiting)
    session.rollback()
    sign_in(client, waiting)
    page = client.get("/").text
    assert "Waiting for you" in page
    assert f'href="{HERE}/release"' in page
    assert "Sign release 1, or not" in text_of(page)
    sign_in(client, event.people["auditor"])
    assert "Waiting for you" not in client.get("/").text


def test_the_other_chair_is_told_by_mail_and_nobody_else(session: Session) -> None:
    calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    hk, sh = chair_of(session, "hk"), chair_of(session, "sh")
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.closed_at = "closed", LATER
    session.flush()
    basis = signing.collect_basis(session, hk, *WHERE)
    signing.propose_release(session, hk, basis, run_number=1, reason="", at=LATER, mailer=MAILER)
    competition_row = session.get_one(tables.Competition, row.competition_id)
    where = (session, MAILER, hk, "consent_waits", competition_row, row)
    # Of the cities that can still agree, the proposer's own is told by the page.
    tell_chairs(*where, number=2, given=["sh"], at=LATER)
    messages = session.exec(select(tables.OutboxMessage).order_by(col(tables.OutboxMessage.id))).all()
    assert [(one.kind, one.person_id) for one in messages] == [("signature_waits", sh.person_id)]
    tell_chairs(*where, number=2, at=LATER)
    asked = session.exec(select(tables.OutboxMessage).order_by(col(tables.OutboxMessage.id).desc())).first()
    assert asked is not None
    for message, said in (
        (messages[0], "release 1 of the results of First screening"),
        (asked, "version 2 of the rules"),
    ):
        letter = LETTERS[message.kind](Facts(competition=definition_of(competition_row).name, content=message.content))
        assert said in translate(letter.paragraphs[0], "en")
        assert {translate(letter.paragraphs[0], language) for language in CATALOGUES} != {""}
    tell_chairs(session, None, *where[2:], number=2, at=LATER)
    assert len(session.exec(select(tables.OutboxMessage.id)).all()) == 2


def test_a_further_scoresheet_waits_for_its_judge(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session)
    judge = event.people["judge"]
    assert kinds(session, judge.pk) == []
    row = session.exec(select(tables.Judge).where(tables.Judge.person_id == judge.pk)).one()
    taken = select(tables.Assignment.proposal_id).where(tables.Assignment.judge_id == row.pk)
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.id.not_in(taken))).first()  # type: ignore[union-attr]
    assert proposal is not None
    session.add(
        tables.Assignment(round_id=event.round_row.pk, judge_id=row.pk, proposal_id=proposal.pk, assigned_at=LATER)
    )
    session.commit()
    assert kinds(session, judge.pk) == [("reading", 1)]
    session.rollback()
    sign_in(client, judge)
    assert "Score 1 further proposal that you were asked to read" in text_of(client.get("/").text)


def test_paper_and_a_closed_round_wait_for_a_chair(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    chair = event.people["chair"]
    row = session.get_one(tables.Round, event.round_row.pk)
    on_paper = (
        select(tables.Assignment.id)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(col(tables.Judge.person_id).is_(None), tables.Assignment.state == "active")
    )
    n_paper = len(session.exec(on_paper).all())
    assert n_paper > 1
    assert kinds(session, chair.pk) == [("paper", n_paper)]
    session.rollback()
    sign_in(client, chair)
    page = client.get("/").text
    assert f"Type {n_paper} scoresheets from paper" in text_of(page)
    assert f'href="{HERE}/paper"' in page
    row = session.get_one(tables.Round, row.pk)
    row.state, row.closed_at = "closed", LATER
    session.commit()
    assert kinds(session, chair.pk) == [("calibration", 1)]
    session.rollback()
    page = client.get("/").text
    assert "Calibrate the scores of the closed round" in text_of(page)
    sign_in(client, event.people["auditor"])
    assert "Waiting for you" not in client.get("/").text
