"""Letters and the public page of a round as ZIP files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime

from judging.errors import Conflict, Message
from judging.publication.letter import write_proof
from judging.publication.static_site import render_letter
from judging.services.releases.team_letters import LettersPage
from judging.translating import translate

README = "README.txt"


def letters_zip(page: LettersPage) -> bytes:
    """Return all letters with their proofs; raise Conflict before they are made."""
    if page.made_at is None or page.released_at is None:
        raise Conflict(Message("Make the letters first."))
    files: dict[str, bytes] = {README: readme_of(page.language)}
    proofs = page.proofs
    for one in page.letters:
        proof_name = f"{one.proposal}-proof.json"
        files[f"{one.proposal}-letter.html"] = render_letter(one.text, one.language, proof_name)
        files[proof_name] = write_proof(proofs[one.proposal])
    return zip_of(files, at=page.released_at)


def readme_of(language: str) -> bytes:
    """Return what the files with proofs are for, in the first language of the event."""
    told = Message(
        "Each letter has a file …-proof.json: with it anybody can check that the letter is one of those that were "
        "released and that its text is unchanged. Keep both, or give both to the team. Nobody needs the file to read "
        "the letter."
    )
    return (translate(told, language) + "\n").encode()


def member_of(name: str, at: datetime) -> zipfile.ZipInfo:
    """Return a file of a ZIP with the time of the release: the same release gives the same bytes."""
    return zipfile.ZipInfo(name, at.timetuple()[:6])


def zip_of(files: Mapping[str, bytes], *, at: datetime) -> bytes:
    """Return files as a ZIP; the same files of the same release give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(member_of(name, at), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
