"""The model check above the ranking: verdict, findings and what they change, in three languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, make_event, newest_run, sign_in

HERE = f"/chair/{COMPETITION}/{ROUND}"


def check_on(client: FlaskClient, language: str = "en") -> str:
    html = client.get(HERE, headers={"Accept-Language": language}).get_data(as_text=True)
    part = html.split('<details class="model-check', 1)[1].split("</details>", 1)[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", part)))


@pytest.mark.parametrize(
    ("language", "verdict", "finding"),
    [
        ("en", "These numbers can carry a decision.", "No comparison rests on one judge alone."),
        ("zh-HK", "這些數字可作決定的依據。", "沒有比較只依靠一位評審。"),
        ("zh-CN", "这些数字可作决定的依据。", "没有比较只依靠一位评委。"),
    ],
)
def test_the_verdict_stands_above_the_ranking(
    client: FlaskClient, session: Session, language: str, verdict: str, finding: str
) -> None:
    event = make_event(session)
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT + timedelta(days=1))
    session.commit()
    sign_in(client, event.people["chair"])
    stored = newest_run(session).result["checks"]
    assert stored["verdict"] == "decide"
    shown = check_on(client, language)
    assert verdict in shown
    assert finding in shown


def stored_with(session: Session, client: FlaskClient, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Store a run whose result was changed, and sign the chair in."""
    event = make_event(session)
    actor = event.actor(session, "chair")
    prepared = calibrating.prepare_calibration(session, actor, COMPETITION, ROUND)
    result = change(calibrating.compute_result(prepared))
    calibrating.store_run(session, actor, prepared, result, at=AT + timedelta(days=1))
    session.commit()
    sign_in(client, event.people["chair"])


def test_what_was_found_is_said_with_what_it_changes(client: FlaskClient, session: Session) -> None:
    finding = {
        "name": "links",
        "state": "failed",
        "statistic": 2.0,
        "p": None,
        "text": "The judges fall into 2 sets that share no proposal.",
        "template": "The judges fall into {n_sets} sets that share no proposal.",
        "values": {"n_sets": 2},
        "consequence": "Comparing proposals of different sets rests on the assumption that the sets are alike.",
    }
    verdict = "Do not decide by these numbers before what is named below is resolved."

    def failed(result: dict[str, Any]) -> dict[str, Any]:
        checks = {**result["checks"], "verdict": "do_not_decide", "text": verdict, "checks": [finding]}
        return {**result, "checks": checks}

    stored_with(session, client, failed)
    assert f"{verdict} {finding['text']} {finding['consequence']}" in check_on(client)


def test_a_run_from_before_the_check_says_so(client: FlaskClient, session: Session) -> None:
    stored_with(session, client, lambda result: {k: v for k, v in result.items() if k != "checks"} | {"version": 1})
    assert "The assumptions of this run were not checked." in client.get(HERE).get_data(as_text=True)
