"""The e-mails whose text organisers may write: their placeholders, the standard text, and an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from judging.errors import Message
from judging.rubric import LANGUAGES, Text
from judging.services.mail.letter_parts import Facts
from judging.services.mail.letters import LETTERS, ROLE_WORDS
from judging.services.mail.written_letter import CLOSING, LINK, WrittenLetter, in_script, write_own, write_standard
from judging.translating import translate


@dataclass(frozen=True, slots=True)
class EditableLetter:
    """A kind of e-mail: the placeholders that its text may have, and the one that it must have."""

    placeholders: tuple[str, ...]
    required: str = ""


EDITABLE: Final = {
    "invitation": EditableLetter(("name", "competition", "role", "inviter", "until", "link"), "link"),
    "reminder": EditableLetter(("name", "competition", "round", "n", "deadline", "until", "link"), "link"),
    "receipt": EditableLetter(("name", "competition", "scoresheets"), "scoresheets"),
    "reading_asked": EditableLetter(("name", "competition", "round", "title")),
    "consent_waits": EditableLetter(("name", "competition", "round", "asker", "number")),
    "signature_waits": EditableLetter(("name", "competition", "round", "asker", "number")),
    "team_letter": EditableLetter(("name", "competition", "proposal", "letter"), "letter"),
}
"""Kind of message -> its placeholders."""
NEEDED: Final = {
    "link": Message("without it, nobody can sign in"),
    "scoresheets": Message("without it, nobody knows what was received"),
    "letter": Message("without it, the team gets no letter"),
}
"""Placeholder -> why a text must have it."""


def standard_text(kind: str, language: str) -> tuple[str, str]:
    """Return subject and body of the standard text, with its placeholders."""
    same = ("role", "inviter", "deadline", "asker", "number", "title", "proposal", "letter")
    content = {
        **{name: f"{{{name}}}" for name in same},
        "n_open": "{n}",
        "round": dict.fromkeys(LANGUAGES, "{round}"),
        "sheets": [],
        "team": "{name}",
        "proof": "",
    }
    facts = Facts(competition=Text(*("{competition}",) * len(LANGUAGES)), content=content, link_until="{until}")
    written = write_standard(LETTERS[kind](facts), language, name="{name}", link="{link}")
    paragraphs = ["{link}" if part.kind == LINK else part.text for part in written.parts if part.kind != CLOSING]
    if kind == "receipt":
        paragraphs.append("{scoresheets}")
    return written.subject, "\n\n".join(paragraphs)


def write_letter(
    kind: str, facts: Facts, language: str, *, name: str, link: str | None, own: tuple[str, str] | None = None
) -> WrittenLetter:
    """Return a message in one language, in an organiser's words where there are any."""
    letter = LETTERS[kind](facts)
    if own is None or kind not in EDITABLE:
        return write_standard(letter, language, name=name, link=link)
    subject, body = own
    values = values_of(kind, facts, language, name=name)
    return write_own(letter, language, subject=subject, body=body, values=values, link=link)


def values_of(kind: str, facts: Facts, language: str, *, name: str) -> dict[str, str]:
    """Return the value of every placeholder of a message but the link; empty where there is none."""
    content = facts.content
    round_name = content.get("round") or {}
    found = {
        "name": name,
        "competition": facts.competition.in_locale(language),
        "role": translate(ROLE_WORDS[content["role"]], language) if content.get("role") in ROLE_WORDS else "",
        "inviter": content.get("inviter"),
        "until": facts.link_until,
        "round": round_name.get(language) or next((text for text in round_name.values() if text), ""),
        "n": content.get("n_open"),
        "deadline": content.get("deadline"),
        "title": content.get("title"),
        "asker": content.get("asker"),
        "number": content.get("number"),
        "proposal": content.get("proposal"),
        "letter": content.get("letter"),
        "scoresheets": _scoresheets(facts, language) if kind == "receipt" else "",
    }
    texts = {key: "" if found[key] is None else str(found[key]) for key in EDITABLE[kind].placeholders if key in found}
    # The text of a letter to a team is fixed.
    return {key: text if key == "letter" else in_script(text, language) for key, text in texts.items()}


def example_of(competition: Text, round_name: Mapping[str, str], *, name: str) -> Facts:
    """Return what an example of a message names."""
    content: dict[str, Any] = {
        "role": "judge",
        "inviter": name,
        "n_open": 3,
        "deadline": "2026-07-15 18:00 (UTC+8)",
        "round": dict(round_name),
        "sheets": [("P001", "…", "2026-07-03 14:09:00 (UTC+8)", "0123456789abcdef…")],
        "asker": name,
        "number": 1,
        "title": "…",
        "team": name,
        "proposal": "P001",
        "letter": "…\n\n…",
        "proof": "",
    }
    return Facts(competition=competition, content=content, link_until="2026-07-17 14:00 (UTC+8)")


def _scoresheets(facts: Facts, language: str) -> str:
    return "\n\n".join(translate(text, language) for text in LETTERS["receipt"](facts).paragraphs[1:])
