"""Results go out with two keys: the same digest signed by both cities, and nothing changed in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed
from judging.services.access import Actor, load_actor, operator
from judging.services.decisions import awards, verdicts
from judging.services.releases import signing
from judging.services.releases.content import digest_of_content
from judging.services.releases.release_page import ReleasePage, release_page
from judging.services.releases.states import ReleaseStatus
from judging.services.runs import calibrating, calibration_runs
from tests.support.event import AT, COMPETITION, ROUND, Event, add_chairs, event_of, make_event, use_model
from tests.support.optional import present
from tests.support.releases import propose_release, sign_release
from tests.support.snapshots import stored_once

HERE = (COMPETITION, ROUND)
LATER = AT + timedelta(hours=1)


@pytest.fixture
def event(session: Session) -> Event:
    """Return an event with a chair for each city, whose round is closed and calibrated."""

    def store() -> None:
        event = make_event(session)
        use_model(session, "mixed")
        chairs = add_chairs(session, event)
        row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
        row.state, row.closed_at = "closed", AT
        session.flush()
        calibrating.calibrate(session, load_actor(session, chairs["hk"].pk), *HERE, at=AT)

    stored_once(session, "closed, then calibrated", store)
    return event_of(session)


@pytest.fixture
def chairs(session: Session, event: Event) -> dict[str, Actor]:
    """Return the chairs of the cities."""
    emails = {city: f"chair-{city}@example.org" for city in ("hk", "sh")}
    people = {row.email: row.pk for row in session.exec(select(tables.Person))}
    return {city: load_actor(session, people[email]) for city, email in emails.items()}


def propose(session: Session, actor: Actor, *, run: int = 1, reason: str = "") -> tables.Release:
    return propose_release(session, actor, run_number=run, reason=reason, at=LATER)


def sign(session: Session, actor: Actor, release: tables.Release) -> ReleaseStatus:
    return sign_release(session, actor, release.number, digest=release.digest, at=LATER)


def in_force(session: Session, chairs: dict[str, Actor]) -> tables.Release:
    release = propose(session, chairs["hk"])
    for chair in chairs.values():
        sign(session, chair, release)
    return release


def page(session: Session, actor: Actor) -> ReleasePage:
    return release_page(session, actor, *HERE)


def test_a_release_freezes_run_rules_ranking_and_decisions_under_its_digest(
    session: Session, chairs: dict[str, Actor]
) -> None:
    run = present(calibration_runs.latest_run(session, chairs["hk"], *HERE))
    out = run.result["shortlist"]["selected"][0]
    verdicts.decide(session, chairs["hk"], *HERE, out, verdict="out", reason="Withdrawn by the team", at=AT)
    content = propose(session, chairs["hk"]).content
    names = ("input_digest", "rules_digest", "result_digest", "model")
    assert {name: content[name] for name in names} == {name: getattr(run, name) for name in names}
    assert {one["proposal"]: (one["rank"], one["score"]) for one in content["ranking"]} == {
        one["proposal"]: (one["rank"], one["calibrated"]) for one in run.result["proposals"]
    }
    assert out not in content["shortlist"]["selected"]
    assert [(one["proposal"], one["verdict"]) for one in content["decisions"]] == [(out, "out")]
    stored = session.exec(select(tables.Release)).one()
    session.refresh(stored)
    assert digest_of_content(stored.content) == stored.digest


def test_it_is_in_force_with_the_last_signature_and_not_before(session: Session, chairs: dict[str, Actor]) -> None:
    release = propose(session, chairs["hk"])
    assert page(session, chairs["hk"]).in_force is None
    first = sign(session, chairs["hk"], release)
    assert (first.state, first.required.waiting) == ("proposed", ("sh",))
    assert sign(session, chairs["sh"], release).state == "in force"
    shown = page(session, chairs["sh"])
    assert (present(shown.in_force).number, shown.waiting, shown.may_propose) == (1, None, False)
    assert [one.digest for one in present(shown.in_force).signatures] == [release.digest] * 2
    with pytest.raises(Conflict, match="no longer waits"):
        sign(session, chairs["sh"], release)


def test_a_chair_signs_once_for_the_own_city_and_with_the_displayed_digest(
    session: Session, event: Event, chairs: dict[str, Actor]
) -> None:
    release = propose(session, chairs["hk"])
    sign(session, chairs["hk"], release)
    with pytest.raises(Conflict, match="agreed already"):
        sign(session, chairs["hk"], release)
    with pytest.raises(Conflict, match="represents a city"):
        sign(session, event.actor(session, "chair"), release)
    with pytest.raises(Conflict, match="not the digest"):
        sign_release(session, chairs["sh"], 1, digest="0" * 64, at=LATER)
    with pytest.raises(Conflict, match="sign in as one"):
        sign(session, operator(), release)
    for role in ("organiser", "auditor"):
        with pytest.raises(NotAllowed):
            sign(session, event.actor(session, role), release)


def test_a_chair_whose_city_changes_cannot_sign_again(session: Session, event: Event, chairs: dict[str, Actor]) -> None:
    release = propose(session, chairs["hk"])
    sign(session, chairs["hk"], release)
    competition_id = event.round_row.competition_id
    with pytest.raises(Conflict, match="A second person must agree"):
        sign(session, replace(chairs["hk"], cities={competition_id: "sh"}), release)
    assert sign(session, chairs["sh"], release).state == "in force"


def change_a_score(session: Session, chair: Actor) -> None:
    sheet = session.exec(select(tables.Scoresheet)).all()[0]
    later = tables.Scoresheet(
        assignment_id=sheet.assignment_id, version=2, state="submitted", source="import", saved_at=LATER
    )
    session.add(later)
    session.flush()
    scores = session.exec(select(tables.Score).where(tables.Score.scoresheet_id == sheet.id)).all()
    session.add_all(
        tables.Score(scoresheet_id=later.pk, criterion=one.criterion, value=1.0 if one.value != 1.0 else 10.0)
        for one in scores
    )
    session.flush()


def change_the_rules(session: Session, chair: Actor) -> None:
    session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one().digest = "0" * 64
    session.flush()


def decide_something(session: Session, chair: Actor) -> None:
    verdicts.decide(session, chair, *HERE, "P001", verdict="in", reason="The jury's wish", at=LATER)


def give_an_award(session: Session, chair: Actor) -> None:
    name = {"en": "Jury award", "zh-Hant-HK": "評審團獎", "zh-Hans-CN": "评审团奖"}
    award = {"key": "jury", "name": name, "kind": "jury", "most_winners": 1}
    awards.define_award(session, chair, *HERE, award=award, at=LATER)
    awards.grant(session, chair, *HERE, award_key="jury", proposal_key="P002", reason="Best talk", at=LATER)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (change_a_score, "1 scoresheet has changed since."),
        (change_the_rules, "The rules have changed since."),
        (decide_something, "Decisions have changed since."),
        (give_an_award, "Awards have changed since."),
    ],
)
def test_what_changed_since_is_named_and_stops_the_second_key(
    session: Session, chairs: dict[str, Actor], change: object, said: str
) -> None:
    release = propose(session, chairs["hk"])
    sign(session, chairs["hk"], release)
    assert callable(change)
    change(session, chairs["hk"])
    shown = page(session, chairs["sh"])
    assert (present(shown.waiting).state, [str(one) for one in present(shown.waiting).changed], shown.may_sign) == (
        "stale",
        [said],
        False,
    )
    with pytest.raises(Conflict, match=said):
        sign(session, chairs["sh"], release)


def test_a_later_run_shows_its_effect_before_it_can_be_proposed(session: Session, chairs: dict[str, Actor]) -> None:
    in_force(session, chairs)
    change_a_score(session, chairs["hk"])
    stale = page(session, chairs["hk"])
    assert [str(one) for one in stale.obstacles] == [
        "Run 1 is out of date; calibrate again first. 1 scoresheet has changed since."
    ]
    assert stale.may_propose is False
    calibrating.calibrate(session, chairs["sh"], *HERE, at=LATER)
    shown = page(session, chairs["hk"])
    assert {one.name for one in present(shown.candidate_change).facts} == {"run", "input_digest", "result_digest"}
    before = present(shown.in_force).content["shortlist"]["selected"]
    now = present(shown.candidate)["shortlist"]["selected"]
    assert present(shown.candidate_change).entering == tuple(key for key in now if key not in before)
    assert present(shown.candidate_change).leaving == tuple(key for key in before if key not in now)
    with pytest.raises(InvalidInput):
        propose(session, chairs["hk"], run=2)
    second = propose(session, chairs["hk"], run=2, reason="A scoresheet was corrected")
    for chair in chairs.values():
        sign(session, chair, second)
    states = [one.state for one in signing.list_releases(session, chairs["hk"], *HERE)]
    assert states == ["in force", "superseded"]


def test_a_decision_after_the_release_is_a_difference_for_the_next_one(
    session: Session, chairs: dict[str, Actor]
) -> None:
    in_force(session, chairs)
    last = page(session, chairs["hk"]).releases[0].content["shortlist"]["selected"][-1]
    verdicts.decide(session, chairs["sh"], *HERE, last, verdict="out", reason="Left the event", at=LATER)
    give_an_award(session, chairs["sh"])
    change = present(page(session, chairs["sh"]).candidate_change)
    assert (change.leaving, change.entering, change.n_moved, change.facts) == ((last,), (), 0, ())
    assert [one["proposal"] for one in change.decisions_added] == [last]
    assert change.awards_added == (("jury", "P002"),)
    assert change.award_names["jury"]["zh-Hant-HK"] == "評審團獎"


def test_an_open_round_is_not_released(session: Session) -> None:
    event = make_event(session)
    chair = event.actor(session, "chair")
    calibrating.calibrate(session, chair, *HERE, at=AT)
    with pytest.raises(Conflict, match="Scores can still come in"):
        propose(session, chair)


def test_an_older_run_is_not_proposed_and_the_same_is_not_proposed_twice(
    session: Session, chairs: dict[str, Actor]
) -> None:
    propose(session, chairs["hk"])
    with pytest.raises(Conflict, match="says the same already"):
        propose(session, chairs["sh"])
    calibrating.calibrate(session, chairs["hk"], *HERE, at=LATER)
    with pytest.raises(Conflict, match="Run 1 is not the newest"):
        propose(session, chairs["sh"])


def test_a_hidden_proposal_is_left_out_of_what_its_chair_reads(session: Session, chairs: dict[str, Actor]) -> None:
    release = propose(session, chairs["hk"])
    hidden = {release.content["shortlist"]["selected"][0]}
    shown = signing.shown(release.content, hidden)
    assert hidden.isdisjoint(shown["shortlist"]["selected"])
    assert [one for one in shown["ranking"] if one["proposal"] in hidden] == []
    assert len(shown["ranking"]) == len(release.content["ranking"]) - 1
