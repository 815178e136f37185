"""What a judge does with one assignment: save, submit, reopen, recuse.

The round's state decides whether scores can be entered. ``closes_at`` is the deadline that judges see. A scoresheet
after the deadline is late but is accepted until the organiser closes the round.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import CONFLICT_KINDS, RoundRules
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.scoresheets import MAX_JUSTIFICATION, SheetContent, clean, complaints_on_submit
from judging.services import audit
from judging.services.access import Actor, get_round, require_role
from judging.services.competitions import rules_of
from judging.services.scoresheets.versions import NewVersion, Version, append, find_current

RECUSED_TEXT = Message("You stepped back from this proposal. The organiser can give it back to you.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSheet:
    """The stored state; ``total`` is None while a score is missing, ``saved_at`` is None while nothing is stored."""

    version: int
    total: float | None
    saved_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAssignment:
    """One assignment with its competition, round, judge, proposal and current scoresheet."""

    competition: tables.Competition
    round: tables.Round
    rules: RoundRules
    judge: tables.Judge
    assignment: tables.Assignment
    proposal: tables.Proposal
    team: tables.Team | None
    current: Version | None

    @property
    def is_open(self) -> bool:
        """Return whether the judge can still change this scoresheet."""
        return self.round.state == "open" and self.assignment.state == "active"

    @property
    def base_version(self) -> int:
        """Return the version on which the next save must be based."""
        return self.current.version if self.current else 0

    @property
    def assignment_id(self) -> int:
        """Return the key of the assignment."""
        return self.assignment.pk


def get_judge(session: Session, actor: Actor, competition_id: int) -> tables.Judge:
    """Return the actor's entry in the roster of judges."""
    require_role(actor, competition_id, "judge")
    judge = session.exec(
        select(tables.Judge).where(
            tables.Judge.competition_id == competition_id, tables.Judge.person_id == actor.person_id
        )
    ).one_or_none()
    # `person_id == None` in SQL would match the judges without an account.
    if judge is None or actor.person_id is None:
        raise NotFound
    return judge


def get_place(session: Session, actor: Actor, competition: str, round_key: str, proposal_key: str) -> OwnAssignment:
    """Return the actor's own assignment of a proposal; NotFound for any other assignment."""
    competition_row, round_row = get_round(session, actor, competition, round_key, "judge")
    judge = get_judge(session, actor, round_row.competition_id)
    row = session.exec(
        select(tables.Assignment, tables.Proposal)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(
            tables.Assignment.round_id == round_row.id,
            tables.Assignment.judge_id == judge.id,
            tables.Proposal.key == proposal_key,
        )
    ).one_or_none()
    if row is None or round_row.state == "draft" or row[0].state == "withdrawn":
        raise NotFound
    assignment, proposal = row
    rules = rules_of(round_row)
    return OwnAssignment(
        competition=competition_row,
        round=round_row,
        rules=rules,
        judge=judge,
        assignment=assignment,
        proposal=proposal,
        team=None if rules.privacy.teams_hidden else session.get(tables.Team, proposal.team_id),
        current=find_current(session, assignment.pk),
    )


def save_scoresheet(
    session: Session,
    actor: Actor,
    assignment_id: int,
    *,
    sheet: SheetContent,
    base_version: int,
    submit: bool,
    source: str,
    at: datetime,
) -> StoredSheet:
    """Append the next version of the actor's own scoresheet.

    A sheet equal to the stored one is not stored again, whatever version it is based on. Therefore a double click and a
    resend after a lost response have no effect.

    Raises
    ------
    NotFound
        When the assignment is not the actor's.
    Conflict
        When the round is not open, the judge is recused, or another version was saved in the meantime.
    InvalidInput
        When an incomplete sheet is submitted.
    """
    rules = _lock_for_writing(session, actor, assignment_id)
    if submit and (complaints := complaints_on_submit(rules.rubric, sheet)):
        raise InvalidInput(complaints)
    state = "submitted" if submit else "draft"
    current = find_current(session, assignment_id)
    stored = (
        StoredSheet(version=0, total=None, saved_at=None, state="draft") if current is None else _saved(rules, current)
    )
    if state == stored.state and sheet == (current.sheet if current else SheetContent()):
        return stored
    if base_version != stored.version:
        raise Conflict(
            Message(
                "This scoresheet was saved elsewhere meanwhile: version {version}. Nothing of it was overwritten.",
                version=stored.version,
            )
        )
    return _append(
        session, actor, assignment_id, rules, sheet=sheet, version=stored.version + 1, state=state, source=source, at=at
    )


