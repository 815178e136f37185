"""Who may read which entries of the audit log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from judging.errors import NotAllowed, NotFound
from judging.services import audit
from judging.services.access import Actor, operator
from judging.services.audit import listing
from judging.services.authentication import sessions, sign_in
from judging.services.decisions import conflicts_of_interest, verdicts
from judging.services.people import accounts
from tests.support import deciding
from tests.support.event import AT, COMPETITION, ROUND, Event

LATER = AT + timedelta(days=2)


@pytest.fixture
def event(session: Session) -> Event:
    """Return a round on which chairs decided, with what people did and looked at."""
    event = deciding.calibrated_event(session, calibration={"model": "mixed"})
    chair = event.actor(session, "chair")
    for key in ("P001", "P002"):
        verdicts.decide(session, chair, COMPETITION, ROUND, key, verdict="in", reason="jury", at=LATER)
    looked = Actor(person_id=chair.person_id, name=chair.name, address="192.0.2.7", roles=chair.roles)
    audit.record(
        session, looked, "viewed.preview", ROUND, at=LATER, competition_id=event.round_row.competition_id, detail={}
    )
    person, issued = accounts.invite(
        session, operator(), COMPETITION, email="new@example.org", name="New", role="auditor", at=LATER
    )
    sign_in.use_link(session, issued.token, at=LATER)
    sessions.begin(session, person, how="link", at=LATER, address="192.0.2.1", browser="")
    session.commit()
    return event


def seen(session: Session, actor: Actor, **filters: object) -> list[tuple[str, str]]:
    page = listing.list_entries(session, actor, COMPETITION, listing.LogFilters(**filters))  # type: ignore[arg-type]
    return [(entry.action, entry.subject) for entry in page.entries]


def test_each_role_reads_what_is_meant_for_it(session: Session, event: Event) -> None:
    newest = [
        ("signed_in", "person 6"),
        ("person.invited", "person 6"),
        ("viewed.preview", ROUND),
        ("decision.made", f"{COMPETITION}/{ROUND} P002"),
        ("decision.made", f"{COMPETITION}/{ROUND} P001"),
    ]
    auditor, organiser, chair = (event.actor(session, role) for role in ("auditor", "organiser", "chair"))
    number = seen(session, auditor)[0][1]
    newest[:2] = [("signed_in", number), ("person.invited", number)]
    assert seen(session, auditor)[:5] == newest
    assert seen(session, organiser)[:4] == newest[:2] + newest[3:]
    assert seen(session, chair)[:3] == newest[2:]
    assert "rows.stored" in {action for action, _ in seen(session, auditor)}
    assert "rows.stored" not in {action for action, _ in seen(session, organiser) + seen(session, chair)}


def test_addresses_and_digests_are_for_auditors_and_for_oneself(session: Session, event: Event) -> None:
    def shown(role: str) -> list[tuple[str, str, bool]]:
        page = listing.list_entries(session, event.actor(session, role), COMPETITION, listing.LogFilters())
        wanted = ("viewed.preview", "signed_in", "calibrated")
        return [(entry.action, entry.address, bool(entry.stored)) for entry in page.entries if entry.action in wanted]

    assert shown("auditor") == [
        ("signed_in", "192.0.2.1", True),
        ("viewed.preview", "192.0.2.7", False),
        ("calibrated", "", True),
    ]
    assert shown("organiser") == [("signed_in", "", False), ("calibrated", "", False)]
    assert shown("chair") == [("viewed.preview", "192.0.2.7", False), ("calibrated", "", True)]


def test_entries_about_a_hidden_proposal_are_not_listed(session: Session, event: Event) -> None:
    organiser = event.actor(session, "organiser")
    conflicts_of_interest.declare(session, organiser, COMPETITION, proposal_key="P002", kind="family", at=LATER)
    audit.record(
        session,
        operator(),
        "meeting.agenda",
        f"{COMPETITION}/{ROUND} meeting 1",
        at=LATER,
        competition_id=event.round_row.competition_id,
        detail={"agenda": ["P001", "P002"]},
    )
    actions = seen(session, organiser, kind="decisions")
    assert actions == [
        ("conflict.declared", f"{COMPETITION} P002"),
        ("decision.made", f"{COMPETITION}/{ROUND} P001"),
    ]
    assert seen(session, organiser, about="P002") == [("conflict.declared", f"{COMPETITION} P002")]
    kinds = {
        role: [
            entry.detail
            for entry in listing.list_entries(
                session, event.actor(session, role), COMPETITION, listing.LogFilters()
            ).entries
            if entry.action == "conflict.declared"
        ]
        for role in ("auditor", "chair", "organiser")
    }
    assert kinds == {"auditor": [{"kind": "family"}], "chair": [{}], "organiser": [{"kind": "family"}]}


def test_filters_and_pages(session: Session, event: Event) -> None:
    auditor = event.actor(session, "auditor")
    assert seen(session, auditor, person="the CHAIR", kind="results") == [
        ("calibrated", f"{COMPETITION}/{ROUND} run 1")
    ]
    assert {action for action, _ in seen(session, auditor, begin=LATER)} == {
        *("signed_in", "person.invited", "viewed.preview", "decision.made"),
        "rows.stored",
    }
    assert seen(session, auditor, begin=LATER, end=LATER, kind="decisions") == []
    page = listing.list_entries(session, auditor, COMPETITION, listing.LogFilters(), size=2)
    following = listing.LogFilters(before=page.next_before)
    rest = listing.list_entries(session, auditor, COMPETITION, following)
    everything = listing.list_entries(session, auditor, COMPETITION, listing.LogFilters())
    assert page.entries + rest.entries == everything.entries
    assert (len(page.entries), rest.next_before, everything.next_before) == (2, None, None)


def test_judges_and_strangers_read_nothing(session: Session, event: Event) -> None:
    with pytest.raises(NotAllowed):
        seen(session, event.actor(session, "judge"))
    with pytest.raises(NotFound):
        seen(session, Actor(person_id=99, name="Stranger"))
