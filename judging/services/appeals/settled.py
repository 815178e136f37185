"""The appeals of a round as the minutes of a meeting say them: how each ended, and what it changed."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, select

from judging import tables
from judging.services.appeals.appeals import ListedAppeal, appeals_of


def appeals_in_minutes(session: Session, round_row: tables.Round) -> list[dict[str, Any]]:
    """Return the appeals of a round, oldest first, as JSON values; what a release changed by the keys of proposals."""
    lists = {
        row.number: list((row.content.get("shortlist") or {}).get("selected", []))
        for row in session.exec(select(tables.Release).where(tables.Release.round_id == round_row.id))
    }
    return [_entry(one, lists) for one in reversed(appeals_of(session, round_row))]


def _entry(appeal: ListedAppeal, lists: dict[int, list[str]]) -> dict[str, Any]:
    outcome = appeal.outcome
    before = lists.get(appeal.release, [])
    after = before if appeal.changed_by is None else lists.get(appeal.changed_by, [])
    return {
        "number": appeal.row.number,
        "proposal": appeal.proposal,
        "outcome": appeal.state,
        "reason": "" if outcome is None else outcome.reason,
        "release": appeal.changed_by,
        "entered": [key for key in after if key not in before],
        "left": [key for key in before if key not in after],
        "settled_at": None if outcome is None else outcome.settled_at.isoformat(),
        "settled_by": appeal.settled_by,
    }
