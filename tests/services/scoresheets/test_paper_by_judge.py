"""A scoresheet on paper that its judge confirms, and who else may where one organiser alone appoints."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, NotAllowed
from judging.services import audit
from judging.services.access import load_actor
from judging.services.people import accounts
from judging.services.releases.disclosures import as_text, disclosures_of
from judging.services.scoresheets import origins, paper_by_judge, paper_entries, scoring
from judging.services.scoresheets.scoring import OwnAssignment
from tests.services.scoresheets.test_paper_entries import HERE, SHEET, counted, seen, type_it
from tests.support.event import AT, COMPETITION, Event, appoint_alone, make_event


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


def own_place(session: Session, event: Event) -> OwnAssignment:
    key = session.exec(
        select(tables.Proposal.key)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Judge.person_id == event.people["judge"].pk, tables.Assignment.round_id == event.round_row.pk)
        .order_by(tables.Proposal.key)
    ).first()
    assert key is not None
    return scoring.get_place(session, event.actor(session, "judge"), *HERE, key)


def typed(session: Session, event: Event, place: OwnAssignment) -> None:
    organiser = event.actor(session, "organiser")
    paper_entries.type_sheet(session, organiser, *HERE, place.judge.key, place.proposal.key, SHEET, at=AT)


def test_the_judge_confirms_what_one_person_has_typed(session: Session, event: Event) -> None:
    place, judge = own_place(session, event), event.actor(session, "judge")
    assert paper_by_judge.waiting_typings(session, place) == []
    typed(session, event, place)
    [typing] = paper_by_judge.waiting_typings(session, place)
    assert (typing.sheet, typing.name) == (SHEET, event.people["organiser"].name)
    with pytest.raises(Conflict, match="corrected since"):
        paper_by_judge.confirm_typing(session, judge, *HERE, place.proposal.key, number=7, at=AT)
    paper_by_judge.confirm_typing(session, judge, *HERE, place.proposal.key, number=typing.number, at=AT)
    [sheet] = counted(session)
    organiser = event.people["organiser"].pk
    assert (sheet.source, sheet.from_paper, sheet.saved_by, sheet.confirmed_by) == (
        "import",
        True,
        organiser,
        judge.person_id,
    )
    [marked] = origins.list_marked(session, event.actor(session, "chair"), *HERE)
    assert (marked.from_paper, marked.confirmed_by) == (True, judge.name)
    with pytest.raises(Conflict, match="already"):
        paper_by_judge.confirm_typing(session, judge, *HERE, place.proposal.key, number=typing.number, at=AT)
    # From now on it is the judge's own.
    with pytest.raises(Conflict, match="saved or confirmed"):
        typed(session, event, place)
    assert paper_entries.list_paper(session, event.actor(session, "chair"), *HERE).n_confirmed_by_judges == 1
    session.commit()
    assert list(audit.verify(session)) == []
    [told] = disclosures_of(session, event.round_row)
    assert str(told) == "Scoresheets typed from paper by The organiser and confirmed by their judges: 1."
    assert as_text(told).zh_hant_hk.startswith("由The organiser")


def test_a_judge_confirms_nothing_after_the_own_form_was_saved_nor_for_others(session: Session, event: Event) -> None:
    place = own_place(session, event)
    typed(session, event, place)
    with pytest.raises(NotAllowed):
        paper_by_judge.confirm_typing(
            session, event.actor(session, "organiser"), *HERE, place.proposal.key, number=1, at=AT
        )
    event_round = session.get_one(tables.Round, event.round_row.pk)
    event_round.state, event_round.closed_at = "closed", AT
    session.flush()
    with pytest.raises(Conflict, match="closed"):
        paper_by_judge.confirm_typing(
            session, event.actor(session, "judge"), *HERE, place.proposal.key, number=1, at=AT
        )


def test_two_contents_are_shown_once_each(session: Session, event: Event) -> None:
    place, chair = own_place(session, event), event.actor(session, "chair")
    typed(session, event, place)
    other = replace(SHEET, comment="Another")
    paper_entries.type_sheet(session, chair, *HERE, place.judge.key, place.proposal.key, other, at=AT)
    assert [one.sheet for one in paper_by_judge.waiting_typings(session, place)] == [SHEET, other]


def test_where_one_organiser_alone_appoints_the_appointed_chair_is_a_second_person_and_results_say_so(
    session: Session, event: Event
) -> None:
    appoint_alone(session)
    organiser = event.actor(session, "organiser")
    chair, issued = accounts.invite(
        session, organiser, COMPETITION, email="new@example.org", name="New chair", role="chair", city="hk", at=AT
    )
    assert issued.channel == "hand"
    assert type_it(session, event, organiser) == "typed_once"
    assert type_it(session, event, load_actor(session, chair.pk)) == "counts"
    assert seen(session, event, organiser).state == "counts"
    [told] = disclosures_of(session, event.round_row)
    assert str(told) == (
        "Scoresheets typed from paper by The organiser and New chair, of whom one appointed the other: 1."
    )
    link = session.exec(select(tables.SignInLink).where(tables.SignInLink.person_id == chair.pk)).one()
    link.used_at = AT
    session.add(link)
    session.flush()
    assert [str(one) for one in disclosures_of(session, event.round_row)][1:] == [
        "The account of New chair was opened with a sign-in link that The organiser handed over."
    ]
    # Who has decided or confirmed is named after losing the role, too.
    accounts.deactivate(session, organiser, COMPETITION, chair.pk, at=AT)
    assert len(disclosures_of(session, event.round_row)) == 2
