"""The text of an e-mail as an organiser writes it: one line for the subject, plain paragraphs, known placeholders."""

from __future__ import annotations

import re
from collections.abc import Sequence

from marshmallow import Schema, fields

from judging.errors import InvalidInput, Listed, Message
from judging.schemas.nearest_words import nearest
from judging.schemas.scoresheets import clean

MOST_CHARACTERS = {"subject": 150, "body": 5000}
_GAP = re.compile(r"\n[ \t]*\n\s*")
_BRACED = re.compile(r"\{([^{}\n]{0,40})\}")


class MailTextSchema(Schema):
    """A new text."""

    subject = fields.String(required=True)
    body = fields.String(required=True, metadata={"description": "Paragraphs with an empty line between; no HTML."})


def check_text(
    subject: str, body: str, *, known: Sequence[str], required: str = "", needed_for: str = ""
) -> tuple[str, str]:
    """Return subject and body when they can be sent.

    Raises
    ------
    InvalidInput
        With ``subject`` and ``body``: empty, too long, an unknown placeholder, or a needed one that is missing or
        stands with other words: after the address of another host, a link would be sent to that host.
    """
    typed = {
        name: clean(text, limit=MOST_CHARACTERS[name]).strip() for name, text in (("subject", subject), ("body", body))
    }
    typed["subject"] = " ".join(typed["subject"].split())
    complaints: dict[str, list[str]] = {}
    for field, text in typed.items():
        found: list[str] = []
        allowed = [name for name in known if field == "body" or name != required]
        if not text:
            found.append(Message("Write something here, or go back to the standard text."))
        if len(text) > (most := MOST_CHARACTERS[field]):
            found.append(Message("At most {n} characters; these are {present}.", n=most, present=len(text)))
        found += [
            Message(
                "There is no placeholder {placeholder} in this e-mail; {advice}. Known here: {known}",
                placeholder=f"{{{name}}}",
                advice=nearest(name, allowed),
                known=Listed(f"{{{one}}}" for one in allowed),
            )
            for name in dict.fromkeys(_BRACED.findall(text))
            if name not in allowed
        ]
        if found:
            complaints[field] = found
    if required and not _stands_alone(f"{{{required}}}", typed["body"]):
        complaints.setdefault("body", []).append(
            Message(
                "This e-mail needs {placeholder}: {reason}. Write {placeholder} in a paragraph of its own.",
                placeholder=f"{{{required}}}",
                reason=needed_for,
            )
        )
    if complaints:
        raise InvalidInput(complaints)
    return typed["subject"], typed["body"]


def _stands_alone(placeholder: str, body: str) -> bool:
    """Return whether a placeholder is there, and each time in a paragraph of its own."""
    paragraphs = [part.strip() for part in _GAP.split(body.replace("\r\n", "\n"))]
    return 0 < body.count(placeholder) == paragraphs.count(placeholder)
