"""Give the rows of people, judges and teams their pseudonyms, and delete what only served them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy
from sqlalchemy import delete
from sqlmodel import Session, col, select

from judging import tables
from judging.services.audit import stored_rows
from judging.services.personal_data.concerned import DOMAIN, Concerned
from judging.services.personal_data.preview import files_of_competition
from judging.services.personal_data.replacing import REMOVED, Replacer
from judging.tables.jobs import UNFINISHED
from judging.tables.types import metadata


def forget_rosters(
    session: Session, row: tables.Competition, concerned: Concerned, replacer: Replacer, *, at: datetime
) -> None:
    """Give judges and teams pseudonyms; take out decks, videos and addresses of files, and reasons of conflicts."""
    for judge in session.exec(select(tables.Judge).where(col(tables.Judge.id).in_(concerned.judges))):
        judge.name, judge.affiliation = concerned.judges[judge.pk], None
        judge.left_reason = REMOVED if judge.left_reason else judge.left_reason
    for team in session.exec(select(tables.Team).where(col(tables.Team.id).in_(concerned.teams))):
        team.name, team.affiliation, team.email, team.mentors = concerned.teams[team.pk], None, None, None
    proposals = session.exec(select(tables.Proposal).where(tables.Proposal.competition_id == row.id)).all()
    keys = {proposal.pk: proposal.key for proposal in proposals}
    for proposal in proposals:
        proposal.deck_url = proposal.video_url = None
        proposal.summary, proposal.title = replacer.in_text(proposal.summary), replacer.in_text(proposal.title)
    for file in session.exec(files_of_competition(row)).all():
        file.removed_at = at
    for file in session.exec(select(tables.ProposalFile).where(col(tables.ProposalFile.proposal_id).in_(keys))):
        file.name = f"{keys[file.proposal_id]}.{file.name.rpartition('.')[2]}"[:200]
    for own in session.exec(
        select(tables.ConflictOfInterest).where(col(tables.ConflictOfInterest.proposal_id).in_(keys))
    ):
        own.reason = REMOVED if own.reason else ""
    for entered in session.exec(select(tables.JudgeConflict).where(col(tables.JudgeConflict.proposal_id).in_(keys))):
        entered.reason = REMOVED if entered.reason else ""
    row.archived_reason = None if row.archived_reason is None else replacer.in_text(row.archived_reason)
    _forget_in_rounds(session, row, replacer)
    session.flush()


def forget_accounts(session: Session, row: tables.Competition, concerned: Concerned, *, at: datetime) -> None:
    """Switch accounts off under pseudonyms, and delete what signs in, messages, uploads and finished jobs."""
    people = list(concerned.people)
    for person in session.exec(select(tables.Person).where(col(tables.Person.id).in_(people))):
        person.email, person.name = f"person-{person.pk}@{DOMAIN}", concerned.people[person.pk]
        person.password_hash = person.locale = None
        person.is_active = False
    for table in (tables.Passkey, tables.Authenticator, tables.RecoveryCode, tables.SingleSignOnIdentity):
        for secret in session.exec(select(table).where(col(table.person_id).in_(people))):
            session.delete(secret)
    for token in session.exec(select(tables.AccessToken).where(col(tables.AccessToken.person_id).in_(people))):
        token.name = REMOVED
    for link in session.exec(
        select(tables.SignInLink).where(
            col(tables.SignInLink.person_id).in_(people),
            col(tables.SignInLink.used_at).is_(None),
            col(tables.SignInLink.revoked_at).is_(None),
        )
    ):
        link.revoked_at = at
    for change in session.exec(select(tables.AccountChange).where(col(tables.AccountChange.person_id).in_(people))):
        if change.kind in ("address", "name"):
            change.old_value = change.new_value = REMOVED
        if change.ended_at is None:
            change.ended_at, change.outcome = at, "expired"
    session.flush()
    _end_sessions(session, people, at=at)
    message, job = tables.OutboxMessage, tables.Job
    session.execute(delete(message).where(col(message.person_id).in_(people)))
    # That a letter was sent is a fact, which names its message.
    sent = select(tables.TeamLetterMessage.message_id)
    of_letters = (col(message.competition_id) == row.id, col(message.id).in_(sent))
    session.execute(
        sqlalchemy.update(message)
        .where(*of_letters, col(message.state).in_(("queued", "sending")))
        .values(state="failed", ended_at=at)
    )
    forgotten: dict[str, object] = {"recipient": f"removed@{DOMAIN}", "content": {}, "token_seed": None}
    forgotten |= {"problem": None, "refused_address": None}
    session.execute(sqlalchemy.update(message).where(*of_letters).values(forgotten))
    session.execute(delete(message).where(col(message.competition_id) == row.id, col(message.id).not_in(sent)))
    session.execute(delete(tables.RequestKey).where(col(tables.RequestKey.person_id).in_(people)))
    session.execute(delete(tables.IncomingFile).where(col(tables.IncomingFile.competition_id) == row.id))
    finished = select(job.id).where(col(job.competition_id) == row.id, col(job.state).not_in(UNFINISHED))
    session.execute(delete(tables.JobFile).where(col(tables.JobFile.job_id).in_(finished)))
    session.execute(delete(job).where(col(job.competition_id) == row.id, col(job.state).not_in(UNFINISHED)))


def _forget_in_rounds(session: Session, row: tables.Competition, replacer: Replacer) -> None:
    """Replace names in what is kept about meetings and assignments."""
    rounds = select(tables.Round.id).where(tables.Round.competition_id == row.id)
    for meeting in session.exec(select(tables.Meeting).where(col(tables.Meeting.round_id).in_(rounds))):
        meeting.present = replacer.in_value(meeting.present)
        meeting.minutes = replacer.in_value(meeting.minutes)
    for assignment in session.exec(
        select(tables.Assignment).where(col(tables.Assignment.round_id).in_(rounds), tables.Assignment.reason != "")
    ):
        assignment.reason = replacer.in_text(assignment.reason)


def _end_sessions(session: Session, people: list[int], *, at: datetime) -> None:
    """End sessions and remove their network addresses and browsers; a statement does so, and reports the rows."""
    table = metadata.tables["sign_in_session"]
    own = table.c.person_id.in_(people)
    session.execute(
        sqlalchemy.update(table).where(own, table.c.ended_at.is_(None)).values(ended_at=at, end_reason="deactivated")
    )
    session.execute(sqlalchemy.update(table).where(own).values(address="", browser="", id_token=None))
    stored_rows.note(session, dict(stored_rows.digests(session.connection(), table, own)))
