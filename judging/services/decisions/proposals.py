"""Proposals of a round for chairs, organisers and auditors: the roster entry, and all scoresheets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy
from sqlmodel import Session, and_, col, select

from judging import competition, tables
from judging.errors import Message, NotFound
from judging.schemas.scoresheets import is_extreme
from judging.services.access import READERS, Actor, get_round
from judging.services.competitions.definitions import rules_of
from judging.services.decisions.conflicts_of_interest import require_unhidden
from judging.services.scoresheets.entered import names_of
from judging.services.scoresheets.handed_over import handed_over_by
from judging.services.scoresheets.versions import IMPORTED, is_effective, scores_by_sheet


@dataclass(frozen=True, slots=True)
class ProposalEntry:
    """One proposal of a round; ``city`` and ``category`` are keys."""

    key: str
    title: str
    team: str
    city: str
    category: str | None
    language: str | None
    deck_url: str | None
    video_url: str | None
    withdrawn_at: datetime | None = None

    @property
    def is_withdrawn(self) -> bool:
        """Return whether the proposal no longer takes part in the round."""
        return self.withdrawn_at is not None


@dataclass(frozen=True, slots=True)
class Entered:
    """Who entered a scoresheet for a judge, and the second person; None for the command line, and for nobody yet."""

    by: str | None
    confirmed_by: str | None
    file: str | None = None
    is_paper: bool = False


@dataclass(frozen=True, slots=True)
class JudgeSheet:
    """One judge's newest scoresheet for a proposal.

    Attributes
    ----------
    state : {"submitted", "draft", "empty", "recused", "withdrawn"}
        Of a draft, only the state is shown to others than its judge.
    scores : dict of criterion to value
        In the units of each criterion's scale.
    entered : Entered or None
        Who entered and who confirmed a sheet that is not the judge's own; None for the judge's own.
    total : float or None
        On 0..100; None unless every criterion is scored.
    chair_note : str
        What the judge tells the panel chair only; empty for other readers than chairs and auditors.
    handed_over_by : str
        Who handed over the sign-in link of the session in which it was saved; empty when nobody did.
    """

    judge: str
    judge_name: str
    city: str
    state: str
    reason: str = ""
    version: int | None = None
    saved_at: datetime | None = None
    scores: dict[str, float] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    total: float | None = None
    comment: str = ""
    chair_note: str = ""
    justification: str = ""
    language: str | None = None
    confidence: int | None = None
    identity_revealed: bool = False
    entered: Entered | None = None
    handed_over_by: str = ""


def list_proposals(session: Session, round_row: tables.Round) -> dict[str, ProposalEntry]:
    """Return the proposals of a round by key, withdrawn ones too: an older run ranks them."""
    # Columns in the order of ProposalEntry: most pages need this list, and rows of the tables take three times as long.
    rows = session.execute(
        sqlalchemy.select(
            col(tables.Proposal.key),
            col(tables.Proposal.title),
            col(tables.Team.name),
            col(tables.Team.city),
            col(tables.Proposal.category),
            col(tables.Proposal.language),
            col(tables.Proposal.deck_url),
            col(tables.Proposal.video_url),
            col(tables.RoundProposal.withdrawn_at),
        )
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .where(col(tables.RoundProposal.round_id) == round_row.id)
        .order_by(col(tables.Proposal.key))
    ).all()
    return {row[0]: ProposalEntry(*row) for row in rows}


def named(session: Session, competition_id: int, keys: Collection[str]) -> list[str]:
    """Return proposals of a competition as a sentence names them, by key; a key alone where there is no such one."""
    titles = dict(
        session.exec(
            select(tables.Proposal.key, tables.Proposal.title).where(
                tables.Proposal.competition_id == competition_id, col(tables.Proposal.key).in_(keys)
            )
        ).all()
    )
    return [f"{key} {titles[key]}" if key in titles else key for key in sorted(keys)]


def titles_of(session: Session, competition_row: tables.Competition) -> dict[str, str]:
    """Return the titles of all proposals of a competition by key."""
    rows = session.exec(
        select(tables.Proposal.key, tables.Proposal.title)
        .where(tables.Proposal.competition_id == competition_row.id)
        .order_by(tables.Proposal.key)
    ).all()
    return dict(rows)


def get_proposal(
    session: Session, actor: Actor, competition_key: str, round_key: str, proposal_key: str
) -> tuple[ProposalEntry, list[JudgeSheet]]:
    """Return a proposal with all judges' scoresheets, for chairs, organisers and auditors; judges by key.

    Raises NotAllowed for an actor with a conflict of interest.
    """
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    listed = list_proposals(session, round_row).get(proposal_key)
    if listed is None:
        raise NotFound(Message("This round has no proposal {proposal}.", proposal=proposal_key))
    require_unhidden(session, actor, round_row.competition_id, proposal_key)
    rules = rules_of(round_row)
    rows = session.exec(
        select(tables.Assignment, tables.Judge, tables.Scoresheet)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .outerjoin(
            tables.Scoresheet,
            and_(
                col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id),
                is_effective(),
            ),
        )
        .where(tables.Assignment.round_id == round_row.id, tables.Proposal.key == proposal_key)
        .order_by(tables.Judge.key)
    ).all()
    # An outer join: there is no scoresheet before the first save.
    newest: list[tables.Scoresheet | None] = [sheet for _, _, sheet in rows]
    ids = [sheet.pk for sheet in newest if sheet is not None]
    scores, marks = scores_by_sheet(session, ids), handed_over_by(session, ids)
    of_others = [sheet for sheet in newest if sheet is not None and sheet.source == IMPORTED]
    names = names_of(session, {person for sheet in of_others for person in (sheet.saved_by, sheet.confirmed_by)})
    shown = [
        _judge_sheet(rules, assignment, judge, sheet, () if sheet is None else scores.get(sheet.pk, ()), names)
        for (assignment, judge, _), sheet in zip(rows, newest, strict=True)
    ]
    may_read_notes = actor.has_role(round_row.competition_id, "chair", "auditor")
    return listed, [
        given
        if sheet is None
        else replace(
            given,
            handed_over_by=marks.get(sheet.pk, ""),
            chair_note=given.chair_note if may_read_notes else "",
        )
        for given, sheet in zip(shown, newest, strict=True)
    ]


def _judge_sheet(
    rules: competition.RoundRules,
    assignment: tables.Assignment,
    judge: tables.Judge,
    sheet: tables.Scoresheet | None,
    lines: Sequence[tables.Score],
    names: Mapping[int | None, str],
) -> JudgeSheet:
    state = assignment.state if assignment.state != "active" else "empty" if sheet is None else sheet.state
    shown = JudgeSheet(judge=judge.key, judge_name=judge.name, city=judge.city, state=state, reason=assignment.reason)
    if sheet is None or assignment.state != "active":
        return shown
    entered = None
    if sheet.source == IMPORTED:
        entered = Entered(
            names.get(sheet.saved_by), names.get(sheet.confirmed_by), sheet.entered_from, bool(sheet.from_paper)
        )
    shown = replace(shown, version=sheet.version, saved_at=sheet.saved_at, entered=entered)
    if sheet.state != "submitted":
        return shown
    scores = {score.criterion: score.value for score in lines if score.value is not None}
    return replace(
        shown,
        scores=scores,
        comments={score.criterion: score.comment for score in lines if score.comment},
        total=rules.rubric.total_if_complete(scores),
        comment=sheet.comment,
        chair_note=sheet.chair_note or "",
        # One that these scores do not need was written for earlier ones, and would be read as the reason of these.
        justification=sheet.justification if is_extreme(rules.rubric, scores) else "",
        language=sheet.language,
        confidence=sheet.confidence,
        identity_revealed=sheet.identity_revealed,
    )
