"""Append the scoresheets of a file as versions, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.schemas.scoresheets import SheetContent
from judging.services import audit
from judging.services.access import Actor, require_role
from judging.services.scoresheets.entered import is_waiting, record_sheets
from judging.services.scoresheets.versions import (
    IMPORTED,
    NewVersion,
    Version,
    append,
    assignments_with_own_sheets,
    current_scoresheets,
)


def append_imported(
    session: Session,
    actor: Actor,
    round_id: int,
    sheets: Iterable[tuple[int, SheetContent]],
    *,
    at: datetime,
    scored_at: Mapping[int, datetime] | None = None,
    confirmed_by: int | None = None,
    entered_from: str | None = None,
) -> int:
    """Append sheets, many at once, and return the number of new versions.

    They are drafts that wait for a second person (``scoresheets.entered``), unless ``confirmed_by`` names one already.
    ``sheets`` are pairs of assignment and validated sheet, ``entered_from`` is the name of their file. A sheet equal to
    the stored one is skipped, so importing a file twice changes nothing.
    """
    # A shared lock with judges who are saving; it prevents closing the round during the import.
    round_row = session.get(tables.Round, round_id, with_for_update={"read": True}, populate_existing=True)
    if round_row is None:
        raise NotFound
    require_role(actor, round_row.competition_id, "organiser")
    if round_row.state != "open":
        raise Conflict(Message("Scores can be imported into an open round only. Open the round first."))
    incoming = dict(sheets)
    active = set(
        session.exec(
            select(tables.Assignment.id)
            .where(tables.Assignment.round_id == round_id, tables.Assignment.state == "active")
            .with_for_update(key_share=True)
        )
    )
    if n_unknown := len(incoming.keys() - active):
        raise NotFound(Message("{count} scoresheets belong to no active assignment of this round.", count=n_unknown))
    stored = {current.version.assignment_id: current.version for current in current_scoresheets(session, round_id)}
    if confirmed_by is not None and confirmed_by == actor.person_id:
        raise Conflict(Message("Who has entered scores cannot confirm them."))
    state = "draft" if confirmed_by is None else "submitted"
    own_sheets = assignments_with_own_sheets(session, round_id)
    new = []
    for assignment_id, sheet in incoming.items():
        before = stored.get(assignment_id)
        if before is None or not is_same(before, sheet, state):
            if assignment_id in own_sheets:
                # The judge began to score after the file was checked.
                raise Conflict(
                    Message("A judge has changed a scoresheet of this file meanwhile. Please import it again.")
                )
            version = before.version + 1 if before else 1
            scoring_time = (scored_at or {}).get(assignment_id)
            new.append(
                NewVersion(
                    assignment_id=assignment_id,
                    version=version,
                    state=state,
                    sheet=sheet,
                    scored_at=scoring_time,
                    entered_from=entered_from,
                )
            )
    append(session, new, source=IMPORTED, at=at, saved_by=actor.person_id, confirmed_by=confirmed_by)
    record_sheets(session, actor, "scoresheet.imported", round_row, new, at=at)
    audit.record(
        session,
        actor,
        "scoresheets.imported",
        f"round {round_row.key}",
        at=at,
        competition_id=round_row.competition_id,
        detail={"given": len(incoming), "new": len(new)},
    )
    return len(new)


def is_same(before: Version, sheet: SheetContent, state: str = "draft") -> bool:
    """Return whether importing the sheet in a state would change nothing: it counts already, or waits already."""
    waits = state == "draft" and is_waiting(before.source, before.state)
    return before.sheet == sheet and (before.state == "submitted" or waits)
