"""The place of a scoresheet: read for a page, read for a save, stored."""

from flask import url_for

from judging import request as this
from judging.errors import NotFound
from judging.schemas.scoresheets import IncomingSheet
from judging.services.scoresheets import saving, scoring
from judging.services.scoresheets.scoring import OwnAssignment


def place_of(competition: str, round_key: str, proposal: str) -> OwnAssignment:
    """Return the person's own assignment for a page."""
    return scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)


def saving_place(competition: str, round_key: str, proposal: str) -> saving.Place:
    """Return the person's own assignment for a save, in one statement."""
    with this.reading_once() as session:
        place = saving.find_place(session, this.claim(), competition, round_key, proposal)
    if place is None:
        # Raises what is missing: a signed-in person, a right, or a proposal.
        place_of(competition, round_key, proposal)
        raise NotFound
    return place


def store(place: saving.Place, incoming: IncomingSheet, *, source: str = "form") -> saving.StoredSheet:
    """Store a scoresheet of the form or of a workbook, unless it is stored already."""
    if saving.compare(place, incoming):
        with this.durable_reading() as session:
            return saving.confirm(session, place, incoming)
    with this.writing_for_anybody(in_one_statement=True) as session:
        return saving.store(session, place, incoming, source=source, at=this.now())


def address_of(endpoint: str, place: OwnAssignment) -> str:
    """Return the address of a page of a scoresheet."""
    return url_for(endpoint, competition=place.competition.key, round_key=place.round.key, proposal=place.proposal.key)