def reopen_scoresheet(session: Session, actor: Actor, assignment_id: int, *, at: datetime) -> StoredSheet:
    """Append a draft with the submitted content; the sheet does not count until it is submitted again."""
    rules = _lock_for_writing(session, actor, assignment_id)
    current = find_current(session, assignment_id)
    if current is None or current.state == "draft":
        return (
            StoredSheet(version=0, total=None, saved_at=None, state="draft")
            if current is None
            else _saved(rules, current)
        )
    return _append(
        session,
        actor,
        assignment_id,
        rules,
        sheet=current.sheet,
        version=current.version + 1,
        state="draft",
        source="form",
        at=at,
    )


def recuse(session: Session, actor: Actor, assignment_id: int, *, reason: str, text: str, at: datetime) -> None:
    """Recuse the judge from an assignment, with a reason."""
    text = " ".join(clean(text).split())
    complaints: dict[str, str] = {}
    if reason not in CONFLICT_KINDS:
        complaints["reason"] = Message("Choose a reason.")
    elif reason == "other" and not text:
        complaints["text"] = Message("Please say in a few words why.")
    if len(text) > MAX_JUSTIFICATION:
        complaints["text"] = Message(
            "This text has {length} characters; at most {limit} fit.", length=len(text), limit=MAX_JUSTIFICATION
        )
    if complaints:
        raise InvalidInput(complaints)
    _lock_for_writing(session, actor, assignment_id)
    assignment = session.get_one(tables.Assignment, assignment_id)
    assignment.state = "recused"
    assignment.reason = f"{reason}: {text}" if text else reason
    session.add(assignment)
    _record_on_assignment(session, actor, "assignment.recused", assignment_id, at=at, reason=reason)


def undo_recusal(session: Session, actor: Actor, assignment_id: int, *, at: datetime) -> None:
    """Give an assignment back to the judge who had stepped back; the organiser's to do."""
    assignment = session.get(tables.Assignment, assignment_id)
    if assignment is None:
        raise NotFound
    require_role(actor, session.get_one(tables.Round, assignment.round_id).competition_id, "organiser")
    if assignment.state != "recused":
        raise Conflict(Message("The judge has not stepped back from this proposal."))
    assignment.state, assignment.reason = "active", ""
    session.add(assignment)
    _record_on_assignment(session, actor, "assignment.recusal_undone", assignment_id, at=at)


def _lock_for_writing(session: Session, actor: Actor, assignment_id: int) -> RoundRules:
    # The lock of the assignment serialises two saves of one sheet, so that the second sees what the first stored.
    # UNIQUE (assignment, version) is a second protection. The shared lock of the round prevents closing during a save.
    # SQLite has only one writer at a time and needs neither lock.
    assignment = session.get(tables.Assignment, assignment_id, with_for_update=True, populate_existing=True)
    if assignment is None:
        raise NotFound
    round_row = session.get_one(
        tables.Round, assignment.round_id, with_for_update={"read": True}, populate_existing=True
    )
    judge = get_judge(session, actor, round_row.competition_id)
    if assignment.judge_id != judge.id or assignment.state == "withdrawn" or round_row.state == "draft":
        raise NotFound
    if assignment.state == "recused":
        raise Conflict(RECUSED_TEXT)
    if round_row.state != "open":
        raise Conflict(Message("This round is closed. Scores can be read, but no longer changed."))
    return rules_of(round_row)


def _append(
    session: Session,
    actor: Actor,
    assignment_id: int,
    rules: RoundRules,
    *,
    sheet: SheetContent,
    version: int,
    state: str,
    source: str,
    at: datetime,
) -> StoredSheet:
    new = NewVersion(assignment_id=assignment_id, version=version, state=state, sheet=sheet)
    append(session, [new], source=source, at=at, saved_by=actor.person_id)
    total = rules.rubric.total_if_complete(sheet.scores)
    action = "scoresheet.submitted" if state == "submitted" else "scoresheet.saved"
    _record_on_assignment(session, actor, action, assignment_id, at=at, version=version, source=source)
    return StoredSheet(version=version, total=total, saved_at=at, state=state)


def _saved(rules: RoundRules, version: Version) -> StoredSheet:
    return StoredSheet(
        version=version.version,
        total=rules.rubric.total_if_complete(version.sheet.scores),
        saved_at=version.saved_at,
        state=version.state,
    )


def _record_on_assignment(
    session: Session, actor: Actor, action: str, assignment_id: int, *, at: datetime, **detail: object
) -> None:
    assignment = session.get_one(tables.Assignment, assignment_id)
    round_row = session.get_one(tables.Round, assignment.round_id)
    proposal = session.get_one(tables.Proposal, assignment.proposal_id)
    judge = session.get_one(tables.Judge, assignment.judge_id)
    audit.record(
        session,
        actor,
        action,
        f"{round_row.key}/{proposal.key}/{judge.key}",
        at=at,
        competition_id=round_row.competition_id,
        detail=dict(detail),
    )
