"""What an organiser does who tries to be somebody else, as the pages do it."""

from __future__ import annotations

from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import Actor
from judging.services.authentication import sessions
from judging.services.mail.mailer import mailer_of
from judging.services.people import accounts
from tests.support.event import AT, COMPETITION
from tests.support.optional import present

MAILER = mailer_of(secret_key="a secret of the tests", sender="judging@example.org", base_url="https://j.example.org")
ADDRESS = "192.0.2.1"


def invite(
    session: Session, actor: Actor, email: str, role: str, *, mail: bool = True, competition: str = COMPETITION
) -> tuple[tables.Person, str]:
    """Invite as an organiser does; return the person and the token that the organiser sees."""
    person, issued = accounts.invite(
        session,
        actor,
        competition,
        email=email,
        name=email.partition("@")[0],
        role=role,
        city="hk" if role in ("judge", "chair") else None,
        at=AT,
        mailer=MAILER if mail else None,
    )
    return person, issued.token


def begin_session(session: Session, person_id: int) -> None:
    person = session.get_one(tables.Person, person_id)
    sessions.begin(session, person, how="password", at=AT, address=ADDRESS, browser="")


def roles(session: Session, person: tables.Person) -> list[str]:
    return sorted(session.exec(select(tables.Role.role).where(tables.Role.person_id == person.pk)))


def open_change(session: Session) -> int:
    return present(
        session.exec(select(tables.AccountChange.id).where(col(tables.AccountChange.ended_at).is_(None))).one()
    )


def token_to(session: Session, recipient: str) -> str:
    """Return the token in the newest message to an address, as whoever reads that mailbox has it."""
    table = tables.OutboxMessage
    message = session.exec(select(table).where(table.recipient == recipient).order_by(col(table.id).desc())).first()
    return MAILER.token_of(present(present(message).token_seed))
