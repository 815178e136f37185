"""A justification stands beside the scores that need one, and beside no others."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.schemas.scoresheets import SheetContent
from judging.services.decisions import proposals
from judging.services.scoresheets.versions import NewVersion, append
from tests.support.event import AT, COMPETITION, ROUND, make_event
from tests.support.optional import present

KEYS = ("data-use", "value", "innovation", "feasibility", "presentation")


@pytest.mark.parametrize(("last", "shown"), [(4.0, "They are alike."), (5.0, "")])
def test_a_justification_of_earlier_scores_is_not_shown(session: Session, last: float, shown: str) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    number, proposal, judge = session.exec(
        select(tables.Assignment.id, tables.Proposal.key, tables.Judge.key)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .order_by(col(tables.Assignment.id))
        .limit(1)
    ).one()
    scores = {**dict.fromkeys(KEYS, 4.0), KEYS[-1]: last}
    sheet = SheetContent(scores=scores, comment="Clear.", justification="They are alike.")
    new = NewVersion(assignment_id=present(number), version=1, state="submitted", sheet=sheet)
    append(session, [new], source="form", at=AT, saved_by=event.people["judge"].pk)
    _, sheets = proposals.get_proposal(session, event.actor(session, "chair"), COMPETITION, ROUND, proposal)
    assert {one.judge: one.justification for one in sheets}[judge] == shown
