"""A stored scoresheet as the text of named fields, as forms and workbooks have them."""

from __future__ import annotations

from judging.schemas.scoresheets import SheetContent
from judging.services.scoresheets.versions import Version


def shown(value: float) -> str:
    """Return a value of a scale as a judge types it: 4, 4.5."""
    return f"{value:.10g}"


def stored_values(version: Version | None) -> dict[str, str]:
    """Return a stored version as the text of its fields; of none, nothing."""
    return {} if version is None else values_of(version.sheet)


def values_of(sheet: SheetContent) -> dict[str, str]:
    """Return the content of a scoresheet as the text of its fields."""
    values = {f"score-{key}": shown(value) for key, value in sheet.scores.items()}
    values |= {f"comment-{key}": text for key, text in sheet.comments.items()}
    return values | {
        "comment": sheet.comment,
        "chair_note": sheet.chair_note,
        "justification": sheet.justification,
        "language": sheet.language or "",
        "confidence": str(sheet.confidence or ""),
        "identity_revealed": "1" if sheet.identity_revealed else "",
    }


def field_of(place: str) -> str:
    """Return the name of the field for a place in the errors of the schema.

    >>> field_of("scores.need"), field_of("comment")
    ('score-need', 'comment')
    """
    for prefix, name in (("scores.", "score-"), ("comments.", "comment-")):
        if place.startswith(prefix):
            return name + place.removeprefix(prefix)
    return place
