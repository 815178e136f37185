"""A scoresheet on paper that one person has typed, and that its judge confirms: the judge has written the paper."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message
from judging.schemas.scoresheets import complaints_on_submit
from judging.services.access import Actor
from judging.services.scoresheets import paper_comparing as comparing
from judging.services.scoresheets.entered import record_sheets
from judging.services.scoresheets.paper_comparing import Typing
from judging.services.scoresheets.paper_entries import typings_of
from judging.services.scoresheets.saving import CLOSED_TEXT
from judging.services.scoresheets.scoring import OwnAssignment, get_place
from judging.services.scoresheets.versions import IMPORTED, NewVersion, append, find_current


def waiting_typings(session: Session, place: OwnAssignment) -> list[Typing]:
    """Return what others have typed from the judge's paper, each content once, while nothing of it counts."""
    if not place.is_open or place.current is not None:
        return []
    found: list[Typing] = []
    for typing in typings_of(session, place.round, assignment_id=place.assignment_id).get(place.assignment_id, ()):
        if all(comparing.differences_of([typing, other]) for other in found):
            found.append(typing)
    return found


def typed_assignments(session: Session, assignment_ids: Collection[int]) -> frozenset[int]:
    """Return which of these assignments somebody has typed from paper, in one query; the caller checks access."""
    typed = select(tables.PaperEntry.assignment_id).where(col(tables.PaperEntry.assignment_id).in_(assignment_ids))
    return frozenset(session.exec(typed.distinct()))


def confirm_typing(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    proposal_key: str,
    *,
    number: int,
    at: datetime,
) -> None:
    """Store a typing as the judge's submitted scoresheet, from paper; the actor is the judge.

    Raises
    ------
    InvalidInput
        When the rules do not take the sheet any more.
    Conflict
        When the round is not open, the judge has a scoresheet already, or the typing was corrected meanwhile.
    """
    place = get_place(session, actor, competition_key, round_key, proposal_key)
    # The same locks as those of somebody who types, and of a judge who saves.
    session.refresh(place.round, with_for_update={"read": True})
    session.get_one(tables.Assignment, place.assignment_id, with_for_update={"key_share": True}, populate_existing=True)
    if not place.is_open:
        raise Conflict(CLOSED_TEXT)
    if find_current(session, place.assignment_id) is not None:
        raise Conflict(Message("There is a scoresheet of this proposal already. Nothing was overwritten."))
    typing = _asked(typings_of(session, place.round, assignment_id=place.assignment_id), place, number)
    if complaints := complaints_on_submit(place.rules.rubric, typing.sheet):
        raise InvalidInput(complaints)
    new = NewVersion(
        assignment_id=place.assignment_id,
        version=1,
        state="submitted",
        sheet=typing.sheet,
        saved_by=typing.typed_by,
        from_paper=True,
        sign_in_session_id=actor.session_id,
    )
    append(session, [new], source=IMPORTED, at=at, saved_by=None, confirmed_by=actor.person_id)
    record_sheets(session, actor, "scoresheet.confirmed", place.round, [new], at=at)


def _asked(typings: dict[int, list[Typing]], place: OwnAssignment, number: int) -> Typing:
    newest: Sequence[Typing] = typings.get(place.assignment_id, ())
    found = next((typing for typing in newest if typing.number == number), None)
    if found is None:
        raise Conflict(Message("What was typed has been corrected since it was shown. Look at it again."))
    return found
