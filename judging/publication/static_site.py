"""The public page of results as files that any web server can carry: no script but the check of letters, no other host.

Pages in the competition's languages, results as JSON and CSV, the digests of letters with their root.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from judging.publication.site_words import words_of
from judging.rubric import LANGUAGES, Text

LANGUAGE_NAMES = {"en": "English", "zh-Hant-HK": "繁體中文", "zh-Hans-CN": "简体中文"}
MEDIA_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".csv": "text/csv",
    ".txt": "text/plain",
}
_FOLDER = Path(__file__).with_name("site")
SHA256_MODULE = _FOLDER / "sha256.js"
"""The module that pages of the service load too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicProposal:
    """One proposal of the list; ``rank`` is None where the policy tells no rank."""

    proposal: str
    title: str
    team: str
    city: Text
    category: Text | None
    rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAward:
    """One award and its winners."""

    name: Text
    winners: tuple[PublicProposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """What the public page says.

    Attributes
    ----------
    released_on : str
        Date in the competition's time zone.
    signed_by : tuple of Text
        Cities; empty in an event of one.
    has_cities : bool
        Whether there is more than one city; otherwise nothing names it.
    is_adjusted : bool
        Whether scores were adjusted for strict and generous judges.
    digest : str
        Of the release.
    leaves : tuple of str
        Of the letters to teams, in hexadecimal; empty before they are made.
    root : str
        Of these; empty without letters.
    table : bytes
        The same proposals as CSV.
    """

    competition: Text
    round: Text
    languages: tuple[str, ...]
    released_on: str
    signed_by: tuple[Text, ...]
    has_cities: bool
    ranked: bool
    is_adjusted: bool
    seats: tuple[PublicProposal, ...]
    reserves: tuple[PublicProposal, ...]
    awards: tuple[PublicAward, ...]
    digest: str
    leaves: tuple[str, ...]
    root: str
    table: bytes


def files_of(page: PublicPage) -> dict[str, bytes]:
    """Return the files by name; the same page always gives the same bytes."""
    languages = [tag for tag in LANGUAGES if tag in page.languages]
    first = languages[0]
    files = {"results.css": _read("results.css")}
    for language in languages:
        files[_name("index", language, first)] = _render("index.html", page, language, languages)
        if page.root:
            files[_name("verify", language, first)] = _render("verify.html", page, language, languages)
    if page.root:
        files["verify.js"] = _verifying_script()
        files["digests.txt"] = _digests(page).encode()
    rows = _rows(page)
    files["results.csv"] = page.table
    files["results.json"] = _json(page, rows)
    return files


def _name(stem: str, language: str, first: str) -> str:
    return f"{stem}.html" if language == first else f"{stem}.{language}.html"


@cache
def _verifying_script() -> bytes:
    """Return the script of the page that checks letters: one file that is no module."""
    parts = [_read(name).decode().replace("export ", "") for name in ("sha256.js", "verify.js")]
    return ('"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n").encode()


@cache
def _read(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


@cache
def _environment() -> Environment:
    return Environment(
        autoescape=True,
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )


def _render(template: str, page: PublicPage, language: str, languages: list[str]) -> bytes:
    stem, first = template.removesuffix(".html"), languages[0]
    rendered = (
        _environment()
        .get_template(template)
        .render(
            page=page,
            language=language,
            languages={tag: LANGUAGE_NAMES[tag] for tag in languages},
            address=lambda tag: _name(stem, tag, first),
            index_address=_name("index", language, first),
            verify_address=_name("verify", language, first),
            competition=page.competition.in_locale(language),
            round=page.round.in_locale(language),
            say=words_of(
                language,
                round_name=page.round.in_locale(language),
                released_on=page.released_on,
                signed_by=[city.in_locale(language) for city in page.signed_by],
                is_ranked=page.ranked,
                is_adjusted=page.is_adjusted,
            ),
        )
    )
    return rendered.encode()


def render_letter(text: str, language: str, proof_name: str, *, proof_address: str = "") -> bytes:
    """Return a letter as one HTML file that needs no other; it names the file with its proof, or links to it."""
    heading, *paragraphs = text.split("\n\n")
    rendered = (
        _environment()
        .get_template("letter.html")
        .render(
            language=language,
            heading=heading,
            paragraphs=paragraphs,
            proof_name=proof_name,
            proof_address=proof_address,
            css=_read("results.css").decode(),
            say=words_of(language),
        )
    )
    return rendered.encode()


def _digests(page: PublicPage) -> str:
    lines = ["# SHA-256 of the letters to teams (RFC 6962: leaf 00, node 01), sorted; the root is the last line."]
    return "\n".join([*lines, *page.leaves, f"root {page.root}"]) + "\n"


def _rows(page: PublicPage) -> list[dict[str, Any]]:
    awards: dict[str, list[Text]] = {}
    listed = {one.proposal: ("selected", one) for one in page.seats}
    listed |= {one.proposal: ("reserve", one) for one in page.reserves}
    for award in page.awards:
        for winner in award.winners:
            awards.setdefault(winner.proposal, []).append(award.name)
            listed.setdefault(winner.proposal, ("award", winner))
    return [
        {
            "status": status,
            "rank": one.rank,
            "proposal": one.proposal,
            "title": one.title,
            "team": one.team,
            "city": one.city,
            "category": one.category,
            "awards": awards.get(one.proposal, []),
        }
        for status, one in listed.values()
    ]


def _json(page: PublicPage, rows: list[dict[str, Any]]) -> bytes:
    content = {
        "competition": page.competition.by_language,
        "round": page.round.by_language,
        "released_on": page.released_on,
        **({"signed_by": [city.by_language for city in page.signed_by]} if page.has_cities else {}),
        "order": "rank" if page.ranked else "alphabetical",
        "digest": page.digest,
        "letters": {"size": len(page.leaves), "root": page.root or None},
        "proposals": [
            {
                **{name: value for name, value in row.items() if name != "city"},
                **({"city": row["city"].by_language} if page.has_cities else {}),
                "category": None if row["category"] is None else row["category"].by_language,
                "awards": [name.by_language for name in row["awards"]],
            }
            for row in rows
        ],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
