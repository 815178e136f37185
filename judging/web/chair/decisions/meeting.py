"""Meetings of a round: the agenda, who is present, notes, closing, and the minutes as a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging import tables
from judging.errors import Conflict, InvalidInput, NotFound
from judging.phrases import appeal_sentence
from judging.request_language import current_language
from judging.services.decisions import meeting_notes, meetings, minutes, proposals, verdicts
from judging.services.exports import minutes_file
from judging.web.chair.blueprint import RoundFrame, bp, frame_of, no_run
from judging.web.chair.decisions.agenda_time import remaining_time
from judging.web.chair.decisions.standings import standings_of
from judging.web.chair.live import live_part
from judging.web.chair.refusals import Complaints, refused
from judging.web.jobs import follow
from judging.web.responses.asked_files import asked_format
from judging.web.responses.parts import remembered
from judging.web.showing import stored_moment

Answer = Response | tuple[str, int]
MEETING = "/<round_key>/meeting/<int:number>"
"""Rule of the addresses of a meeting."""


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


@bp.get(MEETING)
@remembered
def agenda(competition: str, round_key: str, number: int) -> str:
    """Show a meeting: who is present, the order of discussion, and all notes."""
    return _agenda_page(competition, round_key, number)


@bp.get("/<round_key>/live-agenda/<int:number>")
def live_agenda(competition: str, round_key: str, number: int) -> Response:
    """Return the changing part of the agenda: both chairs see decisions and notes while they are made."""

    def shown() -> dict[str, Any]:
        row = meetings.get_meeting(this.session(), this.actor(), competition, round_key, number)
        return _changing(meeting_frame(competition, round_key, row), row)

    return live_part(competition, round_key, "chair/decisions/_agenda_live.html", shown)


@bp.post(f"{MEETING}/present")
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


@bp.post(f"{MEETING}/move")
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


@bp.post(f"{MEETING}/note")
def write_note(competition: str, round_key: str, number: int) -> Answer:
    """Store a note that belongs to no single proposal."""
    typed = {"text": request.form.get("text", "")}
    try:
        with this.writing() as session:
            meeting_notes.write_note(
                session, this.actor(), competition, round_key, number, text=typed["text"], at=this.now()
            )
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_agenda_page, competition, round_key, number, typed=typed))
    return _to_agenda(competition, round_key, number)


@bp.post(f"{MEETING}/close")
def close_meeting(competition: str, round_key: str, number: int) -> Answer:
    """Close a meeting; what was not discussed is confirmed, as far as the page has shown it."""
    known = request.form.get("knowingly", "").split()
    try:
        with this.writing() as session:
            minutes.close_meeting(
                session, this.actor(), competition, round_key, number, undiscussed_known=known, at=this.now()
            )
    except Conflict as error:
        return refused(error, partial(_agenda_page, competition, round_key, number))
    flash(_("Meeting %(number)s is closed. These are its minutes.", number=number))
    return _to_agenda(competition, round_key, number)


@bp.post(f"{MEETING}/run")
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


@bp.post(f"{MEETING}/minutes")
def send_minutes(competition: str, round_key: str, number: int) -> Response:
    """Ask for the minutes as a file, in the reader's language. This is a POST because every file is recorded."""
    kind = asked_format(minutes_file.FORMATS, "pdf")
    with this.writing() as session:
        job = minutes_file.request_minutes(
            session,
            this.actor(),
            competition,
            round_key,
            number,
            language=current_language(),
            format=kind,
            at=this.now(),
        )
    return follow(job.pk)


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
    shown = meeting_frame(competition, round_key, row)
    if row.minutes is not None:
        told = minutes.without_hidden(row.minutes, shown.hidden)
        zone, named = shown.competition.time_zone, minutes.proposals_named(told)
        return render_template(
            "chair/decisions/minutes.html",
            frame=shown,
            tab="meeting",
            meeting=row,
            minutes=told,
            named=named,
            appeals=[
                appeal_sentence(
                    one, when=stored_moment(one["settled_at"], zone) if one["settled_at"] else "", named=named
                )
                for one in told["appeals"]
            ],
            problem=problem,
        )
    left = minutes.undiscussed(session, shown.row, row, hidden=shown.hidden)
    newest = next((run for run in shown.runs if not run.is_comparison), None)
    return render_template(
        "chair/decisions/agenda.html",
        **_changing(shown, row),
        tab="meeting",
        undiscussed=proposals.named(session, shown.row.competition_id, left),
        undiscussed_keys=left,
        newer=newest if newest and shown.run and newest.number > shown.run.number else None,
        typed=typed or {},
        complaints=complaints or {},
        problem=problem,
    )


def _changing(shown: RoundFrame, row: tables.Meeting) -> dict[str, Any]:
    """Return what the changing part of the agenda shows."""
    standings = standings_of(shown)
    decisions = verdicts.list_decisions(this.session(), shown.row)
    return {
        "frame": shown,
        "meeting": row,
        "standings": standings,
        "notes": meeting_notes.list_notes(this.session(), this.actor(), shown.row, row),
        "may_write": shown.may_calibrate and row.closed_at is None,
        "remaining": remaining_time(row.agenda, standings, decisions, opened_at=row.opened_at),
    }


def meeting_frame(competition: str, round_key: str, row: tables.Meeting) -> RoundFrame:
    """Return the frame with the run that the meeting discusses."""
    run = meetings.run_of_meeting(this.session(), row)
    return frame_of(competition, round_key, run_number=None if run is None else run.number)


def _to_agenda(competition: str, round_key: str, number: int) -> Response:
    return redirect(url_for("chair.agenda", competition=competition, round_key=round_key, number=number), code=303)
