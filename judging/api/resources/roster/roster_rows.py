"""Single rows of the rosters: read with their history, add, change, leave, withdraw, put back."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging import tables
from judging.api import paging, preconditions
from judging.api.bodies import Blueprint
from judging.errors import InvalidInput, NotFound
from judging.schemas.answers.roster.roster_rows import (
    LeavingAnswerSchema,
    RosterPageSchema,
    RosterRowSchema,
    RosterValuesSchema,
)
from judging.schemas.pages import PageQuerySchema
from judging.schemas.typed_decisions import DeactivationSchema, WithdrawalSchema
from judging.services.participation import judges, proposals
from judging.services.roster_entries import editing, entering, listing
from judging.services.roster_entries.history import list_history

bp = Blueprint("roster_rows", __name__, description="Judges, teams and proposals, one by one, with their history")

_ROSTER = "/competitions/<competition>/roster"


@bp.get(f"{_ROSTER}/<kind>")
@bp.arguments(PageQuerySchema, location="query")
@bp.response(200, RosterPageSchema)
def list_rows(asked: dict[str, Any], competition: str, kind: str) -> dict[str, Any]:
    """Return the judges, teams or proposals by key, with those who have left and what was withdrawn."""
    after = paging.key_in(asked["cursor"])
    found = listing.list_rows(
        this.session(), this.actor(), competition, _known(kind), after=after, most=asked["limit"] + 1
    )
    rows, cursor = paging.cut(found, asked["limit"], lambda pair: pair[0].key)
    return {
        "entries": [{"key": row.key, "takes_part": _takes_part(row), "values": values} for row, values in rows],
        "next": paging.linked(cursor),
    }


@bp.post(f"{_ROSTER}/<kind>")
@bp.arguments(RosterValuesSchema)
@bp.response(201, RosterRowSchema)
def add_row(typed: dict[str, Any], competition: str, kind: str) -> dict[str, Any]:
    """Add a judge, a team or a proposal."""
    values = {**typed["values"], "key": typed["key"]}
    try:
        read = entering.read_rows(this.session(), this.actor(), competition, _known(kind), [values])
        with this.writing() as session:
            added = entering.add_rows(session, this.actor(), competition, read, at=this.now())
    except InvalidInput as error:
        raise entering.of_one_row(error) from None
    return _row(competition, kind, added.keys[0])


@bp.get(f"{_ROSTER}/<kind>/<row_key>")
@bp.response(200, RosterRowSchema)
def get_row(competition: str, kind: str, row_key: str) -> dict[str, Any]:
    """Return one row with its history."""
    return _row(competition, _known(kind), row_key)


@bp.put(f"{_ROSTER}/<kind>/<row_key>")
@bp.arguments(RosterValuesSchema)
@bp.response(200, RosterRowSchema)
@bp.alt_response(409, description="Somebody else has changed it since `newest_change`")
@bp.alt_response(412, description="Somebody else has changed it since the state that If-Match names")
def put_row(typed: dict[str, Any], competition: str, kind: str, row_key: str) -> dict[str, Any]:
    """Change one row to these values."""
    values = {**typed["values"], "key": row_key}
    entry = editing.read_entry(this.session(), this.actor(), competition, _known(kind), values)
    with this.writing() as session:
        newest = editing.lock_entry(session, this.actor(), competition, kind, row_key)
        preconditions.require_match(preconditions.etag_of(competition, kind, row_key, newest))
        editing.change_entry(
            session,
            this.actor(),
            competition,
            entry,
            newest_change=typed["newest_change"],
            at=this.now(),
        )
    return _row(competition, kind, row_key)


@bp.post(f"{_ROSTER}/judges/<row_key>/leave")
@bp.arguments(DeactivationSchema)
@bp.response(200, LeavingAnswerSchema)
@bp.alt_response(409, description="The judge has left already")
def deactivate_judge(typed: dict[str, str], competition: str, row_key: str) -> dict[str, Any]:
    """Let a judge leave; open scoresheets go to the replacement, submitted ones stay and count."""
    with this.writing() as session:
        effect = judges.deactivate_judge(
            session,
            this.actor(),
            competition,
            row_key,
            reason=typed["reason"],
            replacement_key=typed["replacement"],
            at=this.now(),
        )
    return {"staying": effect.staying, "moving": effect.moving, "falling_back": effect.falling_back}


@bp.post(f"{_ROSTER}/judges/<row_key>/return")
@bp.arguments(WithdrawalSchema)
@bp.response(200, RosterRowSchema)
@bp.alt_response(409, description="The judge has not left")
def put_back_judge(typed: dict[str, str], competition: str, row_key: str) -> dict[str, Any]:
    """Undo that a judge left."""
    with this.writing() as session:
        judges.put_back_judge(session, this.actor(), competition, row_key, reason=typed["reason"], at=this.now())
    return _row(competition, "judges", row_key)


@bp.post(f"{_ROSTER}/proposals/<row_key>/withdraw")
@bp.arguments(WithdrawalSchema)
@bp.response(200, RosterRowSchema)
@bp.alt_response(409, description="It is withdrawn already, or holds an award")
def withdraw_proposal(typed: dict[str, str], competition: str, row_key: str) -> dict[str, Any]:
    """Withdraw a proposal from every round that has not been released; its scoresheets stay stored."""
    with this.writing() as session:
        proposals.withdraw_proposal(session, this.actor(), competition, row_key, reason=typed["reason"], at=this.now())
    return _row(competition, "proposals", row_key)


@bp.post(f"{_ROSTER}/proposals/<row_key>/return")
@bp.arguments(WithdrawalSchema)
@bp.response(200, RosterRowSchema)
@bp.alt_response(409, description="It is not withdrawn")
def put_back_proposal(typed: dict[str, str], competition: str, row_key: str) -> dict[str, Any]:
    """Undo that a proposal was withdrawn."""
    with this.writing() as session:
        proposals.put_back_proposal(session, this.actor(), competition, row_key, reason=typed["reason"], at=this.now())
    return _row(competition, "proposals", row_key)


def _known(kind: str) -> str:
    if kind not in tables.ROSTER_KINDS:
        raise NotFound
    return kind


def _takes_part(row: editing.RosterRow) -> bool:
    return row.is_active if isinstance(row, tables.Judge) else getattr(row, "withdrawn_at", None) is None


def _row(competition: str, kind: str, row_key: str) -> dict[str, Any]:
    session, actor = this.session(), this.actor()
    entry = editing.get_entry(session, actor, competition, kind, row_key)
    row = entry.row
    preconditions.tagged(preconditions.etag_of(competition, kind, row.key, entry.newest_change))
    return {
        "kind": kind,
        "key": row.key,
        "takes_part": _takes_part(row),
        "values": entry.values,
        "newest_change": entry.newest_change,
        "history": [
            {
                "at": change.row.changed_at,
                "by": change.by,
                "action": change.row.action,
                "changes": change.row.changes,
                "reason": change.row.reason,
                "file": change.row.file,
            }
            for change in list_history(session, actor, competition, kind, row_key)
        ],
    }
