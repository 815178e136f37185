"""An event with something under way is not exported, and a sentence says what to do first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import text
from sqlmodel import Session, select

from judging import db, tables
from judging.errors import JudgingError
from judging.round_policies import EarlierSheets
from judging.services.access import operator
from judging.services.competitions import archiving
from judging.services.competitions.definitions import rules_of
from judging.services.rounds import opening
from tests.support.event import AT, COMPETITION, ROUND
from tests.support.installations import Make, filled
from tests.support.moved_event import MAILER


def reopened(session: Session) -> None:
    session.execute(text("UPDATE outbox_message SET state = 'sent', ended_at = created_at, token_seed = NULL"))
    opening.reopen_round(session, operator(), COMPETITION, ROUND, reason="An error.", at=AT)


def one_job(session: Session) -> None:
    row = session.exec(select(tables.Competition)).one()
    session.add(tables.Job(kind="workbook", work_key="x", competition_id=row.pk, created_at=AT))


def one_message(session: Session) -> None:
    archiving.archive(session, operator(), COMPETITION, reason="Over.", at=AT, mailer=MAILER)


def an_appointment(session: Session) -> None:
    row, person = session.exec(select(tables.Competition)).one(), session.exec(select(tables.Person).limit(1)).one()
    session.add(
        tables.AccountChange(
            kind="appointment",
            person_id=person.pk,
            competition_id=row.pk,
            role="chair",
            asked_by=person.pk,
            asked_at=AT,
        )
    )


def removed(session: Session) -> None:
    session.exec(select(tables.Competition)).one().personal_data_removed_at = AT


def removal_asked_for(session: Session) -> None:
    session.exec(select(tables.Competition)).one().removal_due_at = AT


def pseudonym(session: Session) -> None:
    session.exec(
        select(tables.Person).where(tables.Person.email == "chair-hk@example.org")
    ).one().email = "person-9@removed.invalid"


def changed_behind_the_log(session: Session) -> None:
    session.execute(sqlalchemy.update(tables.Team).values(name="Another"))


def counts_another_event(session: Session) -> None:
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    rules = rules_of(row)
    policy = EarlierSheets(kind="year", round=ROUND, competition="hksh-2022")
    rules = replace(rules, calibration=replace(rules.calibration, earlier=(policy,)))
    row.definition, row.digest = rules.to_dict(), rules.digest


UNDER_WAY = {
    "scores of another event": (counts_another_event, "count scoresheets of hksh-2022, which would not be there"),
    "an open round": (reopened, "Round first-screening of hksh-2023 is open"),
    "unfinished work": (one_job, "Jobs of hksh-2023 are not finished: workbook"),
    "a message that waits": (one_message, "e-mail messages of hksh-2023 wait to be sent"),
    "an appointment": (an_appointment, "An appointment in hksh-2023 waits"),
    "no personal data": (removed, "Personal data were removed from hksh-2023"),
    "a removal that waits": (removal_asked_for, "A removal of personal data from hksh-2023 was asked for"),
    "a pseudonym": (pseudonym, "is under a pseudonym"),
    "a log with faults": (changed_behind_the_log, "The first: Row team 1 does not fit entry"),
}


@pytest.fixture(params=list(UNDER_WAY))
def under_way(request: pytest.FixtureRequest) -> tuple[Callable[[Session], None], str]:
    change, said = UNDER_WAY[request.param]
    return change, said


def test_an_event_with_something_under_way_is_not_exported(
    make: Make, tmp_path: Path, under_way: tuple[Callable[[Session], None], str]
) -> None:
    change, said = under_way
    source = filled(make, "sqlite")
    with db.transaction(source.engine) as session:
        change(session)
    with pytest.raises(JudgingError, match=said):
        source.export(tmp_path / "event.zip")
    assert list(tmp_path.glob("*event.zip*")) == []
    with db.transaction(source.engine, read_only=True) as session:
        exported = select(tables.AuditEntry.id).where(tables.AuditEntry.action == "competition.exported")
        assert session.exec(exported).all() == []


def test_a_file_that_is_there_and_a_deck_that_is_missing_refuse_the_export(make: Make, tmp_path: Path) -> None:
    source = filled(make, "sqlite")
    (tmp_path / "there.zip").write_text("mine")
    with pytest.raises(JudgingError, match="exists already"):
        source.export(tmp_path / "there.zip")
    with pytest.raises(JudgingError, match="cannot be written"):
        source.export(tmp_path / "nowhere" / "event.zip")
    with db.transaction(source.engine, read_only=True) as session:
        digest = session.exec(
            select(tables.ProposalFile.digest).where(tables.ProposalFile.removed_at == None)  # noqa: E711
        ).all()[0]
    path = source.files.path_of(digest)
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(JudgingError, match=r"The deck of proposal P00[12] is missing"):
        source.export(tmp_path / "event.zip")
    path.write_bytes(kept + b"x")
    with pytest.raises(JudgingError, match="is damaged in the folder of files"):
        source.export(tmp_path / "event.zip")
    assert (tmp_path / "there.zip").read_text() == "mine"
    assert sorted(one.name for one in tmp_path.glob("*.zip*")) == ["there.zip"]
