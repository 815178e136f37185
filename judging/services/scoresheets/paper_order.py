"""Which scoresheet on paper somebody types next."""

from __future__ import annotations

from collections.abc import Sequence

from judging.services.scoresheets.paper_comparing import COUNTS
from judging.services.scoresheets.paper_entries import PaperSheet


def next_to_type(sheets: Sequence[PaperSheet], judge_key: str, proposal_key: str) -> tuple[str, str] | None:
    """Return judge and proposal of the sheet to type after this one: a later one of the list, else one before it.

    It is one that the reader may type, has not typed, and that does not count yet; None when there is none.
    """
    place = judge_key, proposal_key
    left = [
        (sheet.judge.key, sheet.proposal.key)
        for sheet in sheets
        if sheet.may_type and sheet.own is None and sheet.state != COUNTS
    ]
    return next((keys for keys in left if keys > place), next((keys for keys in left if keys < place), None))
