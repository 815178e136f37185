"""The shortlist page: who would move up, and which scores a floor is compared with."""

from __future__ import annotations

import re
from dataclasses import replace

from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from judging.calibration.values import half_width
from judging.services.competitions.definitions import rules_of
from judging.services.exports.method_report_file import collect_method_report, write_method_report
from judging.services.runs import calibrating
from tests.support.deciding import LATER, calibrated_event, change_rules
from tests.support.event import COMPETITION, ROUND
from tests.support.optional import present
from tests.web.chair.decisions.test_deciding import HERE, post, read, result_of, signed_in


def test_the_page_says_who_would_move_up_before_it_is_done(client: FlaskClient, session: Session) -> None:
    rule = {"size": 4, "reserves": 1, "city_minimum": {"hk": 2, "sh": 2}}
    signed_in(client, calibrated_event(session, shortlist=rule))
    result = result_of(session)
    city = {row["proposal"]: row["city"] for row in result["proposals"]}
    (reserve,) = result["shortlist"]["reserves"]
    page = client.get(f"{HERE}/shortlist").get_data(as_text=True)
    leaves = page[page.index('id="leaving"') :]
    options = dict(re.findall(r'<option value="(P\d+)"([^>]*>[^<]*)</option>', leaves[: leaves.index("</select>")]))
    assert set(options) == set(result["shortlist"]["selected"])
    for key, option in options.items():
        if city[key] == city[reserve]:
            assert option.endswith(f"· {reserve} moves up")
        else:
            assert option.startswith(" disabled>")
            assert option.endswith("no reserve with whom the sealed minima and caps hold")
    refused = next(key for key in options if city[key] != city[reserve])
    status, text = post(client, f"{HERE}/shortlist/replace", proposal=refused, reason="withdrew")
    assert (status, "the sealed minima and caps would hold" in text) == (409, True)
    assert session.exec(select(tables.Decision)).all() == []


def test_the_page_says_which_scores_are_compared_with_floors(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session)
    key = rules_of(event.round_row).rubric.criteria[0].key
    rule = {"size": 4, "floors": {key: 6}}
    change_rules(session, ROUND, shortlist={**rule, "floors_by": "calibrated"})
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    session.commit()
    signed_in(client, event)
    page = read(client, f"{HERE}/shortlist")
    assert "Whoever has a calibrated score below 6" in page
    result = session.exec(
        select(tables.CalibrationRun.result).order_by(col(tables.CalibrationRun.number).desc())
    ).first()
    session.rollback()
    scores = present(result)["shortlist"]["floor_scores"]
    assert {row["proposal"] for row in scores} == {f"P{n:03d}" for n in range(1, 9)}
    near = [row for row in scores if row["score"] - half_width(0.9, row["standard_error"]) < row["floor"]]
    assert ("Floors by calibrated scores" in page) == bool(near)
    assert page.count("below the floor") == len(near)
    assert near


def test_what_is_missing_is_said_where_results_are_read_and_signed(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 4})
    row = session.get_one(tables.Round, event.round_row.id)
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == "P001")).one()
    taken = session.exec(select(tables.Assignment).where(tables.Assignment.proposal_id == proposal.pk)).all()
    other = session.exec(
        select(tables.Judge).where(col(tables.Judge.id).not_in([one.judge_id for one in taken])).limit(1)
    ).one()
    session.add(tables.Assignment(round_id=row.pk, judge_id=other.pk, proposal_id=proposal.pk, assigned_at=LATER))
    row.state, row.closed_at = "closed", LATER
    session.flush()
    said = (
        f"Scoresheets are missing: P001 has {len(taken)} of {len(taken) + 1} (not submitted: {other.name}). "
        "What the model check says is about those that are there."
    )
    session.commit()
    signed_in(client, event)
    for page in (HERE, f"{HERE}/shortlist", f"{HERE}/release"):
        assert said in read(client, page)
    ranking = read(client, HERE)
    part = "The model check found nothing against the scoresheets that are there; others are missing."
    assert (part in ranking, "can carry a decision" in ranking) == (True, False)
    shortlist = read(client, f"{HERE}/shortlist")
    assert f"By the rules, {rules_of(event.round_row).readings.per_proposal} judges score every proposal." in shortlist
    assert "Scoresheets that count: 8 proposals with 3." in shortlist
    # Above the list, as on the page of the ranking: whoever decides reads it first, and once.
    assert (shortlist.index(said) < shortlist.index("On the shortlist"), shortlist.count(said)) == (True, True)
    collected = collect_method_report(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    assert said in write_method_report(replace(collected, format="html")).content.decode()
    assert said in [notice.en for notice in collected.book.disclosures]
