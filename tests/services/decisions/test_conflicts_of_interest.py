"""A declared conflict hides everything about a proposal from that person; nobody else's view changes."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from judging.services.decisions import conflicts_of_interest, proposals
from tests.support.deciding import LATER, calibrated_event
from tests.support.event import COMPETITION, ROUND, Event, make_event
from tests.support.files.exports import make_bundle


def declare(session: Session, event: Event, key: str, kind: str = "employer", reason: str = "") -> None:
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key=key, kind=kind, reason=reason, at=LATER)


def hidden(session: Session, event: Event, role: str) -> frozenset[str]:
    return conflicts_of_interest.hidden_proposals(session, event.actor(session, role), event.round_row.competition_id)


def test_a_declaration_hides_from_that_person_only_until_another_person_ends_it(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    declare(session, event, "P002")
    declare(session, event, "P002")
    assert (hidden(session, event, "chair"), hidden(session, event, "auditor")) == (frozenset({"P002"}), frozenset())
    chair, organiser = event.actor(session, "chair"), event.actor(session, "organiser")
    number = chair.person_id
    for person, error in ((chair, Conflict), (event.actor(session, "auditor"), NotAllowed)):
        with pytest.raises(error):
            conflicts_of_interest.withdraw(
                session, person, COMPETITION, proposal_key="P002", person_id=number, at=LATER
            )
    conflicts_of_interest.withdraw(session, organiser, COMPETITION, proposal_key="P002", person_id=number, at=LATER)
    assert hidden(session, event, "chair") == frozenset()
    declare(session, event, "P002", kind="family")
    assert [
        one.row.kind for one in conflicts_of_interest.list_own(session, event.actor(session, "chair"), COMPETITION)
    ] == ["family"]
    actions = session.exec(select(tables.AuditEntry.action).order_by(col(tables.AuditEntry.id))).all()
    assert actions[-3:] == ["conflict.declared", "conflict.withdrawn", "conflict.declared"]


def test_scoresheets_and_files_are_closed_to_the_conflicted(session: Session) -> None:
    event = calibrated_event(session)
    declare(session, event, "P002")
    chair = event.actor(session, "chair")
    with pytest.raises(NotAllowed, match="P002"):
        proposals.get_proposal(session, chair, COMPETITION, ROUND, "P002")
    assert proposals.get_proposal(session, chair, COMPETITION, ROUND, "P003")[0].key == "P003"
    with pytest.raises(NotAllowed, match="This file would show you P002"):
        make_bundle(session, chair, COMPETITION, ROUND, at=LATER)
    assert make_bundle(session, event.actor(session, "organiser"), COMPETITION, ROUND, at=LATER)[1]


@pytest.mark.parametrize(
    ("key", "kind", "reason", "field"),
    [
        ("P999", "family", "", "proposal"),
        ("", "family", "", "proposal"),
        ("P001", "cousin", "", "kind"),
        ("P001", "other", " ", "reason"),
    ],
)
def test_faults_of_a_declaration_are_reported_by_field(
    session: Session, key: str, kind: str, reason: str, field: str
) -> None:
    event = make_event(session, n_proposals=4)
    with pytest.raises(InvalidInput) as refused:
        declare(session, event, key, kind, reason)
    assert list(refused.value.messages) == [field]


def test_only_a_declared_conflict_can_be_withdrawn(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    with pytest.raises(NotFound):
        conflicts_of_interest.withdraw(
            session, event.actor(session, "organiser"), COMPETITION, proposal_key="P001", person_id=999, at=LATER
        )


def test_nobody_with_the_same_conflict_ends_that_of_another(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    declare(session, event, "P002")
    chair, organiser = event.actor(session, "chair"), event.actor(session, "organiser")
    conflicts_of_interest.declare(session, organiser, COMPETITION, proposal_key="P002", kind="family", at=LATER)
    with pytest.raises(NotAllowed, match="P002"):
        conflicts_of_interest.withdraw(
            session, organiser, COMPETITION, proposal_key="P002", person_id=chair.person_id, at=LATER
        )
