"""The organiser's pages: rounds, people, rosters, imports, exports. Auditors can read all pages, not write."""

from judging.web.organiser import (
    archive,
    assignments,
    conflicts,
    editor,
    files,
    imports,
    letter_comments,
    letters,
    mail_texts,
    next_round,
    outbox,
    people,
    planning,
    roster_rows,
    rosters,
    rounds,
    webhooks,
)
from judging.web.organiser.blueprint import bp

__all__ = [
    "archive",
    "assignments",
    "bp",
    "conflicts",
    "editor",
    "files",
    "imports",
    "letter_comments",
    "letters",
    "mail_texts",
    "next_round",
    "outbox",
    "people",
    "planning",
    "roster_rows",
    "rosters",
    "rounds",
    "webhooks",
]
