"""Every address of the application, who may pass there, and how to call it in a test."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from sqlmodel import Session, col, func, select
from werkzeug.routing import Rule

from judging import tables
from tests.support.addresses_of_systems import OTHER_SYSTEMS
from tests.support.event import COMPETITION, ROUND, Event
from tests.support.optional import present

Call = tuple[str, str, str]

# What a stranger may ask for: ways in, files that hold nothing of a competition, and addresses that do not exist.
OPEN = frozenset(
    [
        "api-docs.openapi_json",
        "api_docs.index",
        "api_docs.send",
        "assets.send",
        "auth.ask_for_link",
        "auth.ask_for_link_again",
        "auth.link",
        "auth.set_up",
        "auth.setup_link",
        "changes.answer_link",
        "changes.show_link",
        "auth.sign_in",
        "auth.sign_in_with_link",
        "auth.sign_in_with_password",
        "auth.sign_out",
        "single_sign_on.begin",
        "single_sign_on.finish",
        "single_sign_on.show",
        "second_step.finish",
        "second_step.show",
        "second_step.sign_in_with_passkey",
        "health.healthz",
        "health.readyz",
        "home.index",
        "home.set_language",
        "offline.manifest",
        "offline.worker",
        # Where the rules make results public, and with the link of a letter.
        "public_results.file",
        "public_results.letter",
        "public_results.proof",
        "public_results.show",
    ]
)
# One's own: nothing of anybody else is to be had there.
OWN = frozenset(
    [
        "access_tokens.list_tokens",
        "access_tokens.make_token",
        "access_tokens.revoke_token",
        "own_tokens.make",
        "own_tokens.revoke",
        "own_tokens.show",
        "api_jobs.list_jobs",
        "auth.account",
        "auth.change_address",
        "auth.change_language",
        "auth.change_name",
        "auth.change_password",
        "auth.end_session",
        "auth.sign_out_everywhere",
        "competitions.list_competitions",
        "competitions.session",
        "confirmation.confirm",
        # As on the page: whoever organises any competition; `tests/api/test_definitions.py` turns the others away.
        "definitions.list_templates",
        "definitions.make",
        "jobs.jobs",
        # Whoever organises any competition; `tests/web/test_new_competition.py` turns the others away.
        "new_competition.make",
        "new_competition.show",
        "second_factor.add_passkey",
        "second_factor.begin_app",
        "second_factor.confirm_app",
        "second_factor.new_app",
        "second_factor.new_recovery_codes",
        "second_factor.remove_app",
        "second_factor.remove_passkey",
        "second_factor.show",
    ]
)
_EVERYONE = "auditor chair judge organiser"
_READERS = "auditor chair organiser"
_CHECKERS = "auditor organiser"
# The roles of a competition that may pass; everybody else is turned away.
BY_ROLE = {
    **OTHER_SYSTEMS,
    "api_audit_log.list_former_log": _READERS,
    "api_audit_log.list_log": _READERS,
    "api_audit_log.log_file": _READERS,
    "api_jobs.cancel_job": _READERS,
    "api_jobs.get_file": _READERS,
    "api_jobs.get_job": _READERS,
    "account_changes.confirm": "chair organiser",
    "account_changes.list_changes": _READERS,
    "account_changes.refuse": "chair organiser",
    "changes.answer": "chair organiser",
    "changes.waiting": _READERS,
    "audit_log.export": _READERS,
    "audit_log.show": _READERS,
    "audit_log.show_former": _READERS,
    "chair.advance": "chair organiser",
    "chair.agenda": _READERS,
    "chair.agenda_item": _READERS,
    "chair.ask_reading": "chair",
    "chair.awards": _READERS,
    "chair.calibrate": "chair",
    "chair.confirm_calibration": _READERS,
    "chair.change_present": "chair",
    "chair.close_meeting": "chair",
    "chair.compare": _READERS,
    "chair.compute_effect": _READERS,
    "chair.consent_to_rules": "chair",
    "chair.decide": "chair",
    "chair.decide_item": "chair",
    "chair.declare_conflict": _READERS,
    "chair.define_award": "chair organiser",
    "chair.confirm_entered": "chair organiser",
    "chair.entered": _READERS,
    "chair.grant_award": "chair",
    "chair.judges": _READERS,
    "chair.linkage": _READERS,
    "chair.meeting": _READERS,
    "chair.move_item": "chair",
    "chair.note_item": "chair",
    "chair.open_meeting": "chair",
    "chair.take_run": "chair",
    "chair.overview": _READERS,
    "chair.own_conflicts": _READERS,
    "chair.draw_pitches": "organiser",
    "chair.live_pitches": _READERS,
    "chair.move_pitches": "chair organiser",
    "chair.order_pitches": "organiser",
    "chair.pitches": _READERS,
    "chair.practice": _READERS,
    "chair.room_screen": _EVERYONE,
    "chair.running_order_page": _EVERYONE,
    "chair.pictures": _READERS,
    "chair.preflight": _READERS,
    "chair.live_progress": _READERS,
    "chair.live_agenda": _READERS,
    "chair.live_item": _READERS,
    "chair.progress": _READERS,
    "rounds.get_progress": _READERS,
    "chair.proposal": _READERS,
    "chair.propose_release": "chair",
    "chair.propose_rules": "chair organiser",
    "chair.ranking": _READERS,
    "chair.release": _READERS,
    "chair.replace": "chair",
    "chair.rules": _READERS,
    "chair.runs": _READERS,
    "chair.send_bundle": _READERS,
    "chair.send_method_report": _READERS,
    "chair.send_minutes": _READERS,
    "chair.sensitivity": _READERS,
    "chair.shortlist": _READERS,
    "chair.show_next": _READERS,
    "chair.sign_release": "chair",
    "chair.verify": _READERS,
    "chair.withdraw_award": "chair",
    "chair.withdraw_conflict": "chair organiser",
    "chair.withdraw_rules": "chair organiser",
    "chair.write_note": "chair",
    "competitions.get_competition": _EVERYONE,
    "competitions.list_rounds": _READERS,
    "next_rounds.advance": "chair organiser",
    "further_readings.ask": "chair",
    "shortlists.decide": "chair",
    "conflicts.declare_conflict": _EVERYONE,
    "awards.define_award": "chair organiser",
    "awards.grant_award": "chair",
    "awards.list_awards": _READERS,
    "meetings.close_meeting": "chair",
    "meetings.decide": "chair",
    "meetings.get_meeting": _READERS,
    "meetings.list_meetings": _READERS,
    "meetings.move_item": "chair",
    "meetings.open_meeting": "chair",
    "meetings.put_present": "chair",
    "meetings.put_run": "chair",
    "meetings.write_note": "chair",
    "messages.list_messages": _CHECKERS,
    "mirrors.get_mirror": "judge",
    "practice.get_comparison": "judge",
    "practice.list_judges": _READERS,
    "messages.send_again": "organiser",
    "conflicts.end_conflict": "chair organiser",
    "conflicts.others_conflicts": _READERS,
    "conflicts.own_conflicts": _EVERYONE,
    "next_rounds.propose_advance": _READERS,
    "pitches.draw": "organiser",
    "pitches.get_order": _EVERYONE,
    "pitches.get_pitches": _EVERYONE,
    "pitches.list_scored": _READERS,
    "pitches.move": "chair organiser",
    "pitches.put_order": "organiser",
    "shortlists.shortlist": _READERS,
    "further_readings.suggest": _READERS,
    "jobs.cancel": _READERS,
    "jobs.file": _READERS,
    "jobs.job": _READERS,
    "jobs.progress": _READERS,
    "api_files.add_files": "organiser",
    "api_files.get_file": _EVERYONE,
    "api_files.list_files": _CHECKERS,
    "api_files.put_back_file": "organiser",
    "api_files.remove_file": "organiser",
    "files.original": _EVERYONE,
    "files.page": _EVERYONE,
    "files.show": _EVERYONE,
    "organiser.files": _CHECKERS,
    "organiser.put_back_file": "organiser",
    "organiser.remove_file": "organiser",
    "organiser.upload_files": "organiser",
    "exports.bundle": _READERS,
    "exports.export": _READERS,
    "exports.minutes": _READERS,
    "exports.report": _READERS,
    "exports.verify": _READERS,
    "judge.merge": "judge",
    "judge.mirror": "judge",
    "judge.preview": "judge",
    "judge.workbook": "judge",
    "judge.queue": "judge",
    "conduct.accept_conduct": "judge",
    "conduct.get_conduct": "judge",
    "judge.abstain": "judge",
    "judge.begin": "judge",
    "judge.rubric": "judge",
    "judge.start": "judge",
    "judge.deadline": "judge",
    "judge.recuse": "judge",
    "judge.take_back": "judge",
    "judge.reopen": "judge",
    "judge.restore": "judge",
    "judge.submit_complete": "judge",
    "judge.resolve": "judge",
    "judge.now": "judge",
    "judge.review": "judge",
    "judge.save": "judge",
    "judge.save_scores": "judge",
    "judge.sheet": "judge",
    "judge.versions": "judge",
    **dict.fromkeys(("editor.change", "editor.check", "editor.show"), "organiser"),
    "new_competition.export": _READERS,
    "organiser.admit": "organiser",
    "organiser.apply_plan": "organiser",
    "organiser.assign": "organiser",
    "organiser.assign_helpful": "organiser",
    "organiser.assignments": _CHECKERS,
    "organiser.close_round": "organiser",
    "organiser.entrants": _CHECKERS,
    "organiser.export_round": _READERS,
    "organiser.give_back": "organiser",
    "organiser.import_corrected": "organiser",
    "organiser.import_file": "organiser",
    "organiser.import_mapping": "organiser",
    "organiser.import_page": _CHECKERS,
    "organiser.import_template": _CHECKERS,
    "organiser.invite": "organiser",
    "organiser.change_person": "organiser",
    "organiser.issue_link": "organiser",
    "organiser.propose_change": "organiser",
    "organiser.judges": _CHECKERS,
    "organiser.open_round": "organiser",
    "organiser.outbox": _CHECKERS,
    "organiser.overview": _CHECKERS,
    "organiser.people": _CHECKERS,
    "organiser.plan": _CHECKERS,
    "organiser.proposals": _CHECKERS,
    "organiser.remove_person": "organiser",
    "organiser.reopen_round": "organiser",
    "organiser.revoke_links": "organiser",
    "organiser.send_again": "organiser",
    "organiser.show_round": _CHECKERS,
    "organiser.teams": _CHECKERS,
    "organiser.withdraw": "organiser",
    "organiser.change_deadline": "organiser",
    "organiser.remind_judges": "organiser",
    "organiser.merge_reminders": "organiser",
    "organiser.change_reminders": "organiser",
    "rounds.close_round": "organiser",
    "rounds.get_state": _CHECKERS,
    "rounds.open_round": "organiser",
    "rounds.put_deadline": "organiser",
    "rounds.reopen_round": "organiser",
    "organiser.ban": "organiser",
    "organiser.lift_ban": "organiser",
    "organiser.pin": "organiser",
    "organiser.precision": _CHECKERS,
    "organiser.take_back_open": "organiser",
    "judge.declare_conflict": "judge",
    "judge.own_conflicts": "judge",
    "organiser.conflicts": _CHECKERS,
    "organiser.end_conflict": "organiser",
    "organiser.enter_conflict": "organiser",
    "organiser.refuse_conflict": "organiser",
    "organiser.add_row": "organiser",
    "organiser.add_rows": "organiser",
    "organiser.change_row": "organiser",
    "organiser.deactivate_judge": "organiser",
    "organiser.new_row": "organiser",
    "organiser.new_rows": "organiser",
    "organiser.put_back_judge": "organiser",
    "organiser.put_back_proposal": "organiser",
    "organiser.row": _CHECKERS,
    "organiser.withdraw_proposal": "organiser",
    "ratings.get_ratings": _READERS,
    "ratings.get_ratings_csv": _READERS,
    "runs.calibrate": "chair",
    "runs.get_run": _READERS,
    "runs.judges": _READERS,
    "runs.list_runs": _READERS,
    "runs.ranking": _READERS,
    "runs.request_sensitivity": _READERS,
    "runs.sensitivity": _READERS,
    "scoresheets.abstain": "judge",
    "scoresheets.get_scoresheet": "judge",
    "scoresheets.recuse": "judge",
    "scoresheets.take_back_abstention": "judge",
    "scoresheets.put_scoresheet": "judge",
}
# The first proposal of the judge's own, by the seed of the event.
MINE = "P004"
_OF_A_JUDGE = ("judge.", "practice.", "scoresheets.", "scoresheet_versions.", "files.")
ASKED = {"next_rounds.propose_advance": "?to=grand-final", "plans.get_plan": "?readings=2"}


def calls_of(app: Flask, event: Event, session: Session) -> Iterator[Call]:
    """Yield every address with a method and its endpoint; names and numbers in it are those of the event."""
    version = session.exec(select(func.max(tables.RulesVersion.number))).one()
    in_use = select(tables.ProposalFile.digest).where(
        tables.ProposalFile.kind == "deck", col(tables.ProposalFile.removed_at).is_(None)
    )
    deck = session.exec(in_use.order_by(col(tables.ProposalFile.id)).limit(1)).first() or "0"
    earlier = session.exec(select(func.min(tables.ProposalFile.id))).one() or 0
    effect = session.exec(select(func.min(tables.Job.id)).where(tables.Job.kind == "rules_effect")).one() or 0
    session.rollback()
    known = {"competition": COMPETITION, "round_key": ROUND, "proposal": "P001", "number": 1, "token": "guessed"}
    known |= {
        "person_id": event.people["spare"].id,
        "digest": "0",
        "name": "none",
        "address": "nowhere",
        "kind": "deck",
        "width": "phone",
        "row_key": "J02",
        "language": "en",
        "judge": "J02",
    }
    for rule in sorted(app.url_map.iter_rules(), key=_in_order):
        values = {name: known[name] for name in rule.arguments}
        own = ("judge.", "practice.", "scoresheets.", "scoresheet_versions.", "files.", "api_files.get")
        if (rule.endpoint.startswith(own) or "own-paper" in rule.rule) and "proposal" in values:
            values["proposal"] = MINE
        if rule.endpoint == "files.page":
            values["digest"] = deck[:16]
        if "judge" in values and "proposal" in values:
            values |= {"judge": "J01", "proposal": MINE}
        if "texts" in rule.rule:
            values["kind"] = "invitation"
        if "roster" in rule.rule:
            values["kind"] = "judges"
            if "/proposals/" in rule.rule:
                values["row_key"] = "P002"
        if rule.endpoint == "organiser.remove_file":
            values["kind"] = "video"
        if rule.endpoint in ("organiser.put_back_file", "api_files.put_back_file"):
            values |= {"proposal": MINE, "number": earlier}
        if rule.endpoint == "organiser.remove_webhook":
            # The API removes the first.
            values["number"] = 2
        if "entrants" in rule.rule:
            values["round_key"] = "grand-final"
        if "rules" in rule.rule and "number" in values:
            values["number"] = version
        if rule.endpoint == "rules.get_effect":
            values["number"] = effect
        built = present(rule.build(values, append_unknown=False))
        for method in sorted(rule.methods or ()):
            if method not in ("HEAD", "OPTIONS"):
                yield rule.endpoint, method, built[1] + ASKED.get(rule.endpoint, "")


def _in_order(rule: Rule) -> tuple[bool, str, str]:
    # A conflict of interest closes doors of its own; what is removed, withdrawn or put back cannot be asked for: last.
    last = ("conflict", "remove", "put_back_file", "withdraw_rules", "rules.withdraw")
    return any(part in rule.endpoint for part in last), rule.endpoint, rule.rule
