"""Awards: beside the ranking, with reasons, several a team, never more than there are."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed
from judging.services.decisions import awards, conflicts_of_interest
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event

NAME = {"en": "Best data use", "zh-Hant-HK": "最佳數據應用", "zh-Hans-CN": "最佳数据应用"}


def define(session: Session, event: Event, key: str, **changes: Any) -> tables.Award:
    award = {"key": key, "name": NAME, "kind": "jury", "category": None, "most_winners": 1, **changes}
    return awards.define_award(session, event.actor(session, "organiser"), COMPETITION, ROUND, award=award, at=AT)


def grant(session: Session, event: Event, award: str, proposal: str, reason: str = "so good") -> tables.AwardGrant:
    return awards.grant(
        session,
        event.actor(session, "chair"),
        COMPETITION,
        ROUND,
        award_key=award,
        proposal_key=proposal,
        reason=reason,
        at=AT,
    )


def winners(session: Session, event: Event) -> dict[str, list[str]]:
    listed = awards.awards_of(session, event.round_row)
    return {one.key: [grant.proposal for grant in one.winners] for one in listed}


def test_one_team_wins_several_awards(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    define(session, event, "best-data")
    define(session, event, "jury", most_winners=2)
    grant(session, event, "best-data", "P001")
    grant(session, event, "jury", "P001")
    grant(session, event, "jury", "P002")
    assert winners(session, event) == {"best-data": ["P001"], "jury": ["P001", "P002"]}


def test_no_more_winners_than_there_are_and_none_twice(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    define(session, event, "jury", most_winners=2)
    grant(session, event, "jury", "P001")
    with pytest.raises(Conflict, match=r"^P001 .+ has this award already"):
        grant(session, event, "jury", "P001")
    grant(session, event, "jury", "P002")
    with pytest.raises(Conflict, match="all its 2 winners"):
        grant(session, event, "jury", "P003")


def test_a_grant_taken_back_stays_on_record_and_frees_its_place(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    define(session, event, "best-data")
    given = grant(session, event, "best-data", "P001")
    chair = event.actor(session, "chair")
    for _ in range(2):
        awards.withdraw_grant(
            session, chair, COMPETITION, ROUND, grant_id=given.pk, reason="the data were not open", at=AT
        )
    grant(session, event, "best-data", "P002")
    listed = awards.awards_of(session, event.round_row)[0]
    assert [(one.proposal, one.withdrawn_at) for one in listed.grants] == [("P001", AT), ("P002", None)]
    entries = session.exec(select(tables.AuditEntry).order_by(col(tables.AuditEntry.id))).all()
    actions = [one.action for one in entries if one.subject.endswith("best-data")]
    assert actions == ["award.defined", "award.granted", "award.withdrawn", "award.granted"]


def test_a_category_award_goes_to_its_category(session: Session) -> None:
    event = make_event(session, n_proposals=6)
    proposals = session.exec(select(tables.Proposal)).all()
    own = proposals[0]
    other = next(one for one in proposals if one.category != own.category)
    define(session, event, "of-category", kind="category", category=own.category)
    with pytest.raises(Conflict, match="is not of the category"):
        grant(session, event, "of-category", other.key)
    grant(session, event, "of-category", own.key)
    assert winners(session, event) == {"of-category": [own.key]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "Best Data"}, "key"),
        ({"name": {"en": "Best"}}, "name-zh-Hant-HK"),
        ({"kind": "category"}, "category"),
        ({"category": "mobility"}, "category"),
        ({"kind": "category", "category": "nonsense"}, "category"),
        ({"most_winners": 0}, "most_winners"),
    ],
)
def test_faults_of_an_award_are_reported_by_field(session: Session, changes: dict[str, Any], field: str) -> None:
    event = make_event(session, n_proposals=4)
    with pytest.raises(InvalidInput) as refused:
        define(session, event, **{"key": "best-data", **changes})
    assert field in refused.value.messages


def test_an_award_that_was_given_is_no_longer_changed(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    define(session, event, "jury")
    assert define(session, event, "jury", most_winners=3).most_winners == 3
    grant(session, event, "jury", "P001")
    with pytest.raises(Conflict, match="has been given"):
        define(session, event, "jury", most_winners=1)


def test_a_grant_needs_a_chair_a_reason_and_no_conflict(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    define(session, event, "jury")
    with pytest.raises(InvalidInput):
        grant(session, event, "jury", "P001", reason=" ")
    with pytest.raises(NotAllowed):
        awards.grant(
            session,
            event.actor(session, "organiser"),
            COMPETITION,
            ROUND,
            award_key="jury",
            proposal_key="P001",
            reason="x",
            at=AT,
        )
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P001", kind="family", at=AT)
    with pytest.raises(NotAllowed):
        grant(session, event, "jury", "P001")


def test_an_award_without_a_key_gets_a_free_one_and_keeps_it_until_somebody_has_won_it(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    organiser = event.actor(session, "organiser")

    def proposed(name: str) -> str:
        return awards.propose_key(session, organiser, COMPETITION, ROUND, {**NAME, "en": name, "zh-Hans-CN": name})

    define(session, event, proposed("Best data use"), name={**NAME, "zh-Hans-CN": "Best data use"})
    assert (proposed("Best data use"), proposed("Second")) == ("award-1", "award-2")
    grant(session, event, "award-1", "P001")
    assert proposed("Best data use") == "award-2"
