"""Rejected forms of the chair's pages: the same page again, with the typed values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from judging.errors import Conflict, InvalidInput
from judging.request_language import translate

Complaints = dict[str, list[str]]


def seen_of(form: Mapping[str, str]) -> int:
    """Return the newest verdict that a form's page showed; a form that does not say has shown none."""
    seen = form.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 16 else 0


def refused(error: InvalidInput | Conflict, render: Callable[..., str]) -> tuple[str, int]:
    """Render a page with its errors: errors by field with status 422, or one sentence with status 409."""
    if isinstance(error, Conflict):
        return render(problem=translate(error.message)), 409
    complaints = {field: [translate(text) for text in texts] for field, texts in error.messages.items()}
    return render(complaints=complaints), 422
