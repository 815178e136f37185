"""For each web view, by which operations of the API a program does the same; or why it is for people only.

``tests/api/test_operation_table.py`` fails for a view that is in neither table; ``docs/api-operations.md`` shows both.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask

_API = "/api/"

BY_OPERATION: dict[str, str] = {
    "audit_log.export": "api_audit_log.log_file",
    "audit_log.show": "api_audit_log.list_log",
    "audit_log.show_former": "api_audit_log.list_former_log",
    "chair.advance": "next_rounds.advance",
    "chair.agenda": "meetings.get_meeting",
    "chair.agenda_item": "meetings.get_meeting proposals.get_proposal shortlists.shortlist",
    "chair.appeal": "api_appeals.list_appeals",
    "chair.appeals": "api_appeals.list_appeals",
    "chair.ask_appeal_judge": "api_appeals.ask_judge",
    "chair.ask_reading": "further_readings.ask",
    "chair.awards": "awards.list_awards",
    "chair.bring_outside": "comparisons.bring_comparison",
    "chair.calibrate": "runs.calibrate",
    "chair.change_present": "meetings.put_present",
    "chair.close_meeting": "meetings.close_meeting",
    "chair.compare": "runs.request_sensitivity",
    "chair.compute_appeal": "api_appeals.compute",
    "chair.compute_effect": "rules.request_effect_of_version",
    "chair.confirm_calibration": "rounds.get_progress runs.calibrate",
    "chair.confirm_entered": "api_entered.confirm",
    "chair.consent_to_rules": "rules.consent",
    "chair.decide": "shortlists.decide",
    "chair.decide_item": "meetings.decide",
    "chair.declare_conflict": "conflicts.declare_conflict",
    "chair.define_award": "awards.define_award",
    "chair.draw_pitches": "pitches.draw",
    "chair.enter_appeal": "api_appeals.enter",
    "chair.entered": "api_entered.list_entered",
    "chair.grant_award": "awards.grant_award",
    "chair.judges": "runs.judges",
    "chair.linkage": "runs.judges",
    "chair.live_agenda": "meetings.get_meeting",
    "chair.live_item": "meetings.get_meeting",
    "chair.live_pitches": "pitches.get_pitches",
    "chair.live_progress": "rounds.get_progress",
    "chair.meeting": "meetings.list_meetings",
    "chair.move_item": "meetings.move_item",
    "chair.move_pitches": "pitches.move",
    "chair.note_item": "meetings.write_note",
    "chair.open_meeting": "meetings.open_meeting",
    "chair.order_pitches": "pitches.put_order",
    "chair.outside": "comparisons.list_comparisons",
    "chair.overview": "competitions.list_rounds",
    "chair.own_conflicts": "conflicts.own_conflicts conflicts.others_conflicts",
    "chair.paper": "api_paper.list_paper",
    "chair.paper_sheet": "api_paper.list_paper",
    "chair.pictures": "runs.get_run",
    "chair.pitches": "pitches.get_pitches",
    "chair.practice": "practice.list_judges",
    "chair.preflight": "releases.get_preflight",
    "chair.print_paper": "api_paper.ask_forms",
    "chair.progress": "rounds.get_progress",
    "chair.proposal": "proposals.get_proposal",
    "chair.propose_rules": "rules.request_effect rules.propose",
    "chair.ranking": "runs.ranking",
    "chair.release": "releases.list_releases",
    "chair.replace": "shortlists.replace",
    "chair.room_screen": "pitches.get_pitches",
    "chair.rules": "rules.get_rules rules.get_effect",
    "chair.running_order_page": "pitches.get_order",
    "chair.runs": "runs.list_runs",
    "chair.send_bundle": "exports.bundle",
    "chair.send_method_report": "exports.report",
    "chair.send_minutes": "exports.minutes",
    "chair.sensitivity": "runs.sensitivity",
    "chair.settle_appeal": "api_appeals.settle",
    "chair.shortlist": "shortlists.shortlist further_readings.suggest",
    "chair.show_next": "next_rounds.propose_advance",
    "chair.take_back_outside": "comparisons.take_back_comparison",
    "chair.take_run": "meetings.put_run",
    "chair.type_paper": "api_paper.type_sheet",
    "judge.confirm_paper": "api_paper.confirm_own_paper",
    "chair.verify": "exports.verify",
    "chair.withdraw_award": "awards.withdraw_award",
    "chair.withdraw_conflict": "conflicts.end_conflict",
    "chair.withdraw_rules": "rules.withdraw",
    "chair.write_note": "meetings.write_note",
    "changes.answer": "account_changes.confirm account_changes.refuse",
    "changes.waiting": "account_changes.list_changes",
    "editor.change": "definitions.put_definition",
    "editor.check": "definitions.put_definition",
    "editor.show": "definitions.get_definition",
    "files.original": "api_files.get_file",
    "home.index": "competitions.list_competitions",
    "jobs.cancel": "api_jobs.cancel_job",
    "jobs.file": "api_jobs.get_file",
    "jobs.job": "api_jobs.get_job",
    "jobs.jobs": "api_jobs.list_jobs",
    "jobs.progress": "api_jobs.get_job",
    "judge.abstain": "scoresheets.abstain",
    "judge.begin": "conduct.accept_conduct",
    "judge.deadline": "own_rounds.get_deadline",
    "judge.declare_conflict": "conflicts.declare_conflict",
    "judge.merge": "own_workbooks.merge",
    "judge.mirror": "mirrors.get_mirror",
    "judge.now": "pitches.get_pitches",
    "judge.own_conflicts": "conflicts.own_conflicts",
    "judge.preview": "own_workbooks.merge",
    "judge.queue": "own_rounds.list_scoresheets",
    "judge.recuse": "scoresheets.recuse",
    "judge.reopen": "scoresheets.put_scoresheet",
    "judge.resolve": "scoresheets.put_scoresheet",
    "judge.restore": "scoresheet_versions.list_own scoresheets.put_scoresheet",
    "judge.review": "own_rounds.list_scoresheets",
    "judge.rubric": "own_rounds.get_briefing conduct.get_conduct",
    "judge.save": "scoresheets.put_scoresheet",
    "judge.save_scores": "scoresheets.put_scoresheet",
    "judge.sheet": "scoresheets.get_scoresheet practice.get_comparison",
    "judge.start": "own_rounds.get_briefing conduct.get_conduct",
    "judge.submit_complete": "scoresheets.put_scoresheet",
    "judge.take_back": "scoresheets.take_back_abstention",
    "judge.versions": "scoresheet_versions.list_own",
    "judge.workbook": "own_workbooks.get_workbook",
    "new_competition.export": "definitions.get_definition",
    "new_competition.make": "definitions.make",
    "new_competition.show": "definitions.list_templates",
    "organiser.add_row": "roster_rows.add_row",
    "organiser.add_rows": "roster_rows.add_row",
    "organiser.add_webhook": "webhooks.add_webhook",
    "organiser.admit": "next_rounds.advance",
    "organiser.apply_plan": "plans.apply_plan",
    "organiser.archive": "archive.get_archive archive.get_preview",
    "organiser.archive_competition": "archive.archive",
    "organiser.assign": "assignments.assign",
    "organiser.assign_helpful": "assignments.assign",
    "organiser.assignments": "assignments.list_assignments",
    "organiser.ban": "assignments.ban",
    "organiser.change_deadline": "rounds.put_deadline",
    "organiser.change_mail_text": "mail_texts.put_text",
    "organiser.change_reminders": "reminders.put_reminder_hours",
    "organiser.change_row": "roster_rows.put_row",
    "organiser.choose_letter_comments": "letter_files.choose_comments",
    "organiser.close_round": "rounds.close_round",
    "organiser.conflicts": "judge_conflicts.list_conflicts",
    "organiser.deactivate_judge": "roster_rows.deactivate_judge",
    "organiser.end_conflict": "judge_conflicts.end_conflict",
    "organiser.end_letter_links": "letter_files.end_links",
    "organiser.enter_conflict": "judge_conflicts.enter_conflict",
    "organiser.entrants": "next_rounds.propose_advance",
    "organiser.export_round": "exports.export",
    "organiser.files": "api_files.list_files",
    "organiser.give_back": "assignments.give_back",
    "organiser.import_corrected": "import_files.mark_file",
    "organiser.import_file": "imports.import_file",
    "organiser.import_mapping": "imports.get_import",
    "organiser.import_page": "imports.get_import",
    "organiser.import_template": "import_files.get_template",
    "organiser.invite": "members.invite",
    "organiser.invite_judges": "members.invite_judges",
    "organiser.judges": "roster_rows.list_rows",
    "organiser.letter_comments": "letter_files.list_comments",
    "organiser.letters": "api_letters.list_letters",
    "organiser.letters_file": "letter_files.get_letters_file",
    "organiser.lift_ban": "assignments.lift_ban",
    "organiser.link_letters": "letter_files.make_links",
    "organiser.mail_letters": "api_letters.mail",
    "organiser.mail_text": "mail_texts.list_texts",
    "organiser.mail_texts": "mail_texts.list_texts",
    "organiser.make_letters": "api_letters.make",
    "organiser.merge_letters": "api_letters.list_letters letter_files.make_links",
    "organiser.new_row": "roster_rows.add_row",
    "organiser.new_rows": "roster_rows.add_row",
    "organiser.open_round": "rounds.open_round",
    "organiser.outbox": "messages.list_messages",
    "organiser.overview": "competitions.list_rounds rounds.get_state",
    "organiser.pause_webhook": "webhooks.pause_webhook",
    "organiser.pdf_letter": "letter_files.request_pdf",
    "organiser.pdf_letters": "letter_files.request_pdf",
    "organiser.people": "members.list_members",
    "organiser.pin": "assignments.pin assignments.unpin",
    "organiser.plan": "plans.get_plan",
    "organiser.precision": "assignments.get_precision",
    "organiser.proposals": "roster_rows.list_rows",
    "organiser.public_page_file": "letter_files.get_public_page",
    "organiser.put_back_competition": "archive.put_back",
    "organiser.put_back_file": "api_files.put_back_file",
    "organiser.put_back_judge": "roster_rows.put_back_judge",
    "organiser.put_back_proposal": "roster_rows.put_back_proposal",
    "organiser.refuse_conflict": "judge_conflicts.refuse_conflict",
    "organiser.remind_judges": "reminders.remind",
    "organiser.merge_reminders": "reminders.write_reminders",
    "organiser.remove_file": "api_files.remove_file",
    "organiser.remove_personal_data": "archive.ask_removal",
    "organiser.begin_removal": "archive.remove",
    "organiser.confirm_removal": "archive.confirm_removal",
    "organiser.stop_removal": "archive.stop_removal",
    "organiser.remove_webhook": "webhooks.remove_webhook",
    "organiser.reopen_round": "rounds.reopen_round",
    "organiser.reset_mail_text": "mail_texts.reset_text",
    "organiser.resume_webhook": "webhooks.resume_webhook",
    "organiser.row": "roster_rows.get_row",
    "organiser.send_again": "messages.send_again",
    "organiser.show_round": "rounds.get_state",
    "organiser.take_back_open": "assignments.take_back",
    "organiser.teams": "roster_rows.list_rows",
    "organiser.tell_again": "webhooks.send_again",
    "organiser.test_webhook": "webhooks.send_test",
    "organiser.upload_files": "api_files.add_files",
    "organiser.webhook_log": "webhooks.list_deliveries",
    "organiser.webhooks": "webhooks.list_webhooks",
    "organiser.withdraw": "assignments.withdraw",
    "organiser.withdraw_proposal": "roster_rows.withdraw_proposal",
    "own_tokens.make": "access_tokens.make_token",
    "own_tokens.revoke": "access_tokens.revoke_token",
    "own_tokens.show": "access_tokens.list_tokens",
    "public_results.file": "results.get_results_csv letter_files.get_public_page",
    "public_results.show": "results.get_results",
}
"""View -> operations, separated by spaces."""

_SIGNING_IN = "A person signs in or out; a program has an access token"
_FACTOR = "A second factor belongs to a person and a device"
_ACCOUNT = "A person's own account: name, address, password, sessions"
_IDENTIFIES = "It changes who a person is or may enter as; another person looks at it first"
_BINDS = "A release binds whoever signs it: a person compares its digest on the page"
_PAGE = "Part of the pages themselves: files, language, use without a connection"
_LETTER = "The reader has the link of a letter, and no account"
_IMAGES = "Pages of slides as images, for the eye; a program reads the file itself"

FOR_PEOPLE: dict[str, str] = {
    **dict.fromkeys(
        (
            *("auth.ask_for_link", "auth.ask_for_link_again", "auth.link", "auth.set_up", "auth.setup_link"),
            *("auth.sign_in", "auth.sign_in_with_link", "auth.sign_in_with_password", "auth.sign_out"),
            *("auth.sign_out_everywhere", "second_step.finish", "second_step.show"),
            *("second_step.sign_in_with_passkey", "single_sign_on.begin", "single_sign_on.finish"),
            "single_sign_on.show",
        ),
        _SIGNING_IN,
    ),
    **dict.fromkeys(
        (
            *("second_factor.add_passkey", "second_factor.begin_app", "second_factor.confirm_app"),
            *("second_factor.new_app", "second_factor.new_recovery_codes", "second_factor.remove_app"),
            *("second_factor.remove_passkey", "second_factor.show"),
        ),
        _FACTOR,
    ),
    **dict.fromkeys(
        (
            *("auth.account", "auth.change_address", "auth.change_name", "auth.change_password", "auth.end_session"),
            *("changes.answer_link", "changes.show_link"),
        ),
        _ACCOUNT,
    ),
    **dict.fromkeys(
        (
            *("organiser.change_person", "organiser.propose_change", "organiser.remove_person"),
            *("organiser.issue_link", "organiser.revoke_links", "organiser.hand_over_links"),
        ),
        _IDENTIFIES,
    ),
    **dict.fromkeys(("chair.propose_release", "chair.sign_release"), _BINDS),
    **dict.fromkeys(
        (
            *("assets.send", "auth.change_language", "home.set_language", "offline.manifest", "offline.worker"),
            *("health.healthz", "health.readyz"),
        ),
        _PAGE,
    ),
    **dict.fromkeys(("public_results.letter", "public_results.proof"), _LETTER),
    **dict.fromkeys(("files.page", "files.show"), _IMAGES),
}
"""View -> why no program needs it."""


def views_of(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield every web view of an application with its address and methods."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        if not rule.rule.startswith(_API):
            yield rule.endpoint, rule.rule, " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def missing_from(app: Flask) -> list[str]:
    """Return what is wrong with the tables, as sentences that say what to do."""
    views = {endpoint for endpoint, _, _ in views_of(app)}
    operations = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith(_API)}
    told = [
        f"{view}: give it an operation of the API, and write view and operation into BY_OPERATION of {__name__}; or "
        f"write it into FOR_PEOPLE with the reason why no program needs it"
        for view in sorted(views - BY_OPERATION.keys() - FOR_PEOPLE.keys())
    ]
    told += [f"{view}: it stands in both tables" for view in sorted(BY_OPERATION.keys() & FOR_PEOPLE.keys())]
    told += [f"{view}: there is no such view; remove its row" for view in sorted({*BY_OPERATION, *FOR_PEOPLE} - views)]
    told += [
        f"{view}: there is no operation {name}"
        for view, names in sorted(BY_OPERATION.items())
        for name in names.split()
        if name not in operations
    ]
    return told
