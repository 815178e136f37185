"""The pictures of a run: what is drawn, and the table beside it, are the numbers of the report."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.services.decisions import conflicts_of_interest
from judging.services.runs.inputs import collect_ratings
from tests.support.deciding import LATER, calibrated_event
from tests.support.event import COMPETITION, ROUND, newest_run, sign_in
from tests.web.chair.test_pages import text_of

PAGE = f"/chair/{COMPETITION}/{ROUND}/pictures"
RULE = {"size": 4, "reserves": 2, "city_minimum": {"hk": 1, "sh": 1}}
KEYS = ("cities", "rank-flow", "scores", "discuss", "judges", "marks")


def sections(page: str) -> dict[str, str]:
    """Return the part of the page of each picture."""
    parts = re.split(r'<section class="picture-section" id="([\w-]+)"', page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def table_of(section: str) -> list[list[str]]:
    """Return the cells of the table beside a picture."""
    body = section.split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
    ]


def names_of(section: str) -> list[str]:
    """Return what the marks of a picture are called."""
    return [unescape(name) for name in re.findall(r"<title>(.*?)</title>", section)]


def title_of(section: str) -> str:
    """Return the heading of a picture."""
    return text_of(section.split("<h2", 1)[1].split("</h2>", 1)[0]).split(">")[-1]


def floats(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text.replace("\N{MINUS SIGN}", "-"))]


@pytest.fixture
def shown(client: FlaskClient, session: Session) -> tuple[dict[str, str], dict[str, Any]]:
    event = calibrated_event(session, n_proposals=12, n_judges=6, shortlist=RULE, calibration={"model": "hierarchical"})
    result: dict[str, Any] = newest_run(session).result
    session.rollback()
    sign_in(client, event.people["chair"])
    return sections(client.get(PAGE).text), result


def test_what_is_drawn_is_the_report(shown: tuple[dict[str, str], dict[str, Any]], session: Session) -> None:
    parts, result = shown
    assert tuple(parts) == KEYS
    by_key = {row["proposal"]: row for row in result["proposals"] if row["rank"]}
    calibrated = {key: round(row["calibrated"], 1) for key, row in by_key.items()}

    # Every dot of the scores is named with its number, and stands where the axis has it: equal steps for equal points.
    drawn = re.findall(
        r'<circle class="dot" cx="[\d.]+" cy="([\d.]+)" r="[\d.]+"><title>(P\d+): (-?[\d.]+)', parts["scores"]
    )
    assert {key: float(score) for _, key, score in drawn} == calibrated
    heights, scores = (
        np.array([float(y) for y, _, _ in drawn]),
        np.array([by_key[key]["calibrated"] for _, key, _ in drawn]),
    )
    slope, start = np.polyfit(scores, heights, 1)
    assert slope < 0
    assert np.abs(slope * scores + start - heights).max() < 0.1
    rows = {re.search(r"\((P\d+)\)", row[0])[1]: row for row in table_of(parts["scores"])}  # type: ignore[index]
    assert {key: float(row[2]) for key, row in rows.items()} == calibrated
    assert {key for key, row in rows.items() if row[7] == "yes"} == set(result["shortlist"]["selected"])

    # Ranks by raw mean and calibrated: the lines say what the table says.
    raw = sorted((row["raw"] for row in by_key.values()), reverse=True)
    flow = {row[0].rpartition("(")[2][:-1]: (int(row[2]), int(row[3])) for row in table_of(parts["rank-flow"])}
    assert flow == {key: (raw.index(row["raw"]) + 1, row["rank"]) for key, row in by_key.items()}
    lines = [
        re.fullmatch(r"(P\d+): (\d+) by raw mean, (\d+) calibrated", name) for name in names_of(parts["rank-flow"])
    ]
    assert {line[1]: (int(line[2]), int(line[3])) for line in lines if line} == flow
    crossing = sum(before > 4 >= now for before, now in flow.values())
    title = title_of(parts["rank-flow"])
    assert str(crossing) in title if crossing else "the same first 4" in title

    # Disagreement and chance.
    discuss = {row[0].rpartition("(")[2][:-1]: row for row in table_of(parts["discuss"])}
    assert {key: float(row[2]) for key, row in discuss.items()} == {
        key: round(row["disagreement"], 1) for key, row in by_key.items()
    }
    first = {key for key, row in discuss.items() if row[3] == "yes"}
    spread = sorted(row["disagreement"] for row in by_key.values())
    assert first == {
        key
        for key, row in by_key.items()
        if 0.2 <= row["p_shortlist"] <= 0.8 and row["disagreement"] >= spread[len(spread) // 2]
    }


def test_seats_marks_and_cells_are_those_of_the_ratings(
    shown: tuple[dict[str, str], dict[str, Any]], session: Session
) -> None:
    parts, result = shown
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    ratings = collect_ratings(session, row)
    by_key = {entry["proposal"]: entry for entry in result["proposals"] if entry["rank"]}
    best = sorted(by_key.values(), key=lambda entry: -entry["raw"])[:4]
    cities = table_of(parts["cities"])
    counted = {
        name: [sum(entry["city"] == city for entry in who) for city in ("hk", "sh")]
        for name, who in (
            ("First places by raw mean", best),
            ("First places, calibrated", [entry for entry in by_key.values() if entry["rank"] <= 4]),
            ("Seats now: rule and decisions", [by_key[key] for key in result["shortlist"]["selected"]]),
        )
    }
    assert {line[0]: [int(cell) for cell in line[1:]] for line in cities[:3]} == counted
    drawn = [name for name in names_of(parts["cities"]) if re.fullmatch(r".+: \d+", name)]
    assert sorted(floats(name)[0] for name in drawn) == sorted(n for line in counted.values() for n in line if n)
    for line in cities[3:]:
        judge = "hk" if "Hong Kong" in line[0] else "sh"
        for cell, city in zip(line[1:], ("hk", "sh"), strict=True):
            here = (ratings.judge_city[ratings.judge] == ratings.cities.index(judge)) & (
                ratings.proposal_city[ratings.proposal] == ratings.cities.index(city)
            )
            assert floats(cell) == [round(float(ratings.total[here].mean()), 1), int(here.sum())]

    # One square for each scoresheet; its total and its share of the weight are those of the run.
    cells = [floats(name.rpartition(": ")[2]) for name in names_of(parts["judges"])]
    assert len(cells) == ratings.n_sheets == len(table_of(parts["judges"]))
    assert sorted(total for total, *_ in cells) == sorted(np.round(ratings.total, 1).tolist())
    shares: dict[str, float] = {}
    for line in table_of(parts["judges"]):
        shares[line[1]] = shares.get(line[1], 0.0) + floats(line[5])[0]
    assert all(abs(total - 100) <= 2 for total in shares.values())
    # From the strictest judge to the most generous.
    severity = {entry["judge"]: entry["severity"] for entry in result["judges"] if entry["n_sheets"]}
    ends = max(severity.values()) - min(severity.values())
    assert f"{ends:.1f} points" in parts["judges"].split("</h2>", 1)[0]

    # The marks of the panel are all there.
    panel = floats(" ".join(table_of(parts["marks"])[0][2:]))
    given = ratings.score[~np.isnan(ratings.score)]
    tenths = np.bincount(np.clip((given / 10).astype(int), 0, 9), minlength=10) / len(given)
    assert panel == np.round(100 * tenths).tolist()


def test_pictures_leave_out_what_is_hidden_and_say_so(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session, n_proposals=12, n_judges=6, shortlist=RULE)
    hidden = newest_run(session).result["shortlist"]["selected"][0]
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key=hidden, kind="family", at=LATER)
    session.commit()
    sign_in(client, event.people["chair"])
    page = client.get(PAGE).text
    assert f"conflict of interest: {hidden}" in text_of(page)
    for section in sections(page).values():
        assert hidden not in section


def test_the_heading_counts_who_comes_in(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session, n_proposals=12, n_judges=6, shortlist=RULE)
    rows = [row for row in newest_run(session).result["proposals"] if row["rank"]]
    first = {row["proposal"] for row in sorted(rows, key=lambda row: -row["raw"])[:4]}
    come_in = [row["proposal"] for row in rows if row["rank"] <= 4 and row["proposal"] not in first]
    session.rollback()
    sign_in(client, event.people["chair"])
    heading = title_of(sections(client.get(PAGE).text)["rank-flow"])
    assert heading == "Calibrating brings 1 proposal among the first 4 that plain averages leave out"
    assert len(come_in) == 1
