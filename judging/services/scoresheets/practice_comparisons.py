"""What a judge sees after scoring a practice proposal: the agreed scores with their reasons, and the panel's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.round_policies import ReferenceScore
from judging.rubric import Criterion
from judging.services.scoresheets.scoring import OwnAssignment
from judging.services.scoresheets.versions import is_effective, scores_by_sheet

FEWEST_OTHERS = 4
"""With fewer colleagues their median would tell what single judges gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCriterion:
    """One criterion of a practice proposal.

    Attributes
    ----------
    criterion : Criterion
    own : float
        The judge's score, in the units of the scale.
    reference : ReferenceScore or None
        The agreed score, and why.
    panel : float or None
        Median of the other judges' scores; None while there are too few.
    """

    criterion: Criterion
    own: float
    reference: ReferenceScore | None
    panel: float | None

    @property
    def off_reference(self) -> float | None:
        """Return by how much the own score is above (+) the agreed score; None without one."""
        return None if self.reference is None else self.own - self.reference.score


@dataclass(frozen=True, slots=True)
class PracticeComparison:
    """The own scores of a practice proposal beside the agreed ones and the panel's.

    Attributes
    ----------
    criteria : tuple of ComparedCriterion
    n_others : int
        Other judges who have submitted this proposal.
    """

    criteria: tuple[ComparedCriterion, ...]
    n_others: int

    @property
    def has_panel(self) -> bool:
        """Return whether enough colleagues have submitted to show their median."""
        return self.n_others >= FEWEST_OTHERS

    @property
    def has_reference(self) -> bool:
        """Return whether the rules contain agreed scores of this proposal."""
        return any(compared.reference is not None for compared in self.criteria)


def compare_practice(session: Session, place: OwnAssignment) -> PracticeComparison:
    """Compare a judge's submitted scores of a practice proposal with the agreed ones and with the panel's median.

    Raises
    ------
    Conflict
        When the round is no practice, or the judge has not submitted this proposal: nobody sees others' scores before.
    """
    practice = place.rules.practice
    if practice is None:
        raise Conflict(Message("This round is no practice: nobody's scores are compared while it runs."))
    if place.current is None or place.current.state != "submitted":
        raise Conflict(Message("Submit your scores of this practice proposal first. The comparison follows."))
    named = practice.proposal(place.proposal.key)
    reference = {} if named is None else {score.criterion: score for score in named.reference}
    others = _submitted_by_others(session, place)
    return PracticeComparison(
        tuple(
            ComparedCriterion(
                criterion=criterion,
                own=place.current.sheet.scores[criterion.key],
                reference=reference.get(criterion.key),
                panel=_median(others, criterion.key),
            )
            for criterion in place.rules.rubric.criteria
        ),
        n_others=len(others),
    )


def _submitted_by_others(session: Session, place: OwnAssignment) -> list[Mapping[str, float]]:
    sheets = session.exec(
        select(tables.Scoresheet.id)
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .where(
            is_effective(),
            tables.Assignment.round_id == place.round.id,
            tables.Assignment.proposal_id == place.proposal.id,
            tables.Assignment.state == "active",
            tables.Assignment.judge_id != place.judge.id,
            tables.Scoresheet.state == "submitted",
        )
    ).all()
    scores = scores_by_sheet(session, [key for key in sheets if key is not None])
    return [{row.criterion: row.value for row in rows if row.value is not None} for rows in scores.values()]


def _median(others: Sequence[Mapping[str, float]], criterion: str) -> float | None:
    values = [sheet[criterion] for sheet in others if criterion in sheet]
    return median(values) if len(values) >= FEWEST_OTHERS else None
