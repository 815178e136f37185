"""What an access token may do: the scope of each operation, and the operations that are no program's.

A token never does more than its person may: the services check the roles as for a browser. Decisions, awards,
consents, confirmations and the account itself are a person's own acts, for which no token is accepted.
"""

from __future__ import annotations

from flask import Flask, Response, request

from judging import bearer_tokens
from judging import request as this
from judging.api.faults import problem_of
from judging.errors import Message, NotAllowed
from judging.schemas.access_tokens import SCOPES
from judging.services.authentication.access_tokens import REQUESTS_PER_WINDOW, WINDOW

_ANY = tuple(SCOPES)

SCOPES_OF: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "competitions.session",
            "competitions.list_competitions",
            "competitions.get_competition",
            "competitions.list_rounds",
            "archive.get_archive",
        ),
        _ANY,
    ),
    **dict.fromkeys(("results.get_results", "results.get_results_csv", "results.get_feed"), _ANY),
    **dict.fromkeys(("api_jobs.list_jobs", "api_jobs.get_job", "api_jobs.get_file"), ("results", "rosters", "rounds")),
    "api_files.get_file": ("results", "scoresheets", "rosters"),
    "api_jobs.cancel_job": ("results", "rosters", "rounds"),
    **dict.fromkeys(
        (
            *("awards.list_awards", "meetings.list_meetings", "shortlists.shortlist"),
            *("meetings.get_meeting", "releases.list_releases", "api_appeals.list_appeals", "api_entered.list_origins"),
            *("rules.get_rules", "rules.request_effect", "rules.get_effect", "rules.request_effect_of_version"),
            *("runs.ranking", "runs.judges", "runs.sensitivity", "runs.list_runs", "runs.get_run"),
            *("runs.calibrate", "runs.request_sensitivity", "practice.list_judges"),
            *("ratings.get_ratings", "ratings.get_ratings_csv"),
            *("comparisons.list_comparisons", "comparisons.bring_comparison", "comparisons.get_comparison"),
            "comparisons.take_back_comparison",
            *("exports.export", "exports.bundle", "exports.report", "exports.verify"),
            *("exports.minutes", "proposals.get_proposal", "letter_files.get_public_page", "letter_files.request_pdf"),
            *("letter_files.get_letters_file", "letter_files.list_comments"),
        ),
        ("results",),
    ),
    **dict.fromkeys(
        (
            *("scoresheets.get_scoresheet", "scoresheets.put_scoresheet", "mirrors.get_mirror"),
            *("practice.get_comparison", "conduct.get_conduct", "scoresheet_versions.list_own"),
            *("own_rounds.list_scoresheets", "own_rounds.get_briefing", "own_rounds.get_deadline"),
            *("own_workbooks.get_workbook", "own_workbooks.merge"),
        ),
        ("scoresheets",),
    ),
    **dict.fromkeys(
        (
            *("api_files.list_files", "api_files.add_files", "api_files.remove_file"),
            "api_files.put_back_file",
            *("account_changes.list_changes", "members.list_members"),
            *("roster_rows.add_row", "roster_rows.list_rows", "roster_rows.get_row", "roster_rows.put_row"),
            *("roster_rows.deactivate_judge", "roster_rows.put_back_judge"),
            *("roster_rows.withdraw_proposal", "roster_rows.put_back_proposal"),
            *("entries.post_entries", "imports.import_file", "imports.get_import"),
            *("import_files.get_template", "import_files.mark_file"),
            *("judge_conflicts.list_conflicts", "judge_conflicts.enter_conflict"),
            *("judge_conflicts.end_conflict", "judge_conflicts.refuse_conflict"),
        ),
        ("rosters",),
    ),
    **dict.fromkeys(
        (
            *("releases.get_preflight", "further_readings.suggest", "next_rounds.propose_advance"),
            *("messages.list_messages", "messages.send_again"),
            *("api_letters.list_letters", "mail_texts.list_texts"),
            "api_paper.ask_forms",
            *("rounds.get_state", "rounds.get_progress", "rounds.open_round", "rounds.close_round"),
            *("rounds.reopen_round", "rounds.put_deadline", "archive.get_preview"),
            *("reminders.get_reminders", "reminders.remind", "reminders.put_reminder_hours"),
            "reminders.write_reminders",
            *("assignments.list_assignments", "assignments.assign", "assignments.take_back"),
            *("assignments.withdraw", "assignments.give_back"),
            *("assignments.pin", "assignments.unpin", "assignments.ban", "assignments.lift_ban"),
            *("assignments.get_precision", "plans.get_plan", "plans.apply_plan"),
            *("definitions.list_templates", "definitions.make", "definitions.get_definition"),
            "definitions.put_definition",
            *("pitches.get_pitches", "pitches.get_order", "pitches.put_order", "pitches.list_scored"),
        ),
        ("rounds",),
    ),
    **dict.fromkeys(("api_audit_log.list_log", "api_audit_log.log_file", "api_audit_log.list_former_log"), ("log",)),
    **dict.fromkeys(
        (
            *("webhooks.list_webhooks", "webhooks.add_webhook", "webhooks.remove_webhook", "webhooks.pause_webhook"),
            *("webhooks.resume_webhook", "webhooks.send_test", "webhooks.list_deliveries", "webhooks.send_again"),
        ),
        ("webhooks",),
    ),
}
"""Endpoint -> scopes, of which a token needs one."""
PERSONS_OWN = frozenset(
    [
        *("access_tokens.list_tokens", "access_tokens.make_token", "access_tokens.revoke_token"),
        *("members.invite", "members.invite_judges"),
        *("archive.archive", "archive.put_back", "archive.remove"),
        *("archive.ask_removal", "archive.confirm_removal", "archive.stop_removal"),
        *("account_changes.confirm", "account_changes.refuse", "confirmation.confirm"),
        *(
            "awards.define_award",
            "awards.grant_award",
            "awards.withdraw_award",
            "shortlists.decide",
            "shortlists.replace",
            "next_rounds.advance",
        ),
        *("api_entered.list_entered", "api_entered.confirm", "conduct.accept_conduct"),
        *("conflicts.own_conflicts", "conflicts.declare_conflict", "further_readings.ask"),
        *("conflicts.others_conflicts", "conflicts.end_conflict"),
        *("meetings.open_meeting", "meetings.put_present", "meetings.move_item", "meetings.put_run"),
        *("meetings.write_note", "meetings.decide", "meetings.close_meeting"),
        *("api_letters.make", "letter_files.make_links", "letter_files.end_links", "letter_files.choose_comments"),
        *("rules.propose", "rules.consent", "rules.withdraw"),
        *("scoresheets.recuse", "scoresheets.abstain", "scoresheets.take_back_abstention"),
        *("pitches.move", "pitches.draw"),
        *("api_appeals.enter", "api_appeals.compute", "api_appeals.ask_judge", "api_appeals.settle"),
        *("api_paper.list_paper", "api_paper.type_sheet"),
        *("api_paper.list_own_paper", "api_paper.confirm_own_paper"),
        *("api_letters.mail", "mail_texts.put_text", "mail_texts.reset_text"),
    ]
)
"""Endpoints that take no token. An endpoint in neither table takes none either, and a test names it."""
OPEN_IF_PUBLIC = frozenset(["results.get_results", "results.get_results_csv", "results.get_feed"])
"""Endpoints that need no sign-in where the competition's policy makes released results public."""
_BLUEPRINTS = {endpoint.partition(".")[0] for endpoint in (*SCOPES_OF, *PERSONS_OWN)}
_NO_TOKEN = Message("This is a person's own act: no access token is accepted here. Sign in on the pages.")


