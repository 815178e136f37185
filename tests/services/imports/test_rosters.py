import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.services.authentication import sign_in
from tests.support.event import AT, Event, make_event
from tests.support.files.imports import complaints_of, counts, send
from tests.support.optional import present


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


def test_importing_again_updates_and_tells_what_changed(session: Session, event: Event) -> None:
    report = send(session, event, "judges", "key,name,city\nJ01,Judge 01,hk\nJ02,Judge Two,上海\nJ90,Judge 90,香港\n")
    assert counts(report) == [("judges", 1, 1, 1)]
    assert [(change.key, change.column, change.before, change.after) for change in report.outcomes[0].changes] == [
        ("J02", "name", "Judge 02", "Judge Two")
    ]
    again = send(session, event, "judges", "key,name,city\nJ01,Judge 01,hk\nJ02,Judge Two,sh\nJ90,Judge 90,hk\n")
    assert counts(again) == [("judges", 0, 0, 3)]


@pytest.mark.parametrize(
    ("kind", "text", "note"),
    [
        (
            "judges",
            "key,name,city\nJ90,ＪＵＤＧＥ　01,hk\nJ91,评审二,hk\nJ92,評審二,hk\nJ01,Judge 01,hk\n",
            "new judges have the name of another one: J90 = J01 (ＪＵＤＧＥ 01), J92 = J91 (評審二). "
            "Are they the same person?",
        ),
        (
            "teams",
            "key,name,city\nT90,Alike,hk\nT91, alike ,hk\n",
            "new teams have the name of another one: T91 = T90 (alike). Are they the same team?",
        ),
        (
            "proposals",
            "key,team,team_name,team_city,title\nP90,T90,Nine,hk,智慧城市\nP91,T91,Ten,hk,智慧 城市\n",
            "new proposals have the title of another one: P91 = P90 (智慧 城市). Are they the same proposal?",
        ),
    ],
)
def test_a_new_key_with_the_name_of_another_one_is_named(
    session: Session, event: Event, kind: str, text: str, note: str
) -> None:
    report = send(session, event, kind, text)
    assert note in [str(text) for outcome in report.outcomes for text in outcome.notes]


def test_every_fault_is_reported_with_its_row_and_nothing_is_stored(session: Session, event: Event) -> None:
    text = "key,name,city,email,max_load\nJ91,Judge 91,Shangai,,\nJ92,,hk,nobody,-1\nJ91,Judge 93,hk,,\n"
    assert complaints_of(session, event, "judges", text) == {
        "row 2, column city": [
            "`Shangai` is not a city of this competition; known: Hong Kong (hk), Shanghai (sh)",
        ],
        "row 3, column email": ["`nobody` is not an e-mail address"],
        "row 3, column max_load": ["`-1` is not a whole number, 0 or more"],
    }
    session.rollback()
    assert session.exec(select(tables.Judge).where(col(tables.Judge.key).startswith("J9"))).all() == []


def test_repeated_keys_and_missing_cells_of_new_rows_are_complained_about(session: Session, event: Event) -> None:
    text = "key,name,city\nJ91,Judge 91,hk\nJ91,Judge 91,hk\nJ92,,hk\n"
    assert complaints_of(session, event, "judges", text) == {
        "row 3, column key": ["`J91` is already in row 2"],
        "row 4, column name": ["`J92` is new here, so this cell must be filled in"],
    }


def test_a_missing_city_of_a_team_is_named_by_the_column_of_the_file(session: Session, event: Event) -> None:
    text = "key,team,team_name,title\nP91,T91,Ten,Late\n"
    assert complaints_of(session, event, "proposals", text) == {
        "row 2, column team_city": ["`T91` is new here, so this cell must be filled in"],
    }


def test_unknown_and_missing_columns_are_named(session: Session, event: Event) -> None:
    found = complaints_of(session, event, "judges", "name,town\nJudge 91,hk\n")
    assert found == {
        "headings": [
            "no column is recognised as the key; the file has: name, town",
        ]
    }


