"""Signed heads: kept outside, they show what a log that fits itself hides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from judging.errors import JudgingError
from judging.services import audit
from judging.services.access import operator
from judging.services.audit import signed_heads
from tests.services.audit.edits import EDITS
from tests.support.optional import present

AT = datetime(2023, 7, 3, 6, 5, tzinfo=UTC)


@pytest.fixture
def signer(tmp_path: Path) -> signed_heads.HeadSigner:
    """Return the key of an installation."""
    return signed_heads.open_signer(tmp_path / "audit-head.key")


@pytest.fixture
def kept(session: Session, signer: signed_heads.HeadSigner) -> list[signed_heads.SignedHead]:
    """Return the heads that somebody kept of a log of ten entries: of the sixth and of the last one."""
    heads = []
    for number in range(10):
        audit.record(session, operator(), "tested", str(number), at=AT)
        if number in (5, 9):
            heads.append(present(signer.newest(session, at=AT)))
    session.commit()
    return heads


def test_a_head_is_one_word_that_is_found_in_any_text(
    kept: list[signed_heads.SignedHead], signer: signed_heads.HeadSigner
) -> None:
    text = f"Dear chair,\r\n> {kept[1].text}, and last week <b>{kept[0].text}</b>."
    assert signed_heads.find_heads(text) == kept
    assert [head.position for head in kept] == [6, 10]
    assert {head.installation for head in kept} == {signer.installation}
    assert len(kept[0].text.split()) == 1


def test_a_log_that_has_only_grown_fits_every_head(
    session: Session, kept: list[signed_heads.SignedHead], signer: signed_heads.HeadSigner
) -> None:
    audit.record(session, operator(), "tested", "later", at=AT)
    session.commit()
    assert list(signed_heads.head_faults(session, kept, signer.installation)) == []


def faults_after(engine: Engine, name: str, kept: list[signed_heads.SignedHead]) -> list[str]:
    with engine.connect() as connection:
        EDITS[name](connection)
        with Session(connection, join_transaction_mode="rollback_only") as own:
            faults = list(signed_heads.head_faults(own, kept, None))
        connection.rollback()
    return faults


_ENDS = "the log ends at {}. Its last entries were removed, or an older copy was put back."
_OTHER = "there is another entry now. The log up to there was rewritten, or an older copy continued."


@pytest.mark.parametrize(
    ("name", "at_6", "at_10"),
    [
        ("tail cut, head set back", _ENDS.format(5), _ENDS.format(5)),
        ("log of an older copy", _ENDS.format(5), _ENDS.format(5)),
        ("rewritten", _OTHER, _OTHER),
        ("reordered", "", _OTHER),
        ("entry inserted", _OTHER, _OTHER),
    ],
)
def test_what_a_log_that_fits_itself_hides_is_found(
    session: Session, kept: list[signed_heads.SignedHead], name: str, at_6: str, at_10: str
) -> None:
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    session.close()
    expected = [
        f"Head of 2023-07-03 06:05:00 UTC (position {position}): {text}"
        for position, text in ((6, at_6), (10, at_10))
        if text
    ]
    assert faults_after(engine, name, kept) == expected


def test_an_older_copy_that_was_continued_is_found(
    session: Session, kept: list[signed_heads.SignedHead], signer: signed_heads.HeadSigner
) -> None:
    EDITS["log of an older copy"](session.connection())
    for number in range(10):
        audit.record(session, operator(), "tested", f"again {number}", at=AT)
    assert list(audit.verify(session)) == []
    assert [fault.rpartition(": ")[2] for fault in signed_heads.head_faults(session, kept, None)] == [_OTHER, _OTHER]


def test_a_head_that_was_changed_or_signed_by_another_key_is_refused(
    session: Session, kept: list[signed_heads.SignedHead], tmp_path: Path, signer: signed_heads.HeadSigner
) -> None:
    name = "Head of 2023-07-03 06:05:00 UTC (position 3)"
    changed = replace(kept[0], position=3)
    assert list(signed_heads.head_faults(session, [changed], None)) == [f"{name}: its signature is not valid."]
    other = signed_heads.open_signer(tmp_path / "other.key").sign(6, kept[0].hash, at=AT)
    assert list(signed_heads.head_faults(session, [other], signer.installation)) == [
        "Head of 2023-07-03 06:05:00 UTC (position 6): it was signed by another key than that of this installation, "
        f"{other.installation}."
    ]
    assert list(signed_heads.head_faults(session, [other], None)) == []


def test_the_key_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "data" / "audit-head.key"
    first = signed_heads.open_signer(path).installation
    assert signed_heads.open_signer(path).installation == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["audit-head.key"]
    path.chmod(0o640)
    with pytest.raises(JudgingError, match="Others may read"):
        signed_heads.open_signer(path)
    path.chmod(0o600)
    path.write_text("no key")
    with pytest.raises(JudgingError, match="contains no private key"):
        signed_heads.open_signer(path)


def test_an_empty_log_has_no_head(session: Session, signer: signed_heads.HeadSigner) -> None:
    assert signer.newest(session, at=AT) is None
