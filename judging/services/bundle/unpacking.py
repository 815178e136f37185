"""Read a results bundle from its archive: every part, with findings about changed and unreadable parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judging.competition import CompetitionRules, RoundRules, digest_of
from judging.errors import JudgingError
from judging.schemas.definitions.definition_files import load_competition_dict, load_round_dict
from judging.services.bundle import parts
from judging.services.runs.inputs import EarlierScores, RunInput
from judging.services.runs.ratings import CountedScores, scaled_criteria
from judging.workbook.cell_list import Cells, list_cells, parse_cells

MOST_NAMED = 20
AGREES, DIFFERS, NOTE = "agrees", "DIFFERS", "note"
JSON_PARTS = (parts.COMPETITION, parts.RULES, parts.RUN, parts.DECISIONS, parts.RELEASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: ``verdict`` is agrees, DIFFERS or note."""

    verdict: str
    part: str
    text: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Bundle:
    """The parts of a bundle; an unreadable part is None."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    changed: frozenset[str]
    json: Mapping[str, dict[str, Any]]
    rules: RoundRules | None
    competition: CompetitionRules | None
    scores: CountedScores | None
    earlier: tuple[EarlierScores, ...] | None
    workbook: Cells | None
    cells: Cells | None

    @property
    def given(self) -> RunInput | None:
        """Return the input of the run; None when a part of it cannot be read."""
        if self.scores is None or self.rules is None or self.earlier is None:
            return None
        return RunInput(scores=self.scores, criteria=scaled_criteria(self.rules.rubric), earlier=self.earlier)

    def copy(self, name: str) -> Mapping[str, Any] | None:
        """Return the manifest's copy of a part."""
        copy = self.manifest.get("copies", {}).get(name)
        return copy if isinstance(copy, dict) else None


def read_bundle(files: Mapping[str, bytes], lines: list[Finding]) -> Bundle | None:
    """Read every part; append findings about missing, unknown, changed and unreadable parts."""
    known = (*parts.PARTS, *parts.OPTIONAL, parts.MANIFEST)
    lines += [Finding(DIFFERS, name, "is no part of a bundle") for name in files if name not in known]
    missing = [name for name in (parts.MANIFEST, *parts.PARTS) if name not in files]
    lines += [Finding(DIFFERS, name, "is missing") for name in missing]
    if parts.MANIFEST in missing:
        return None
    try:
        manifest = parts.parse_json(files[parts.MANIFEST])
        own_digest = digest_of({name: value for name, value in manifest.items() if name != "digest"})
        listed = dict(manifest["parts"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        lines.append(Finding(DIFFERS, parts.MANIFEST, f"cannot be read: {error}"))
        return None
    if own_digest == manifest.get("digest"):
        lines.append(Finding(AGREES, parts.MANIFEST, f"its own digest {short(own_digest)}"))
    else:
        lines.append(Finding(DIFFERS, parts.MANIFEST, "was changed after it was written: its own digest does not hold"))
    all_parts = (*parts.PARTS, *parts.OPTIONAL)
    changed = frozenset(name for name in all_parts if name in files and parts.sha256(files[name]) != listed.get(name))
    lines += [Finding(DIFFERS, name, "is missing") for name in parts.OPTIONAL if name in listed and name not in files]
    for name in all_parts:
        if name in files:
            is_changed = name in changed
            text = "its SHA-256 is not the one in the manifest" if is_changed else f"SHA-256 {short(listed[name])}"
            lines.append(Finding(DIFFERS if is_changed else AGREES, name, text))
    reader = _PartReader(files, lines)
    json = {name: part for name in JSON_PARTS if (part := reader.of(name, parts.parse_json)) is not None}
    return Bundle(
        files=files,
        manifest=manifest,
        changed=changed,
        json=json,
        rules=reader.of(parts.RULES, lambda raw: load_round_dict(parts.parse_json(raw)["definition"])),
        competition=reader.of(
            parts.COMPETITION, lambda raw: load_competition_dict(parts.parse_json(raw)["definition"])
        ),
        scores=reader.of(parts.RATINGS, parts.parse_ratings),
        earlier=reader.of(parts.EARLIER, parts.parse_earlier) if parts.EARLIER in files else (),
        workbook=reader.of(parts.WORKBOOK, list_cells),
        cells=reader.of(parts.CELLS, parse_cells),
    )


@dataclass(frozen=True, slots=True)
class _PartReader:
    files: Mapping[str, bytes]
    lines: list[Finding]

    def of(self, name: str, read: Callable[[bytes], Any]) -> Any:
        """Return the parsed part, or None with a finding that it cannot be read."""
        if name not in self.files:
            return None
        try:
            return read(self.files[name])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError, JudgingError) as error:
            line = Finding(DIFFERS, name, f"cannot be read: {error}")
            if line not in self.lines:
                self.lines.append(line)
            return None


def short(digest: str) -> str:
    """Return the beginning of a digest."""
    return str(digest)[:12]


def remaining(part: str, n: int) -> Iterator[Finding]:
    """Return a finding that counts the differences which are not named, if there are any."""
    if n > MOST_NAMED:
        yield Finding(DIFFERS, part, f"and {n - MOST_NAMED} more")
