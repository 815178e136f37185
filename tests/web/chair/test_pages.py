"""The chair's pages: who may see them, what they show, and that the numbers are those of the stored run."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.calibration.values import rounded
from judging.displaying import probability
from judging.documents.axis import Axis
from judging.services.runs import calibrating
from judging.web.showing import number, signed
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, event_of, make_event, newest_run, sign_in
from tests.support.jobs import finished
from tests.support.snapshots import stored_once

HERE = f"/chair/{COMPETITION}"
PAGES = ("", f"/{ROUND}", f"/{ROUND}/judges", f"/{ROUND}/linkage", f"/{ROUND}/runs", f"/{ROUND}/proposals/P001")


def calibrated(session: Session) -> Event:
    """Store an event that is calibrated with the default model."""

    def store() -> None:
        event = make_event(session)
        calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT + timedelta(days=1))

    stored_once(session, "calibrated by default", store)
    return event_of(session)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def rows_of(html: str) -> dict[str, list[str]]:
    """Return the cells of each row of the page's first body, by the first key found in it."""
    body = html.split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    rows = [
        [text_of(cell).strip() for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    ]
    return {match.group(): row for row in rows if (match := re.search(r"\b[PJ]\d+\b", " ".join(row)))}


@pytest.mark.parametrize("role", ["chair", "organiser", "auditor"])
def test_chair_organiser_and_auditor_read_every_page(client: FlaskClient, session: Session, role: str) -> None:
    event = calibrated(session)
    sign_in(client, event.people[role])
    assert [client.get(HERE + page).status_code for page in PAGES] == [200] * len(PAGES)
    has_button = f'href="{HERE}/{ROUND}/calibrate"' in client.get(f"{HERE}/{ROUND}").get_data(as_text=True)
    assert has_button == (role == "chair")


def test_a_judge_is_refused_every_page_and_a_stranger_finds_none(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    stranger = tables.Person(email="stranger@example.org", name="Somebody", created_at=AT)
    session.add(stranger)
    session.commit()
    sign_in(client, event.people["judge"])
    assert [client.get(HERE + page).status_code for page in PAGES] == [403] * len(PAGES)
    sign_in(client, stranger)
    assert [client.get(HERE + page).status_code for page in PAGES] == [404] * len(PAGES)


def test_page_json_and_stored_run_show_the_same_numbers(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    sign_in(client, event.people["chair"])
    stored = newest_run(session).result
    answer = client.get(f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/ranking").get_json()
    names = ("title", "team")
    assert [{k: v for k, v in row.items() if k not in names} for row in answer["proposals"]] == stored["proposals"]
    shown = rows_of(client.get(f"{HERE}/{ROUND}").get_data(as_text=True))
    assert {key: cells_of(row) for key, row in shown.items()} == {
        entry["proposal"]: expected_cells(entry) for entry in stored["proposals"]
    }
    judges = rows_of(client.get(f"{HERE}/{ROUND}/judges").get_data(as_text=True))
    assert {key: (row[2], row[3], row[4]) for key, row in judges.items()} == {
        judge["judge"]: (str(judge["n_sheets"]), signed(judge["severity"]), f"± {number(judge['standard_error'])}")
        for judge in stored["judges"]
    }


def cells_of(row: list[str]) -> list[str]:
    return [" ".join(cell.split()) for place, cell in enumerate(row) if place not in (1, 3, 8)] + [row[8].split("%")[0]]


def expected_cells(entry: dict[str, Any]) -> list[str]:
    return [
        f"{entry['rank']} {entry['rank_low']}–{entry['rank_high']}",
        f"{number(entry['calibrated'])} ± {number(entry['standard_error'])}",
        number(entry["raw"]),
        # The difference of the two numbers that stand beside it.
        signed(rounded(entry["calibrated"], 1) - rounded(entry["raw"], 1)),
        str(entry["n_judges"]),
        number(entry["disagreement"]),
        probability(entry["p_shortlist"]).split("%")[0],
    ]


def test_the_calibrate_button_stores_a_run_and_returns_to_the_ranking(client: FlaskClient, session: Session) -> None:
    event = make_event(session)
    sign_in(client, event.people["chair"])
    before = client.get(f"{HERE}/{ROUND}").get_data(as_text=True)
    assert "This round has not been calibrated yet." in before
    answer = client.post(f"{HERE}/{ROUND}/calibrate", data={"csrf_token": csrf_token(client)})
    shown = finished(client, answer)
    assert (shown.status_code, shown.location) == (303, f"{HERE}/{ROUND}")
    assert "Calibrated: this is run 1." in client.get(shown.location).get_data(as_text=True)
    assert len(session.exec(select(tables.CalibrationRun)).all()) == 1


@pytest.mark.parametrize("role", ["organiser", "auditor", "judge"])
def test_only_a_chair_can_calibrate(client: FlaskClient, session: Session, role: str) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people[role])
    answer = client.post(f"{HERE}/{ROUND}/calibrate", data={"csrf_token": csrf_token(client)})
    assert answer.status_code == 403
    assert session.exec(select(tables.CalibrationRun)).all() == []


def test_calibrate_without_a_token_stores_nothing(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["chair"])
    assert client.post(f"{HERE}/{ROUND}/calibrate").status_code == 400
    assert session.exec(select(tables.CalibrationRun)).all() == []


def test_calibrate_without_scores_is_a_conflict_in_words(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6, scored=False)
    sign_in(client, event.people["chair"])
    assert "No scoresheet has been handed in yet" in client.get(f"{HERE}/{ROUND}").get_data(as_text=True)
    answer = client.post(f"{HERE}/{ROUND}/calibrate", data={"csrf_token": csrf_token(client)})
    assert "there is nothing to calibrate" in finished(client, answer).get_data(as_text=True)
    assert session.exec(select(tables.CalibrationRun)).all() == []


def test_a_round_that_is_not_open_says_so_and_offers_no_button(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["chair"])
    page = client.get(f"{HERE}/grand-final").get_data(as_text=True)
    assert "This round is not open yet" in page
    assert "/calibrate" not in page


def test_a_stale_run_says_how_much_has_changed(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    sign_in(client, event.people["chair"])
    assert "is out of date" not in client.get(f"{HERE}/{ROUND}").get_data(as_text=True)
    sheet = tables.Scoresheet(assignment_id=1, version=2, state="submitted", source="form", saved_at=AT)
    session.add(sheet)
    session.commit()
    assert "Run 1 is out of date. 1 scoresheet has changed since." in client.get(f"{HERE}/{ROUND}").get_data(
        as_text=True
    )


def test_filters_and_sorting_work_without_a_script(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    sign_in(client, event.people["chair"])
    stored = newest_run(session).result["proposals"]
    page = client.get(f"{HERE}/{ROUND}?sort=raw&order=desc&city=hk").get_data(as_text=True)
    expected = sorted((row for row in stored if row["city"] == "hk"), key=lambda row: (-row["raw"], row["rank"]))
    assert list(rows_of(page)) == [row["proposal"] for row in expected]
    assert 'aria-sort="descending"' in page
    words = client.get(f"{HERE}/{ROUND}?q=p003").get_data(as_text=True)
    assert list(rows_of(words)) == ["P003"]
    category = stored[0]["category"]
    some = client.get(f"{HERE}/{ROUND}?category={category}").get_data(as_text=True)
    assert set(rows_of(some)) == {row["proposal"] for row in stored if row["category"] == category}


@pytest.mark.parametrize("query", ["?sort=nonsense", "?page=0", "?page=99999999999", "?show=some", "?order=up"])
def test_a_query_that_makes_no_sense_shows_the_ranking(client: FlaskClient, session: Session, query: str) -> None:
    event = calibrated(session)
    sign_in(client, event.people["chair"])
    best = sorted(newest_run(session).result["proposals"], key=lambda row: row["rank"])[0]["proposal"]
    assert next(iter(rows_of(client.get(f"{HERE}/{ROUND}{query}").get_data(as_text=True)))) == best


@pytest.mark.parametrize("run", ["2", "x", "-1", "99999999999999"])
def test_a_run_that_does_not_exist_is_not_found(client: FlaskClient, session: Session, run: str) -> None:
    event = calibrated(session)
    sign_in(client, event.people["chair"])
    assert client.get(f"{HERE}/{ROUND}?run={run}").status_code == 404


@pytest.mark.parametrize("values", [[], [5.0], [None, float("nan")], [0.001, 0.0011], [-30.0, 90.0]])
def test_an_axis_contains_its_values_and_has_readable_ticks(values: list[float | None]) -> None:
    axis = Axis.around(values, zero=True)
    assert axis.low <= 0 <= axis.high
    assert 2 <= len(axis.ticks) <= 11
    assert axis.at(axis.low) == "0.00%"
    assert axis.at(axis.high + 1) == "100.00%"


def test_a_view_of_a_city_ranks_within_it_and_tells_the_overall_rank(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    sign_in(client, event.people["chair"])
    stored = newest_run(session).result["proposals"]
    own = sorted((row["rank"], row["proposal"]) for row in stored if row["city"] == "hk")
    shown = rows_of(client.get(f"{HERE}/{ROUND}?city=hk").get_data(as_text=True))
    assert {key: row[0].split()[:3] for key, row in shown.items()} == {
        key: [str(sum(other < rank for other, _ in own) + 1), "overall", str(rank)] for rank, key in own
    }


def test_every_view_draws_the_cut_off_above_the_first_proposal_below_it(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    sign_in(client, event.people["chair"])
    result = newest_run(session).result
    rank = {row["proposal"]: row["rank"] for row in result["proposals"]}
    last = max(rank[key] for key in result["shortlist"]["selected"])
    for city in ("hk", "sh"):
        behind = [(rank[row["proposal"]], row["proposal"]) for row in result["proposals"] if row["city"] == city]
        first = min(pair for pair in behind if pair[0] > last)[1]
        page = client.get(f"{HERE}/{ROUND}?city={city}").get_data(as_text=True)
        drawn = re.findall(r'<tr class="[^"]*cut-off[^"]*".*?<span class="key">(P\d+)</span>', page, re.DOTALL)
        assert drawn == [first]


def test_columns_are_chosen_by_the_address(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    sign_in(client, event.people["chair"])

    def headings(query: str) -> list[str]:
        page = client.get(f"{HERE}/{ROUND}{query}").get_data(as_text=True)
        return re.findall(r'data-sort="(\w+)"', page)

    assert headings("?columns=additive&columns=raw") == ["rank", "title", "calibrated", "raw", "additive"]
    assert headings("?columns=") == ["rank", "title", "calibrated"]
    usual = ["rank", "title", "calibrated", "raw", "move", "n_judges", "disagreement", "p_shortlist"]
    assert headings("?columns=nonsense") == headings("?columns=")
    assert headings("") == usual
