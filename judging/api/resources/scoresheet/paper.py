"""Scoresheets on paper: how far each is, type one, and blank ones to print."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.resources.event.jobs import described
from judging.reading_log import logged
from judging.schemas.answers.event.jobs import JobSchema
from judging.schemas.answers.scoresheet.paper import (
    OwnPaperSchema,
    PaperFormsAskedSchema,
    PaperSheetSchema,
)
from judging.schemas.scoresheets import ScoresheetSchema, load_scoresheet
from judging.services.access import get_round
from judging.services.competitions.definitions import rules_of
from judging.services.exports import paper_forms
from judging.services.scoresheets import paper_by_judge, paper_comparing, paper_entries, scoring
from judging.services.scoresheets.entered import CONFIRMERS
from judging.services.scoresheets.paper_entries import PaperSheet

bp = Blueprint("api_paper", __name__, description="Scoresheets on paper")

_PAPER = "/competitions/<competition>/rounds/<round_key>/paper"


@bp.get(_PAPER)
@bp.response(200, PaperSheetSchema(many=True))
@logged("viewed.entered")
def list_paper(competition: str, round_key: str) -> list[PaperSheet]:
    """Return the scoresheets that may be typed from paper, and what differs between typings."""
    return list(paper_entries.list_paper(this.session(), this.actor(), competition, round_key).sheets)


@bp.put(f"{_PAPER}/<judge>/<proposal>")
@bp.arguments(ScoresheetSchema)
@bp.response(200, PaperSheetSchema)
@bp.alt_response(409, description="The round is not open, the sheet is the judge's own, or it was typed so before")
@bp.alt_response(422, description="A value off its scale, or a sheet that is not complete")
def type_sheet(typed: dict[str, Any], competition: str, round_key: str, judge: str, proposal: str) -> PaperSheet:
    """Type a scoresheet from paper; it counts when a second, independent person has typed the same."""
    where = competition, round_key, judge, proposal
    _, round_row = get_round(this.session(), this.actor(), competition, round_key, *CONFIRMERS)
    sheet = load_scoresheet(rules_of(round_row).rubric, {**typed, "submit": True}).sheet
    with this.writing() as session:
        paper_entries.type_sheet(session, this.actor(), *where, sheet, at=this.now())
    return paper_entries.get_paper(this.session(), this.actor(), *where)[1]


@bp.get("/competitions/<competition>/rounds/<round_key>/own-paper/<proposal>")
@bp.response(200, OwnPaperSchema(many=True))
def list_own_paper(competition: str, round_key: str, proposal: str) -> list[dict[str, Any]]:
    """Return what others have typed from one's own paper, while nothing of it counts."""
    place = scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
    return [
        {"number": typing.number, "typed_by": typing.name, "sheet": paper_comparing.to_stored(typing.sheet)}
        for typing in paper_by_judge.waiting_typings(this.session(), place)
    ]


@bp.post("/competitions/<competition>/rounds/<round_key>/own-paper/<proposal>/<int:number>")
@bp.response(204)
@bp.alt_response(409, description="The round is not open, there is a scoresheet already, or the typing was corrected")
def confirm_own_paper(competition: str, round_key: str, proposal: str, number: int) -> None:
    """Confirm as the judge what somebody has typed from one's own paper: it is submitted so and counts."""
    where = competition, round_key, proposal
    with this.writing() as session:
        paper_by_judge.confirm_typing(session, this.actor(), *where, number=number, at=this.now())


@bp.post(f"{_PAPER}-forms")
@bp.arguments(PaperFormsAskedSchema, required=False)
@bp.response(202, JobSchema)
def ask_forms(asked: dict[str, str], competition: str, round_key: str) -> dict[str, Any]:
    """Ask for blank scoresheets to print; the file is at `/jobs/{number}/file`."""
    with this.writing() as session:
        job = paper_forms.request_forms(
            session,
            this.actor(),
            competition,
            round_key,
            judge_key=asked["judge"],
            proposal_key=asked["proposal"],
            at=this.now(),
        )
    return described(job)
