"""A signature of a session that a handed-over link has begun says so, and not that the link was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from flask import Flask
from sqlmodel import Session, select

from judging import tables
from judging.services.authentication import sessions, sign_in
from tests.support.deciding import LATER, calibrated_event, chair_of
from tests.support.event import COMPETITION, ROUND
from tests.support.event import sign_in as sign_in_as
from tests.support.releases import propose_release, sign_release

HERE = f"/chair/{COMPETITION}/{ROUND}/release"


def test_a_signature_by_a_handed_over_link_names_who_handed_it_over(app: Flask, session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    chair = chair_of(session, "hk")
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.closed_at = "closed", LATER
    person = session.get_one(tables.Person, chair.person_id)
    link, token = sign_in.create_link(
        session, person.pk, at=datetime.now(UTC), channel="hand", issued_by=event.people["organiser"].pk
    )
    sign_in.use_link(session, token, at=datetime.now(UTC))
    begun = sessions.begin(
        session, person, how="link", link_id=link.pk, at=datetime.now(UTC), address="192.0.2.1", browser=""
    )
    signer = replace(chair, session_id=begun.session_id)
    release = propose_release(session, signer, run_number=1, reason="", at=LATER)
    sign_release(session, signer, release.number, digest=release.digest, at=LATER)
    session.commit()
    client = app.test_client()
    sign_in_as(client, event.people["auditor"])
    page = client.get(HERE).text
    assert "link handed over by The organiser" in page
    assert "asked for by" not in page
