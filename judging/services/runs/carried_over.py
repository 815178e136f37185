"""Scores of an earlier round that count in a later one, if the rules say so: those of its release in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from judging import tables
from judging.calibration.ranks.carried_over import Carried
from judging.competition import RoundRules
from judging.errors import Conflict, Message
from judging.round_policies import CarryOver
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.releases.in_force import in_force, list_signed
from judging.services.runs.reports import report_of


@dataclass(frozen=True, slots=True)
class Released:
    """A release in force, and its run."""

    release: tables.Release
    run: tables.CalibrationRun


def find_released(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> Released | None:
    """Return the release of a round that is in force, and its run."""
    signed = in_force(list_signed(session, definition_of(competition_row), round_row))
    if signed is None:
        return None
    return Released(signed.row, session.get_one(tables.CalibrationRun, signed.row.calibration_run_id))


def find_carried(session: Session, round_row: tables.Round) -> Released | None:
    """Return the release whose scores count in this round at present; None without such a rule or release."""
    policy = rules_of(round_row).carries_over
    return None if policy is None else _source(session, round_row, policy)


def carried_for(
    session: Session, round_row: tables.Round, rules: RoundRules, *, proposals: Sequence[str]
) -> Carried | None:
    """Return the earlier scores that count for these proposals under the given rules; None without such a rule.

    Raises
    ------
    Conflict
        When the rules count an earlier round without a release in force.
    """
    policy = rules.carries_over
    if policy is None:
        return None
    earlier = _source(session, round_row, policy)
    if earlier is None:
        raise Conflict(
            Message(
                "The rules count the scores of {round} for {weight} percent, and that round has not been released. "
                "Release it first.",
                round=policy.round,
                weight=f"{policy.weight:g}",
            )
        )
    return Carried.of(
        report_of(earlier.run).proposals,
        proposals=proposals,
        round_key=policy.round,
        run=earlier.run.number,
        result_digest=earlier.run.result_digest,
        weight=policy.weight,
    )


def _source(session: Session, round_row: tables.Round, policy: CarryOver) -> Released | None:
    competition_row = session.get_one(tables.Competition, round_row.competition_id)
    earlier = session.exec(
        select(tables.Round).where(
            tables.Round.competition_id == round_row.competition_id, tables.Round.key == policy.round
        )
    ).one_or_none()
    return None if earlier is None else find_released(session, competition_row, earlier)
