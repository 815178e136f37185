"""Links in a table: who counts as signed in, and two organisers who press at the same moment."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from judging import db, tables
from judging.errors import Conflict
from judging.services.access import load_actor
from judging.services.authentication import sessions, sign_in
from judging.services.people import first_links, new_links
from tests.support.event import AT, COMPETITION, Event
from tests.support.optional import present
from tests.support.sign_in.attempts import ADDRESS
from tests.support.sign_in.lone_organiser import LATER, PASSWORD, limits_at, make_own_event


@pytest.fixture
def event(session: Session) -> Event:
    return make_own_event(session)


@pytest.fixture
def begun(session: Session, event: Event) -> tables.SignInSession:
    """Return the session of the judge."""
    person = session.get_one(tables.Person, event.people["judge"].pk)
    number = sessions.begin(session, person, how="link", at=AT, address=ADDRESS, browser="").session_id
    return session.get_one(tables.SignInSession, number)


def test_a_judge_who_saves_counts_as_signed_in_as_long_as_the_browser_does(
    session: Session, begun: tables.SignInSession
) -> None:
    saved_at, judge = AT + timedelta(days=10), begun.person_id
    assignment = session.exec(select(tables.Assignment)).first()
    session.add(
        tables.Scoresheet(
            assignment_id=present(assignment).pk,
            version=1,
            state="draft",
            source="form",
            saved_at=saved_at,
            saved_by=judge,
            sign_in_session_id=begun.pk,
        )
    )
    session.flush()
    at = saved_at + timedelta(days=13)
    assert new_links.locked_out(session, [judge], at=at, limits=limits_at(at)) == set()
    at = saved_at + timedelta(days=15)
    assert new_links.locked_out(session, [judge], at=at, limits=limits_at(at)) == {judge}


def test_two_presses_at_once_hand_over_each_link_once(
    engine: Engine, session: Session, event: Event, begun: tables.SignInSession
) -> None:
    organiser = event.actor(session, "organiser")
    begun.ended_at, begun.end_reason = AT, "signed_out"
    session.add(begun)
    session.commit()
    ready, made = threading.Barrier(2), []

    def press() -> None:
        ready.wait()
        try:
            with db.transaction(engine) as own:
                made.append(
                    first_links.hand_over_all(own, organiser, None, COMPETITION, at=LATER, limits=limits_at(LATER))
                )
                # Long enough for the other to have looked who needs a link.
                time.sleep(0.3)
        except Conflict:
            made.append([])

    presses = [threading.Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(len(links) for links in made) == [0, 1]
    token = next(links[0].token for links in made if links)
    assert present(sign_in.find_link(session, token, at=LATER)).state == "good"


def test_a_link_that_is_used_while_its_person_sets_a_password_leaves_no_session_open(
    engine: Engine, session: Session, event: Event, begun: tables.SignInSession
) -> None:
    judge = session.get_one(tables.Person, begun.person_id)
    _, token = sign_in.create_link(session, judge.pk, at=AT, channel="hand")
    new = sign_in.check_new_password(judge, new=PASSWORD, repeated=PASSWORD, current=None)
    actor = replace(load_actor(session, judge.pk), session_id=begun.pk)
    session.commit()
    is_stored = threading.Event()

    def set_password() -> None:
        with db.transaction(engine) as own:
            sign_in.store_password(own, actor, new, at=LATER)
            own.flush()
            is_stored.set()
            # Long enough for the link to be looked at.
            time.sleep(0.5)

    setting = threading.Thread(target=set_password)
    setting.start()
    is_stored.wait()
    with pytest.raises(Conflict), db.transaction(engine) as own:
        sign_in.use_link(own, token, at=LATER)
    setting.join()
