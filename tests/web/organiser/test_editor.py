"""The editor of rules and rubrics, as a browser without JavaScript uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from judging.schemas.definitions.definition_files import load_definition
from judging.services.access import load_actor, operator
from judging.services.competitions import definitions, editing
from judging.services.competitions.definitions import store_definitions
from tests.support.editor_page import EditorPage
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event, sign_in

SHIPPED = Path(__file__).parents[3] / "rubrics"
FOLDERS = sorted(path.parent.name for path in SHIPPED.glob("*/competition.yaml"))
SECTIONS = ("event", "groups", "rounds", "dates:{}", "criteria:{}", "rules:{}", "preview:{}")


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    sign_in(client, event.people["organiser"])
    return client


def made(session: Session, event: Event, folder: str) -> str:
    """Store a shipped competition with drafts only, and let the organiser organise it."""
    if folder != COMPETITION:
        row = store_definitions(session, operator(), load_definition(SHIPPED / folder), at=AT)
        session.add(tables.Role(person_id=event.people["organiser"].pk, competition_id=row.pk, role="organiser"))
        session.commit()
    return folder


def digests(session: Session, competition: str) -> list[str]:
    row = session.exec(select(tables.Competition).where(tables.Competition.key == competition)).one()
    found = [row.digest, *(round_row.digest for round_row in definitions.list_rounds(session, row))]
    session.rollback()
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_section_saved_as_it_is_keeps_the_digests(
    organiser: FlaskClient, event: Event, session: Session, folder: str
) -> None:
    competition = made(session, event, folder)
    before = digests(session, competition)
    page = EditorPage(organiser, competition)
    for place in range(len(before) - 1):
        for section in SECTIONS:
            page.press(f"go:{section.format(place)}")
            assert page.answer.status_code == 200
            page.press("check")
            assert 'id="complaints"' not in page.text, section
    page.press("save")
    assert "Nothing was changed." in page.text
    assert digests(session, competition) == before


def test_rows_are_added_named_and_removed_with_what_names_them(
    organiser: FlaskClient, event: Event, session: Session
) -> None:
    competition = made(session, event, "hackathon")
    page = EditorPage(organiser, competition, "groups")
    assert "data-unsaved" not in page.text
    page.press("add:competition.cities")
    assert "data-unsaved" in page.text
    page.type_at("competition.cities.2.name.en", "Guangzhou")
    page.type_at("competition.cities.2.name.zh-Hant-HK", "廣州")
    page.type_at("competition.cities.2.name.zh-Hans-CN", "广州")
    page.press("remove:competition.cities.1")
    page.press("go:rules:0")
    assert "rounds.0.shortlist.city_cap.guangzhou" in page.fields
    assert "rounds.0.shortlist.city_cap.sh" not in page.fields
    page.type_at("rounds.0.shortlist.city_cap.guangzhou", "2")
    page.press("go:criteria:0")
    page.press("remove:rounds.0.rubric.criteria.0")
    assert "60 of 100" in page.text
    page.type_at("rounds.0.rubric.criteria.0.weight", "70")
    page.type_at("rounds.0.rubric.criteria.1.weight", "30")
    page.press("up:rounds.0.rubric.criteria.1")
    page.press("save")
    assert "The competition is saved." in page.text
    row = session.exec(select(tables.Competition).where(tables.Competition.key == competition)).one()
    rules = definitions.rules_of(definitions.list_rounds(session, row)[0])
    assert [city.key for city in definitions.definition_of(row).cities] == ["hk", "guangzhou"]
    assert (rules.rubric.keys, rules.rubric.weights) == (("weekend", "useful"), {"weekend": 0.3, "useful": 0.7})
    assert rules.tie_breaks == ("raw", "people")
    assert rules.shortlist is not None
    assert rules.shortlist.city_cap == {"hk": 2, "guangzhou": 2}
    entry = session.exec(select(tables.AuditEntry).order_by(col(tables.AuditEntry.id).desc())).first()
    assert entry is not None
    assert entry.action == "competition.changed"


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    organiser: FlaskClient, event: Event, session: Session
) -> None:
    competition = made(session, event, "school-contest")
    before = digests(session, competition)
    page = EditorPage(organiser, competition, "criteria:0")
    page.type_at("rounds.0.rubric.criteria.0.weight", "much")
    page.type_at("rounds.0.rubric.criteria.1.name.en", "")
    page.type_at("rounds.0.rubric.criteria.2.description.en", "Do others\r\nunderstand it?")
    page.press("go:dates:0")
    page.type_at("rounds.0.ends_at", "tomorrow")
    assert page.press("save").status_code == 422
    assert "`much` is not a number; write one" in page.text
    assert "“School round” › “Idea” › Weight" in page.text
    assert page.fields["rounds.0.ends_at"] == "tomorrow"
    assert page.check() == {
        "rounds.0.ends_at": "`tomorrow` is not a date and time; write one like 2023-07-01T09:00:00+08:00",
        "rounds.0.rubric.criteria.0.weight": "`much` is not a number; write one",
        "rounds.0.rubric.criteria.1.name.en": "there is no text in en; write it",
    }
    page.press("go:criteria:0")
    assert page.fields["rounds.0.rubric.criteria.0.weight"] == "much"
    assert (
        'id="rounds.0.rubric.criteria.1.name.en-error" data-of="rounds.0.rubric.criteria.1.name.en">there is'
        in page.text
    )
    assert page.fields["rounds.0.rubric.criteria.2.description.en"] == "Do others\r\nunderstand it?"
    assert digests(session, competition) == before


def test_of_two_people_the_second_sees_both_versions(organiser: FlaskClient, event: Event, session: Session) -> None:
    competition = made(session, event, "school-contest")
    first, second = EditorPage(organiser, competition), EditorPage(organiser, competition)
    first.type_at("competition.name.en", "Of the first")
    first.press("save")
    second.type_at("competition.name.en", "Of the second")
    assert second.press("save").status_code == 409
    assert "Of the first" in second.text
    assert second.fields["competition.name.en"] == "Of the second"
    second.press("save")
    assert "The competition is saved." in second.text
    assert EditorPage(organiser, competition).fields["competition.name.en"] == "Of the second"


def test_a_sealed_round_is_shown_and_a_draft_round_beside_it_is_edited(
    organiser: FlaskClient, event: Event, session: Session
) -> None:
    before = digests(session, COMPETITION)
    page = EditorPage(organiser, COMPETITION, "criteria:0")
    assert "its rules are sealed" in page.text
    assert f"/chair/{COMPETITION}/{ROUND}/rules" in page.text
    assert not [name for name in page.fields if name.startswith("rounds.0.")]
    page.fields.add("rounds.0.name.en", "Another name")
    page.press("remove:rounds.0")
    page.press("go:dates:1")
    page.type_at("rounds.1.name.en", "The last round")
    page.press("save")
    assert "The competition is saved." in page.text
    after = digests(session, COMPETITION)
    assert (after[1], after[2] != before[2]) == (before[1], True)


def test_what_sealed_rules_and_rosters_need_stays(organiser: FlaskClient, event: Event, session: Session) -> None:
    before = digests(session, COMPETITION)
    page = EditorPage(organiser, COMPETITION, "groups")
    assert "remove:competition.cities.0" not in page.buttons
    page.press("remove:competition.cities.0")
    assert page.press("save").status_code == 409
    assert "which cannot be removed" in page.text
    page = EditorPage(organiser, COMPETITION)
    assert "none can be added any more" in page.text
    page.type_at("competition.policies.release", "one-chair")
    assert page.press("save").status_code == 409
    assert "settled since the first round was opened" in page.text
    assert digests(session, COMPETITION) == before


def test_a_round_is_added_and_removed_and_a_language_is_left_out(
    organiser: FlaskClient, event: Event, session: Session
) -> None:
    competition = made(session, event, "school-contest")
    page = EditorPage(organiser, competition)
    page.type_at("competition.languages", "en")
    page.press("go:rounds")
    page.press("add:rounds")
    page.type_at("rounds.1.name.en", "Final of the school")
    page.press("save")
    assert "The competition is saved." in page.text
    row = session.exec(select(tables.Competition).where(tables.Competition.key == competition)).one()
    assert definitions.definition_of(row).rounds == ("judging", "final-of-the-school")
    assert "校內" not in str(row.definition)
    session.rollback()
    page.press("remove:rounds.0")
    page.press("save")
    session.expire_all()
    row = session.exec(select(tables.Competition).where(tables.Competition.key == competition)).one()
    assert [one.key for one in definitions.list_rounds(session, row)] == ["final-of-the-school"]


def test_a_round_with_proposals_is_not_removed(organiser: FlaskClient, event: Event, session: Session) -> None:
    row = session.exec(select(tables.Round).where(tables.Round.key == "grand-final")).one()
    proposal = session.exec(select(tables.Proposal)).first()
    assert proposal is not None
    session.add(tables.RoundProposal(round_id=row.pk, proposal_id=proposal.pk))
    session.commit()
    page = EditorPage(organiser, COMPETITION, "rounds")
    page.press("remove:rounds.1")
    assert page.press("save").status_code == 409
    assert "Round grand-final has proposals" in page.text


def test_optional_parts_come_and_go(organiser: FlaskClient, event: Event, session: Session) -> None:
    competition = made(session, event, "awards")
    page = EditorPage(organiser, competition, "rules:1")
    for part in ("rounds.1.shortlist", "rounds.1.carries_over", "rounds.1.pitches", "rounds.1.practice"):
        page.press(f"remove:{part}")
    page.press("add:rounds.1.carries_over")
    page.type_at("rounds.1.carries_over.round", "screening")
    page.type_at("rounds.1.carries_over.weight", "25")
    page.press("go:dates:1")
    page.press("add:rounds.1.pitches")
    page.type_at("rounds.1.starts_at", "2027-03-01T09:00")
    page.press("go:event")
    page.type_at("competition.policies.publication.results", "public")
    page.type_at("competition.policies.letters", "decision", "band")
    page.press("save")
    assert "The competition is saved." in page.text
    row = session.exec(select(tables.Competition).where(tables.Competition.key == competition)).one()
    rules = definitions.rules_of(definitions.list_rounds(session, row)[1])
    assert rules.carries_over is not None
    assert (rules.carries_over.weight, rules.shortlist, rules.pitches is None) == (25, None, False)
    assert rules.starts_at is not None
    assert rules.starts_at.isoformat() == "2027-03-01T01:00:00+00:00"
    policies = definitions.definition_of(row).policies
    assert (policies.letters, policies.publication is None) == (("decision", "band"), False)


def test_a_broken_form_is_refused_in_words(organiser: FlaskClient, event: Event, session: Session) -> None:
    competition = made(session, event, "school-contest")
    for draft in ("", "[]", '{"rounds": 3}', "{"):
        page = EditorPage(organiser, competition)
        page.fields["draft"] = draft
        assert page.press("save").status_code == 422
    page = EditorPage(organiser, competition)
    page.fields["draft"] = (
        '{"competition": {"cities": "x", "policies": []}, "rounds": [{"rubric": [1], "tie_breaks": {}}]}'
    )
    for section in SECTIONS:
        assert page.press(f"go:{section.format(0)}").status_code == 200
    assert page.press("save").status_code == 422


def test_a_service_that_saves_nothing_new_writes_nothing(event: Event, session: Session) -> None:
    actor = load_actor(session, event.people["organiser"].pk)
    editable = editing.get_editable(session, actor, COMPETITION)
    assert not editing.change_definition(
        session, actor, COMPETITION, editable.definition, instead_of=editable.digest, at=AT
    )


def test_a_kind_of_conflict_of_its_own_is_declared_entered_and_given_as_a_reason(
    organiser: FlaskClient, event: Event, session: Session, app: Flask
) -> None:
    before = digests(session, COMPETITION)
    page = EditorPage(organiser, COMPETITION)
    kinds = "competition.policies.conflict_kinds"
    page.press(f"add:{kinds}")
    for tag, text in (("en", "Supplier"), ("zh-Hant-HK", "供應商"), ("zh-Hans-CN", "供应商")):
        page.type_at(f"{kinds}.0.name.{tag}", text)
    page.press("save")
    assert "The competition is saved." in page.text
    judge = app.test_client()
    sign_in(judge, event.people["judge"])
    form = judge.get(f"/judge/{COMPETITION}/conflicts").text
    assert '<option value="supplier">Supplier</option>' in form
    csrf = form.partition('name="csrf_token" value="')[2].partition('"')[0]
    own = session.exec(
        select(tables.Proposal.key, tables.Judge.key)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Judge.person_id == event.people["judge"].id)
    ).all()
    others = [key for key in session.exec(select(tables.Proposal.key)) if key != own[0][0]]
    session.rollback()
    sheet = f"/judge/{COMPETITION}/{ROUND}/{own[0][0]}/recuse"
    assert judge.post(sheet, data={"csrf_token": csrf, "reason": "supplier", "text": ""}).status_code == 303
    asked = {"csrf_token": csrf, "proposal": others[0], "kind": "supplier"}
    assert judge.post(f"/judge/{COMPETITION}/conflicts", data=asked).status_code == 303
    assert "Supplier" in judge.get(f"/judge/{COMPETITION}/conflicts").text
    unknown = judge.post(f"/judge/{COMPETITION}/conflicts", data={**asked, "kind": "rival"})
    assert (unknown.status_code, "Choose one of the values." in unknown.text) == (422, True)
    csrf = page.fields["csrf_token"]
    other = {"csrf_token": csrf, "judge": own[0][1], "proposal": own[0][0], "kind": "supplier", "origin": "hand"}
    assert organiser.post(f"/organiser/{COMPETITION}/conflicts", data=other).status_code == 303
    assert organiser.get(f"/organiser/{COMPETITION}/conflicts").text.count("<td>Supplier") == 2
    page = EditorPage(organiser, COMPETITION)
    page.press(f"remove:{kinds}.0")
    assert page.press("save").status_code == 409
    assert "are of the kind supplier" in page.text
    assert digests(session, COMPETITION)[1:] == before[1:]
