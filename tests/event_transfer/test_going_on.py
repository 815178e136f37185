"""After the move: people work there, nobody is written to twice, and the event can move on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from judging import db, tables
from judging.errors import Conflict
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services import audit
from judging.services.access import Actor, load_actor, operator
from judging.services.authentication import sign_in
from judging.services.competitions import archiving
from judging.services.competitions.definitions import list_rounds, rules_of
from judging.services.people import invitations
from judging.services.pitches import running_order
from judging.services.releases import letter_links, letter_mail
from judging.services.rounds import advancing, opening
from judging.services.runs import calibrating, calibration_runs
from judging.services.scoresheets import receipts, scoring
from tests.support.event import AT, COMPETITION
from tests.support.installations import Installation, Make, filled, in_use
from tests.support.moved_event import HERE, MAILER, what_is_seen
from tests.support.optional import present

FINAL = "grand-final"
WAYS = [("sqlite", "postgresql"), ("postgresql", "sqlite")]


def moved(source: Installation, target: Installation, path: Path) -> Installation:
    source.export(path)
    target.store(path)
    return target


def actor_of(session: Session, email: str) -> Actor:
    row = session.exec(select(tables.Person).where(tables.Person.email == email)).one()
    return load_actor(session, row.pk)


def save_sheet(session: Session, judge: Actor, round_key: str, proposal: str) -> None:
    place = scoring.get_place(session, judge, COMPETITION, round_key, proposal)
    rubric = rules_of(session.get_one(tables.Round, place.round.pk)).rubric
    full = {criterion.key: float(criterion.scale.maximum) for criterion in rubric.criteria}
    incoming = IncomingSheet(
        sheet=SheetContent(scores=full, justification="All full marks."), base_version=place.base_version, submit=True
    )
    scoring.save_scoresheet(session, judge, place.assignment_id, incoming, source="form", at=AT)


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_a_round_is_reopened_there_a_sheet_is_saved_and_the_round_calibrated(
    make: Make, tmp_path: Path, before: str, after: str
) -> None:
    target = moved(filled(make, before), in_use(make, after), tmp_path / "event.zip")
    with db.transaction(target.engine) as session:
        opening.reopen_round(session, operator(), *HERE, reason="A sheet is missing.", at=AT)
    with db.transaction(target.engine) as session:
        competition = session.exec(select(tables.Competition).where(tables.Competition.key == COMPETITION)).one()
        judge = session.exec(
            select(tables.Judge).where(
                tables.Judge.competition_id == competition.id, col(tables.Judge.person_id).is_not(None)
            )
        ).one()
        actor = load_actor(session, present(judge.person_id))
        key = session.exec(
            select(tables.Proposal.key)
            .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
            .where(tables.Assignment.judge_id == judge.pk)
            .order_by(tables.Proposal.key)
            .limit(1)
        ).one()
        save_sheet(session, actor, HERE[1], key)
    with db.transaction(target.engine) as session:
        opening.close_round(session, operator(), *HERE, at=AT, knowingly=True)
    with db.transaction(target.engine) as session:
        chair = actor_of(session, "chair-hk@example.org")
        before_run = present(calibration_runs.run_or_latest(session, chair, *HERE, 1))
        run = calibrating.calibrate(session, chair, *HERE, at=AT)
        assert (run.number, run.input_digest != before_run.input_digest) == (2, True)
    assert target.faults() == []


def test_the_next_round_opens_there(make: Make, tmp_path: Path) -> None:
    target = moved(filled(make, "sqlite"), in_use(make, "sqlite"), tmp_path / "event.zip")
    with db.transaction(target.engine) as session:
        organiser = actor_of(session, "organiser@example.org")
        shown = advancing.propose_advance(session, organiser, *HERE, FINAL)
        advancing.advance(session, organiser, *HERE, FINAL, digest=shown.digest, at=AT)
    with db.transaction(target.engine, read_only=True) as session:
        competition = session.exec(select(tables.Competition).where(tables.Competition.key == COMPETITION)).one()
        final = session.exec(
            select(tables.Round).where(tables.Round.competition_id == competition.id, tables.Round.key == FINAL)
        ).one()
        taken = session.exec(select(tables.RoundProposal).where(tables.RoundProposal.round_id == final.id)).all()
        judges = session.exec(select(tables.Judge).where(tables.Judge.competition_id == competition.id)).all()
        assert len(taken) > 0
        session.expunge_all()
    with db.transaction(target.engine) as session:
        session.add_all(
            tables.Assignment(round_id=final.pk, judge_id=judge.pk, proposal_id=one.proposal_id, assigned_at=AT)
            for one in taken
            for judge in judges
        )
        session.flush()
        opening.open_round(session, operator(), COMPETITION, FINAL, at=AT, knowingly=True)
    with db.transaction(target.engine) as session:
        actor = actor_of(session, "judge@example.org")
        key = session.get_one(tables.Proposal, taken[0].proposal_id).key
        save_sheet(session, actor, FINAL, key)
    assert target.faults() == []


def test_nobody_is_written_to_twice_and_judges_are_invited_as_usual(make: Make, tmp_path: Path) -> None:
    target = moved(filled(make, "sqlite"), make("sqlite"), tmp_path / "event.zip")
    with db.transaction(target.engine) as session:
        organiser = actor_of(session, "organiser@example.org")
        with pytest.raises(Conflict, match="Every letter has gone to the address"):
            letter_mail.mail_letters(session, organiser, MAILER, *HERE, at=AT)
        assert session.exec(select(tables.TeamLetterLink.id)).all() == []
        assert len(letter_links.issue_links(session, organiser, *HERE, at=AT)) > 0
        queued = session.exec(select(tables.OutboxMessage).where(tables.OutboxMessage.state == "queued")).all()
        assert queued == []
        invited = invitations.invite_all(session, organiser, MAILER, COMPETITION, at=AT)
        assert [person.email for person in invited] == ["judge@example.org"]
    assert target.faults() == []


def test_a_receipt_that_was_sent_there_is_not_sent_again(make: Make, tmp_path: Path) -> None:
    source, late = filled(make, "sqlite"), AT + receipts.QUIET * 2
    with db.transaction(source.engine) as session:
        assert receipts.queue_receipts(session, MAILER, at=late) == 1
        for message in session.exec(select(tables.OutboxMessage).where(tables.OutboxMessage.state == "queued")):
            message.state, message.ended_at = "sent", late
    target = moved(source, in_use(make, "sqlite"), tmp_path / "event.zip")
    with db.transaction(target.engine) as session:
        assert receipts.queue_receipts(session, MAILER, at=late) == 0


def test_a_lot_that_was_drawn_there_is_known_here(make: Make, tmp_path: Path) -> None:
    source = filled(make, "sqlite")
    with db.transaction(source.engine) as session:
        row = session.exec(select(tables.Competition)).one()
        detail = {"seed": "a seed", "order": [], "number": 1}
        place = f"{COMPETITION}/{HERE[1]}"
        audit.record(session, operator(), "pitches.drawn", place, at=AT, competition_id=row.id, detail=detail)
    target = moved(source, in_use(make, "sqlite"), tmp_path / "event.zip")
    with db.transaction(target.engine, read_only=True) as session:
        row = session.exec(select(tables.Competition).where(tables.Competition.key == COMPETITION)).one()
        rounds = {one.key: one for one in list_rounds(session, row)}
        assert running_order.find_lot(session, rounds[HERE[1]]) == "a seed"
        assert running_order.find_lot(session, rounds[FINAL]) is None


@pytest.mark.parametrize("after", ["sqlite", "postgresql"])
def test_links_that_an_organiser_has_seen_end_for_whoever_is_a_chair_now(
    make: Make, tmp_path: Path, after: str
) -> None:
    source, target = filled(make, "sqlite"), make(after)
    with db.transaction(target.engine) as session:
        for email in ("chair-hk@example.org", "chair-sh@example.org"):
            person = tables.Person(email=email, name="A judge here", created_at=AT)
            session.add(person)
            session.flush()
            _, token = sign_in.create_link(session, person.pk, at=AT, channel="hand")
            if email.startswith("chair-hk"):
                sign_in.use_link(session, token, at=AT)
    source.export(tmp_path / "event.zip")
    assert target.store(tmp_path / "event.zip").handed_over == ("chair-hk@example.org",)
    with db.transaction(target.engine, read_only=True) as session:
        links = session.exec(select(tables.SignInLink).order_by(col(tables.SignInLink.id))).all()
        assert [link.revoked_at is not None for link in links] == [False, True]
    assert target.faults() == []


@pytest.mark.parametrize("engines", [("sqlite", "postgresql", "sqlite"), ("postgresql", "sqlite", "postgresql")])
def test_an_event_moves_on_to_a_third_installation(make: Make, tmp_path: Path, engines: tuple[str, ...]) -> None:
    first = filled(make, engines[0])
    seen = what_is_seen(first.engine, first.files, tmp_path)
    second = moved(first, in_use(make, engines[1]), tmp_path / "first.zip")
    with db.transaction(second.engine) as session:
        archiving.archive(session, operator(), COMPETITION, reason="Over.", at=AT)
    third = moved(second, make(engines[2]), tmp_path / "second.zip")
    assert what_is_seen(third.engine, third.files, tmp_path) == seen
    assert (second.faults(), third.faults()) == ([], [])
    with db.transaction(third.engine, read_only=True) as session:
        logs = session.exec(select(tables.FormerLog).order_by(col(tables.FormerLog.id))).all()
        assert [log.installation for log in logs] == [first.signer.installation, second.signer.installation]
        recorded = session.exec(
            select(tables.FormerEntry.former_log_id).where(tables.FormerEntry.action == "competition.imported")
        ).all()
        assert recorded == [logs[1].pk]
        assert session.exec(select(tables.Competition)).one().archived_reason == "Over."