def init_app(app: Flask) -> None:
    """Refuse what a token is not for, and tell programs how many requests are left."""
    app.before_request(_require_scope)
    app.after_request(_tell_limits)


def security_of(endpoint: str, method: str) -> list[dict[str, list[str]]]:
    """Return the OpenAPI security of an operation: a session, with its token for writes; or a token with a scope."""
    session: dict[str, list[str]] = {"session": []} if method == "get" else {"session": [], "csrf": []}
    nobody: list[dict[str, list[str]]] = [{}] if endpoint in OPEN_IF_PUBLIC else []
    return [session, *({"token": [scope]} for scope in SCOPES_OF.get(endpoint, ())), *nobody]


def _require_scope() -> Response | None:
    if request.blueprint not in _BLUEPRINTS:
        return None
    used = bearer_tokens.here()
    if used is None:
        # Before the body is looked at: whoever is not signed in learns nothing of what is expected.
        if request.endpoint not in OPEN_IF_PUBLIC:
            this.claim()
        return None
    needed = SCOPES_OF.get(str(request.endpoint), ())
    if not needed:
        return problem_of(NotAllowed(_NO_TOKEN))
    if set(needed).isdisjoint(used.scopes):
        refusal = Message(
            "This access token was not made for this. It needs the scope {scopes}.", scopes=" / ".join(needed)
        )
        answer = problem_of(NotAllowed(refusal))
        answer.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{" ".join(needed)}"'
        return answer
    return None


def _tell_limits(response: Response) -> Response:
    """Add the fields of the IETF's draft on RateLimit headers, and what RFC 6750 asks for with 401."""
    used = bearer_tokens.here()
    if used is not None:
        seconds = int(WINDOW.total_seconds())
        response.headers["RateLimit-Policy"] = f'"token";q={REQUESTS_PER_WINDOW};w={seconds}'
        response.headers["RateLimit"] = f'"token";r={max(0, used.n_left)};t={used.seconds_left}'
    if response.status_code == 401 and request.path.startswith("/api/"):
        known = bearer_tokens.presented() is None
        response.headers["WWW-Authenticate"] = "Bearer" if known else 'Bearer error="invalid_token"'
    return response
