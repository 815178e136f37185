"""The results bundle: one archive with everything that is needed to compute a ranking again and verify it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from judging import tables
from judging.competition import digest_of
from judging.errors import Conflict
from judging.schemas.definitions.definition_files import load_round_dict
from judging.services import audit
from judging.services.access import READERS, Actor, get_round
from judging.services.audit import signed_heads
from judging.services.bundle import contents, parts
from judging.services.decisions.conflicts_of_interest import require_nothing_hidden
from judging.services.exports.book_content import book_of
from judging.services.exports.workbook import NOTHING_TO_EXPORT
from judging.services.jobs.job_requests import request_job
from judging.services.releases.states import find_in_force
from judging.services.runs import calibration_runs
from judging.services.runs.inputs import require_earlier
from judging.workbook.cell_list import cells_csv, list_cells
from judging.workbook.results.book import ResultsBook
from judging.workbook.results.writing import write_book

_README = """Results bundle of {round} ({competition}).

competition.json  the competition as defined
rules.json        the sealed rules of the round; their digest is the SHA-256 of the definition as canonical JSON
ratings.csv       every score that went into the calibration run, one row a score
{earlier}run.json          the calibration run: settings, seed, result, and which scoresheets were entered by others
                  than the judge, or saved after a sign-in by a link that somebody handed over
decisions.json    decisions of the chairs and awards
release.json      what the chairs signed, and their signatures; null when nothing has been released
workbook.xlsx     the results as a workbook
workbook.csv      every cell of that workbook as text
manifest.json     SHA-256 of each part, and a second copy of what is short, so that a change can be named;
                  the signed head of the audit log, for `judging verify-audit --head`

To check it, on any machine, without the server:  judging verify THIS-FILE.zip
It computes the ranking again from ratings.csv and rules.json and says, line by line, what agrees.
"""


_README_EARLIER = """earlier.json      every score of earlier rounds that count for what they say about the judges
"""


@dataclass(frozen=True, eq=False, kw_only=True)
class CollectedBundle:
    """The content of a bundle before it is written.

    Attributes
    ----------
    competition_key, round_key : str
    run_number : int
    contents : mapping of part to its JSON
    ratings : bytes
        The part with the scores.
    earlier : bytes or None
        The part with earlier scoresheets that count.
    book : ResultsBook
    digests : mapping of str to str or None
        Of rules, scores, result and release.
    audit_head : str or None
        The signed head of the audit log, to keep.
    """

    competition_key: str
    round_key: str
    run_number: int
    contents: Mapping[str, Mapping[str, Any]]
    ratings: bytes
    earlier: bytes | None
    book: ResultsBook
    digests: Mapping[str, str | None]
    audit_head: str | None

    @property
    def filename(self) -> str:
        """Return the name of the archive."""
        return f"{self.competition_key}_{self.round_key}_run-{self.run_number}_bundle.zip"


def request_bundle(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    run_number: int | None,
    language: str,
    at: datetime,
) -> tables.Job:
    """Ask for a round's results bundle; see `collect_bundle`.

    Raises
    ------
    NotAllowed
        When the actor has declared a conflict of interest.
    Conflict
        When nothing has been calibrated.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    require_nothing_hidden(session, actor, row.competition_id)
    if calibration_runs.latest_run(session, actor, competition_key, round_key) is None:
        raise Conflict(NOTHING_TO_EXPORT)
    request = {"competition": competition_key, "round": round_key, "run": run_number, "language": language}
    return request_job(session, actor, "bundle", competition=competition_row, round_row=row, request=request, at=at)


