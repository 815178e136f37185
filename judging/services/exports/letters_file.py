"""The letters to teams as PDF: one file for one letter, and a ZIP of all with their proofs."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from judging import tables
from judging.documents.pdf import MEDIA_TYPE
from judging.documents.team_letter import write_letter_pdf
from judging.errors import Conflict, Message, NotFound
from judging.publication.letter import write_proof
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_round
from judging.services.competitions.definitions import definition_of
from judging.services.jobs.job_requests import File, request_job
from judging.services.releases.letter_files import README, member_of, readme_of
from judging.services.releases.team_letters import TeamLetter, letters_page

_NOT_MADE = Message("Make the letters first.")


@dataclass(frozen=True, eq=False, kw_only=True)
class CollectedLetters:
    """The letters of a release before they are written; ``issuers`` is the name of the competition by language."""

    competition_key: str
    round_key: str
    made_at: datetime
    released_at: datetime
    language: str
    letters: tuple[TeamLetter, ...]
    proofs: Mapping[str, dict[str, Any]]
    issuers: Mapping[str, str]


def request_letters(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, at: datetime
) -> tables.Job:
    """Ask for all letters as PDF in a ZIP."""
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    collect_letters(session, actor, competition_key, round_key)
    request = {"competition": competition_key, "round": round_key}
    return request_job(
        session, actor, "letters", competition=competition_row, round_row=round_row, request=request, at=at
    )


def collect_letters(session: Session, actor: Actor, competition_key: str, round_key: str) -> CollectedLetters:
    """Return the letters that were made; Conflict before they are."""
    page = letters_page(session, actor, competition_key, round_key)
    if page.made_at is None or page.released_at is None:
        raise Conflict(_NOT_MADE)
    competition_row, _ = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    name = definition_of(competition_row).name
    return CollectedLetters(
        competition_key=competition_key,
        round_key=round_key,
        made_at=page.made_at,
        released_at=page.released_at,
        language=page.language,
        letters=page.letters,
        proofs=page.proofs,
        issuers={one.language: name.in_locale(one.language) for one in page.letters},
    )


def write_letter(collected: CollectedLetters, proposal: str) -> File:
    """Return the letter about one proposal as PDF; it needs no database. NotFound without one."""
    one = next((one for one in collected.letters if one.proposal == proposal), None)
    if one is None:
        raise NotFound
    content = write_letter_pdf(
        one.text,
        language=one.language,
        issuer=collected.issuers[one.language],
        released_on=collected.released_at.date(),
        made_at=collected.made_at,
    )
    return File(name=f"{proposal}-letter.pdf", media_type=MEDIA_TYPE, content=content)


def write_letters(collected: CollectedLetters, *, told: Callable[[int, int], None] = lambda _done, _all: None) -> File:
    """Return a ZIP of every letter as PDF with its proof; ``told`` hears after each how many are done of how many."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member_of(README, collected.released_at), readme_of(collected.language), zipfile.ZIP_DEFLATED)
        for number, one in enumerate(collected.letters, 1):
            pdf = write_letter(collected, one.proposal)
            proof = write_proof(collected.proofs[one.proposal])
            for name, content in ((pdf.name, pdf.content), (f"{one.proposal}-proof.json", proof)):
                archive.writestr(member_of(name, collected.released_at), content, zipfile.ZIP_DEFLATED)
            told(number, len(collected.letters))
    name = f"{collected.competition_key}_{collected.round_key}_letters.zip"
    return File(name=name, media_type="application/zip", content=stream.getvalue())


def record_letters(session: Session, actor: Actor, collected: CollectedLetters, file: File, *, at: datetime) -> None:
    """Record in the audit log that the letters were taken as a file, with its digest."""
    where = get_round(session, actor, collected.competition_key, collected.round_key, *ROSTER_READERS)
    detail = {"n": len(collected.letters), "sha256": hashlib.sha256(file.content).hexdigest()}
    audit.record_in_round(session, actor, "letters.exported", *where, at=at, detail=detail)
