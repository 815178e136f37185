"""The e-mail messages of a competition: the state of each, and send one again. No page shows a link."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging import tables
from judging.errors import Conflict
from judging.request_language import translate
from judging.schemas.stored_messages import from_stored
from judging.services.mail import outbox as messages
from judging.web.organiser.blueprint import bp, frame


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message with what its page says about it."""

    row: tables.OutboxMessage
    name: str

    @property
    def kind(self) -> str:
        """Return what the message is."""
        return message_kind(self.row.kind)

    @property
    def state(self) -> str:
        """Return the state in the reader's language."""
        return _state_name(self.row.delivery)

    @property
    def problem(self) -> str:
        """Return why the last attempt failed, or what was reported later."""
        return "" if self.row.problem is None else translate(from_stored(self.row.problem))

    @property
    def may_be_sent_again(self) -> bool:
        """Return whether only a person decides on what happens next."""
        return messages.may_be_sent_again(self.row)


@bp.get("/messages")
def outbox(competition: str) -> str:
    """List the newest messages."""
    return _page(competition)


@bp.post("/messages/<int:number>/again")
def send_again(competition: str, number: int) -> Response | tuple[str, int]:
    """Queue a message again that failed or was perhaps sent."""
    try:
        with this.writing() as session:
            messages.send_again(session, this.actor(), competition, number, at=this.now(), mailer=this.mailer())
    except Conflict as error:
        return _page(competition, problem=translate(error.message)), 409
    flash(_("The message is sent again."))
    return redirect(url_for(".outbox", competition=competition), code=303)


def message_kind(kind: str) -> str:
    """Return the name of a kind of message."""
    names = {
        "invitation": _("Invitation"),
        "new_link": _("New sign-in link"),
        "requested_link": _("Sign-in link"),
        "appointment_waits": _("Appointment to confirm"),
        "change_asked": _("Change to confirm"),
        "new_address": _("Address to confirm"),
        "address_changed": _("Address changed"),
        "name_changed": _("Name changed"),
        "given_back": _("A judge has stepped back"),
        "team_letter": _("Letter to a team"),
        "audit_head": _("Head of the audit log"),
        "consent_waits": _("Change of rules to agree to"),
        "signature_waits": _("Release to sign"),
        "reading_asked": _("Further scoresheet asked for"),
        "receipt": _("Receipt for scoresheets"),
        "deadline_changed": _("Another deadline"),
        "reminder": _("Reminder to a judge"),
        "round_closed": _("A round has closed"),
        "role_removed": _("Role ended"),
        "appointed": _("A new chair or organiser"),
        "archived": _("Competition archived"),
        "removal_asked": _("Removal of personal data that waits"),
        "sign_in_changed": _("Way to sign in changed"),
        "returned": _("Messages that came back"),
    }
    return str(names.get(kind, kind))


def _state_name(state: str) -> str:
    names = {
        "queued": _("waiting"),
        "sending": _("being sent"),
        "sent": _("sent"),
        "failed": _("not sent"),
        "uncertain": _("perhaps sent"),
        "bounced": _("came back"),
        "delayed": _("delayed"),
    }
    return str(names[state])


def _page(competition: str, *, problem: str = "") -> str:
    shown_frame = frame(competition)
    state = request.args.get("state", "")
    rows = messages.list_messages(this.session(), this.actor(), competition, state=state)
    return render_template(
        "organiser/outbox.html",
        frame=shown_frame,
        shown_messages=[ShownMessage(*row) for row in rows],
        states=[(name, _state_name(name)) for name in (*tables.MESSAGE_STATES, *tables.RETURNED)],
        state=state,
        time_zone=shown_frame.competition.time_zone,
        has_mail=this.mailer() is not None,
        most=messages.MOST_LISTED,
        problem=problem,
        tab="people",
    )
