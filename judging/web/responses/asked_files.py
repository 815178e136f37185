"""What a form asks for when it asks for a file of a round."""

from __future__ import annotations

from collections.abc import Collection

from flask import request

from judging.errors import NotFound
from judging.rubric import LANGUAGES

_MOST_DIGITS = 8


def asked_run() -> int | None:
    """Return the number of the run that a form names; None without one. NotFound for what is no number of a run."""
    text = request.values.get("run", "")
    if not text:
        return None
    if not (text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise NotFound
    return int(text)


def asked_languages() -> list[str]:
    """Return the languages that a form chose for a file; all when it chose none."""
    return [tag for tag in LANGUAGES if tag in request.form.getlist("languages")] or list(LANGUAGES)


def asked_format(formats: Collection[str], usual: str) -> str:
    """Return the format that a form names, or the usual one; NotFound for another one."""
    chosen = request.form.get("format", usual)
    if chosen not in formats:
        raise NotFound
    return chosen
