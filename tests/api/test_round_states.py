"""The state of a draft in the API: what is not ready, and what is good to know."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from tests.support.event import COMPETITION, ROUND, appoint_alone, make_event, sign_in

STATE = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/state"


def test_a_draft_shows_what_is_not_ready_and_what_is_good_to_know(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.opened_at = "draft", None
    session.flush()
    appoint_alone(session)
    session.commit()
    sign_in(client, event.people["organiser"])
    state = client.get(STATE, headers={"Accept-Language": "zh-HK"}).get_json()
    notes = [point["text"].partition("，")[0] for point in state["notes"]]
    assert notes[-2:] == ["至今無人申報利益衝突", "評分表會請評審撰寫評語"]
    assert all(point["remedy"] for point in (*state["checklist"], *state["notes"]))
    english = client.get(STATE).get_json()
    assert [len(english[name]) for name in ("checklist", "notes")] == [
        len(state[name]) for name in ("checklist", "notes")
    ]


def test_an_open_round_has_neither(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    sign_in(client, event.people["organiser"])
    state = client.get(STATE).get_json()
    assert (state["state"], state["checklist"], state["notes"]) == ("open", [], [])
