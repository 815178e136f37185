"""What may still be recorded about an archived competition: that somebody read it, and that somebody's access ended."""

from __future__ import annotations

from sqlmodel import Session

from judging import tables
from judging.errors import Conflict, Message
from judging.services.audit.actions import VIEWED
from judging.services.audit.stored_rows import REMOVAL

ADMITTED = (
    # The statement of a save looks itself: only open rounds take one, and a competition with an open round is never
    # archived. A further query would be one for each save.
    *("scoresheet.saved", "scoresheet.submitted"),
    *("competition.archived", "competition.put_back", REMOVAL),
    *("removal.asked", "removal.confirmed", "removal.stopped"),
    # An archived event is moved as it is, and arrives as it is.
    *("competition.exported", "competition.imported"),
    *("results.exported", "bundle.exported", "report.exported", "log.exported", "minutes.exported", "results.verified"),
    *("links.revoked", "letters.links_revoked", "webhook.removed", "person.deactivated"),
)
"""Actions that are recorded in the archive too, and saves of scoresheets."""
IS_ARCHIVED = Message(
    "This competition is archived: nothing in it is changed any more. An organiser can take it out of the archive."
)


def require_admitted(session: Session, action: str, competition_id: int | None) -> None:
    """Raise Conflict when an action would change an archived competition.

    Every change is recorded, so this refuses every change, whichever page, command or job makes it.
    """
    if competition_id is None or action in ADMITTED or action.startswith(VIEWED):
        return
    row = session.get(tables.Competition, competition_id)
    if row is not None and row.archived_at is not None:
        raise Conflict(IS_ARCHIVED)
