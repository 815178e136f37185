"""Meeting mode: an agenda, one page a proposal, and forms for verdicts and notes during the meeting."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging import tables
from judging.documents.axis import Axis
from judging.errors import Conflict, InvalidInput, NotFound
from judging.reading_log import logged
from judging.services.decisions import meetings, minutes, proposals, verdicts
from judging.services.runs import calibration_runs
from judging.web.chair.blueprint import RoundFrame, bp, frame_of, no_run
from judging.web.chair.decisions.standings import named, standings_of
from judging.web.chair.refusals import Complaints, refused, seen_of
from judging.web.responses.parts import remembered

Answer = Response | tuple[str, int]
_MEETING = "/<round_key>/meeting/<int:number>"


@bp.get("/<round_key>/meeting")
@remembered
def meeting(competition: str, round_key: str) -> str:
    """List the meetings of a round, and offer to open one."""
    return _list_page(competition, round_key)


@bp.post("/<round_key>/meeting")
def open_meeting(competition: str, round_key: str) -> Answer:
    """Open a meeting with the usual order of discussion."""
    present = request.form.get("present", "")
    try:
        shown = frame_of(competition, round_key)
        order = standings_of(shown).discussion_order()
        with this.writing() as session:
            row = meetings.open_meeting(
                session,
                this.actor(),
                competition,
                round_key,
                present=present,
                agenda=order,
                run_number=None if shown.run is None else shown.run.number,
                at=this.now(),
            )
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_list_page, competition, round_key, present=present))
    flash(_("Meeting %(number)s is open.", number=row.number))
    return _to_agenda(competition, round_key, row.number)


@bp.get(_MEETING)
@remembered
def agenda(competition: str, round_key: str, number: int) -> str:
    """Show a meeting: who is present, the order of discussion, and all notes."""
    return _agenda_page(competition, round_key, number)


@bp.post(f"{_MEETING}/present")
def change_present(competition: str, round_key: str, number: int) -> Answer:
    """Change the list of those present."""
    present = request.form.get("present", "")
    try:
        with this.writing() as session:
            meetings.change_present(
                session, this.actor(), competition, round_key, number, present=present, at=this.now()
            )
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_agenda_page, competition, round_key, number, typed={"present": present}))
    return _to_agenda(competition, round_key, number)


@bp.post(f"{_MEETING}/move")
def move_item(competition: str, round_key: str, number: int) -> Answer:
    """Move a proposal up or down, or put it at the end of the agenda."""
    key = request.form.get("proposal", "").strip()
    by = {"up": -1, "down": 1}.get(request.form.get("direction", ""), 0)
    try:
        with this.writing() as session:
            meetings.move_item(
                session, this.actor(), competition, round_key, number, proposal_key=key, by=by, at=this.now()
            )
    except Conflict as error:
        return refused(error, partial(_agenda_page, competition, round_key, number))
    return redirect(
        url_for("chair.agenda", competition=competition, round_key=round_key, number=number, _anchor=f"item-{key}"),
        code=303,
    )


@bp.post(f"{_MEETING}/note")
def write_note(competition: str, round_key: str, number: int) -> Answer:
    """Store a note that belongs to no single proposal."""
    typed = {"text": request.form.get("text", "")}
    try:
        with this.writing() as session:
            meetings.write_note(
                session, this.actor(), competition, round_key, number, text=typed["text"], at=this.now()
            )
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_agenda_page, competition, round_key, number, typed=typed))
    return _to_agenda(competition, round_key, number)


@bp.post(f"{_MEETING}/close")
def close_meeting(competition: str, round_key: str, number: int) -> Answer:
    """Close a meeting."""
    try:
        with this.writing() as session:
            minutes.close_meeting(session, this.actor(), competition, round_key, number, at=this.now())
    except Conflict as error:
        return refused(error, partial(_agenda_page, competition, round_key, number))
    flash(_("Meeting %(number)s is closed. These are its minutes.", number=number))
    return _to_agenda(competition, round_key, number)


@bp.post(f"{_MEETING}/run")
def take_run(competition: str, round_key: str, number: int) -> Answer:
    """Go on with another run."""
    asked = request.form.get("run", "")
    if not asked.isdecimal() or len(asked) > 9:
        raise NotFound
    try:
        with this.writing() as session:
            meetings.take_run(
                session, this.actor(), competition, round_key, number, run_number=int(asked), at=this.now()
            )
    except Conflict as error:
        return refused(error, partial(_agenda_page, competition, round_key, number))
    flash(_("The meeting goes on with run %(run)s.", run=asked))
    return _to_agenda(competition, round_key, number)


@bp.get(f"{_MEETING}/<proposal>")
@logged("viewed.proposal")
@remembered
def agenda_item(competition: str, round_key: str, number: int, proposal: str) -> str:
    """Show one proposal to the meeting."""
    return _item_page(competition, round_key, number, proposal)


@bp.post(f"{_MEETING}/<proposal>/decide")
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


@bp.post(f"{_MEETING}/<proposal>/note")
def note_item(competition: str, round_key: str, number: int, proposal: str) -> Answer:
    """Store a note on the proposal under discussion."""
    typed = {"text": request.form.get("text", "")}
    try:
        with this.writing() as session:
            meetings.write_note(
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


def _list_page(
    competition: str, round_key: str, *, present: str = "", complaints: Complaints | None = None, problem: str = ""
) -> str:
    shown = frame_of(competition, round_key)
    if shown.run is None:
        return no_run(shown, "meeting")
    standings = standings_of(shown)
    return render_template(
        "chair/decisions/meetings.html",
        frame=shown,
        tab="meeting",
        meetings=meetings.list_meetings(this.session(), this.actor(), competition, round_key),
        standings=standings,
        order=standings.discussion_order(),
        present=present,
        complaints=complaints or {},
        problem=problem,
    )


def _agenda_page(
    competition: str,
    round_key: str,
    number: int,
    *,
    typed: Mapping[str, str] | None = None,
    complaints: Complaints | None = None,
    problem: str = "",
) -> str:
    session, actor = this.session(), this.actor()
    row = meetings.get_meeting(session, actor, competition, round_key, number)
    shown = _frame(competition, round_key, row)
    if row.minutes is not None:
        return render_template(
            "chair/decisions/minutes.html",
            frame=shown,
            tab="meeting",
            meeting=row,
            minutes=minutes.without_hidden(row.minutes, shown.hidden),
            problem=problem,
        )
    newest = next((run for run in shown.runs if not run.is_comparison), None)
    return render_template(
        "chair/decisions/agenda.html",
        frame=shown,
        tab="meeting",
        meeting=row,
        standings=standings_of(shown),
        notes=meetings.list_notes(session, actor, shown.row, row),
        newer=newest if newest and shown.run and newest.number > shown.run.number else None,
        may_write=shown.may_calibrate and row.closed_at is None,
        typed=typed or {},
        complaints=complaints or {},
        problem=problem,
    )


def _frame(competition: str, round_key: str, row: tables.Meeting) -> RoundFrame:
    """Return the frame with the run that the meeting discusses."""
    run = meetings.run_of_meeting(this.session(), row)
    return frame_of(competition, round_key, run_number=None if run is None else run.number)


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
    row = meetings.get_meeting(session, actor, competition, round_key, number)
    shown = _frame(competition, round_key, row)
    if proposal not in row.agenda:
        raise NotFound
    place = row.agenda.index(proposal)
    is_hidden = proposal in shown.hidden
    standings = standings_of(shown)
    listed = [standing for key in row.agenda if (standing := standings.by_key.get(key))]
    return render_template(
        "chair/decisions/agenda_item.html",
        frame=shown,
        tab="meeting",
        meeting=row,
        place=place,
        before=row.agenda[place - 1] if place else None,
        after=row.agenda[place + 1] if place + 1 < len(row.agenda) else None,
        key=proposal,
        standing=standings.by_key.get(proposal),
        final=standings.final,
        sheets=[] if is_hidden else proposals.get_proposal(session, actor, competition, round_key, proposal)[1],
        severity={} if shown.result is None else {judge.judge: judge for judge in shown.result.judges},
        names=calibration_runs.judges_by_key(session, shown.row.competition_id),
        notes=[note for note in meetings.list_notes(session, actor, shown.row, row) if note.proposal == proposal],
        axis=Axis.around(
            end for standing in listed for end in (*(standing.row.interval or ()), standing.row.result.raw)
        ),
        seen=verdicts.newest_decision(session, shown.row),
        may_decide=shown.may_calibrate and row.closed_at is None and not is_hidden,
        may_write=shown.may_calibrate and row.closed_at is None and not is_hidden,
        typed=typed or {},
        complaints=complaints or {},
        problem=problem,
    )


def _to_agenda(competition: str, round_key: str, number: int) -> Response:
    return redirect(url_for("chair.agenda", competition=competition, round_key=round_key, number=number), code=303)


def _to_item(competition: str, round_key: str, number: int, proposal: str) -> Response:
    return redirect(
        url_for("chair.agenda_item", competition=competition, round_key=round_key, number=number, proposal=proposal),
        code=303,
    )
