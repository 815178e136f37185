"""Letters and the public page of a round as ZIP files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from judging.errors import Conflict, Message
from judging.publication.letter import write_proof
from judging.publication.static_site import render_letter
from judging.services.releases.team_letters import LettersPage

# The oldest time that ZIP can hold: the same content gives the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def letters_zip(page: LettersPage) -> bytes:
    """Return all letters with their proofs; raise Conflict before they are made."""
    if page.made_at is None:
        raise Conflict(Message("Make the letters first."))
    files: dict[str, bytes] = {}
    proofs = page.proofs
    for one in page.letters:
        proof_name = f"{one.proposal}-proof.json"
        files[f"{one.proposal}-letter.html"] = render_letter(one.text, one.language, proof_name)
        files[proof_name] = write_proof(proofs[one.proposal])
    return zip_of(files)


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """Return files as a ZIP; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
