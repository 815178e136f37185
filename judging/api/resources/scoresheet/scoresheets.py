"""A judge's own scoresheets."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, jsonify, request

from judging import request as this
from judging.api.bodies import Blueprint, json_body
from judging.api.faults import problem_of
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.answers.scoresheet.scoresheets import (
    AcceptedScoresheetSchema,
    GivenBackSchema,
    SavedScoresheetSchema,
    SheetConflictSchema,
)
from judging.schemas.scoresheets import GivingBackSchema, ScoresheetSchema, load_scoresheet
from judging.services.scoresheets import given_back, saving, scoring
from judging.services.scoresheets.handed_over import newest_handed_over_by
from judging.services.scoresheets.receipts import receipt_of
from judging.services.scoresheets.scoring import OwnAssignment

bp = Blueprint("scoresheets", __name__, description="A judge's own scoresheets")

_ADDRESS = "/competitions/<competition>/rounds/<round_key>/scoresheets/<proposal>"


@bp.get(_ADDRESS)
@bp.response(200, SavedScoresheetSchema)
@bp.alt_response(404, description="Not assigned to this judge")
def get_scoresheet(competition: str, round_key: str, proposal: str) -> dict[str, Any]:
    """Return the newest version of one of the judge's own scoresheets."""
    place = scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
    session, current = this.session(), place.current
    return {
        **_stored(place),
        "handed_over_by": newest_handed_over_by(session, place.assignment_id) or None,
        "stored_digest": None if current is None else receipt_of(session, current.scoresheet_id).digest,
    }


@bp.put(_ADDRESS)
# The view parses the body itself, so that invalid types and values off the scale are reported together.
@bp.doc(requestBody={"required": True, "content": {"application/json": {"schema": ScoresheetSchema}}})
@bp.response(200, AcceptedScoresheetSchema)
@bp.alt_response(
    409,
    schema=SheetConflictSchema,
    description="Saved elsewhere in the meantime, or the round is closed; `current` is the stored scoresheet",
)
@bp.alt_response(422, description="A value off its scale, or a submitted sheet that is not complete")
def put_scoresheet(competition: str, round_key: str, proposal: str) -> Response:
    """Append the next version, based on `base_version`; the same content sent twice is stored once."""
    this.count_version()
    body = json_body()
    if not isinstance(body, dict):
        raise InvalidInput({"": Message("Send one JSON object.")})
    with this.reading_once() as session:
        place = saving.find_place(session, this.claim(), competition, round_key, proposal)
    if place is None:
        # Raises what is missing: a signed-in person, a right, or a proposal.
        scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
        raise NotFound
    incoming = load_scoresheet(place.rules.rubric, body)
    try:
        if saving.compare(place, incoming):
            with this.durable_reading() as session:
                stored = saving.confirm(session, place, incoming)
        else:
            with this.writing_for_anybody(in_one_statement=True) as session:
                stored = saving.store(session, place, incoming, source="api", at=this.now())
    except Conflict as error:
        newest = scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
        return problem_of(error, current=SavedScoresheetSchema().dump(_stored(newest)))
    sent_digest = hashlib.sha256(request.get_data()).hexdigest()
    # The fields of the schema as JSON: to dump them with it takes as long as a statement.
    shown = _shown(stored, is_open=True)
    return jsonify({**shown, "saved_at": stored.saved_at and stored.saved_at.isoformat(), "sent_digest": sent_digest})


@bp.post(_ADDRESS + "/recusal")
@bp.arguments(GivingBackSchema)
@bp.response(200, GivenBackSchema)
def recuse(typed: dict[str, str], competition: str, round_key: str, proposal: str) -> dict[str, Any]:
    """Give a proposal back because of a conflict of interest; only the organiser can undo it."""
    place = scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
    with this.writing() as session:
        given_back.recuse(session, this.actor(), place.assignment_id, **typed, at=this.now(), mailer=this.mailer())
    return {"state": "recused", **typed}


@bp.post(_ADDRESS + "/abstention")
@bp.arguments(GivingBackSchema)
@bp.response(200, GivenBackSchema)
def abstain(typed: dict[str, str], competition: str, round_key: str, proposal: str) -> dict[str, Any]:
    """Give a proposal back for a reason that is no conflict of interest."""
    place = scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
    with this.writing() as session:
        given_back.abstain(session, this.actor(), place.assignment_id, **typed, at=this.now(), mailer=this.mailer())
    return {"state": "abstained", **typed}


@bp.delete(_ADDRESS + "/abstention")
@bp.response(200, GivenBackSchema)
def take_back_abstention(competition: str, round_key: str, proposal: str) -> dict[str, Any]:
    """Score a proposal after all, from which the judge had abstained."""
    place = scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
    with this.writing() as session:
        given_back.take_back_abstention(session, this.actor(), place.assignment_id, at=this.now())
    return {"state": "active", "reason": "", "text": ""}


def _stored(place: OwnAssignment) -> dict[str, Any]:
    return _shown(saving.stored_sheet(place.rules, place.current), is_open=place.is_open)


def _shown(stored: saving.StoredSheet, *, is_open: bool) -> dict[str, Any]:
    sheet = stored.sheet
    return {
        "version": stored.version,
        "state": stored.state,
        "saved_at": stored.saved_at,
        "total": stored.total,
        "is_open": is_open,
        "scores": sheet.scores,
        "comments": sheet.comments,
        "comment": sheet.comment,
        "chair_note": sheet.chair_note,
        "justification": sheet.justification,
        "language": sheet.language,
        "confidence": sheet.confidence,
        "identity_revealed": sheet.identity_revealed,
    }
