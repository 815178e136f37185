"""The minutes of a meeting: what was discussed, said and decided, frozen with its run when it is closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from judging import tables
from judging.calibration.report.whole import Report
from judging.errors import Conflict, Listed, Message
from judging.final_shortlist import FinalShortlist
from judging.services import audit
from judging.services.access import Actor, require_person
from judging.services.appeals.settled import appeals_in_minutes
from judging.services.decisions import meeting_notes, meetings, proposals, verdicts
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.runs.reports import report_of


def close_meeting(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    number: int,
    *,
    undiscussed_known: Collection[str] = (),
    at: datetime,
) -> None:
    """Close a meeting and store its minutes; neither a later run nor a later decision changes them.

    When proposals of the agenda are neither decided nor noted, the caller must confirm this with ``undiscussed_known``:
    the keys that were shown. Somebody else may have put another on the agenda since. Of those that are hidden from the
    actor nothing is said.
    """
    competition_row, round_row, meeting = meetings.open_for(session, actor, competition_key, round_key, number)
    left = undiscussed(session, round_row, meeting, hidden=hidden_proposals(session, actor, competition_row.pk))
    unknown = [key for key in left if key not in undiscussed_known]
    if unknown:
        titled = Listed(proposals.named(session, competition_row.pk, unknown))
        if undiscussed_known:
            raise Conflict(
                Message(
                    "Put on the agenda since this page was made, and neither decided nor noted: {proposals}. Confirm "
                    "once more that you close the meeting.",
                    proposals=titled,
                )
            )
        raise Conflict(
            Message(
                "Neither decided nor noted in this meeting: {proposals}. Confirm that you close it all the same.",
                proposals=titled,
            )
        )
    meeting.closed_at = at
    meeting.minutes = _minutes(
        session, round_row, meeting, closed_by=session.get_one(tables.Person, _person(actor)).name
    )
    session.add(meeting)
    session.flush()
    detail = {"run": meeting.minutes["run"]}
    audit.record_in_round(
        session, actor, "meeting.closed", competition_row, round_row, meetings.name_of(meeting), at=at, detail=detail
    )


def undiscussed(
    session: Session, round_row: tables.Round, meeting: tables.Meeting, *, hidden: Collection[str]
) -> list[str]:
    """Return the keys on the agenda of an open meeting that it has neither decided nor noted, in order.

    Those that are hidden from the reader are left out: whether others spoke of them is not for this person.
    """
    named: set[str | None] = {
        verdict.proposal
        for verdict in verdicts.list_decisions(session, round_row)
        if verdict.decided_at >= meeting.opened_at
    }
    named |= {note.proposal for note in meeting_notes.all_notes(session, round_row).get(meeting.number, [])}
    return [key for key in meeting.agenda if key not in named and key not in hidden]


def without_hidden(minutes: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """Return minutes for a reader from whom some proposals are hidden: their items have a key only.

    Each item says whether it was discussed: decided or noted in the meeting. Of a hidden one that is not told:
    all count as discussed.
    """
    named = {row["proposal"] for name in ("decisions", "notes") for row in minutes[name]}
    items = [
        {
            **({"proposal": item["proposal"], "hidden": True} if item["proposal"] in hidden else item),
            "discussed": item["proposal"] in named or item["proposal"] in hidden,
        }
        for item in minutes["agenda"]
    ]
    kept = {name: [row for row in minutes[name] if row["proposal"] not in hidden] for name in ("decisions", "notes")}
    appeals = [
        {**row, **{name: [key for key in row[name] if key not in hidden] for name in ("entered", "left")}}
        # Minutes from before appeals were in them have none.
        for row in minutes.get("appeals", [])
        if row["proposal"] not in hidden
    ]
    titles = {key: title for key, title in minutes.get("titles", {}).items() if key not in hidden}
    return {**minutes, **kept, "agenda": items, "appeals": appeals, "titles": titles}


def proposals_named(minutes: Mapping[str, Any]) -> dict[str, str]:
    """Return key and title of the proposals of minutes, by key; older minutes have the titles of the agenda only."""
    discussed = {item["proposal"]: item["title"] for item in minutes["agenda"] if not item.get("hidden")}
    return {key: f"{key} {title}" for key, title in {**discussed, **minutes.get("titles", {})}.items()}


def _person(actor: Actor) -> int:
    return require_person(actor, meetings.NEEDS_A_NAME)


def _minutes(session: Session, round_row: tables.Round, meeting: tables.Meeting, *, closed_by: str) -> dict[str, Any]:
    run = meetings.run_of_meeting(session, meeting)
    report = None if run is None else report_of(run)
    final = verdicts.final_shortlist(session, round_row, run)
    titles = {key: entry.title for key, entry in proposals.list_proposals(session, round_row).items()}
    decisions = [
        {
            "proposal": verdict.proposal,
            "verdict": verdict.verdict,
            "reason": verdict.reason,
            "decided_at": verdict.decided_at.isoformat(),
            "decided_by": verdict.decided_by,
        }
        for verdict in verdicts.list_decisions(session, round_row)
        if verdict.decided_at >= meeting.opened_at
    ]
    notes = [
        {
            "proposal": note.proposal,
            "text": note.text,
            "written_at": note.written_at.isoformat(),
            "written_by": note.written_by,
        }
        for note in meeting_notes.all_notes(session, round_row).get(meeting.number, [])
    ]
    appeals = appeals_in_minutes(session, round_row)
    return {
        "run": None if run is None else run.number,
        "model": None if run is None else run.model,
        "result_digest": None if run is None else run.result_digest,
        "rules_digest": round_row.digest,
        "present": list(meeting.present),
        "closed_by": closed_by,
        "n_selected": len(final.selected),
        "agenda": [_item(key, titles.get(key, key), report, final) for key in meeting.agenda],
        "decisions": decisions,
        "notes": notes,
        "appeals": appeals,
        # Of what its sentences name by key: a title may change later.
        "titles": {key: titles[key] for key in sorted(_mentioned(decisions, notes, appeals)) if key in titles},
    }


def _mentioned(*parts: Sequence[Mapping[str, Any]]) -> set[str]:
    rows = [row for part in parts for row in part]
    return {key for row in rows for key in (row["proposal"], *row.get("entered", ()), *row.get("left", ())) if key}


def _item(key: str, title: str, report: Report | None, final: FinalShortlist) -> dict[str, Any]:
    """Return what the run said of a proposal, and where it stood when the meeting was closed."""
    row = None if report is None else next((row for row in report.proposals if row.proposal == key), None)
    return {
        "proposal": key,
        "title": title,
        "rank": None if row is None else row.rank,
        "calibrated": None if row is None else row.calibrated,
        "standard_error": None if row is None else row.standard_error,
        "p_shortlist": None if row is None else row.p_shortlist,
        "selected": key in final.selected,
        "tied": key in final.tied,
        "reserve": final.reserves.index(key) + 1 if key in final.reserves else None,
    }
