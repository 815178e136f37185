"""The host leads through the pitches: every step is a stored fact, and two hosts never overwrite each other."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from judging import db, tables
from judging.errors import Conflict, InvalidInput, JudgingError, NotAllowed, NotFound
from judging.services import audit
from judging.services.decisions import conflicts_of_interest
from judging.services.pitches import hosting, running_order
from judging.services.pitches.moves import Stage
from judging.services.pitches.state import PitchesState, get_state
from judging.translating import translate
from tests.support.event import AT, COMPETITION
from tests.support.final import FINAL, Final, make_final
from tests.support.optional import present

WHERE = (COMPETITION, FINAL)


@pytest.fixture
def final(session: Session) -> Final:
    return make_final(session, n_proposals=3)


def state(session: Session, final: Final) -> PitchesState:
    return get_state(session, final.event.actor(session, "chair"), *WHERE)


def stage(session: Session, final: Final) -> Stage:
    return present(state(session, final).stage)


def move(session: Session, final: Final, action: str, *, after: float = 0.0, proposal: str = "") -> tuple[str, str]:
    """Make a move so many seconds after the begin; return phase and team."""
    host = final.event.actor(session, "chair")
    number, at = stage(session, final).number, AT + timedelta(seconds=after)
    hosting.move(session, host, *WHERE, action=action, number=number, proposal=proposal, at=at)
    session.commit()
    found = state(session, final)
    return present(found.stage).phase, found.current.proposal.key if found.current else ""


def remaining(session: Session, final: Final, at: float) -> float | None:
    return stage(session, final).remaining(AT + timedelta(seconds=at))


def refused(session: Session, final: Final, action: str, *, proposal: str = "") -> type[JudgingError]:
    with pytest.raises(JudgingError) as caught:
        move(session, final, action, proposal=proposal)
    session.rollback()
    return caught.type


def test_a_final_goes_from_call_to_scoring_with_clocks_that_stop_and_come_back(session: Session, final: Final) -> None:
    assert move(session, final, "next") == ("called", "P001")
    assert remaining(session, final, 99) is None
    assert move(session, final, "pitch") == ("pitch", "P001")
    assert move(session, final, "pause", after=60) == ("pitch", "P001")
    assert (remaining(session, final, 500), stage(session, final).is_paused) == (240, True)
    assert move(session, final, "resume", after=100) == ("pitch", "P001")
    assert remaining(session, final, 130) == 210
    assert move(session, final, "questions", after=130) == ("questions", "P001")
    # Pressed too early: the clock of the pitch has gone on meanwhile.
    assert move(session, final, "back", after=140) == ("pitch", "P001")
    assert remaining(session, final, 140) == 200
    assert move(session, final, "questions", after=340) == ("questions", "P001")
    assert move(session, final, "scoring", after=650) == ("scoring", "P001")
    assert remaining(session, final, 850) == -20
    assert move(session, final, "next", after=850) == ("called", "P002")
    # Twice back, from the next team to the questions of the one before, and forward again.
    assert move(session, final, "back", after=851) == ("scoring", "P001")
    assert move(session, final, "back", after=852) == ("questions", "P001")
    assert [move(session, final, action) for action in ("next", "pitch", "next", "pitch", "scoring", "next")] == [
        ("called", "P002"),
        ("pitch", "P002"),
        ("called", "P003"),
        ("pitch", "P003"),
        ("scoring", "P003"),
        ("ended", ""),
    ]
    assert list(audit.verify(session)) == []
    actions = session.exec(select(tables.AuditEntry.subject).where(tables.AuditEntry.action == "pitches.moved")).all()
    assert len(actions) == stage(session, final).number == 17
    assert actions[-2:] == [f"{COMPETITION}/{FINAL} P003", f"{COMPETITION}/{FINAL}"]


def test_a_team_comes_later_or_not_at_all_and_what_does_not_fit_is_refused(session: Session, final: Final) -> None:
    assert refused(session, final, "pitch") is Conflict
    assert refused(session, final, "back") is Conflict
    move(session, final, "next")
    assert refused(session, final, "questions") is Conflict
    assert refused(session, final, "pause") is Conflict
    assert move(session, final, "later", proposal="P001") == ("called", "P002")
    assert move(session, final, "leave_out", proposal="P002") == ("called", "P003")
    # Called by mistake: back brings the team that was left out.
    assert move(session, final, "back") == ("called", "P002")
    move(session, final, "pitch")
    assert refused(session, final, "leave_out", proposal="P002") is Conflict
    assert refused(session, final, "later", proposal="P999") is NotFound
    assert move(session, final, "leave_out", proposal="P003") == ("pitch", "P002")
    assert [(one.proposal.key, one.is_left_out) for one in state(session, final).order] == [
        ("P002", False),
        ("P003", True),
        ("P001", False),
    ]
    assert (state(session, final).n_th, len(state(session, final).coming)) == (1, 2)
    move(session, final, "scoring")
    assert move(session, final, "next") == ("called", "P001")
    assert refused(session, final, "later", proposal="P001") is Conflict
    move(session, final, "pitch")
    assert move(session, final, "next") == ("ended", "")
    assert refused(session, final, "next") is Conflict
    move(session, final, "take_in", proposal="P003")
    assert move(session, final, "next") == ("called", "P003")
    assert list(audit.verify(session)) == []


def test_two_hosts_who_press_at_once_make_one_step(engine: Engine, session: Session, final: Final) -> None:
    actor, told = final.event.actor(session, "chair"), []
    session.rollback()
    ready = threading.Barrier(2)

    def press() -> None:
        ready.wait()
        try:
            with db.transaction(engine) as own:
                hosting.move(own, actor, *WHERE, action="next", number=0, at=AT)
            told.append("done")
        except Conflict as error:
            told.append(translate(error.message, "en"))

    hosts = [threading.Thread(target=press) for _ in range(2)]
    for host in hosts:
        host.start()
    for host in hosts:
        host.join()
    moved_on = "Somebody else has moved on in the meantime. Nothing was done; this is where the pitches are now."
    assert sorted(told) == [moved_on, "done"]
    assert [(one.number, one.phase) for one in session.exec(select(tables.PitchMove))] == [(1, "called")]
    assert list(audit.verify(session)) == []


def test_the_order_is_drawn_by_a_lot_that_anybody_can_draw_again(session: Session, final: Final) -> None:
    organiser = final.event.actor(session, "organiser")
    running_order.draw_order(session, organiser, *WHERE, seed="3 5", number=0, at=AT)
    assert running_order.drawn(["P001", "P002", "P003"], "3 5") == ["P003", "P001", "P002"]
    assert [one.proposal.key for one in state(session, final).order] == ["P003", "P001", "P002"]
    assert running_order.find_lot(session, final.round_row) == "3 5"
    move(session, final, "next")
    # The team on the stage keeps its place.
    for order, complaint in (
        (["P002"], "Missing in the order: P001."),
        (["P002", "P001", "P003"], "Not among the pitches that still wait: P003."),
        (["P002", "P002", "P001"], "Named twice: P002."),
    ):
        with pytest.raises(InvalidInput) as caught:
            running_order.set_order(session, organiser, *WHERE, order=order, number=2, at=AT)
        assert [translate(text, "en") for text in caught.value.messages["order"]] == [complaint]
    running_order.set_order(session, organiser, *WHERE, order=["P002", "P001"], number=2, at=AT)
    session.commit()
    assert [one.proposal.key for one in state(session, final).order] == ["P003", "P002", "P001"]
    assert running_order.find_lot(session, final.round_row) is None
    # A change of the order is no step on the stage: back leads to before the call.
    assert move(session, final, "back") == ("before", "")
    chair = final.event.actor(session, "chair")
    with pytest.raises(NotAllowed):
        running_order.draw_order(session, chair, *WHERE, seed="1", number=4, at=AT)
    assert list(audit.verify(session)) == []


def test_who_has_a_tie_does_not_move_the_team_and_a_round_must_be_open(session: Session, final: Final) -> None:
    chair = final.event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P002", kind="family", at=AT)
    session.commit()
    assert refused(session, final, "leave_out", proposal="P002") is NotAllowed
    assert move(session, final, "next") == ("called", "P001")
    row = session.exec(select(tables.Round).where(tables.Round.key == FINAL)).one()
    row.state, row.closed_at = "closed", AT
    session.commit()
    assert refused(session, final, "pitch") is Conflict
    row.state, row.opened_at, row.closed_at = "draft", None, None
    session.commit()
    assert refused(session, final, "pitch") is Conflict
    judge = final.event.actor(session, "judge")
    with pytest.raises(NotFound):
        get_state(session, judge, *WHERE)
    pitch = session.exec(select(tables.Pitch).order_by(col(tables.Pitch.place))).first()
    assert present(pitch).began_at is None
