"""Personal data removed after an event: what goes, what stays, and what is still proven."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from judging import db, tables
from judging.errors import Conflict, InvalidInput, NotAllowed
from judging.services import audit
from judging.services.access import Actor
from judging.services.audit import stored_rows
from judging.services.bundle import checking, making
from judging.services.competitions import archiving
from judging.services.competitions.definitions import definition_of
from judging.services.mail.mailer import mailer_of
from judging.services.personal_data import preview, remaining, removal_requests, removing
from judging.services.releases import letter_mail, team_letters
from tests.support.event import AT, COMPETITION, ROUND
from tests.support.optional import present
from tests.support.released import make_calibrated, release

NAMES = (
    "Ada Wong",
    "ada@example.org",
    "Team Falcon",
    "falcon@example.org",
    "wing@example.net",
    "Wong Institute",
    "Mentor Ho",
    "Judge 02",
)


@pytest.fixture
def organiser(session: Session) -> Actor:
    """Return the organiser of a released and archived event, in which names stand in many places."""
    event = make_calibrated(session)
    organiser = event.actor(session, "organiser")
    judge = session.exec(select(tables.Judge).where(tables.Judge.key == "J01")).one()
    person = session.get_one(tables.Person, judge.person_id)
    person.name, person.email, judge.name, judge.affiliation = (
        "Ada Wong",
        "ada@example.org",
        "Ada Wong",
        "Wong Institute",
    )
    team = session.exec(select(tables.Team).where(tables.Team.key == "T001")).one()
    team.name, team.email, team.mentors = "Team Falcon", "falcon@example.org, wing@example.net", "Mentor Ho"
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.team_id == team.pk)).one()
    session.add_all(
        [
            tables.RosterChange(
                competition_id=1,
                kind="judges",
                row_key="J01",
                action="changed",
                changes={"name": ["Ada Wong", "Ada Wong-Li"]},
                changed_at=AT,
            ),
            tables.ConflictOfInterest(
                person_id=person.pk, proposal_id=proposal.pk, kind="family", reason="My niece.", declared_at=AT
            ),
            tables.SignInSession(
                person_id=person.pk,
                token_hash="t" * 64,
                began_at=AT,
                how="link",
                address="192.0.2.7",
                browser="Firefox",
                last_used_at=AT,
            ),
        ]
    )
    session.flush()
    by_judge = Actor(person_id=person.pk, name="Ada Wong", address="192.0.2.7")
    begun = db_row_names(session, "sign_in_session")
    stored_rows.note(session, begun)
    audit.record(session, by_judge, "signed_in", f"person {person.pk}", at=AT, detail={"name": "Ada Wong"})
    audit.record(
        session, organiser, "roster.changed", "Ada Wong", at=AT, competition_id=1, detail={"to": "ada@example.org"}
    )
    release(session)
    session.commit()
    archiving.archive(session, organiser, COMPETITION, reason="The event is over.", at=AT)
    session.commit()
    return organiser


def ask(session: Session, organiser: Actor) -> None:
    """Ask for the removal, which waits for nothing, unless somebody has."""
    key = tables.Competition.key
    if session.exec(select(tables.Competition.removal_due_at).where(key == COMPETITION)).one() is None:
        removal_requests.ask(session, organiser, COMPETITION, typed=COMPETITION, wait=timedelta(0), at=AT)


def db_row_names(session: Session, table: str) -> dict[str, str]:
    return dict(stored_rows.digests(session.connection(), tables.metadata.tables[table]))


def remove(engine: Engine, organiser: Actor, *, batches: int = 1000) -> dict[str, int] | None:
    """Do what the job does; only so many batches of entries when it is to be interrupted."""
    with db.transaction(engine) as session:
        ask(session, organiser)
    with db.transaction(engine, read_only=True) as session:
        removal = removing.prepare_removal(session, organiser, COMPETITION, typed=COMPETITION, at=AT)
        session.expunge_all()
    last: int | None = 0
    done = 0
    while last is not None:
        if (batches := batches - 1) < 0:
            return None
        done = last
        with db.transaction(engine) as session:
            last = removing.replace_in_entries(session, organiser, removal, after=done, at=AT)
    for step in (removing.replace_in_facts, removing.replace_in_rosters):
        with db.transaction(engine) as session:
            step(session, organiser, removal, at=AT)
    with db.transaction(engine) as session:
        return removing.finish_removal(session, organiser, removal, after=done, at=AT)


def whole_content(engine: Engine) -> str:
    """Return every value of every table as one text."""
    with engine.connect() as connection:
        return json.dumps(
            [
                [str(value) if not isinstance(value, dict | list) else value for value in row]
                for table in tables.metadata.sorted_tables
                for row in connection.execute(sqlalchemy.select(table))
            ],
            ensure_ascii=False,
        )


def test_names_are_nowhere_any_more_and_the_log_verifies(
    session: Session, engine: Engine, organiser: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removing, "BATCH", 5)
    seen = preview.preview_removal(session, organiser, COMPETITION)
    head = session.exec(select(tables.AuditHead.hash)).one()
    session.rollback()
    assert [name for name in NAMES if name in whole_content(engine)] == list(NAMES)
    numbers = remove(engine, organiser)
    assert numbers is not None
    left = whole_content(engine)
    assert [name for name in (*NAMES, "192.0.2.7", "Firefox", "My niece.", "Wong-Li") if name in left] == []
    assert (seen.n_people, seen.n_judges, seen.n_teams) == (numbers["people"], numbers["judges"], numbers["teams"])
    with db.transaction(engine, read_only=True) as reading:
        assert list(audit.verify(reading)) == []
        assert audit.count_without_personal_data(reading) > 5
        # A head that somebody kept from before still fits.
        assert reading.exec(select(tables.AuditEntry).where(tables.AuditEntry.hash == head)).one() is not None
        kept = reading.exec(select(tables.Person).where(tables.Person.email == "organiser@example.org")).one()
        assert (kept.name, kept.is_active) == ("The organiser", True)
        assert reading.exec(select(tables.Judge.name).where(tables.Judge.key == "J01")).one() == "Judge J01"


def test_scores_runs_and_release_are_as_they_were_and_computed_again(
    session: Session, engine: Engine, organiser: Actor
) -> None:
    facts = ("score", "scoresheet", "calibration_run", "release", "signature", "decision")
    before = {name: db_row_names(session, name) for name in facts if name != "score"}
    released = session.exec(select(tables.Release.digest)).all()
    session.rollback()
    remove(engine, organiser)
    with db.transaction(engine, read_only=True) as reading:
        assert {name: db_row_names(reading, name) for name in before} == before
        assert reading.exec(select(tables.Release.digest)).all() == released
        collected = making.collect_bundle(reading, organiser, COMPETITION, ROUND, run_number=1, at=AT)
    findings = checking.check_bundle(making.write_bundle(collected, made_by="x", at=AT))
    assert checking.holds(findings), findings


def test_a_removal_that_was_interrupted_goes_on(
    session: Session, engine: Engine, organiser: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.rollback()
    monkeypatch.setattr(removing, "BATCH", 3)
    assert remove(engine, organiser, batches=2) is None
    with db.transaction(engine, read_only=True) as reading:
        assert list(audit.verify(reading)) == []
    assert remove(engine, organiser) is not None
    assert "Ada Wong" not in whole_content(engine)
    with db.transaction(engine, read_only=True) as reading:
        assert list(audit.verify(reading)) == []
        with pytest.raises(Conflict, match="removed from this competition already"):
            removing.prepare_removal(reading, organiser, COMPETITION, typed=COMPETITION, at=AT)
    with db.transaction(engine) as writing, pytest.raises(Conflict, match="stays archived"):
        archiving.put_back(writing, organiser, COMPETITION, reason="An appeal.", at=AT)


def test_who_takes_part_in_another_event_stays(session: Session, engine: Engine, organiser: Actor) -> None:
    person = session.exec(select(tables.Person).where(tables.Person.email == "ada@example.org")).one()
    other = tables.Competition(key="other", definition={}, digest="d", created_at=AT)
    session.add(other)
    session.flush()
    session.add(tables.Role(person_id=person.pk, competition_id=other.pk, role="judge"))
    session.commit()
    remove(engine, organiser)
    with db.transaction(engine, read_only=True) as reading:
        again = reading.get_one(tables.Person, person.pk)
        assert (again.name, again.email, again.is_active) == ("Ada Wong", "ada@example.org", True)
        assert reading.exec(select(tables.Judge.name).where(tables.Judge.key == "J01")).one() == "Ada Wong"
        assert list(audit.verify(reading)) == []


def test_it_is_asked_for_by_an_organiser_who_types_the_key_of_an_archived_competition(
    session: Session, organiser: Actor
) -> None:
    with pytest.raises(InvalidInput):
        removing.prepare_removal(session, organiser, COMPETITION, typed="another", at=AT)
    with pytest.raises(NotAllowed):
        removing.prepare_removal(
            session, replace(organiser, roles={1: frozenset({"auditor"})}), COMPETITION, typed=COMPETITION, at=AT
        )
    with pytest.raises(Conflict, match="Ask for the removal first"):
        removing.prepare_removal(session, organiser, COMPETITION, typed=COMPETITION, at=AT)
    archiving.put_back(session, organiser, COMPETITION, reason="Not yet.", at=AT)
    with pytest.raises(Conflict, match="Archive the competition first"):
        removing.prepare_removal(session, organiser, COMPETITION, typed=COMPETITION, at=AT)


@pytest.mark.parametrize("change", [{"action": "other"}, {"hash": "0" * 64}, {"subject": "other"}])
def test_an_entry_that_was_named_can_still_not_be_changed_unseen(
    session: Session, engine: Engine, organiser: Actor, change: dict[str, Any]
) -> None:
    session.rollback()
    remove(engine, organiser)
    with db.transaction(engine, read_only=True) as reading:
        named = tables.RemovedPersonalData
        number = reading.exec(select(named.row_id).where(named.table_name == "audit_entry")).first()
    entry = tables.metadata.tables["audit_entry"]
    changed = sqlalchemy.update(entry).where(entry.c.id == number).values(**change)
    if "subject" not in change:
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(changed)
        return
    # The columns of a named row can be changed; the log says so.
    with engine.begin() as connection:
        connection.execute(changed)
    with db.transaction(engine, read_only=True) as reading:
        assert list(audit.verify(reading)) == [f"Entry {number}: its content was changed after it was written."]


def test_every_table_with_texts_is_treated_or_says_why_it_stays() -> None:
    with_texts = {
        table.name
        for table in tables.metadata.tables.values()
        if any(isinstance(column.type, sqlalchemy.String | sqlalchemy.JSON) for column in table.columns)
    }
    assert with_texts - remaining.TREATED == set(remaining.STAYS) & with_texts
    assert set(remaining.STAYS) & remaining.TREATED == set()


def test_an_appeal_loses_the_name_of_who_asked(session: Session, engine: Engine, organiser: Actor) -> None:
    released = session.exec(select(tables.Release)).one()
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == "P001")).one()
    session.add(
        tables.Appeal(
            round_id=released.round_id,
            proposal_id=proposal.pk,
            release_id=released.pk,
            number=1,
            asked_by="Cleo Ng",
            reason="Cleo Ng of Team Falcon asks why.",
            entered_at=AT,
            entered_by=present(organiser.person_id),
        )
    )
    session.flush()
    archiving.put_back(session, organiser, COMPETITION, reason="An appeal.", at=AT)
    with pytest.raises(Conflict, match="An appeal is not settled"):
        archiving.archive(session, organiser, COMPETITION, reason="Over.", at=AT)
    appeal = session.exec(select(tables.Appeal)).one()
    session.add(
        tables.AppealOutcome(
            appeal_id=appeal.pk,
            outcome="stands",
            reason="Read again.",
            settled_at=AT,
            settled_by=present(organiser.person_id),
        )
    )
    archiving.archive(session, organiser, COMPETITION, reason="Over.", at=AT)
    session.commit()
    remove(engine, organiser)
    with db.transaction(engine, read_only=True) as reading:
        row = reading.exec(select(tables.Appeal)).one()
        assert (row.asked_by, row.reason) == ("Team T001", "Team T001 of Team T001 asks why.")
        assert list(audit.verify(reading)) == []
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE appeal SET number = 2"))


def test_letters_lose_their_texts_and_keep_their_proofs(session: Session, engine: Engine, organiser: Actor) -> None:
    competition = session.exec(select(tables.Competition)).one()
    round_row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    archiving.put_back(session, organiser, COMPETITION, reason="Letters.", at=AT)
    definition = definition_of(competition)
    definition = replace(definition, policies=replace(definition.policies, letters=("decision",)))
    competition.definition, competition.digest = definition.to_dict(), definition.digest
    team_letters.make_letters(session, organiser, COMPETITION, ROUND, at=AT)
    mailer = mailer_of(secret_key="x" * 32, sender="judging@example.org", base_url="https://judging.example.org")
    letter_mail.mail_letters(session, organiser, mailer, COMPETITION, ROUND, at=AT)
    archiving.archive(session, organiser, COMPETITION, reason="Over.", at=AT)
    leaves = team_letters.digests_of(session, competition, round_row)
    session.commit()
    remove(engine, organiser)
    with db.transaction(engine, read_only=True) as reading:
        row = reading.exec(select(tables.TeamLetters)).one()
        assert (row.content, len(leaves) > 0) == ({"letters": [], "leaves": leaves}, True)
        page = team_letters.letters_page(reading, organiser, COMPETITION, ROUND)
        # One to each address of the team.
        messages = reading.exec(select(tables.OutboxMessage)).all()
        removed: tuple[str, dict[str, str], str] = ("removed@removed.invalid", {}, "failed")
        assert [(one.recipient, one.content, one.state) for one in messages] == [removed] * 2
        assert (page.letters, [leaf.hex() for leaf in page.leaves]) == ((), leaves)
        assert list(audit.verify(reading)) == []


def test_who_signed_in_another_event_stays_without_a_role_there(
    session: Session, engine: Engine, organiser: Actor
) -> None:
    person = session.exec(select(tables.Person).where(tables.Person.email == "ada@example.org")).one()
    other = tables.Competition(key="other", definition={}, digest="d", created_at=AT)
    session.add(other)
    session.flush()
    signed = Actor(person_id=person.pk, name="Ada Wong", address="192.0.2.7")
    audit.record(session, signed, "release.signed", "release 1", at=AT, competition_id=other.pk)
    session.commit()
    remove(engine, organiser)
    with db.transaction(engine, read_only=True) as reading:
        again = reading.get_one(tables.Person, person.pk)
        assert (again.name, again.email, again.is_active) == ("Ada Wong", "ada@example.org", True)
        entry = tables.AuditEntry
        assert reading.exec(select(entry.actor).where(entry.competition_id == other.pk)).all() == ["Ada Wong"]
        assert list(audit.verify(reading)) == []


@pytest.mark.parametrize("name", ["selected", "P001", "person", "0123456789abcdef"])
def test_the_name_of_a_team_takes_nothing_out_of_the_log(
    session: Session, engine: Engine, organiser: Actor, name: str
) -> None:
    team = session.exec(select(tables.Team).where(tables.Team.key == "T001")).one()
    team.name = name
    detail = {"verdict": "selected", "judge": "J01", "digest": "0123456789abcdef", "given": ["0123456789abcdef"]}
    archived = session.exec(select(tables.Competition)).one()
    archived.archived_at = None
    session.flush()
    audit.record(session, organiser, "decision.made", "person 1 P001", at=AT, competition_id=1, detail=detail)
    archived.archived_at = AT
    session.commit()
    remove(engine, organiser)
    with db.transaction(engine, read_only=True) as reading:
        entry = tables.AuditEntry
        query = select(entry.subject, entry.detail).where(entry.action == "decision.made")
        assert ("person 1 P001", detail) in reading.exec(query).all()
        assert list(audit.verify(reading)) == []


def test_the_reason_of_the_archive_loses_names(session: Session, engine: Engine, organiser: Actor) -> None:
    archived = session.exec(select(tables.Competition)).one()
    archived.archived_reason = "Ada Wong asks for it."
    session.commit()
    remove(engine, organiser)
    assert "Ada Wong" not in whole_content(engine)
