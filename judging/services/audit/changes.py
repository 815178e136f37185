"""What has changed in a round since somebody looked, by the newest entry of the audit log."""

from sqlalchemy import or_
from sqlmodel import Session, col, select

from judging import tables
from judging.services.audit.actions import VIEWED

_PITCHES = "pitches."


def newest_change(session: Session, competition_id: int, round_key: str) -> int:
    """Return the key of the newest entry on what a round's results are made of; 0 without any.

    Whoever computes something from a round compares this number in the transaction that stores it: if it is the same,
    nothing has changed. Downloads, who is on the stage, what somebody looked at, and the scoresheets of other rounds
    change nothing there.
    """
    entry = tables.AuditEntry
    action, subject = col(entry.action), col(entry.subject)
    newest = session.exec(
        select(entry.id)
        .where(
            entry.competition_id == competition_id,
            action.not_in(("results.exported", "bundle.exported", "log.exported")),
            ~action.startswith(VIEWED),
            ~action.startswith(_PITCHES),
            or_(action.not_like("scoresheet.%"), subject.startswith(f"{round_key}/", autoescape=True)),
        )
        .order_by(col(entry.id).desc())
        .limit(1)
    ).first()
    return newest or 0
