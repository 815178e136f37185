"""How many judges and scoresheets a round needs for which precision, before and after there is a roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from judging import tables
from judging.assignment.precision_curve import PrecisionPoint, precision_curve
from judging.errors import InvalidInput, Message
from judging.services.access import ROSTER_READERS, Actor, get_round
from judging.services.assignments.variances import VariancesSource, variances_for
from judging.services.competitions.definitions import rules_of
from judging.services.competitions.taking_part import takes_part

MOST_PROPOSALS, MOST_JUDGES, MOST_READINGS = 1000, 200, 8
_SHARES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionBasis:
    """What a table of precision is computed from.

    Attributes
    ----------
    n_proposals, n_judges : int
    maximum : int
        The most scoresheets of a proposal that the rules allow.
    known : VariancesSource
    """

    n_proposals: int
    n_judges: int
    maximum: int
    known: VariancesSource


def precision_basis(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    n_proposals: int | None = None,
    n_judges: int | None = None,
) -> PrecisionBasis:
    """Return what to compute: the given numbers, or else those of the rosters.

    Raises
    ------
    InvalidInput
        When a number is out of range.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    if n_proposals is None:
        taking_part = select(func.count()).select_from(tables.RoundProposal).where(takes_part(round_row))
        n_proposals = max(session.exec(taking_part).one(), 2)
    if n_judges is None:
        active = select(func.count()).where(
            tables.Judge.competition_id == competition_row.id, col(tables.Judge.is_active)
        )
        n_judges = max(session.exec(active).one(), 2)
    complaints = {}
    if not 2 <= n_proposals <= MOST_PROPOSALS:
        complaints["proposals"] = Message("a whole number from 2 to {most}", most=MOST_PROPOSALS)
    if not 2 <= n_judges <= MOST_JUDGES:
        complaints["judges"] = Message("a whole number from 2 to {most}", most=MOST_JUDGES)
    if complaints:
        raise InvalidInput(complaints)
    return PrecisionBasis(
        n_proposals=n_proposals,
        n_judges=n_judges,
        maximum=rules_of(round_row).readings.maximum,
        known=variances_for(session, competition_row, round_row),
    )


def precision_table(basis: PrecisionBasis) -> Sequence[Sequence[PrecisionPoint]]:
    """Return a row of points for each number of judges around the given one; this needs no database."""
    judges = sorted({min(max(round(basis.n_judges * share), 2), MOST_JUDGES) for share in _SHARES})
    points = precision_curve(
        basis.n_proposals, judges=judges, readings=range(1, MOST_READINGS + 1), variances=basis.known.variances
    )
    return [[point for point in points if point.n_judges == number] for number in judges]
