"""The bundle of a released round, and bundles with one part changed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from openpyxl import load_workbook
from sqlmodel import Session, select

from judging import tables
from judging.competition import digest_of
from judging.services.access import load_actor
from judging.services.bundle import parts
from judging.services.bundle.checking import check_bundle
from judging.services.decisions import verdicts
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, Event, add_chairs, make_event, use_model
from tests.support.releases import propose_release, sign_release

HERE = (COMPETITION, ROUND)
LATER = AT + timedelta(hours=1)
Files = dict[str, bytes]


def released(session: Session) -> Event:
    """Return an event with a decision and a release in force."""
    event = make_event(session)
    use_model(session, "mixed")
    chairs = {city: load_actor(session, one.pk) for city, one in add_chairs(session, event).items()}
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.closed_at = "closed", AT
    session.flush()
    run = calibrating.calibrate(session, chairs["hk"], *HERE, at=AT)
    last = run.result["shortlist"]["selected"][-1]
    verdicts.decide(session, chairs["sh"], *HERE, last, verdict="out", reason="Left the event", at=AT)
    release = propose_release(session, chairs["hk"], run_number=1, reason="", at=LATER)
    for chair in chairs.values():
        sign_release(session, chair, 1, digest=release.digest, at=LATER)
    session.commit()
    return event


def files_of(bundle: bytes) -> Files:
    return parts.read_archive(bundle)


def packed(files: Files) -> bytes:
    return parts.write_archive(files, at=LATER)


def with_json(files: Files, name: str, change: Callable[[dict[str, Any]], None]) -> Files:
    content = json.loads(files[name])
    change(content)
    return {**files, name: parts.json_bytes(content)}


def with_row(files: Files, place: tuple[str, str, str], column: str, value: str) -> Files:
    """Return the files with one cell of ratings.csv changed."""
    rows = list(csv.reader(io.StringIO(files[parts.RATINGS].decode("utf-8-sig"), newline="")))
    row = next(row for row in rows if tuple(row[:3]) == place)
    row[rows[0].index(column)] = value
    return {**files, parts.RATINGS: csv_of(rows)}


def csv_of(rows: list[list[str]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def with_cell(files: Files, sheet: str, address: str, value: float) -> Files:
    book = load_workbook(io.BytesIO(files[parts.WORKBOOK]))
    book[sheet][address] = value
    stream = io.BytesIO()
    book.save(stream)
    return {**files, parts.WORKBOOK: stream.getvalue()}


def resealed(files: Files) -> Files:
    """Return the files with a manifest that fits them again, as a forger who knows it would make it."""
    manifest = json.loads(files[parts.MANIFEST])
    manifest["parts"] = {name: parts.sha256(files[name]) for name in manifest["parts"]}
    for name in manifest["copies"]:
        content = json.loads(files[name])
        content.pop("result", None)
        manifest["copies"][name] = content
    del manifest["digest"]
    return {**files, parts.MANIFEST: parts.json_bytes({**manifest, "digest": digest_of(manifest)})}


def wrong(files: Files, part: str | None = None) -> list[str]:
    lines = [line for line in check_bundle(packed(files)) if line.verdict == "DIFFERS"]
    return [line.text for line in lines if part in (None, line.part)]


def first_score(files: Files) -> tuple[tuple[str, str, str], str]:
    _, row = next(parts.ratings_rows(files[parts.RATINGS]))
    return (row["proposal"], row["judge"], row["criterion"]), row["score"]


def resealed_as_is(files: Files) -> Files:
    manifest = json.loads(files[parts.MANIFEST])
    manifest["parts"] = {name: parts.sha256(files[name]) for name in manifest["parts"]}
    del manifest["digest"]
    return {**files, parts.MANIFEST: parts.json_bytes({**manifest, "digest": digest_of(manifest)})}