def test_links_other_than_http_are_refused(session: Session, event: Event) -> None:
    found = complaints_of(session, event, "proposals", "key,deck_url\nP001,javascript:alert(1)\n")
    assert found == {
        "row 2, column deck_url": ["`javascript:alert(1)` is not a web address that begins with http:// or https://"]
    }


def test_proposals_bring_their_teams_and_enter_the_first_round(session: Session, event: Event) -> None:
    text = "key,team,team_name,team_city,title,category\nP901,T901,Team 901,Shanghai,Simulated,智慧出行\n"
    assert counts(send(session, event, "proposals", text)) == [("teams", 1, 0, 0), ("proposals", 1, 0, 0)]
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == "P901")).one()
    team = session.get_one(tables.Team, proposal.team_id)
    assert (proposal.category, team.city) == ("mobility", "sh")
    taking_part = select(tables.RoundProposal).where(tables.RoundProposal.proposal_id == proposal.id)
    assert [one.round_id for one in session.exec(taking_part)] == [event.round_row.id]


def test_an_address_gives_a_judge_an_account_and_only_one(session: Session, event: Event) -> None:
    send(session, event, "judges", "key,email\nJ02,Judge02@Example.org\n")
    judge = session.exec(select(tables.Judge).where(tables.Judge.key == "J02")).one()
    person = session.get_one(tables.Person, judge.person_id)
    roles = session.exec(select(tables.Role.role).where(tables.Role.person_id == person.id)).all()
    assert (person.email, list(roles)) == ("judge02@example.org", ["judge"])
    assert complaints_of(session, event, "judges", "key,email\nJ03,judge02@example.org\n") == {
        "row 2, column email": ["judge02@example.org is already the address of judge J02"]
    }


def test_an_account_that_is_switched_off_is_not_given_to_a_judge(session: Session, event: Event) -> None:
    session.add(tables.Person(email="off@example.org", name="Off", created_at=AT, is_active=False))
    session.flush()
    assert complaints_of(session, event, "judges", "key,email\nJ02,off@example.org\n") == {
        "row 2, column email": ["the account of off@example.org is switched off; invite this person first"]
    }


def test_links_of_somebody_with_another_role_elsewhere_stay_valid(session: Session, event: Event) -> None:
    elsewhere = tables.Competition(key="elsewhere", definition={}, digest="0" * 64, created_at=AT)
    person = tables.Person(email="both@example.org", name="Both", created_at=AT)
    session.add_all([elsewhere, person])
    session.flush()
    session.add(tables.Role(person_id=person.pk, competition_id=elsewhere.pk, role="judge"))
    _, token = sign_in.create_link(session, person.pk, at=AT, channel="command")
    send(session, event, "judges", "key,email\nJ02,both@example.org\n")
    link = present(sign_in.find_link(session, token, at=AT))
    assert link.state == "good"


def test_keys_that_look_like_others_are_refused(session: Session, event: Event) -> None:
    keys = ("P001", "p002", "P0O3", "\u0420001", "X1", "Xl", "作品01")
    text = "key,team,title\n" + "".join(f"{key},T001,A title\n" for key in keys)
    likeness = "is easily taken for `{}`: give one of them another key, or the same if they are the same"
    assert complaints_of(session, event, "proposals", text) == {
        "row 3, column key": [f"`p002` {likeness.format('P002')}", "the same in row 4, 7"],
        "row 5, column key": [
            "`\u0420001` cannot be a key: `\u0420` is not a letter A-Z, though it may look like one; type it again"
        ],
    }


def test_invisible_characters_that_turn_the_direction_are_refused(session: Session, event: Event) -> None:
    for character in "\u202e\u2066":
        assert complaints_of(session, event, "judges", f"key,name\nJ01,Chan {character}gnaW\n") == {
            "row 2, column name": ["an invisible character here turns the direction of the text; type the text again"]
        }
