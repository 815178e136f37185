"""New links of judges who have signed in before and cannot do it again, where there is no mail server.

A personal link works once. Whoever signs out without a password or a passkey needs another, and where one organiser
alone appoints there may be nobody who runs the service. So this organiser is shown a new one, but only of an account
that is a judge's and never was anything else, is and was in no event of somebody else, and could never be signed in
to otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import Actor
from judging.services.authentication.own_way import with_own_way
from judging.services.authentication.sessions import SessionLimits
from judging.services.people.independence import appoints_alone


def with_new_link(session: Session, actor: Actor, people: Sequence[tables.Person]) -> set[int]:
    """Return of which of these people an organiser may be shown a new link, although they have signed in before.

    No program is shown one: an access token could be made in a session that somebody left open.
    """
    used = {person.pk for person in people if person.is_active and person.first_signed_in_at is not None}
    if not used or actor.token or actor.is_operator:
        return set()
    past = _past_of(session, used)
    mine = {
        key: actor.has_role(key, "organiser") and appoints_alone(session, key)
        for key in {key for one in past.values() for key in one.events}
    }
    judges = {
        number for number, one in past.items() if one.is_judge_only and one.events and all(mine[k] for k in one.events)
    }
    return judges - with_own_way(session, judges)


def locked_out(session: Session, person_ids: Collection[int], *, at: datetime, limits: SessionLimits) -> set[int]:
    """Return which of these people can sign in no more without a new link.

    Sessions outside ``limits`` are over.
    """
    link, begun, sheet = tables.SignInLink, tables.SignInSession, tables.Scoresheet
    ids = list(person_ids)
    if not ids:
        return set()
    with_link = session.exec(
        select(link.person_id).where(
            col(link.person_id).in_(ids),
            col(link.used_at).is_(None),
            col(link.revoked_at).is_(None),
            link.expires_at > at,
        )
    )
    # A save of a scoresheet is a use that is stored with the scoresheet alone.
    saved = select(sheet.sign_in_session_id).where(
        col(sheet.sign_in_session_id).is_not(None), sheet.saved_at > limits.used_after
    )
    signed_in = session.exec(
        select(begun.person_id).where(
            col(begun.person_id).in_(ids),
            col(begun.ended_at).is_(None),
            begun.began_at > limits.begun_after,
            begun.how != "token",
            (col(begun.last_used_at) > limits.used_after) | col(begun.id).in_(saved),
        )
    )
    return set(ids) - set(with_link) - set(signed_in) - with_own_way(session, ids)


def needs_link_to_return(session: Session, actor: Actor) -> bool:
    """Return whether the actor has signed in by a link and, once signed out, has no other way to do it again."""
    begun = None if actor.session_id is None else session.get(tables.SignInSession, actor.session_id)
    if begun is None or begun.how != "link":
        return False
    passkey, identity = tables.Passkey, tables.SingleSignOnIdentity
    others = select(passkey.id).where(passkey.person_id == begun.person_id)
    at_provider = select(identity.id).where(identity.person_id == begun.person_id)
    has_password = session.get_one(tables.Person, begun.person_id).password_hash is not None
    return not (has_password or session.exec(others).first() or session.exec(at_provider).first())


def givers_of_links(session: Session, person_id: int) -> list[str]:
    """Return the names of the organisers of whom each could be shown a new link of a person, where there is no mail.

    Nobody of them is asked for an account that is more than a judge's: then only whoever runs the service makes one.
    """
    role, person = tables.Role, tables.Person
    past = _past_of(session, {person_id})[person_id]
    events = past.events
    if not events or not past.is_judge_only or with_own_way(session, [person_id]):
        return []
    if not all(appoints_alone(session, key) for key in events):
        return []
    organisers = session.exec(
        select(role.competition_id, person.id, person.name)
        .join(person, col(person.id) == col(role.person_id))
        .where(col(role.competition_id).in_(events), role.role == "organiser", col(person.is_active))
        .order_by(person.name)
    ).all()
    organised: dict[tuple[int | None, str], set[int]] = {}
    for event, number, name in organisers:
        organised.setdefault((number, name), set()).add(event)
    return [name for (_, name), theirs in organised.items() if theirs == events]


@dataclass(slots=True)
class _Past:
    """In which events a person has or had a role, and whether it was never more than a judge's."""

    events: set[int] = field(default_factory=set)
    is_judge_only: bool = True

    def note(self, competition_id: int | None, roles: Collection[str]) -> None:
        if competition_id is not None:
            self.events.add(competition_id)
        self.is_judge_only = self.is_judge_only and not set(roles) - {"judge"}


def _past_of(session: Session, person_ids: Collection[int]) -> dict[int, _Past]:
    """Return what these people are and were, also where somebody has taken the role away.

    Otherwise an organiser could remove a chair, invite the same account as a judge, and sign in to it; or invite who
    was a judge of somebody else once, and be this person there when the judge is put back.
    """
    past = {number: _Past() for number in person_ids}
    role, judge, entry = tables.Role, tables.Judge, tables.AuditEntry
    for present in session.exec(select(role).where(col(role.person_id).in_(past))):
        past[present.person_id].note(present.competition_id, [present.role])
    # The line of the roster keeps the account of a judge who has left.
    for number, event in session.exec(
        select(judge.person_id, judge.competition_id).where(col(judge.person_id).in_(past))
    ):
        past[number or 0].note(event, ["judge"])
    subjects = {f"person {number}": number for number in past}
    removals = session.exec(
        select(entry.subject, entry.competition_id, entry.detail).where(
            entry.action == "person.deactivated", col(entry.subject).in_(list(subjects))
        )
    )
    for subject, removed_from, detail in removals:
        past[subjects[subject]].note(removed_from, (detail or {}).get("roles", ()))
    return past
