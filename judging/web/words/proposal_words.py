"""A proposal as a message to an organiser names it."""

from __future__ import annotations

from sqlmodel import select

from judging import request as this
from judging import tables
from judging.services.decisions.proposals import named


def proposal_named(competition: str, key: str) -> str:
    """Return key and title of a proposal; the reader organises the competition."""
    session = this.session()
    row = session.exec(select(tables.Competition).where(tables.Competition.key == competition)).one()
    return named(session, row.pk, [key])[0]
