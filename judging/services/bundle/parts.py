"""The files of a results bundle: their names, writing, and reading with limits for untrusted archives."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from judging.errors import InvalidInput, Message
from judging.services.runs.inputs import EarlierScores
from judging.services.runs.ratings import CountedScore, CountedScores, ScaledCriterion
from judging.workbook.cells import csv_text

MANIFEST, RATINGS, RULES, COMPETITION = "manifest.json", "ratings.csv", "rules.json", "competition.json"
RUN, DECISIONS, RELEASE = "run.json", "decisions.json", "release.json"
WORKBOOK, CELLS, README = "workbook.xlsx", "workbook.csv", "README.txt"
PARTS = (README, COMPETITION, RULES, RATINGS, RUN, DECISIONS, RELEASE, WORKBOOK, CELLS)
EARLIER = "earlier.json"
OPTIONAL = (EARLIER,)
"""Parts of runs whose rules count earlier scoresheets."""
FORMAT = 1

RATINGS_COLUMNS = (
    "proposal",
    "judge",
    "criterion",
    "score",
    "proposal_city",
    "judge_city",
    "category",
    "scored_at",
)

_MOST_BYTES = 80_000_000
_MOST_PART_BYTES = 200_000_000
_MOST_INFLATED_BYTES = 500_000_000
_MOST_RATIO = 300
_RATIO_FROM = 1_000_000
_PIECE = 65_536


def sha256(content: bytes) -> str:
    """Return the SHA-256 of a part."""
    return hashlib.sha256(content).hexdigest()


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """Return plain data as indented JSON with sorted keys."""
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def parse_json(content: bytes) -> dict[str, Any]:
    """Parse a part that must be a JSON object; raise ValueError otherwise."""
    parsed = json.loads(content.decode("utf-8"))
    if not isinstance(parsed, dict):
        raise ValueError("not a JSON object")
    return parsed


def ratings_csv(scores: CountedScores) -> bytes:
    """Return scores in long form, one row for each score; proposals and judges without scores have own rows."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(RATINGS_COLUMNS)
    for score in sorted(scores.scores):
        city, category = scores.proposals[score.proposal]
        row = (
            score.proposal,
            score.judge,
            score.criterion,
            repr(score.value),
            city,
            scores.judges[score.judge],
            category or "",
            score.scored_at.isoformat(),
        )
        writer.writerow([csv_text(cell) for cell in row])
    scored_proposals, scoring_judges = (
        {score.proposal for score in scores.scores},
        {score.judge for score in scores.scores},
    )
    for key, (city, category) in sorted(scores.proposals.items()):
        if key not in scored_proposals:
            writer.writerow([csv_text(cell) for cell in (key, "", "", "", city, "", category or "", "")])
    for key, city in sorted(scores.judges.items()):
        if key not in scoring_judges:
            writer.writerow([csv_text(cell) for cell in ("", key, "", "", "", city, "", "")])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def ratings_rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of ratings.csv with their row numbers in a spreadsheet; raise ValueError when it is malformed."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    if tuple(next(rows, ())) != RATINGS_COLUMNS:
        raise ValueError(f"its columns are not {', '.join(RATINGS_COLUMNS)}")
    for number, cells in enumerate(rows, 2):
        if len(cells) != len(RATINGS_COLUMNS):
            raise ValueError(f"row {number} has {len(cells)} cells instead of {len(RATINGS_COLUMNS)}")
        yield number, dict(zip(RATINGS_COLUMNS, (_without_apostrophe(cell) for cell in cells), strict=True))


def parse_ratings(content: bytes) -> CountedScores:
    """Load ratings.csv; raise ValueError with the number of an invalid row."""
    proposals: dict[str, tuple[str, str | None]] = {}
    judges: dict[str, str] = {}
    scores = []
    for number, row in ratings_rows(content):
        if row["proposal"]:
            proposals[row["proposal"]] = (row["proposal_city"], row["category"] or None)
        if row["judge"]:
            judges[row["judge"]] = row["judge_city"]
        if row["criterion"]:
            try:
                value, at = float(row["score"]), datetime.fromisoformat(row["scored_at"])
            except ValueError as error:
                raise ValueError(f"row {number}: {error}") from error
            scores.append(CountedScore(row["proposal"], row["judge"], row["criterion"], value, at))
    return CountedScores(proposals=proposals, judges=judges, scores=tuple(scores))


def earlier_json(earlier: Sequence[EarlierScores]) -> bytes:
    """Return the scores of earlier occasions, with what is needed of their rubrics."""
    return json_bytes(
        {
            "occasions": [
                {
                    "kind": part.kind,
                    "name": part.name,
                    "newest_scoresheet": part.newest_scoresheet,
                    "criteria": [criterion._asdict() for criterion in part.criteria],
                    "proposals": {key: list(value) for key, value in part.scores.proposals.items()},
                    "judges": dict(part.scores.judges),
                    "scores": [
                        {**score._asdict(), "scored_at": score.scored_at.isoformat()}
                        for score in sorted(part.scores.scores)
                    ],
                }
                for part in earlier
            ]
        }
    )


def parse_earlier(content: bytes) -> tuple[EarlierScores, ...]:
    """Load earlier.json; raise ValueError, KeyError or TypeError when it has another form."""
    return tuple(
        EarlierScores(
            kind=part["kind"],
            name=part["name"],
            newest_scoresheet=part["newest_scoresheet"],
            criteria=tuple(ScaledCriterion(**criterion) for criterion in part["criteria"]),
            scores=CountedScores(
                proposals={key: (city, category) for key, (city, category) in part["proposals"].items()},
                judges=part["judges"],
                scores=tuple(
                    CountedScore(**{**score, "scored_at": datetime.fromisoformat(score["scored_at"])})
                    for score in part["scores"]
                ),
            ),
        )
        for part in parse_json(content)["occasions"]
    )


def _without_apostrophe(cell: str) -> str:
    """Remove the apostrophe that prevents a spreadsheet from interpreting a text as a formula."""
    return cell[1:] if cell.startswith("'") and csv_text(cell[1:]) == cell else cell


def write_archive(parts: Mapping[str, bytes], *, at: datetime) -> bytes:
    """Return the parts as one zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return stream.getvalue()


def read_archive(content: bytes) -> dict[str, bytes]:
    """Return the files of a zip archive; raise InvalidInput when it is damaged or expands to too many bytes."""
    if len(content) > _MOST_BYTES:
        raise InvalidInput({"bundle": Message("The bundle is larger than {limit} MB.", limit=_MOST_BYTES // 1_000_000)})
    parts: dict[str, bytes] = {}
    inflated = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                if info.filename in parts:
                    raise InvalidInput({"bundle": Message("Two parts are named {name}.", name=info.filename)})
                # Unknown parts are reported by name and not read.
                parts[info.filename] = (
                    b"" if info.filename not in (*PARTS, *OPTIONAL, MANIFEST) else _inflate(archive, info)
                )
                inflated += len(parts[info.filename])
                if inflated > _MOST_INFLATED_BYTES:
                    raise _too_large()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise InvalidInput({"bundle": Message("The bundle is damaged: it cannot be unpacked.")}) from error
    return parts


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    pieces, size = [], 0
    with archive.open(info) as stream:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > _MOST_PART_BYTES or (size > _RATIO_FROM and size > _MOST_RATIO * max(info.compress_size, 1)):
                raise _too_large()
            pieces.append(piece)
    return b"".join(pieces)


def _too_large() -> InvalidInput:
    return InvalidInput({"bundle": Message("The bundle unpacks to far more than its size; it is not read.")})
