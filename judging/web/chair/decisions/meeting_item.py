"""One proposal of a meeting: what is known of it, and forms for the verdict and notes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging import tables
from judging.documents.axis import Axis
from judging.errors import Conflict, InvalidInput, NotFound
from judging.reading_log import logged
from judging.services.appeals.about import appeals_about
from judging.services.decisions import meeting_notes, meetings, proposals, verdicts
from judging.services.decisions.conflicts_of_interest import people_in_conflict
from judging.services.runs import calibration_runs
from judging.web.chair.blueprint import RoundFrame, bp
from judging.web.chair.decisions.meeting import MEETING, Answer, meeting_frame
from judging.web.chair.decisions.standings import named, standings_of
from judging.web.chair.live import live_part
from judging.web.chair.refusals import Complaints, refused, seen_of
from judging.web.responses.parts import remembered


@bp.get(f"{MEETING}/<proposal>")
@logged("viewed.proposal")
@remembered
def agenda_item(competition: str, round_key: str, number: int, proposal: str) -> str:
    """Show one proposal to the meeting."""
    return _item_page(competition, round_key, number, proposal)


@bp.get(f"{MEETING}/<proposal>/live")
def live_item(competition: str, round_key: str, number: int, proposal: str) -> Response:
    """Return the changing part of the page: both chairs see a verdict or a note when it is stored."""

    def shown() -> dict[str, Any]:
        row, frame = _place(competition, round_key, number, proposal)
        return _changing(frame, row, proposal)

    return live_part(competition, round_key, "chair/decisions/_item_live.html", shown)


@bp.post(f"{MEETING}/<proposal>/decide")
def decide_item(competition: str, round_key: str, number: int, proposal: str) -> Answer:
    """Decide on the proposal under discussion."""
    typed = {name: request.form.get(name, "").strip() for name in ("verdict", "reason")}
    try:
        with this.writing() as session:
            verdicts.decide(
                session,
                this.actor(),
                competition,
                round_key,
                proposal,
                **typed,
                at=this.now(),
                seen=seen_of(request.form),
                meeting=number,
            )
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_item_page, competition, round_key, number, proposal, typed=typed))
    flash(
        _("Decided: %(proposals)s. Scores and ranks are untouched.", proposals=named(competition, round_key, proposal))
    )
    return _to_item(competition, round_key, number, proposal)


@bp.post(f"{MEETING}/<proposal>/note")
def note_item(competition: str, round_key: str, number: int, proposal: str) -> Answer:
    """Store a note on the proposal under discussion."""
    typed = {"text": request.form.get("text", "")}
    try:
        with this.writing() as session:
            meeting_notes.write_note(
                session,
                this.actor(),
                competition,
                round_key,
                number,
                text=typed["text"],
                proposal_key=proposal,
                at=this.now(),
            )
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_item_page, competition, round_key, number, proposal, typed=typed))
    return _to_item(competition, round_key, number, proposal)


def _item_page(
    competition: str,
    round_key: str,
    number: int,
    proposal: str,
    *,
    typed: Mapping[str, str] | None = None,
    complaints: Complaints | None = None,
    problem: str = "",
) -> str:
    session, actor = this.session(), this.actor()
    row, shown = _place(competition, round_key, number, proposal)
    place = row.agenda.index(proposal)
    is_hidden = proposal in shown.hidden
    standings = standings_of(shown)
    listed = [standing for key in row.agenda if (standing := standings.by_key.get(key))]
    return render_template(
        "chair/decisions/agenda_item.html",
        **_changing(shown, row, proposal),
        tab="meeting",
        place=place,
        before=row.agenda[place - 1] if place else None,
        after=row.agenda[place + 1] if place + 1 < len(row.agenda) else None,
        final=standings.final,
        sheets=[] if is_hidden else proposals.get_proposal(session, actor, competition, round_key, proposal)[1],
        severity={} if shown.result is None else {judge.judge: judge for judge in shown.result.judges},
        names=calibration_runs.judges_by_key(session, shown.row.competition_id),
        axis=Axis.around(
            end for standing in listed for end in (*(standing.row.interval or ()), standing.row.result.raw)
        ),
        seen=verdicts.newest_decision(session, shown.row),
        # A link that is handed over is an exception only where links go by e-mail.
        is_exceptional=this.mailer() is not None,
        may_decide=shown.may_calibrate and row.closed_at is None and not is_hidden,
        may_write=shown.may_calibrate and row.closed_at is None and not is_hidden,
        typed=typed or {},
        complaints=complaints or {},
        problem=problem,
    )


def _place(competition: str, round_key: str, number: int, proposal: str) -> tuple[tables.Meeting, RoundFrame]:
    """Return the meeting and the frame of its run; NotFound for a proposal that is not on the agenda."""
    row = meetings.get_meeting(this.session(), this.actor(), competition, round_key, number)
    if proposal not in row.agenda:
        raise NotFound
    return row, meeting_frame(competition, round_key, row)


def _changing(shown: RoundFrame, row: tables.Meeting, proposal: str) -> dict[str, Any]:
    """Return what the changing part of the page shows; nothing of a proposal that is hidden from the reader."""
    session, is_hidden = this.session(), proposal in shown.hidden
    notes = meeting_notes.list_notes(session, this.actor(), shown.row, row)
    return {
        "frame": shown,
        "meeting": row,
        "key": proposal,
        "standing": standings_of(shown).by_key.get(proposal),
        "notes": [note for note in notes if note.proposal == proposal],
        "appeals": [] if is_hidden else appeals_about(session, shown.row, proposal),
        "leaving": [] if is_hidden else people_in_conflict(session, shown.row.competition_id, proposal),
    }


def _to_item(competition: str, round_key: str, number: int, proposal: str) -> Response:
    return redirect(
        url_for("chair.agenda_item", competition=competition, round_key=round_key, number=number, proposal=proposal),
        code=303,
    )
