"""Calibration runs: what goes in, what is stored, who may ask, and when a run is out of date."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlmodel import Session, col, select

from judging import db, tables
from judging.calibration.fit import fit
from judging.errors import Conflict, NotAllowed, NotFound
from judging.schemas.scoresheets import SheetContent
from judging.services.access import READERS, Actor, operator
from judging.services.competitions.definitions import rules_of
from judging.services.decisions.proposals import get_proposal
from judging.services.rounds.progress import progress_of
from judging.services.runs import calibrating, calibration_runs
from judging.services.runs.inputs import collect_ratings
from judging.services.scoresheets import versions
from tests.support.deciding import change_rules
from tests.support.event import AT, COMPETITION, ROUND, make_event
from tests.support.optional import present
from tests.support.reports import report_dict

LATER = AT + timedelta(days=1)


def append_version(
    session: Session, assignment: tables.Assignment, *, version: int, state: str, scores: dict[str, float]
) -> None:
    new = versions.NewVersion(
        assignment_id=assignment.pk, version=version, state=state, sheet=SheetContent(scores=scores)
    )
    versions.append(session, [new], source="form", at=LATER, saved_by=None)


def first_assignment(session: Session) -> tables.Assignment:
    return session.exec(select(tables.Assignment).order_by(col(tables.Assignment.id))).first()  # type: ignore[return-value]


def test_ratings_contain_the_scores_on_a_hundred_with_weights_cities_and_categories(session: Session) -> None:
    event = make_event(session, n_proposals=6)
    ratings = collect_ratings(session, event.round_row)
    rubric = rules_of(event.round_row).rubric
    assert ratings.criteria == rubric.keys
    assert ratings.weights.tolist() == pytest.approx(list(rubric.weights.values()))
    assert (ratings.minimum.tolist(), ratings.maximum.tolist()) == ([0.0] * 5, [100.0] * 5)
    first = first_assignment(session)
    stored = session.exec(
        select(tables.Score).join(tables.Scoresheet).where(tables.Scoresheet.assignment_id == first.id)
    ).all()
    total = rubric.total({score.criterion: score.value for score in stored if score.value is not None})
    judge, proposal = session.get_one(tables.Judge, first.judge_id), session.get_one(tables.Proposal, first.proposal_id)
    row = [
        n
        for n in range(ratings.n_sheets)
        if ratings.judges[ratings.judge[n]] == judge.key and ratings.proposals[ratings.proposal[n]] == proposal.key
    ]
    assert ratings.total[row].tolist() == [pytest.approx(total, abs=1e-9)]
    team = session.get_one(tables.Team, proposal.team_id)
    assert ratings.cities[ratings.proposal_city[ratings.proposals.index(proposal.key)]] == team.city
    assert ratings.cities[ratings.judge_city[ratings.judges.index(judge.key)]] == judge.city
    assert ratings.categories[ratings.category[ratings.proposals.index(proposal.key)]] == proposal.category


def test_what_was_submitted_counts_until_it_is_submitted_again(session: Session) -> None:
    event = make_event(session, n_proposals=6)
    before = collect_ratings(session, event.round_row)
    assignment = first_assignment(session)
    full = dict.fromkeys(rules_of(event.round_row).rubric.keys, 3.0)
    append_version(session, assignment, version=2, state="draft", scores=full)
    reopened = collect_ratings(session, event.round_row)
    assert (reopened.n_sheets, reopened.total.tolist()) == (before.n_sheets, before.total.tolist())
    append_version(session, assignment, version=3, state="submitted", scores=full)
    again = collect_ratings(session, event.round_row)
    assert (again.n_sheets, again.total.tolist() != before.total.tolist()) == (before.n_sheets, True)


@pytest.mark.parametrize("state", ["recused", "withdrawn"])
def test_sheets_of_assignments_that_are_no_more_do_not_count(session: Session, state: str) -> None:
    event = make_event(session, n_proposals=6)
    n_sheets = collect_ratings(session, event.round_row).n_sheets
    assignment = first_assignment(session)
    assignment.state, assignment.reason = state, "for a test"
    session.flush()
    assert collect_ratings(session, event.round_row).n_sheets == n_sheets - 1


def test_a_proposal_that_nobody_scored_is_listed_without_a_rank(session: Session) -> None:
    event = make_event(session, n_proposals=6)
    for assignment in session.exec(select(tables.Assignment).where(tables.Assignment.proposal_id == 1)):
        assignment.state, assignment.reason = "withdrawn", "for a test"
    session.flush()
    run = calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    unread = [entry for entry in run.result["proposals"] if entry["n_judges"] == 0]
    assert [(entry["proposal"], entry["rank"], entry["calibrated"]) for entry in unread] == [("P001", None, None)]


def test_a_run_contains_its_input_digests_and_the_report(session: Session) -> None:
    event = make_event(session)
    run = calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    session.commit()
    ratings = collect_ratings(session, event.round_row)
    again = report_dict(fit(ratings, calibration_runs.settings_of(rules_of(event.round_row))), checked=True)
    assert run.input_digest == ratings.digest
    assert run.rules_digest == event.round_row.digest
    assert run.result_digest == calibration_runs.result_digest(again) == calibration_runs.result_digest(run.result)
    assert {**run.result, "seconds": 0} == {**again, "seconds": 0}
    assert (run.number, run.model, run.created_at, run.created_by) == (
        1,
        "hierarchical",
        LATER,
        event.people["chair"].id,
    )
    assert (run.settings["n_sheets"], run.settings["comparison"]) == (ratings.n_sheets, False)
    entry = present(session.exec(select(tables.AuditEntry).order_by(col(tables.AuditEntry.id).desc())).first())
    assert (entry.action, entry.subject) == ("calibrated", f"{COMPETITION}/{ROUND} run 1")
    assert entry.detail["result_digest"] == run.result_digest


def test_a_comparison_never_becomes_the_ranking(session: Session) -> None:
    event = make_event(session, n_proposals=8)
    chair = event.actor(session, "chair")
    calibrating.calibrate(session, chair, COMPETITION, ROUND, at=LATER)
    other = calibrating.calibrate(session, chair, COMPETITION, ROUND, at=LATER, model="raw")
    assert (other.number, other.settings["comparison"]) == (2, True)
    latest = present(calibration_runs.latest_run(session, chair, COMPETITION, ROUND))
    assert latest.number == 1
    listed = calibration_runs.list_runs(session, chair, COMPETITION, ROUND)
    assert [(run.number, run.is_comparison, run.created_by) for run in listed] == [
        (2, True, "The chair"),
        (1, False, "The chair"),
    ]


def test_a_run_is_stale_once_a_scoresheet_changes_and_counts_the_changes(session: Session) -> None:
    event = make_event(session, n_proposals=8)
    run = calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    assert calibration_runs.freshness(session, run) == calibration_runs.Freshness()
    full = dict.fromkeys(rules_of(event.round_row).rubric.keys, 9.0)
    append_version(session, first_assignment(session), version=2, state="submitted", scores=full)
    fresh = calibration_runs.freshness(session, run)
    assert fresh == calibration_runs.Freshness(scores_changed=True, n_changed=1)
    assert [str(one) for one in fresh.changes()] == ["1 scoresheet has changed since."]


def other_weights(session: Session) -> None:
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    rubric = {**row.definition["rubric"]}
    first, second, *others = rubric["criteria"]
    first, second = {**first, "weight": first["weight"] + 5}, {**second, "weight": second["weight"] - 5}
    change_rules(session, ROUND, rubric={**rubric, "criteria": [first, second, *others]})


def one_criterion_less(session: Session) -> None:
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    first, second, *others = row.definition["rubric"]["criteria"]
    second = {**second, "weight": first["weight"] + second["weight"]}
    rules = {"shortlist": {**row.definition["shortlist"], "floors": {}}, "tie_breaks": ["people"]}
    change_rules(session, ROUND, rubric={**row.definition["rubric"], "criteria": [second, *others]}, **rules)


def another_city(session: Session) -> None:
    judge = present(session.exec(select(tables.Judge)).first())
    session.add(judge)
    judge.city = "sh" if judge.city == "hk" else "hk"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (other_weights, calibration_runs.Freshness(rules_changed=True)),
        (one_criterion_less, calibration_runs.Freshness(rules_changed=True)),
        (another_city, calibration_runs.Freshness(design_changed=True)),
    ],
)
@pytest.mark.parametrize("is_old", [False, True])
def test_what_changed_is_named_for_what_it_is(
    session: Session, change: Any, expected: calibration_runs.Freshness, is_old: bool
) -> None:
    """A run from before scores, rules and roster had a digest each is judged by what went into it."""
    event = make_event(session, n_proposals=8)
    run = calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    if is_old:
        settings = {name: value for name, value in run.settings.items() if name != "digests"}
        run = tables.CalibrationRun(**{**run.model_dump(exclude={"id"}), "number": 2, "settings": settings})
        session.add(run)
    assert not calibration_runs.freshness(session, run).is_stale
    change(session)
    session.flush()
    assert calibration_runs.freshness(session, run) == expected


def test_only_a_chair_calibrates(session: Session) -> None:
    event = make_event(session, n_proposals=6)
    for role in ("organiser", "auditor", "judge"):
        with pytest.raises(NotAllowed):
            calibrating.calibrate(session, event.actor(session, role), COMPETITION, ROUND, at=LATER)
    with pytest.raises(NotFound):
        calibrating.calibrate(session, Actor(person_id=99, name="nobody"), COMPETITION, ROUND, at=LATER)
    with pytest.raises(Conflict, match="sign in as a chair"):
        calibrating.calibrate(session, operator(), COMPETITION, ROUND, at=LATER)


def test_chair_organiser_and_auditor_read_runs_and_a_judge_does_not(session: Session) -> None:
    event = make_event(session, n_proposals=6)
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    for role in READERS:
        assert calibration_runs.get_run(session, event.actor(session, role), COMPETITION, ROUND, 1).number == 1
        assert len(get_proposal(session, event.actor(session, role), COMPETITION, ROUND, "P001")[1]) == 3
    judge = event.actor(session, "judge")
    for ask in (
        lambda: calibration_runs.list_runs(session, judge, COMPETITION, ROUND),
        lambda: calibration_runs.get_run(session, judge, COMPETITION, ROUND, 1),
        lambda: calibration_runs.latest_run(session, judge, COMPETITION, ROUND),
        lambda: get_proposal(session, judge, COMPETITION, ROUND, "P001"),
    ):
        with pytest.raises(NotAllowed):
            ask()


def test_without_a_scoresheet_there_is_nothing_to_calibrate(session: Session) -> None:
    event = make_event(session, n_proposals=6, scored=False)
    with pytest.raises(Conflict, match="nothing to calibrate"):
        calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)


def test_a_model_that_cannot_be_fitted_here_is_refused_by_name(session: Session) -> None:
    event = make_event(session, n_proposals=6)
    with pytest.raises(Conflict, match="The model divination cannot be fitted"):
        calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER, model="divination")


def test_two_chairs_at_once_make_two_runs_or_one_gets_a_conflict(session: Session, database_url: str) -> None:
    event = make_event(session, n_proposals=6)
    chair = event.actor(session, "chair")
    session.commit()
    engine = db.create_engine_for(database_url)
    start, told = Barrier(2), []

    def press() -> None:
        start.wait()
        try:
            with db.transaction(engine) as own:
                calibrating.calibrate(own, chair, COMPETITION, ROUND, at=LATER)
            told.append("stored")
        except Conflict as error:
            told.append(error.message)

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.open_session(engine, read_only=True) as reader:
        numbers = sorted(run.number for run in reader.exec(select(tables.CalibrationRun)))
    engine.dispose()
    assert numbers == list(range(1, told.count("stored") + 1))
    assert set(told) <= {
        "stored",
        "Somebody else calibrated this round at the same moment. Reload the page to see that run.",
    }


def test_progress_counts_by_judge_and_names_thin_proposals(session: Session) -> None:
    event = make_event(session, n_proposals=6, scored=False)
    assignment, *others = session.exec(select(tables.Assignment).order_by(col(tables.Assignment.id))).all()
    append_version(session, assignment, version=1, state="draft", scores={})
    for other in others:
        append_version(session, other, version=1, state="submitted", scores={})
    # A draft after a submitted version changes nothing for others.
    append_version(session, others[-1], version=2, state="draft", scores={})
    state = progress_of(session, event.round_row)
    judge = session.get_one(tables.Judge, assignment.judge_id)
    proposal = session.get_one(tables.Proposal, assignment.proposal_id)
    assert (state.n_submitted, state.n_assigned, state.n_proposals) == (17, 18, 6)
    assert (state.judges[0].key, state.judges[0].n_open, state.judges[0].n_started) == (judge.key, 1, 1)
    assert [(thin.key, thin.n_submitted, thin.n_assigned) for thin in state.thin] == [(proposal.key, 2, 3)]


def test_a_draft_is_shown_to_nobody_but_its_judge(session: Session) -> None:
    event = make_event(session, n_proposals=6, scored=False)
    assignment = first_assignment(session)
    append_version(session, assignment, version=1, state="draft", scores={"data-use": 10.0})
    proposal = session.get_one(tables.Proposal, assignment.proposal_id)
    _, read = get_proposal(session, event.actor(session, "chair"), COMPETITION, ROUND, proposal.key)
    drafts = [sheet for sheet in read if sheet.state == "draft"]
    assert [(sheet.scores, sheet.total, sheet.version) for sheet in drafts] == [({}, None, 1)]
    append_version(session, assignment, version=2, state="submitted", scores={"data-use": 9.0})
    append_version(session, assignment, version=3, state="draft", scores={"data-use": 10.0})
    _, read = get_proposal(session, event.actor(session, "chair"), COMPETITION, ROUND, proposal.key)
    assert [sheet.scores for sheet in read if sheet.version is not None] == [{"data-use": 9.0}]
