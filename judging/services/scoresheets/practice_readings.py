"""How the panel did on the practice proposals: every judge's submitted scores beside the agreed ones, for chairs."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from sqlmodel import Session, col, select

from judging import tables
from judging.rubric import Criterion
from judging.services.access import READERS, Actor, get_round
from judging.services.competitions.definitions import rules_of
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.scoresheets.versions import is_effective, scores_by_sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeDifference:
    """One score of a practice proposal beside the agreed one, both in the units of the scale."""

    proposal: str
    criterion: Criterion
    given: float
    agreed: float

    @property
    def points(self) -> float:
        """Return by how much the score is above (+) the agreed one, on 0..100."""
        scale = self.criterion.scale
        return scale.to_hundred(self.given) - scale.to_hundred(self.agreed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PractisedJudge:
    """One judge's practice.

    Attributes
    ----------
    key, name : str
    n_submitted : int
        Practice proposals that the judge has submitted.
    differences : tuple of PracticeDifference
        One for each submitted score that has an agreed one.
    """

    key: str
    name: str
    n_submitted: int
    differences: tuple[PracticeDifference, ...]

    @property
    def mean(self) -> float | None:
        """Return the mean difference, points on 0..100; - is stricter than agreed. None without any."""
        return fmean(one.points for one in self.differences) if self.differences else None

    @property
    def distance(self) -> float | None:
        """Return the mean of the differences without their sign, points on 0..100; None without any."""
        return fmean(abs(one.points) for one in self.differences) if self.differences else None

    @property
    def furthest(self) -> PracticeDifference | None:
        """Return the largest difference, the first one of equal ones; None when every score is as agreed."""
        found = max(self.differences, key=lambda one: abs(one.points), default=None)
        return found if found is not None and found.points else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticePanel:
    """The practice of a panel.

    Attributes
    ----------
    is_practice : bool
        Whether the round is one; otherwise there is nothing else here.
    n_proposals, n_agreed : int
        Practice proposals that the reader may see, and those of them with agreed scores.
    judges : tuple of PractisedJudge
        All judges of the round, by their keys.
    """

    is_practice: bool
    n_proposals: int = 0
    n_agreed: int = 0
    judges: tuple[PractisedJudge, ...] = ()


def practice_panel(session: Session, actor: Actor, competition_key: str, round_key: str) -> PracticePanel:
    """Return every judge's submitted practice beside the agreed scores; drafts are nobody's business.

    Proposals with which the reader declared a conflict of interest are left out.
    """
    _competition, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    rules = rules_of(round_row)
    if rules.practice is None:
        return PracticePanel(is_practice=False)
    hidden = hidden_proposals(session, actor, round_row.competition_id)
    named = [one for one in rules.practice.proposals if one.key not in hidden]
    agreed = {(one.key, score.criterion): score.score for one in named for score in one.reference}
    assigned = session.exec(
        select(tables.Judge.key, tables.Judge.name, tables.Proposal.key, tables.Scoresheet.id)
        .join(tables.Assignment, col(tables.Assignment.judge_id) == col(tables.Judge.id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .outerjoin(
            tables.Scoresheet,
            (col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id))
            & (col(tables.Scoresheet.state) == "submitted")
            & is_effective(),
        )
        .where(
            tables.Assignment.round_id == round_row.id,
            tables.Assignment.state == "active",
            col(tables.Proposal.key).in_([one.key for one in named]),
        )
        .order_by(col(tables.Judge.key), col(tables.Proposal.key))
    ).all()
    scores = scores_by_sheet(session, [sheet for *_, sheet in assigned if sheet is not None])
    names = {key: name for key, name, *_ in assigned}
    judges = []
    for key, name in names.items():
        own = [(proposal, sheet) for judge, _, proposal, sheet in assigned if judge == key and sheet is not None]
        differences = tuple(
            PracticeDifference(
                proposal=proposal,
                criterion=rules.rubric.criterion(row.criterion),
                given=row.value,
                agreed=agreed[proposal, row.criterion],
            )
            for proposal, sheet in own
            for row in sorted(scores[sheet], key=lambda row: rules.rubric.keys.index(row.criterion))
            if row.value is not None and (proposal, row.criterion) in agreed
        )
        judges.append(PractisedJudge(key=key, name=name, n_submitted=len(own), differences=differences))
    return PracticePanel(
        is_practice=True,
        n_proposals=len(named),
        n_agreed=len({proposal for proposal, _ in agreed}),
        judges=tuple(judges),
    )
