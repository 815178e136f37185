"""Which contents the folder of files must keep."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from judging import tables

REMOVED_KEPT = timedelta(days=30)
"""How long the content of a file that was replaced or removed stays on the disk; its row stays for ever."""


def digests_in_use(session: Session) -> set[str]:
    """Return the digests of the files that are in use: what a backup must contain."""
    return set(
        session.exec(select(tables.ProposalFile.digest).where(col(tables.ProposalFile.removed_at).is_(None))).all()
    )


def digests_to_keep(session: Session, *, at: datetime) -> set[str]:
    """Return the digests of the files in use, and of those that were taken out less than 30 days ago."""
    recent = session.exec(
        select(tables.ProposalFile.digest).where(col(tables.ProposalFile.removed_at) > at - REMOVED_KEPT)
    ).all()
    return digests_in_use(session) | set(recent)