def collect_bundle(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    run_number: int | None = None,
    language: str = "en",
    at: datetime,
) -> CollectedBundle:
    """Return the content of a round's results bundle.

    Parameters
    ----------
    session : Session
        A reading session is enough.
    actor : Actor
        A chair, organiser or auditor without a declared conflict of interest, because a bundle contains everything.
    competition_key, round_key : str
    run_number : int, optional
        Default: the run of the release in force, otherwise the newest run that follows the rules.
    language : str
        Language of names in the workbook.
    at : datetime

    Raises
    ------
    Conflict
        When nothing has been calibrated, the scores of the run cannot be collected any more, or earlier scoresheets
        that count are not for the actor.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    require_nothing_hidden(session, actor, row.competition_id)
    release = find_in_force(session, competition_row, row)
    number = run_number or (release.content["run"] if release is not None else None)
    run = calibration_runs.run_or_latest(session, actor, competition_key, round_key, number)
    if run is None:
        raise Conflict(NOTHING_TO_EXPORT)
    if release is not None and release.content["run"] != run.number:
        release = None
    definition = contents.definition_of_run(session, row, run)
    require_earlier(session, actor, row, load_round_dict(definition))
    given = contents.input_of_run(session, row, run, definition)
    head = signed_heads.newest_head(session, at=at)
    return CollectedBundle(
        competition_key=competition_key,
        round_key=round_key,
        run_number=run.number,
        contents={
            parts.COMPETITION: contents.competition_part(competition_row),
            parts.RULES: {"round": row.key, "digest": run.rules_digest, "definition": definition},
            parts.RUN: contents.run_part(session, row, run),
            parts.DECISIONS: contents.decisions_part(session, row, release),
            parts.RELEASE: {"release": None if release is None else contents.release_part(release)},
        },
        ratings=parts.ratings_csv(given.scores),
        earlier=parts.earlier_json(given.earlier) if given.earlier else None,
        book=book_of(session, competition_row, row, run, actor=actor, language=language, at=at),
        digests={
            "rules": run.rules_digest,
            "scores": run.input_digest,
            "result": run.result_digest,
            "release": None if release is None else release.digest,
        },
        audit_head=None if head is None else head.text,
    )


def write_bundle(collected: CollectedBundle, *, made_by: str, at: datetime) -> bytes:
    """Return the archive; a large one takes seconds, and needs no database."""
    workbook = io.BytesIO()
    write_book(collected.book, workbook)
    files = {
        parts.README: _README.format(
            competition=collected.competition_key,
            round=collected.round_key,
            earlier="" if collected.earlier is None else _README_EARLIER,
        ).encode(),
        **{name: parts.json_bytes(content) for name, content in collected.contents.items()},
        parts.RATINGS: collected.ratings,
        **({} if collected.earlier is None else {parts.EARLIER: collected.earlier}),
        parts.WORKBOOK: workbook.getvalue(),
        parts.CELLS: cells_csv(list_cells(workbook.getvalue())),
    }
    manifest = _manifest(files, collected, made_by=made_by, at=at)
    return parts.write_archive({parts.MANIFEST: parts.json_bytes(manifest), **files}, at=at)


def record_bundle(session: Session, actor: Actor, collected: CollectedBundle, content: bytes, *, at: datetime) -> None:
    """Record in the audit log that a bundle was made for the actor.

    Raises
    ------
    NotAllowed
        When the actor has declared a conflict of interest since the content was collected.
    """
    competition_row, row = get_round(session, actor, collected.competition_key, collected.round_key, *READERS)
    require_nothing_hidden(session, actor, row.competition_id)
    audit.record_in_round(
        session,
        actor,
        "bundle.exported",
        competition_row,
        row,
        f"run-{collected.run_number}",
        at=at,
        detail={"sha256": parts.sha256(content), "release": collected.digests["release"]},
    )


def _manifest(files: Mapping[str, bytes], collected: CollectedBundle, *, made_by: str, at: datetime) -> dict[str, Any]:
    copies = {name: dict(content) for name, content in collected.contents.items()}
    # The result is computed again during a verification, so a copy is not needed.
    del copies[parts.RUN]["result"]
    manifest = {
        "format": parts.FORMAT,
        "made_at": at.astimezone(UTC).isoformat(),
        "made_by": made_by,
        "parts": {name: parts.sha256(content) for name, content in files.items()},
        "digests": dict(collected.digests),
        "code_version": calibration_runs.code_version(),
        "copies": copies,
        "audit_head": collected.audit_head,
    }
    return {**manifest, "digest": digest_of(manifest)}
