"""Which tables with texts a removal of personal data treats, and why it leaves the others alone."""

from __future__ import annotations

TREATED = frozenset(
    [
        *("access_token", "account_change", "appeal", "assignment", "audit_entry", "authenticator", "competition"),
        *(
            "conflict_of_interest",
            "former_entry",
            "incoming_file",
            "job",
            "job_file",
            "judge",
            "judge_conflict",
            "meeting",
        ),
        *("outbox_message", "passkey", "person", "proposal", "proposal_file", "recovery_code", "request_key"),
        *("roster_change", "sign_in_link", "sign_in_session", "single_sign_on_identity", "team"),
        *("team_letter_link", "team_letter_message", "team_letters"),
    ]
)
STAYS = {
    "appeal_effect": "a number for a decision, by keys",
    "appeal_outcome": "why a decision stands or was changed, as chairs wrote it",
    "audit_head": "a hash",
    "award": "names of awards",
    "award_grant": "why an award was given, as chairs wrote it",
    "calibration_run": "results by keys",
    "comment_choice": "which comments were sent",
    "conduct_acceptance": "a digest",
    "decision": "its reason is a part of the signed release",
    "former_log": "heads of the log name nobody",
    "link_request": "gone within seconds",
    "mail_text": "what organisers write to everybody",
    "meeting_note": "what was said, as chairs wrote it",
    "outside_comparison": "values by keys",
    "paper_entry": "scores and comments as they were typed from paper",
    "pitch": "places on the stage",
    "pitch_move": "moves on the stage",
    "release": "what chairs have signed, by keys",
    "removed_personal_data": "what was removed",
    "rendered_deck": "pages of a deck, deleted with its file",
    "role": "which role whoever has the pseudonym had",
    "round": "rules",
    "rules_consent": "a digest",
    "rules_version": "rules",
    "score": "comments stay, under the judge's key",
    "scoresheet": "comments stay, under the judge's key",
    "sent_head": "heads of the log name nobody",
    "setup_link": "a hash",
    "sign_in_attempt": "gone within an hour",
    "signature": "a digest",
    "stored_result": "results by keys",
    "table_mapping": "how columns of files were read",
    "used_challenge": "a hash",
    "webhook": "an address of a program",
    "webhook_delivery": "gone within a month, names nobody",
    "worker": "names of processes",
}
"""Table -> why its texts stay."""
