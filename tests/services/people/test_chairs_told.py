"""The chairs learn by e-mail, once, that somebody has become chair or organiser, and the log says so."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.services.access import operator
from judging.services.mail.mailer import mailer_of
from judging.services.people import accounts
from tests.support.event import AT, COMPETITION, Event, make_event

MAILER = mailer_of(secret_key="x" * 32, sender="judging@example.org", base_url="https://judging.example.org")


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


def told(session: Session) -> list[tuple[int | None, str]]:
    rows = session.exec(select(tables.OutboxMessage).where(tables.OutboxMessage.kind == "appointed"))
    return [(row.person_id, row.content["name"]) for row in rows]


def invite(session: Session, role: str, *, name: str = "New", mail: bool = True) -> None:
    accounts.invite(
        session,
        operator(),
        COMPETITION,
        email=f"{name.lower()}@example.org",
        name=name,
        role=role,
        city="sh" if role in ("chair", "judge") else None,
        at=AT,
        mailer=MAILER if mail else None,
    )


@pytest.mark.parametrize(
    ("role", "is_told"), [("chair", True), ("organiser", True), ("auditor", False), ("judge", False)]
)
def test_chairs_learn_of_new_chairs_and_organisers_once(
    session: Session, event: Event, role: str, *, is_told: bool
) -> None:
    chairs = set(session.exec(select(tables.Role.person_id).where(tables.Role.role == "chair")))
    for _ in range(2):
        invite(session, role)
    assert sorted(told(session)) == sorted((chair, "New") for chair in chairs if is_told)
    entries = session.exec(select(tables.AuditEntry.detail).where(tables.AuditEntry.action == "chairs.told")).all()
    assert list(entries) == ([{"role": role, "n": len(chairs)}] if is_told else [])


def test_without_a_mail_server_nobody_is_told_and_the_log_does_not_say_so(session: Session, event: Event) -> None:
    invite(session, "organiser", mail=False)
    assert told(session) == []
    assert session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "chairs.told")).all() == []
