import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services.assignments import assigning
from judging.services.imports.appending import append_imported
from judging.services.rounds import opening
from judging.services.scoresheets import scoring
from judging.services.scoresheets.versions import current_scoresheets
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event
from tests.support.files.imports import complaints_of, counts, send

CRITERIA = ("data-use", "value", "innovation", "feasibility", "presentation")


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


def sheet_of(judge: str, proposal: str, *scores: float, extra: str = "") -> str:
    rows = [f"{judge},{proposal},{key},{score:g}{extra}" for key, score in zip(CRITERIA, scores, strict=False)]
    return "\n".join(rows) + "\n"


HEADINGS = "judge,proposal,criterion,score\n"


def test_scores_are_appended_once(session: Session, event: Event) -> None:
    text = HEADINGS + sheet_of("J01", "P001", 5, 6, 7, 8, 9) + sheet_of("J02", "P001", 1, 2, 3, 4, 5)
    assert counts(send(session, event, "scores", text, round_key=ROUND)) == [("scores", 2, 0, 0)]
    assert counts(send(session, event, "scores", text, round_key=ROUND)) == [("scores", 0, 0, 2)]
    found = current_scoresheets(session, event.round_row.pk)
    assert [(one.version.version, one.version.state, one.version.source) for one in found] == [
        (1, "submitted", "import"),
        (1, "submitted", "import"),
    ]
    organiser = event.people["organiser"].id
    assert {one.version.saved_by for one in found} == {organiser}


def test_a_changed_score_becomes_the_next_version(session: Session, event: Event) -> None:
    send(session, event, "scores", HEADINGS + sheet_of("J01", "P001", 5, 6, 7, 8, 9), round_key=ROUND)
    report = send(session, event, "scores", HEADINGS + "J01,P001,value,3\n", round_key=ROUND)
    assert counts(report) == [("scores", 0, 1, 0)]
    assert [(one.key, one.column, one.before, one.after) for one in report.outcomes[0].changes] == [
        ("J01 · P001", "value", "6", "3")
    ]
    versions = session.exec(select(tables.Scoresheet).order_by(col(tables.Scoresheet.version))).all()
    assert [one.version for one in versions] == [1, 2]
    (current,) = current_scoresheets(session, event.round_row.pk)
    assert [current.version.sheet.scores[key] for key in CRITERIA] == [5, 3, 7, 8, 9]


def test_scores_off_the_scale_repeated_or_incomplete_are_named_together(session: Session, event: Event) -> None:
    text = HEADINGS + "J01,P001,value,11\nJ01,P001,value,4\nJ09,P001,Presentation,5\nJ03,P001,Presentation,x\n"
    assert complaints_of(session, event, "scores", text, round_key=ROUND) == {
        "row 2, column score": ["11 is not on the scale of `value`: 1 to 10 in steps of 1"],
        "row 2, column criterion": [
            "no score of J01 for P001 on: data-use, innovation, feasibility, presentation",
        ],
        "row 3, column score": [
            "J01 has scored P001 in row 2 already, and no time says which is later: delete one of the two"
        ],
        "row 4, column judge": [
            "there is no judge `J09`; the nearest is J06 (Judge 06) or J05 (Judge 05) or J04 (Judge 04)"
        ],
        "row 5, column score": ["`x` is not a number; write digits such as 7.5, or nothing when the score is missing"],
    }


def test_scores_that_contradict_the_roster_are_refused(session: Session, event: Event) -> None:
    judge = session.exec(select(tables.Judge).where(tables.Judge.key == "J01")).one()
    other = "sh" if judge.city == "hk" else "hk"
    text = HEADINGS.strip() + ",judge_city\n" + sheet_of("J01", "P001", 5, 6, 7, 8, 9, extra=f",{other}")
    found = complaints_of(session, event, "scores", text, round_key=ROUND)
    assert found["row 2, column judge_city"] == [
        f"the roster says {judge.city}, the file says {other}",
        "the same in row 3, 4 and 2 more",
    ]


