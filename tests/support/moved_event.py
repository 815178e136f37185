"""An event with something of everything, and what must be the same after it was moved to another installation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from judging import db, tables
from judging.event_transfer.event_rows import exported_condition, moved_tables
from judging.media.file_store import FileStore
from judging.publication import letter
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services.access import Actor, load_actor, operator
from judging.services.appeals import appeals, remarks
from judging.services.authentication import sessions, sign_in
from judging.services.bundle import checking, making, parts
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.decisions import meeting_notes, meetings, verdicts
from judging.services.mail import mail_texts
from judging.services.mail.mailer import mailer_of
from judging.services.participation import judge_conflicts
from judging.services.releases import letter_links, letter_mail, team_letters
from judging.services.releases.in_force import list_signed
from judging.services.runs import outside
from judging.services.scoresheets import origins, scoring
from tests.support.event import AT, COMPETITION, ROUND, Event
from tests.support.files.media import pdf
from tests.support.files.proposal_files import store_file
from tests.support.optional import present
from tests.support.released import make_calibrated
from tests.support.releases import propose_release, sign_release

HERE = (COMPETITION, ROUND)
MAILER = mailer_of(secret_key="x" * 32, sender="judging@example.org", base_url="https://judging.example.org")


def make_moved_event(session: Session, files: FileStore) -> Event:
    """Store a released event at rest: decks, letters that were sent, an appeal, paper, decisions, conflicts; commit."""
    event = make_calibrated(session)
    organiser = event.actor(session, "organiser")
    chairs = {city: _chair(session, city) for city in ("hk", "sh")}
    for proposal in ("P001", "P002"):
        store_file(session, organiser, files, proposal, pdf(1, mark=proposal))
    store_file(session, organiser, files, "P001", pdf(2, mark="newer"))
    body = "Dear {name},\n\n{link}"
    mail_texts.save_text(session, organiser, COMPETITION, "invitation", "en", subject="Your link", body=body, at=AT)
    for team in session.exec(select(tables.Team)):
        team.email = f"{team.key.lower()}@example.org"
    judge_conflicts.enter(
        session, organiser, COMPETITION, judge_key="J03", proposal_key="P005", kind="other", reason="A friend.", at=AT
    )
    meetings.open_meeting(session, chairs["hk"], *HERE, present="Both chairs", agenda=["P001", "P002"], at=AT)
    meeting_notes.write_note(session, chairs["hk"], *HERE, 1, text="Read again.", proposal_key="P001", at=AT)
    verdicts.decide(session, chairs["sh"], *HERE, "P002", verdict="in", reason="The jury agrees.", at=AT)
    outside.bring(session, chairs["hk"], *HERE, _other_method(session), at=AT)
    proposed = propose_release(session, chairs["hk"], run_number=1, reason="", at=AT)
    for chair in chairs.values():
        sign_release(session, chair, proposed.number, digest=proposed.digest, at=AT)
    team_letters.make_letters(session, organiser, *HERE, at=AT)
    letter_mail.mail_letters(session, organiser, MAILER, *HERE, at=AT)
    letter_links.issue_links(session, organiser, *HERE, at=AT)
    _appeal(session, event, chairs["hk"])
    _add_rows(session, event, chairs["hk"])
    message = tables.OutboxMessage
    session.execute(sqlalchemy.update(message).values(state="sent", ended_at=AT, token_seed=None))
    session.execute(sqlalchemy.update(tables.Job).values(state="done", ended_at=AT))
    session.commit()
    return event


def _chair(session: Session, city: str) -> Actor:
    """Return a chair in a session that began with a link from the command line."""
    row = session.exec(select(tables.Person).where(tables.Person.email == f"chair-{city}@example.org")).one()
    return replace(load_actor(session, row.pk), session_id=begin_with_link(session, row.pk, channel="command"))


def begin_with_link(session: Session, person_id: int, *, channel: str, issued_by: int | None = None) -> int:
    """Let somebody sign in with a link that was handed over; return the session."""
    link, token = sign_in.create_link(session, person_id, at=AT, channel=channel, issued_by=issued_by)
    person = sign_in.use_link(session, token, at=AT)
    begun = sessions.begin(
        session, person, how="link", link_id=link.pk, at=AT, address="192.0.2.7", browser="A browser"
    )
    return begun.session_id


def _add_rows(session: Session, event: Event, chair: Actor) -> None:
    """Add a row to every table that nothing above has filled."""
    person, number = event.people["organiser"].pk, event.round_row.pk
    sheet = session.exec(select(tables.Scoresheet).order_by(col(tables.Scoresheet.id)).limit(1)).one()
    appeal, row = session.exec(select(tables.Appeal)).one(), session.exec(select(tables.Competition)).one()
    judge = session.exec(select(tables.Judge).order_by(tables.Judge.key).limit(1)).one()
    version = tables.RulesVersion(
        round_id=number,
        number=9,
        definition=event.round_row.definition,
        digest=event.round_row.digest,
        reason="An idea.",
        state="withdrawn",
        proposed_at=AT,
        proposed_by=person,
    )
    pitch = tables.Pitch(round_id=number, proposal_id=appeal.proposal_id, place=1)
    session.add_all([version, pitch])
    session.flush()
    session.add_all(
        [
            tables.PaperEntry(
                assignment_id=sheet.assignment_id, number=1, content={"scores": {}}, typed_at=AT, typed_by=person
            ),
            tables.PitchMove(
                round_id=number, number=1, pitch_id=pitch.pk, action="next", phase="called", back_to=0, moved_at=AT
            ),
            tables.CommentChoice(scoresheet_id=sheet.pk, criterion="", is_sent=False, decided_at=AT, decided_by=person),
            tables.AppealEffect(
                appeal_id=appeal.pk, judge_id=judge.pk, content={"p": 0.5}, computed_at=AT, computed_by=person
            ),
            tables.RulesConsent(
                rules_version_id=version.pk,
                person_id=present(chair.person_id),
                city="hk",
                digest="d",
                given_at=AT,
                sign_in_session_id=chair.session_id,
            ),
            tables.RosterChange(
                competition_id=row.pk,
                kind="teams",
                row_key="T001",
                action="changed",
                changes={"name": ["A", "B"]},
                changed_at=AT,
                changed_by=person,
            ),
            tables.TableMappingRow(
                competition_id=row.pk,
                kind="scores",
                headings_digest="h",
                mapping={"judge": 1},
                saved_by=person,
                saved_at=AT,
            ),
            tables.ConflictOfInterest(
                person_id=event.people["chair"].pk, proposal_id=appeal.proposal_id, kind="other", declared_at=AT
            ),
        ]
    )
    session.flush()


def _other_method(session: Session) -> dict[str, Any]:
    keys = session.exec(select(tables.Proposal.key).order_by(tables.Proposal.key)).all()
    values = [{"proposal": key, "value": number} for number, key in enumerate(keys)]
    return {"method": "Sum of ranks", "direction": "lower", "note": "By hand.", "values": values}


def _appeal(session: Session, event: Event, chair: Actor) -> None:
    """Enter an appeal, and let a judge score again who came with a link that an organiser has handed over."""
    judge = session.exec(select(tables.Judge).where(tables.Judge.person_id == event.people["judge"].pk)).one()
    had = select(tables.Assignment.proposal_id).where(tables.Assignment.judge_id == judge.pk)
    key = session.exec(
        select(tables.Proposal.key).where(col(tables.Proposal.id).not_in(had)).order_by(tables.Proposal.key).limit(1)
    ).one()
    typed = {"proposal": key, "asked_by": "The team's leader", "reason": "We were misread."}
    number = appeals.enter_appeal(session, chair, *HERE, typed, at=AT).number
    remarks.ask_judge(session, chair, *HERE, number, {"judge": judge.key}, at=AT)
    person = event.people["judge"].pk
    begun = begin_with_link(session, person, channel="hand", issued_by=event.people["organiser"].pk)
    actor = replace(load_actor(session, person), session_id=begun)
    place = scoring.get_place(session, actor, *HERE, key)
    rubric = rules_of(session.get_one(tables.Round, place.round.pk)).rubric
    sheet = SheetContent(scores=dict.fromkeys(rubric.keys, 10.0), justification="All full marks.")
    incoming = IncomingSheet(sheet=sheet, base_version=place.base_version, submit=True)
    scoring.save_scoresheet(session, actor, place.assignment_id, incoming, source="form", at=AT)
    outcome = {"outcome": "stands", "reason": "Read again."}
    appeals.settle_appeal(session, chair, *HERE, number, outcome, at=AT)


def what_is_seen(engine: Engine, files: FileStore, folder: Path) -> dict[str, Any]:
    """Return digests, numbers, proofs and names of the event, as people of any installation see them."""
    with db.transaction(engine, read_only=True) as session:
        row = session.exec(select(tables.Competition).where(tables.Competition.key == COMPETITION)).one()
        one_round = session.exec(
            select(tables.Round).where(tables.Round.competition_id == row.id, tables.Round.key == ROUND)
        ).one()
        collected = making.collect_bundle(session, operator(), *HERE, at=AT)
        released = [
            (one.row.number, one.row.digest, one.proposed_by, one.signatures)
            for one in list_signed(session, definition_of(row), one_round)
        ]
        letters = team_letters.page_of(session, row, one_round)
        seen: dict[str, Any] = {
            "digests": dict(collected.digests),
            "ratings": collected.ratings,
            "ranking": collected.contents[parts.RUN]["result"],
            "marked": collected.contents[parts.RUN]["marked_scoresheets"],
            "released": released,
            "root": team_letters.root_of_letters(session, row, one_round),
            "proofs": letters.proofs,
            "mailed": {
                key: (
                    *(one.message.state, one.message.recipient, one.is_to_address),
                    letter_mail.content_of(session, one.message),
                )
                for key, one in letter_mail.messages_by_proposal(session, row, one_round, letters.letters).items()
            },
            "appeals": [
                (one.row.number, one.row.reason, one.state, one.judges)
                for one in appeals.list_appeals(session, operator(), *HERE)
            ],
            "decks": sorted(
                (one.name, one.digest, files.path_of(one.digest).is_file())
                for one in session.exec(
                    select(tables.ProposalFile)
                    .join(tables.Proposal, col(tables.Proposal.id) == col(tables.ProposalFile.proposal_id))
                    .where(tables.Proposal.competition_id == row.id, col(tables.ProposalFile.removed_at).is_(None))
                )
            ),
            "origins": origins.list_marked(session, operator(), *HERE),
            "counts": _counts(session, row.pk),
        }
    assert all(letter.is_proven(letter.write_proof(proof), seen["root"]) for proof in seen["proofs"].values())
    content = making.write_bundle(collected, made_by="x", at=AT)
    findings = checking.check_bundle(content, digest=collected.digests["release"])
    assert checking.holds(findings), findings
    (folder / "bundle.zip").write_bytes(content)
    return seen


def _counts(session: Session, competition_id: int) -> dict[str, int]:
    counting = sqlalchemy.select(sqlalchemy.func.count())
    return {
        table.name: session.execute(
            counting.select_from(table).where(exported_condition(table, competition_id))
        ).scalar_one()
        for table in moved_tables()
        if table.name not in ("former_log", "former_entry")
    }
