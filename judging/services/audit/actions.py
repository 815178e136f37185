"""Everything that the audit log can record, by kind."""

from __future__ import annotations

KINDS = {
    "scores": (
        *(
            "scoresheet.saved",
            "scoresheet.submitted",
            "scoresheet.imported",
            "scoresheets.imported",
            "scoresheet.confirmed",
            "paper.typed",
            "paper.printed",
        ),
        *("assignment.recused", "assignment.recusal_undone"),
        *("assignment.abstained", "assignment.abstention_undone", "conduct.accepted"),
    ),
    "assignments": (
        *("assignment.made", "assignment.withdrawn", "assignments.planned", "reading.asked", "assignments.taken_back"),
        *("assignment.pinned", "assignment.unpinned", "assignment.banned", "assignment.ban_lifted"),
    ),
    "people": (
        *(
            "person.invited",
            "person.deactivated",
            "link.issued",
            "link.shown_again",
            "links.handed_over",
            "judges.invited",
            "links.revoked",
            "signed_in",
            "password.changed",
            "password.reset",
        ),
        *("signed_out", "signed_out_everywhere", "session.ended", "restored", "link.requested", "message.sent_again"),
        "message.bounced",
        *("appointment.proposed", "appointment.confirmed", "appointment.refused", "person.appointed", "chairs.told"),
        *("address.proposed", "address.confirmed", "address.refused", "account.address_changed"),
        *("name.proposed", "name.confirmed", "name.refused", "account.name_changed", "account.renamed"),
        *("token.made", "token.revoked", "roster.judge_left", "roster.judge_put_back"),
        *("setup_link.issued", "installation.set_up"),
        *("factor.begun", "factor.added", "factor.removed", "factor.reset", "factor.confirmed", "identity.linked"),
    ),
    "rounds": (
        *(
            "competition.loaded",
            "competition.made",
            "competition.changed",
            "competition.archived",
            "competition.put_back",
            "competition.exported",
            "competition.imported",
        ),
        *("removal.asked", "removal.confirmed", "removal.stopped"),
        *("personal_data.removed", "round.opened", "round.closed", "round.reopened", "round.advanced"),
        *("roster.proposal_withdrawn", "roster.proposal_put_back", "roster.changed"),
        "round.deadline_changed",
        *("round.reminded", "round.reminders_set", "reminders.exported"),
        *("pitches.ordered", "pitches.drawn", "pitches.moved"),
        *("webhook.added", "webhook.paused", "webhook.resumed", "webhook.removed", "webhook.tested"),
        "webhook.sent_again",
    ),
    "rules": ("rules.proposed", "rules.consented", "rules.sealed", "rules.withdrawn"),
    "results": ("calibrated", "results.verified", "comparison.brought", "comparison.taken_back"),
    "decisions": (
        *("decision.made", "award.defined", "award.granted", "award.withdrawn", "meeting.opened", "meeting.present"),
        *("meeting.agenda", "meeting.run", "meeting.noted", "meeting.closed"),
        *("appeal.entered", "appeal.computed", "appeal.judge_asked", "appeal.settled"),
        *("conflict.declared", "conflict.withdrawn", "conflict.entered", "conflict.refused", "conflict.ended"),
    ),
    "releases": (
        *("release.proposed", "release.signed", "release.in_force"),
        *("letters.comments_chosen", "letters.made", "letters.linked", "letters.links_revoked"),
        *("letters.mailed", "letters.exported", "mail_text.changed", "mail_text.reset"),
    ),
    "files": (
        *("file.imported", "file.added", "file.replaced", "file.removed", "file.put_back"),
        *("results.exported", "bundle.exported", "report.exported", "log.exported"),
        "minutes.exported",
    ),
    "viewed": (
        "viewed.ranking",
        "viewed.ratings",
        "viewed.proposal",
        "viewed.entered",
        "viewed.practice",
        "viewed.preview",
        "viewed.sensitivity",
    ),
    "log": ("log.extended", "rows.stored"),
}
"""Kind -> actions. ``viewed``: somebody read what others may want to know about; it changes nothing."""
VIEWED = "viewed."
"""How the actions of reading begin."""


def kind_of(action: str) -> str:
    """Return the kind of an action; an action of a later version is of the kind ``log``."""
    return next((kind for kind, actions in KINDS.items() if action in actions), "log")
