"""Who of the invited people has signed in at the provider of the single sign-on.

Nobody gets an account or a role by signing in there. At the first sign-in, a person is found by the e-mail address that
the provider has verified; from then on only by the subject, which providers never give to somebody else.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from judging import tables
from judging.errors import Message, NotAllowed
from judging.schemas.invitations import normal_email
from judging.services import audit
from judging.services.access import Actor

NOT_INVITED = Message(
    "Nobody is invited here by this account. Sign in with the account of the address to which the invitation was sent, "
    "or with the personal link in it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody is, as the provider has signed it."""

    issuer: str
    subject: str
    email: str = ""
    is_email_verified: bool = False


def find_person(session: Session, identity: Identity) -> tables.Person:
    """Return the invited person; raise NotAllowed, with the same text in all cases, when there is none."""
    known = _stored(session, identity)
    if known is not None:
        person = session.get(tables.Person, known.person_id)
    elif identity.is_email_verified:
        person = session.exec(
            select(tables.Person).where(tables.Person.email == normal_email(identity.email))
        ).one_or_none()
    else:
        person = None
    if person is None or not person.is_active or (known is None and _has_other(session, person.pk, identity)):
        raise NotAllowed(NOT_INVITED)
    return person


def remember(session: Session, identity: Identity, person_id: int, *, at: datetime, address: str) -> tables.Person:
    """Fix the identity of a person at the first sign-in, and return the person who may begin a session.

    Raises
    ------
    NotAllowed
        When the identity belongs to another person by now, or the person has another one.
    """
    person = session.get(tables.Person, person_id)
    known = _stored(session, identity)
    if person is None or not person.is_active or (known is not None and known.person_id != person_id):
        raise NotAllowed(NOT_INVITED)
    if known is not None:
        return person
    if _has_other(session, person_id, identity):
        raise NotAllowed(NOT_INVITED)
    session.add(
        tables.SingleSignOnIdentity(
            person_id=person_id, issuer=identity.issuer, subject=identity.subject, first_used_at=at
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise NotAllowed(NOT_INVITED) from error
    actor = Actor(person_id=person_id, name=person.name, address=address)
    detail = {"issuer": identity.issuer, "subject": identity.subject}
    audit.record(session, actor, "identity.linked", f"person {person_id}", at=at, detail=detail)
    return person


def _stored(session: Session, identity: Identity) -> tables.SingleSignOnIdentity | None:
    table = tables.SingleSignOnIdentity
    return session.exec(
        select(table).where(table.issuer == identity.issuer, table.subject == identity.subject)
    ).one_or_none()


def _has_other(session: Session, person_id: int, identity: Identity) -> bool:
    table = tables.SingleSignOnIdentity
    found = session.exec(select(table.subject).where(table.person_id == person_id, table.issuer == identity.issuer))
    return any(subject != identity.subject for subject in found)
