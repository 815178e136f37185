"""What arrives of an organiser's own text, and of a letter to a team."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from judging import db, tables
from judging.publication.letter import is_proven
from judging.rubric import Text
from judging.services.mail import mail_texts
from judging.services.mail.editable_letters import write_letter
from judging.services.mail.letter_parts import Facts
from judging.services.releases import letter_mail, team_letters
from judging.services.scoresheets import given_back
from tests.jobs.mail.messages import BEGIN, MAILER, invite, link_in
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event
from tests.support.optional import present
from tests.support.programs.mail import Mailbox
from tests.support.released import make_calibrated, release

OWN = "Dear {name}\n\nBy {deadline} at the latest.\n\n{link}\n\nRoom <b>7</b>,\nsecond floor"


def test_an_own_text_arrives_as_text_and_as_safe_html(
    engine: Engine, session: Session, mailbox: Mailbox, send: Callable[..., tables.OutboxMessage]
) -> None:
    organiser = make_event(session, n_proposals=4, n_judges=6, scored=False).actor(session, "organiser")
    body = OWN.replace("By {deadline} at the latest.", "{inviter} asks.")
    mail_texts.save_text(session, organiser, COMPETITION, "invitation", "en", subject="To {name}", body=body, at=BEGIN)
    session.commit()
    assert send(invite(engine, organiser, locale="en")).state == "sent"
    mail = mailbox.messages[0]
    plain = present(mail.get_body(("plain",))).get_content().replace("\r\n", "\n")
    html = present(mail.get_body(("html",))).get_content()
    assert mail["Subject"] == "To 陳大文 <Chan>"
    assert (f"{organiser.name} asks." in plain, "Room <b>7</b>,\nsecond floor" in plain) == (True, True)
    assert "Room &lt;b&gt;7&lt;/b&gt;,<br>second floor" in html
    assert f"/sign-in/{link_in(plain)}" in html
    assert "signs you in once" in plain


def test_a_paragraph_without_a_value_is_left_out() -> None:
    facts = Facts(competition=Text("C", "C", "C"), content={"n_open": 2, "deadline": "", "round": {"en": "R"}})
    letter = write_letter("reminder", facts, "en", name="N {link}", link="L", own=("S", OWN))
    assert [part.text for part in letter.parts][:3] == [
        "Dear N {link}",
        "Go on scoring",
        "Room <b>7</b>,\nsecond floor",
    ]


@pytest.mark.parametrize("own", [None, ("{name}", "{name}\n\n{until}\n\n{link}")])
@pytest.mark.parametrize(("language", "shown"), [("en", "14:00 (UTC+8)"), ("zh-Hans-CN", "14:00（UTC+8）")])
def test_a_time_has_the_brackets_of_the_language(language: str, shown: str, own: tuple[str, str] | None) -> None:
    facts = Facts(
        competition=Text("C", "C", "C"),
        content={"role": "judge", "inviter": "O"},
        link_until="2026-07-17 14:00 (UTC+8)",
    )
    letter = write_letter("invitation", facts, language, name="N", link="L", own=own)
    assert [shown in part.text for part in letter.parts].count(True) == 1


@pytest.mark.parametrize(
    "body",
    [
        "Dear {name}\n\nGo to https://elsewhere.example/?next={link}",
        "Dear {name}\n\nhttps://elsewhere.example/\n{link}",
        "Dear {name}\n\n{deadline} {link}",
        "Dear {name}",
    ],
)
def test_a_link_is_never_a_part_of_another_address_and_is_never_missing(body: str) -> None:
    facts = Facts(competition=Text("C", "C", "C"), content={"n_open": 2, "deadline": "", "round": {"en": "R"}})
    letter = write_letter("reminder", facts, "en", name="N", link="https://j.example/s/1", own=("To {link}", body))
    assert [part.text for part in letter.parts][:2] == ["Dear N", "Go on scoring"]
    assert "https://j.example" not in " ".join([letter.subject, *(part.text for part in letter.parts)])


def test_a_team_gets_its_letter_with_the_proof(
    engine: Engine, session: Session, mailbox: Mailbox, send: Callable[..., tables.OutboxMessage]
) -> None:
    event: Event = make_calibrated(session)
    release(session)
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == "P002")).one()
    team = session.get_one(tables.Team, proposal.team_id)
    team.email = "team@example.org"
    session.add(team)
    organiser = event.actor(session, "organiser")
    made = team_letters.make_letters(session, organiser, COMPETITION, ROUND, at=AT)
    mailed = letter_mail.mail_letters(session, organiser, MAILER, COMPETITION, ROUND, at=BEGIN)
    root = made.root
    text = {one["proposal"]: one["text"] for one in made.content["letters"]}["P002"]
    session.commit()
    assert (mailed.queued, mailed.without_address) == (1, 23)
    with db.transaction(engine, read_only=True) as reading:
        number = reading.exec(select(tables.OutboxMessage.id)).one()
    assert send(number).state == "sent"
    mail = mailbox.messages[0]
    assert text in present(mail.get_body(("plain",))).get_content().replace("\r\n", "\n")
    [attachment] = mail.iter_attachments()
    assert attachment.get_filename() == "P002-proof.json"
    proof = attachment.get_payload(decode=True)
    assert isinstance(proof, bytes)
    assert (is_proven(proof, root), json.loads(proof)["letter"]) == (True, text)


@pytest.mark.parametrize("give_back", [given_back.recuse, given_back.abstain])
def test_organisers_are_told_that_a_judge_stepped_back(session: Session, give_back: Callable[..., None]) -> None:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    judge = event.actor(session, "judge")
    assignment = session.exec(
        select(tables.Assignment)
        .join(tables.Judge)
        .where(tables.Judge.person_id == judge.person_id, tables.Assignment.round_id == event.round_row.pk)
        .limit(1)
    ).one()
    give_back(session, judge, assignment.pk, reason="other", text="A neighbour.", at=BEGIN, mailer=MAILER)
    message = session.exec(select(tables.OutboxMessage)).one()
    assert (message.kind, message.person_id) == ("given_back", event.people["organiser"].pk)
