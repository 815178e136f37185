"""The parts of a results bundle that are JSON or scores, read from the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, Message
from judging.schemas.definitions.definition_files import load_round_dict
from judging.services.competitions.definitions import definition_of
from judging.services.decisions.awards import awards_of
from judging.services.decisions.verdicts import decisions_in_force
from judging.services.releases.content import decisions_of, winners_of
from judging.services.releases.states import ReleaseStatus
from judging.services.rules.sealed_versions import find_definition
from judging.services.runs.inputs import RunInput, collect_input
from judging.services.scoresheets.origins import marked


def definition_of_run(session: Session, row: tables.Round, run: tables.CalibrationRun) -> dict[str, Any]:
    """Return the definition of the round under whose rules a run was made.

    Raises
    ------
    Conflict
        When no sealed version of the rules has the digest of the run.
    """
    definition = find_definition(session, row, run.rules_digest)
    if definition is None:
        raise Conflict(
            Message("The rules of run {number} are no longer there. Calibrate the round again.", number=run.number)
        )
    return dict(definition)


def input_of_run(
    session: Session, row: tables.Round, run: tables.CalibrationRun, definition: Mapping[str, Any]
) -> RunInput:
    """Return the scores that went into a run.

    Raises
    ------
    Conflict
        When the scores of the database no longer have the digest of the run's input.
    """
    given = collect_input(session, row, rules=load_round_dict(definition), settings=run.settings)
    if given.ratings.digest != run.input_digest:
        raise Conflict(
            Message(
                "The scores that went into run {number} can no longer be put together: assignments, proposals or "
                "judges have changed since. Calibrate the round again.",
                number=run.number,
            )
        )
    return given


def competition_part(competition_row: tables.Competition) -> dict[str, Any]:
    """Return the competition as defined, with its digest."""
    definition = definition_of(competition_row)
    return {
        "key": competition_row.key,
        "is_simulated": competition_row.is_simulated,
        "digest": definition.digest,
        "definition": definition.to_dict(),
    }


def run_part(session: Session, row: tables.Round, run: tables.CalibrationRun) -> dict[str, Any]:
    """Return a run with its result, and the scoresheets that somebody else than the judge entered or opened."""
    creator = session.exec(select(tables.Person.name).where(tables.Person.id == run.created_by)).one_or_none()
    names = ("number", "model", "settings", "input_digest", "rules_digest", "result_digest", "code_version", "result")
    return {
        **{name: getattr(run, name) for name in names},
        "created_at": run.created_at.astimezone(UTC).isoformat(),
        "created_by": creator,
        "marked_scoresheets": [
            origin.to_dict() for origin in marked(session, row, newest_scoresheet=run.settings["newest_scoresheet"])
        ],
    }


def decisions_part(session: Session, row: tables.Round, release: ReleaseStatus | None) -> dict[str, Any]:
    """Return the decisions and awards of the release, because those are signed; without a release the present ones."""
    if release is not None:
        return {name: release.content[name] for name in ("decisions", "awards")}
    return {
        "decisions": decisions_of(decisions_in_force(session, row)),
        "awards": winners_of(awards_of(session, row)),
    }


def release_part(release: ReleaseStatus) -> dict[str, Any]:
    """Return what the chairs signed, and their signatures."""
    return {
        "number": release.number,
        "digest": release.digest,
        "reason": release.reason,
        "proposed_at": release.proposed_at.astimezone(UTC).isoformat(),
        "proposed_by": release.proposed_by,
        "content": release.content,
        "signatures": [
            {
                "city": signature.city,
                "name": signature.name,
                "at": signature.at.astimezone(UTC).isoformat(),
                "digest": signature.digest,
            }
            for signature in release.signatures
        ],
    }
