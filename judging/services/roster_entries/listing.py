"""Rosters as lists, by key."""

from __future__ import annotations

from sqlmodel import Session

from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.competitions.roster import CompetitionRoster
from judging.services.roster_entries.editing import RosterRow, rows_of, texts_of


def list_rows(
    session: Session, actor: Actor, competition_key: str, kind: str, *, after: str | None = None, most: int
) -> list[tuple[RosterRow, dict[str, str]]]:
    """Return rows of a roster with their values as texts, by key, from the first key behind ``after`` on."""
    competition_row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    roster = CompetitionRoster.of(session, competition_row)
    rows = rows_of(roster, kind)
    keys = sorted(key for key in rows if after is None or key > after)[:most]
    return [(rows[key], texts_of(kind, rows[key], roster)) for key in keys]
