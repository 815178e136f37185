"""The names of the parts of a transfer file, and what its manifest says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from judging.competition import digest_of
from judging.errors import JudgingError

FORMAT = 1
MANIFEST = "manifest.json"
LOG = "log.jsonl"
_TEXTS = ("revision", "code_version", "exported_at", "competition", "installation", "head", "head_hash")
_NAME = re.compile(r"log\.jsonl|rows/[a-z_]+\.jsonl|files/[0-9a-f]{64}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the file: how many bytes it has, and their SHA-256."""

    n_bytes: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a transfer file has, and where it comes from.

    Attributes
    ----------
    revision : str
        The newest migration of the database that the rows are from.
    code_version : str
        Of the calculating code there.
    competition, name : str
        Key and name of the event.
    competition_id : int
        Its number there, which entries of its log have.
    installation, head : str
        The public key of that installation, and the signed head of its log; empty where it has no key.
    """

    revision: str
    code_version: str
    exported_at: str
    competition: str
    competition_id: int
    name: Mapping[str, str]
    installation: str
    head: str
    head_position: int
    head_hash: str
    rows: Mapping[str, int]
    n_entries: int
    parts: Mapping[str, Part]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, with its own digest."""
        content: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__ if name != "parts"}
        content |= {"format": FORMAT, "name": dict(self.name), "rows": dict(self.rows)}
        content["parts"] = {
            name: {"bytes": part.n_bytes, "sha256": part.digest} for name, part in sorted(self.parts.items())
        }
        return {**content, "digest": digest_of(content)}


def rows_part(table: str) -> str:
    """Return the name of the part with the rows of a table."""
    return f"rows/{table}.jsonl"


def file_part(digest: str) -> str:
    """Return the name of the part with a deck or video."""
    return f"files/{digest}"


def manifest_of(content: Any) -> Manifest:
    """Return the manifest that JSON values say.

    Raises
    ------
    JudgingError
        When it is of another format, was changed, or names a part that no transfer file has.
    """
    if not isinstance(content, dict) or "format" not in content:
        raise JudgingError("manifest.json: this is not a file of judging export-event.")
    if content["format"] != FORMAT:
        raise JudgingError(
            f"manifest.json: the file has format {content['format']!r}, this version reads format {FORMAT}. "
            "Export the event with the same version as is here."
        )
    own = {name: value for name, value in content.items() if name != "digest"}
    if digest_of(own) != content.get("digest"):
        raise JudgingError(
            "manifest.json: damaged: its own digest does not hold. Copy the file once more, or export again."
        )
    try:
        parts = {name: Part(part["bytes"], part["sha256"]) for name, part in content["parts"].items()}
        manifest = Manifest(
            **{name: content[name] for name in Manifest.__slots__ if name != "parts"},
            parts=parts,
        )
        is_known = all(
            _NAME.fullmatch(name) and _DIGEST.fullmatch(part.digest) and type(part.n_bytes) is int and part.n_bytes >= 0
            for name, part in parts.items()
        )
        is_typed = (
            all(type(getattr(manifest, name)) is str for name in _TEXTS)
            and all(type(number) is int for number in (manifest.competition_id, manifest.head_position))
            and all(type(number) is int for number in manifest.rows.values())
            and datetime.fromisoformat(manifest.exported_at).tzinfo is not None
        )
        if not is_typed:
            raise TypeError("a value")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise JudgingError(f"manifest.json: {error} is missing or has another form.") from error
    if not is_known or LOG not in parts:
        raise JudgingError("manifest.json: it names a part that no file of judging export-event has.")
    return manifest
