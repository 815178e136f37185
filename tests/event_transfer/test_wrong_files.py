"""Whatever is wrong with a file is refused, with a sentence that names the place; nothing of it is stored."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from judging import db, tables
from judging.competition import digest_of
from judging.errors import JudgingError
from judging.event_transfer import file_reading
from tests.support.event import AT
from tests.support.installations import Installation, Make

Parts = dict[str, bytes]


def parts_of(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, parts: Parts, *, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_manifest(parts: Parts, **changed: Any) -> Parts:
    """Return the parts with a manifest that fits them, as somebody writes it who knows the format."""
    import hashlib

    manifest = json.loads(parts["manifest.json"]) | changed
    manifest["parts"] = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in parts.items()
        if name != "manifest.json"
    }
    manifest["digest"] = digest_of({name: value for name, value in manifest.items() if name != "digest"})
    return parts | {"manifest.json": json.dumps(manifest).encode()}


def refusal(target: Installation, path: Path) -> str:
    """Return why a file is refused; nothing of it may be stored."""
    with pytest.raises(JudgingError) as caught:
        target.store(path)
    with db.transaction(target.engine, read_only=True) as session:
        assert session.exec(select(tables.Competition.id)).all() == []
        assert session.exec(select(tables.Person.id)).all() == []
    return str(caught.value)


def test_one_changed_byte_of_any_part_is_refused(event_file: Path, make: Make, tmp_path: Path) -> None:
    """Of every part, three bytes each: the first, the last and one between, in a file whose checksums fit."""
    parts, target, rng = parts_of(event_file), make("sqlite"), random.Random(7)  # noqa: S311 - no secret
    for name, content in parts.items():
        for place in {0, len(content) - 1, rng.randrange(max(len(content), 1))} if content else ():
            changed = bytearray(content)
            changed[place] ^= 1 << rng.randrange(8)
            said = refusal(target, write(tmp_path / "changed.zip", parts | {name: bytes(changed)}))
            assert name in said, (name, place, said)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_changed_byte_of_the_file_itself_is_refused_or_changes_no_part(
    event_file: Path, tmp_path: Path, share: float, bit: int
) -> None:
    content = bytearray(event_file.read_bytes())
    content[int(share * len(content))] ^= 1 << bit
    (tmp_path / "changed.zip").write_bytes(content)
    try:
        with file_reading.opened(tmp_path / "changed.zip") as received:
            received.check()
    except JudgingError:
        return
    # What is left are times and rights that a ZIP archive notes of its parts, and nobody reads.
    assert parts_of(tmp_path / "changed.zip") == parts_of(event_file)


def without(name: str, parts: Parts) -> Parts:
    return {key: content for key, content in parts.items() if key != name}


def first_line(name: str, change: Callable[[dict[str, Any]], Any], parts: Parts, *, place: int = 0) -> Parts:
    """Change one row of a part, and let the manifest fit."""
    lines = parts[name].splitlines(keepends=True)
    row = json.loads(lines[place])
    change(row)
    lines[place] = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return with_manifest(parts | {name: b"".join(lines)})


def set_to(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda row: row.update(values)


def another_event(parts: Parts) -> Parts:
    """Put a second event into the file."""
    row = json.loads(parts["rows/competition.jsonl"])
    line = json.dumps(row | {"id": row["id"] + 1, "key": "another"}).encode() + b"\n"
    rows = json.loads(parts["manifest.json"])["rows"] | {"competition": 2}
    return with_manifest(parts | {"rows/competition.jsonl": parts["rows/competition.jsonl"] + line}, rows=rows)


def other_rules(row: dict[str, Any]) -> None:
    """Let one organiser alone appoint, under the digest of rules that do not say so."""
    row["definition"]["policies"]["appointments"] = "organiser-alone"


WAITS = {"state": "queued", "ended_at": None}
WRONG: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    "no manifest": (partial(without, "manifest.json"), "manifest.json: missing"),
    "a part is missing": (partial(without, "rows/score.jsonl"), "rows/score.jsonl: missing"),
    "a part too many": (lambda parts: parts | {"rows/webhook.jsonl": b"{}\n"}, "does not name this part"),
    "a path": (lambda parts: with_manifest(parts | {"../../etc/passwd": b"x"}), "names a part that no file"),
    "another format": (lambda parts: with_manifest(parts, format=9), "has format 9, this version reads format 1"),
    "another revision": (lambda parts: with_manifest(parts, revision="0001"), "revision 0001, and this one has"),
    "a number that is none": (lambda parts: with_manifest(parts, head_position="1"), "has another form"),
    "a time that is none": (lambda parts: with_manifest(parts, exported_at="soon"), "has another form"),
    "a manifest without a name": (lambda parts: with_manifest(parts, rows=None), "has another form"),
    "another number of rows": (lambda parts: with_manifest(parts, rows={}), "the manifest says another number"),
    "a foreign archive": (lambda parts: {"manifest.json": b'{"digest": "x"}'}, "not a file of judging export-event"),
    "a manifest that is none": (lambda parts: {"manifest.json": b"[1"}, "manifest.json: damaged"),
    "a row with another column": (partial(first_line, "rows/team.jsonl", set_to(extra=1)), "rows/team.jsonl: line 1"),
    "a row of somebody else": (
        partial(first_line, "rows/team.jsonl", set_to(competition_id=99)),
        "names competition 99, which is not in the file",
    ),
    "a value that no row has": (partial(first_line, "rows/round.jsonl", set_to(state="gone")), "cannot be stored here"),
    "a wrong type": (partial(first_line, "rows/judge.jsonl", set_to(key={"a": 1})), "key cannot be {'a': 1}"),
    "a text that is too long": (partial(first_line, "rows/team.jsonl", set_to(city="x" * 41)), "than 40 characters"),
    "a number for yes": (partial(first_line, "rows/judge.jsonl", set_to(is_active=1)), "is_active cannot be 1"),
    "nothing": (partial(first_line, "rows/judge.jsonl", set_to(name=None)), "name cannot be None"),
    "no time": (partial(first_line, "rows/release.jsonl", set_to(proposed_at="soon")), "is no row of this version"),
    "a fact": (partial(first_line, "rows/decision.jsonl", set_to(verdict="out")), "not as the log of its installation"),
    "a score": (partial(first_line, "rows/score.jsonl", set_to(value=1.5), place=-1), "is not as the log"),
    "an entry": (partial(first_line, "log.jsonl", set_to(actor="Somebody")), "log.jsonl: entry"),
    "a row twice": (
        lambda parts: with_manifest(parts | {"rows/team.jsonl": parts["rows/team.jsonl"] * 2}),
        "rows/team.jsonl",
    ),
    "no number": (partial(first_line, "rows/score.jsonl", set_to(value=float("nan"))), "NaN"),
    "a number too large": (partial(first_line, "rows/judge.jsonl", set_to(max_load=10**20)), "max_load cannot be"),
    "a text for a list": (partial(first_line, "rows/judge.jsonl", set_to(languages="en")), "languages cannot be"),
    "numbers in a list of texts": (partial(first_line, "rows/judge.jsonl", set_to(languages=[1])), "languages cannot"),
    "a list for an object": (partial(first_line, "rows/outbox_message.jsonl", set_to(content=[])), "content cannot be"),
    "a key twice": (
        lambda parts: with_manifest(
            parts | {"rows/team.jsonl": parts["rows/team.jsonl"].replace(b'{"id"', b'{"id":1,"id"', 1)}
        ),
        "is given twice",
    ),
    "half a character": (
        lambda parts: with_manifest(
            parts | {"rows/team.jsonl": parts["rows/team.jsonl"].replace(b'"name":"', b'"name":"\\ud800', 1)}
        ),
        "without its other half",
    ),
    "a character of no text": (partial(first_line, "rows/team.jsonl", set_to(name="a\0b")), "that no text has"),
    "a time before all times": (
        partial(first_line, "rows/mail_text.jsonl", set_to(saved_at="0001-01-01T00:00:00+14:00")),
        "is no row of this version",
    ),
    "two events": (another_event, "a file has one event"),
    "another key": (lambda parts: with_manifest(parts, competition="another"), "the event is hksh-2023, not another"),
    "other rules under one digest": (
        partial(first_line, "rows/competition.jsonl", other_rules),
        "a definition does not have its digest",
    ),
    "other rules of a round": (
        partial(first_line, "rows/round.jsonl", lambda row: row["definition"].update(name={"en": "Final"})),
        "a definition does not have its digest",
    ),
    "rules that are none": (
        partial(first_line, "rows/round.jsonl", set_to(definition={}, digest=digest_of({}))),
        "a definition that is none",
    ),
    "a message of no event": (
        partial(first_line, "rows/outbox_message.jsonl", set_to(competition_id=None)),
        "a row belongs to no event",
    ),
    "a message that waits": (partial(first_line, "rows/outbox_message.jsonl", set_to(**WAITS)), "wait to be sent"),
    "a message of no kind": (
        partial(first_line, "rows/outbox_message.jsonl", set_to(kind="advertisement")),
        "which is not known",
    ),
    "an open round": (
        partial(first_line, "rows/round.jsonl", set_to(state="open", closed_at=None)),
        "judges would go on saving here",
    ),
    "a removal that is due": (
        partial(first_line, "rows/competition.jsonl", set_to(removal_due_at="2023-07-01T00:00:00+00:00")),
        "A removal of personal data",
    ),
    "an address with lines": (
        partial(first_line, "rows/person.jsonl", set_to(email="a@example.org\r\nBcc: b@example.org")),
        "This is not an e-mail address",
    ),
    "the name of a program": (
        partial(first_line, "rows/person.jsonl", set_to(name="command line")),
        "the name of a part of the service",
    ),
    "a name of two lines": (partial(first_line, "rows/person.jsonl", set_to(name="A\nB")), "cannot be shown"),
    "the address of a pseudonym": (
        partial(first_line, "rows/person.jsonl", set_to(email="person-1@removed.invalid")),
        "is under a pseudonym",
    ),
    "a link that runs": (
        partial(first_line, "rows/proposal.jsonl", set_to(deck_url="javascript:alert(1)")),
        "deck_url",
    ),
    "a key with a slash": (partial(first_line, "rows/team.jsonl", set_to(key="../T")), "the roster of teams"),
    "an award with a slash": (partial(first_line, "rows/award.jsonl", set_to(key="../a")), "such as best-data-use"),
    "an award without a name": (partial(first_line, "rows/award.jsonl", set_to(name={})), "There is no name in en"),
    "an award of no category": (
        partial(first_line, "rows/award.jsonl", set_to(kind="category", category="none")),
        "there is no category 'none'",
    ),
    "no name": (partial(first_line, "rows/team.jsonl", set_to(name="")), "name: it is missing"),
    "two people with one address": (
        partial(first_line, "rows/person.jsonl", set_to(email="CHAIR-HK@example.org")),
        "two people have the address chair-hk@example.org",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_named_and_nothing_is_stored(event_file: Path, make: Make, tmp_path: Path, wrong: str) -> None:
    change, said = WRONG[wrong]
    assert said in refusal(make("sqlite"), write(tmp_path / "wrong.zip", change(parts_of(event_file))))


def test_a_row_that_postgresql_does_not_store_is_refused_too(event_file: Path, make: Make, tmp_path: Path) -> None:
    target = make("postgresql")
    for wrong in ("a value that no row has", "a wrong type"):
        change, said = WRONG[wrong]
        assert said in refusal(target, write(tmp_path / "wrong.zip", change(parts_of(event_file))))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(event_file: Path, make: Make, tmp_path: Path) -> None:
    bomb = with_manifest(parts_of(event_file) | {"log.jsonl": b"\n" * 30_000_000})
    assert "would inflate more than" in refusal(make("sqlite"), write(tmp_path / "bomb.zip", bomb))


def test_a_file_that_is_none_or_another_one_is_refused(event_file: Path, make: Make, tmp_path: Path) -> None:
    target, text_file = make("sqlite"), tmp_path / "text.zip"
    text_file.write_text("no archive")
    assert "not a file of judging export-event" in refusal(target, text_file)
    (tmp_path / "half.zip").write_bytes(event_file.read_bytes()[:50_000])
    assert "incomplete" in refusal(target, tmp_path / "half.zip")
    assert "cannot be read" in refusal(target, tmp_path / "none.zip")
    assert "cannot be read" in refusal(target, tmp_path)
    with pytest.raises(JudgingError, match="not the one that was given"):
        target.store(event_file, digest="0" * 64)


def test_an_event_that_is_there_already_is_refused(event_file: Path, make: Make, tmp_path: Path) -> None:
    target = make("sqlite")
    target.store(event_file)
    with pytest.raises(JudgingError, match="was imported on 2023-07-03 06:00 UTC already"):
        target.store(event_file)
    with pytest.raises(JudgingError, match=r"There is an event hksh-2023 here already\. An event keeps its key"):
        target.store(write(tmp_path / "again.zip", with_manifest(parts_of(event_file), exported_at=AT.isoformat())))
    assert target.faults() == []
