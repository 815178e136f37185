"""Scores that an organiser brings in from a file."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.schemas.scoresheets import Sheet
from judging.services import audit
from judging.services.access import Actor, require_role
from judging.services.scoresheets.versions import NewVersion, append, current_scoresheets


def append_imported(
    session: Session,
    actor: Actor,
    round_id: int,
    sheets: Iterable[tuple[int, Sheet]],
    *,
    at: datetime,
    scored_at: Mapping[int, datetime] | None = None,
) -> int:
    """Append submitted sheets, many at once, and return how many were new.

    ``sheets`` are pairs of assignment and sheet, read by the schema. One that says what is stored already is passed
    over, so that importing a file twice changes nothing.
    """
    # Shared with the judges who save now, against the organiser who closes the round meanwhile.
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
            .with_for_update()
        )
    )
    if strangers := len(incoming.keys() - active):
        raise NotFound(Message("{count} scoresheets belong to no active assignment of this round.", count=strangers))
    stored = {current.version.assignment_id: current.version for current in current_scoresheets(session, round_id)}
    new = []
    for assignment_id, sheet in incoming.items():
        before = stored.get(assignment_id)
        if before is None or before.state != "submitted" or before.sheet != sheet:
            version = before.version + 1 if before else 1
            when = (scored_at or {}).get(assignment_id)
            new.append(
                NewVersion(assignment_id=assignment_id, version=version, state="submitted", sheet=sheet, scored_at=when)
            )
    append(session, new, source="import", at=at, saved_by=actor.person_id)
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
