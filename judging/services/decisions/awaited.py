"""What waits for one person: consents, signatures, the work of a chair in each round, further scoresheets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from judging import tables
from judging.rubric import Text
from judging.services.access import Actor
from judging.services.appeals.open_readings import asked_by_open_appeals
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.consents import RequiredConsents, city_of_chair
from judging.services.decisions import chair_work
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.decisions.verdicts import decisions_in_force
from judging.services.releases.in_force import in_force, list_signed
from judging.services.scoresheets.versions import is_newest

CONSENT, SIGNATURE, CONFLICT, READING = "consent", "signature", "conflict", "reading"
PAPER, CALIBRATION, RELEASE, APPEAL = "paper", "calibration", "release", "appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """One thing that waits for the actor.

    Attributes
    ----------
    kind : {"consent", "signature", "conflict", "reading", "paper", "calibration", "release", "appeal"}
    competition_key, round_key : str
    competition, round : Text
        Their names.
    number : int
        Of the version of the rules or of the release; otherwise how many proposals, scoresheets or appeals.
    proposals : tuple of str
        Keys, of a conflict.
    """

    kind: str
    competition_key: str
    round_key: str
    competition: Text
    round: Text
    number: int
    proposals: tuple[str, ...] = ()


def awaited_by(session: Session, actor: Actor) -> list[Awaited]:
    """Return what waits for a person, in the order of competitions and rounds; nothing for the command line."""
    if actor.person_id is None:
        return []
    mine = [key for key, roles in actor.roles.items() if roles & {"chair", "judge"}]
    rows = session.exec(
        select(tables.Round, tables.Competition)
        .join(tables.Competition, col(tables.Competition.id) == col(tables.Round.competition_id))
        .where(
            col(tables.Competition.id).in_(mine),
            col(tables.Competition.archived_at).is_(None),
            tables.Round.state != "draft",
        )
        .order_by(col(tables.Competition.id).desc(), col(tables.Round.position))
    ).all()
    return [one for round_row, competition_row in rows for one in _of_round(session, actor, competition_row, round_row)]


def _of_round(
    session: Session, actor: Actor, competition_row: tables.Competition, round_row: tables.Round
) -> Iterator[Awaited]:
    def awaited(kind: str, number: int, proposals: tuple[str, ...] = ()) -> Awaited:
        return Awaited(
            kind=kind,
            competition_key=competition_row.key,
            round_key=round_row.key,
            competition=definition.name,
            round=rules_of(round_row).name,
            number=number,
            proposals=proposals,
        )

    definition = definition_of(competition_row)
    roles = actor.roles.get(competition_row.pk, frozenset())
    city = city_of_chair(actor, competition_row)
    if "chair" in roles:
        version = session.exec(
            select(tables.RulesVersion).where(
                tables.RulesVersion.round_id == round_row.id, tables.RulesVersion.state == "proposed"
            )
        ).first()
        if version is not None:
            given = session.exec(
                select(tables.RulesConsent.city).where(tables.RulesConsent.rules_version_id == version.id)
            ).all()
            if RequiredConsents.of(definition, given).accepts(city):
                yield awaited(CONSENT, version.number)
        releases = list_signed(session, definition, round_row)
        if releases and releases[0].required.accepts(city):
            yield awaited(SIGNATURE, releases[0].row.number)
        alone = _left_to(session, actor, competition_row, round_row) if in_force(releases) is None else ()
        if alone:
            yield awaited(CONFLICT, len(alone), alone)
        if n_typed := chair_work.n_paper(session, actor, competition_row, round_row):
            yield awaited(PAPER, n_typed)
        if chair_work.is_to_be_calibrated(session, round_row):
            yield awaited(CALIBRATION, 1)
        elif chair_work.is_to_be_released(round_row, releases):
            yield awaited(RELEASE, 1)
        if n_appeals := chair_work.n_open_appeals(session, actor, competition_row, round_row):
            yield awaited(APPEAL, n_appeals)
    if "judge" in roles and round_row.state != "draft":
        n_asked = _asked(session, actor, round_row)
        if n_asked:
            yield awaited(READING, n_asked)


def _left_to(
    session: Session, actor: Actor, competition_row: tables.Competition, round_row: tables.Round
) -> tuple[str, ...]:
    """Return the proposals of a calibrated round that another chair may not decide on, and nobody has decided on."""
    is_calibrated = session.exec(
        select(tables.CalibrationRun.id).where(tables.CalibrationRun.round_id == round_row.id).limit(1)
    ).first()
    if is_calibrated is None:
        return ()
    keys = session.exec(
        select(tables.Proposal.key)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .join(tables.ConflictOfInterest, col(tables.ConflictOfInterest.proposal_id) == col(tables.Proposal.id))
        .join(tables.Role, col(tables.Role.person_id) == col(tables.ConflictOfInterest.person_id))
        .where(
            tables.RoundProposal.round_id == round_row.id,
            tables.Role.competition_id == competition_row.id,
            tables.Role.role == "chair",
            col(tables.ConflictOfInterest.withdrawn_at).is_(None),
            col(tables.ConflictOfInterest.person_id) != actor.person_id,
        )
        .order_by(tables.Proposal.key)
        .distinct()
    ).all()
    if not keys:
        return ()
    settled = set(decisions_in_force(session, round_row)) | hidden_proposals(session, actor, competition_row.pk)
    return tuple(key for key in keys if key not in settled)


def _asked(session: Session, actor: Actor, round_row: tables.Round) -> int:
    """Count the scoresheets that a judge was asked for after the opening, or by an appeal, and has not submitted."""
    submitted = (
        select(tables.Scoresheet.id)
        .where(
            col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id),
            col(tables.Scoresheet.state) == "submitted",
            is_newest(),
        )
        .correlate(tables.Assignment)
        .exists()
    )
    if round_row.opened_at is None:
        return 0
    is_asked = (
        col(tables.Assignment.assigned_at) > round_row.opened_at
        if round_row.state == "open"
        else col(tables.Assignment.id).in_(asked_by_open_appeals())
    )
    return len(
        session.exec(
            select(tables.Assignment.id)
            .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
            .where(
                tables.Assignment.round_id == round_row.id,
                tables.Judge.person_id == actor.person_id,
                tables.Assignment.state == "active",
                is_asked,
                ~submitted,
            )
        ).all()
    )
