"""What of every table goes along when an event is moved, and what stays and why.

A test compares this with the tables: a new table, a column with the number of a row, or a JSON column fails it until it
is declared here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

MOVED: Mapping[str, str] = {
    "appeal": "round_id",
    "appeal_effect": "appeal_id",
    "appeal_outcome": "appeal_id",
    "appeal_reading": "appeal_id",
    "assignment": "round_id",
    "award": "round_id",
    "award_grant": "award_id",
    "calibration_run": "round_id",
    "comment_choice": "scoresheet_id",
    "competition": "id",
    "conduct_acceptance": "judge_id",
    "conflict_of_interest": "proposal_id",
    "decision": "round_id",
    "former_entry": "competition_id",
    "former_log": "competition_id",
    "judge": "competition_id",
    "judge_conflict": "judge_id",
    "mail_text": "competition_id",
    "meeting": "round_id",
    "meeting_note": "meeting_id",
    "outbox_message": "competition_id",
    "outside_comparison": "round_id",
    "paper_entry": "assignment_id",
    "pitch": "round_id",
    "pitch_move": "round_id",
    "proposal": "competition_id",
    "proposal_file": "proposal_id",
    "release": "round_id",
    "role": "competition_id",
    "roster_change": "competition_id",
    "round": "competition_id",
    "round_proposal": "round_id",
    "rules_consent": "rules_version_id",
    "rules_version": "round_id",
    "score": "scoresheet_id",
    "scoresheet": "assignment_id",
    "signature": "release_id",
    "table_mapping": "competition_id",
    "team": "competition_id",
    "team_letter_message": "team_letters_id",
    "team_letters": "release_id",
}
"""Table -> the column by which its rows belong to the event."""
PARTLY_MOVED: Mapping[str, str] = {
    "outbox_message": "what was sent or given up, without links; a message that waits refuses the export",
    "person": "whoever a moved row or an entry of the log names; the same address is the same person",
    "proposal_file": "all rows, and the contents that are in use",
    "sign_in_session": "how a session began in which somebody signed or decided, or that marks a scoresheet; it signs "
    "nobody in",
}
"""Table -> under which conditions its rows go along."""
NOT_MOVED: Mapping[str, str] = {
    "access_token": "signs programs in at one installation",
    "account_change": "accounts belong to an installation; an appointment that waits refuses the export",
    "audit_entry": "goes along as a former log, read-only: each installation has a chain of its own",
    "audit_head": "the chain of one installation",
    "authenticator": "a second factor",
    "incoming_file": "an upload that is not imported yet",
    "job": "work of one installation; unfinished work refuses the export",
    "job_file": "files of jobs, deleted after days",
    "link_request": "gone within seconds",
    "passkey": "a second factor",
    "recovery_code": "a second factor",
    "removed_personal_data": "an event without its personal data is not exported",
    "rendered_deck": "computed from a file, and again whenever it is missing",
    "request_key": "deleted after a day",
    "sent_head": "heads of one installation's log",
    "setup_link": "sets up one installation",
    "sign_in_attempt": "counts failures for minutes",
    "sign_in_link": "signs people in at one installation",
    "single_sign_on_identity": "who somebody is at the provider of one installation",
    "stored_result": "computed from facts, and again whenever it is missing",
    "team_letter_link": "opens a letter at one installation; a new link can be made",
    "used_challenge": "protects against repeating, for minutes",
    "webhook": "its secret belongs to an installation; add it again",
    "webhook_delivery": "deliveries of a webhook that stays",
    "worker": "processes that are running",
}
"""Table -> why its rows stay."""
LEFT_OUT: Mapping[str, frozenset[str]] = {
    # Which addresses refuse mail holds for every event of an installation: each learns it for itself.
    "outbox_message": frozenset({"link_id", "token_seed", "claim", "refused_address"}),
    "person": frozenset({"password_hash", "first_signed_in_at", "created_at"}),
    "sign_in_session": frozenset(
        {
            *("token_hash", "sign_in_link_id", "browser", "last_used_at", "ended_at", "end_reason"),
            *("confirmed_at", "confirmed_by", "id_token"),
        }
    ),
}
"""Table -> columns that never leave an installation."""
FORMER_NUMBERS = frozenset(
    {"former_entry.former_competition_id", "former_entry.former_person_id", "former_entry.number"}
)
"""Columns with numbers of another installation, which stay as they are: hashes cover them."""

Renumber = Callable[[str, int], int]
"""Table and number of a row at the source -> its number here."""


def _newest_in_settings(settings: Any, renumber: Renumber) -> Any:
    """Renumber the newest scoresheet that a run has counted, in its round and in earlier ones."""
    changed = _newest_in(settings, renumber)
    if "earlier" in changed:
        changed["earlier"] = [_newest_in(part, renumber) for part in changed["earlier"]]
    return changed


def _newest_in(value: Any, renumber: Renumber) -> Any:
    newest = value.get("newest_scoresheet")
    return dict(value) if newest is None else {**value, "newest_scoresheet": renumber("scoresheet", newest)}


def _in_message(content: Any, renumber: Renumber) -> Any:
    """Renumber the letters of which a message has one, and the newest scoresheet of a receipt."""
    named = {"team_letters": "team_letters", "newest": "scoresheet"}
    return {
        name: renumber(named[name], value) if name in named and isinstance(value, int) else value
        for name, value in content.items()
    }


NUMBERS_IN_JSON: Mapping[str, tuple[Callable[[Any, Renumber], Any], tuple[str, ...]]] = {
    "calibration_run.settings": (_newest_in_settings, ("scoresheet",)),
    "outbox_message.content": (_in_message, ("scoresheet", "team_letters")),
}
"""JSON columns with numbers of rows -> how these become the numbers here, and the tables of these rows."""
JSON_WITHOUT_NUMBERS: Mapping[str, str] = {
    "appeal_effect.content": "numbers of a computation, by keys",
    "award.name": "texts by language",
    "calibration_run.result": "a report, by keys",
    "competition.definition": "rules",
    "former_entry.detail": "as the former installation wrote it, which its hash covers",
    "former_entry.stored": "as the former installation wrote it, which its hash covers",
    "judge.categories": "keys",
    "judge.languages": "tags of languages",
    "meeting.agenda": "keys of proposals",
    "meeting.minutes": "keys and names",
    "meeting.present": "names",
    "outbox_message.problem": "a stored message",
    "outside_comparison.content": "values by keys",
    "paper_entry.content": "scores and comments by keys",
    "proposal_file.facts": "facts of a file",
    "release.content": "what was signed, by keys",
    "roster_change.changes": "texts before and after",
    "round.definition": "rules",
    "round.reminder_hours": "hours",
    "rules_version.definition": "rules",
    "table_mapping.mapping": "how columns of a file are read",
    "team_letters.content": "texts by keys of proposals",
}
"""JSON column -> why nothing in it is the number of a row."""
