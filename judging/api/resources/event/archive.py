"""The archive: a competition in which nothing is changed any more, and the removal of its personal data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import current_app

from judging import request as this
from judging import tables
from judging.api.bodies import Blueprint
from judging.api.resources.event.jobs import described
from judging.schemas.answers.event.archive import ArchiveSchema, ArchivingSchema, RemovalPreviewSchema, RemovalSchema
from judging.schemas.answers.event.jobs import JobSchema
from judging.services.access import get_competition
from judging.services.competitions import archiving
from judging.services.personal_data import preview, removal_requests, removing

bp = Blueprint("archive", __name__, description="The archive of competitions, for their organisers")

_COMPETITION = "/competitions/<competition>"


@bp.get(f"{_COMPETITION}/archive")
@bp.response(200, ArchiveSchema)
def get_archive(competition: str) -> dict[str, Any]:
    """Return whether the competition is archived, since when and why."""
    return _state(get_competition(this.session(), this.actor(), competition, *tables.ROLES))


@bp.post(f"{_COMPETITION}/archive")
@bp.arguments(ArchivingSchema)
@bp.response(200, ArchiveSchema)
@bp.alt_response(409, description="It is archived already, or a round is open")
def archive(typed: dict[str, str], competition: str) -> dict[str, Any]:
    """Archive the competition: nothing in it is changed any more, and it leaves the start pages."""
    with this.writing() as session:
        row = archiving.archive(
            session, this.actor(), competition, reason=typed["reason"], at=this.now(), mailer=this.mailer()
        )
    return _state(row)


@bp.post(f"{_COMPETITION}/archive/put-back")
@bp.arguments(ArchivingSchema)
@bp.response(200, ArchiveSchema)
@bp.alt_response(409, description="It is not archived, or its personal data were removed")
def put_back(typed: dict[str, str], competition: str) -> dict[str, Any]:
    """Take the competition out of the archive, for a reason."""
    with this.writing() as session:
        row = archiving.put_back(session, this.actor(), competition, reason=typed["reason"], at=this.now())
    return _state(row)


@bp.get(f"{_COMPETITION}/personal-data")
@bp.response(200, RemovalPreviewSchema)
def get_preview(competition: str) -> dict[str, int]:
    """Return what a removal of personal data would take away, and what it would leave."""
    return asdict(preview.preview_removal(this.session(), this.actor(), competition))


@bp.post(f"{_COMPETITION}/personal-data/removal")
@bp.arguments(RemovalSchema)
@bp.response(202, JobSchema)
@bp.alt_response(409, description="It is not archived, or the removal was not asked for or waits still")
def remove(typed: dict[str, str], competition: str) -> dict[str, Any]:
    """Remove, after the time of waiting, the personal data of everybody in no other competition; for good."""
    with this.writing() as session:
        job = removing.request_removal(session, this.actor(), competition, typed=typed["key"], at=this.now())
    return described(job)


@bp.post(f"{_COMPETITION}/personal-data/removal-request")
@bp.arguments(RemovalSchema)
@bp.response(200, ArchiveSchema)
@bp.alt_response(409, description="It is not archived, or a removal waits already")
def ask_removal(typed: dict[str, str], competition: str) -> dict[str, Any]:
    """Ask for the removal of personal data: it waits, so that chairs and auditors can object."""
    with this.writing() as session:
        row = removal_requests.ask(
            session,
            this.actor(),
            competition,
            typed=typed["key"],
            wait=current_app.config["REMOVAL_WAIT"],
            at=this.now(),
            mailer=this.mailer(),
        )
    return _state(row)


@bp.post(f"{_COMPETITION}/personal-data/removal-request/confirmation")
@bp.response(202, JobSchema)
@bp.alt_response(409, description="None waits, or the two people are not independent")
def confirm_removal(competition: str) -> dict[str, Any]:
    """Let a removal begin at once, as a chair or auditor who is independent of whoever asked."""
    with this.writing() as session:
        job = removal_requests.confirm(session, this.actor(), competition, at=this.now())
    return described(job)


@bp.post(f"{_COMPETITION}/personal-data/removal-request/objection")
@bp.arguments(ArchivingSchema)
@bp.response(200, ArchiveSchema)
@bp.alt_response(409, description="None waits, or it has begun")
def stop_removal(typed: dict[str, str], competition: str) -> dict[str, Any]:
    """Stop a removal that waits, as a chair or auditor, with a reason."""
    with this.writing() as session:
        row = removal_requests.object_to(session, this.actor(), competition, reason=typed["reason"], at=this.now())
    return _state(row)


def _state(row: tables.Competition) -> dict[str, Any]:
    return {
        "archived_at": row.archived_at,
        "reason": row.archived_reason,
        "personal_data_removed_at": row.personal_data_removed_at,
        "removal_due_at": row.removal_due_at,
        "removal_objection": row.removal_objection,
    }