def test_scores_of_a_withdrawn_assignment_are_refused(session: Session, event: Event) -> None:
    organiser = event.actor(session, "organiser")
    assigning.assign(session, organiser, COMPETITION, ROUND, judge_key="J01", proposal_key="P001", at=AT)
    assigning.withdraw(
        session, organiser, COMPETITION, ROUND, judge_key="J01", proposal_key="P001", reason="moved", at=AT
    )
    found = complaints_of(session, event, "scores", HEADINGS + sheet_of("J01", "P001", 5, 6, 7, 8, 9), round_key=ROUND)
    assert found == {"row 2, column judge": ["J01 no longer scores P001"]}


def test_an_assignment_with_a_submitted_scoresheet_cannot_be_taken_back(session: Session, event: Event) -> None:
    send(session, event, "scores", HEADINGS + sheet_of("J01", "P001", 5, 6, 7, 8, 9), round_key=ROUND)
    with pytest.raises(Conflict, match="It counts, and stays"):
        assigning.withdraw(
            session,
            event.actor(session, "organiser"),
            COMPETITION,
            ROUND,
            judge_key="J01",
            proposal_key="P001",
            reason="too strict",
            at=AT,
        )


def test_scores_do_not_go_into_a_closed_round(session: Session, event: Event) -> None:
    organiser = event.actor(session, "organiser")
    opening.close_round(session, organiser, COMPETITION, ROUND, at=AT, knowingly=True)
    with pytest.raises(Conflict, match="open round only"):
        send(session, event, "scores", HEADINGS + sheet_of("J01", "P001", 5, 6, 7, 8, 9), round_key=ROUND)


def test_times_without_an_offset_are_in_the_competitions_zone(session: Session, event: Event) -> None:
    text = HEADINGS.strip() + ",scored_at\n" + sheet_of("J01", "P001", 5, 6, 7, 8, 9, extra=",2023-07-02 09:30")
    send(session, event, "scores", text, round_key=ROUND)
    (current,) = current_scoresheets(session, event.round_row.pk)
    assert current.version.saved_at.isoformat() == "2023-07-02T01:30:00+00:00"


def test_no_file_changes_a_scoresheet_that_its_judge_has_touched(session: Session, event: Event) -> None:
    text = HEADINGS + sheet_of("J01", "P001", 5, 6, 7, 8, 9) + sheet_of("J02", "P001", 1, 2, 3, 4, 5)
    send(session, event, "scores", text, round_key=ROUND)
    judge = event.actor(session, "judge")
    assignment = next(
        one for one in current_scoresheets(session, event.round_row.pk) if one.version.sheet.scores["value"] == 6
    ).version.assignment_id
    scoring.reopen_scoresheet(session, judge, assignment, at=AT)
    changed = HEADINGS + "J02,P001,value,3\nJ01,P001,value,3\nJ01,P001,innovation,4\n"
    text = "J01 has scored P001 in the service: only J01 can change that scoresheet"
    assert complaints_of(session, event, "scores", changed, round_key=ROUND) == {
        "row 3, column judge": [text, "the same in row 4"],
    }
    with pytest.raises(Conflict, match="A judge has changed a scoresheet"):
        append_imported(
            session, event.actor(session, "organiser"), event.round_row.pk, [(assignment, SheetContent())], at=AT
        )
    scoring.save_scoresheet(
        session,
        judge,
        assignment,
        IncomingSheet(
            sheet=SheetContent(scores=dict(zip(CRITERIA, (5.0, 6.0, 7.0, 8.0, 9.0), strict=True))),
            base_version=2,
            submit=True,
        ),
        source="form",
        at=AT,
    )
    # A file that says what the judge has said changes nothing, and is no fault.
    same = HEADINGS + sheet_of("J01", "P001", 5, 6, 7, 8, 9)
    assert counts(send(session, event, "scores", same, round_key=ROUND)) == [("scores", 0, 0, 1)]
