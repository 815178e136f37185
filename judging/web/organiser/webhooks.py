"""The webhooks of a competition: which programs are told about events, and the log of what they were told."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging import tables
from judging.errors import Conflict, InvalidInput
from judging.request_language import translate
from judging.schemas.stored_messages import from_stored
from judging.schemas.webhooks import EVENTS, LONGEST_ADDRESS, TEST
from judging.services.webhooks import deliveries, registering
from judging.services.webhooks.sending import MOST_TRIES
from judging.web.organiser.blueprint import bp, frame


@dataclass(frozen=True, slots=True)
class ShownDelivery:
    """A delivery with what the log says about it."""

    row: tables.WebhookDelivery
    webhook: tables.Webhook

    @property
    def event(self) -> str:
        """Return the event in words."""
        return event_name(self.row.event)

    @property
    def state(self) -> str:
        """Return the state in the reader's language."""
        names = {"queued": _("on its way"), "delivered": _("delivered"), "failed": _("not delivered")}
        return str(names[self.row.state])

    @property
    def problem(self) -> str:
        """Return why the last try failed."""
        return "" if self.row.problem is None else translate(from_stored(self.row.problem))

    @property
    def may_be_sent_again(self) -> bool:
        """Return whether a person may queue it once more."""
        return self.row.state != "queued" and self.webhook.removed_at is None and self.webhook.paused_at is None


def event_name(event: str) -> str:
    """Return an event in the reader's language."""
    return _("A test message.") if event == TEST else translate(EVENTS[event]) if event in EVENTS else event


@bp.get("/webhooks")
def webhooks(competition: str) -> Response:
    """List the webhooks, with the form for a new one."""
    return _page(competition)


@bp.post("/webhooks")
def add_webhook(competition: str) -> Response:
    """Add a webhook; the answer is the only page that shows its secret."""
    typed = {"address": request.form.get("address", ""), "events": request.form.getlist("events")}
    try:
        with this.writing() as session:
            row, secret = registering.add(
                session,
                this.actor(),
                competition,
                typed,
                box=registering.box_of(str(current_app.secret_key)),
                may_be_private=current_app.config["WEBHOOK_PRIVATE"],
                at=this.now(),
            )
            address = row.address
    except InvalidInput as error:
        complaints = {
            field.partition(".")[0]: [translate(text) for text in texts] for field, texts in error.messages.items()
        }
        return _page(competition, complaints, 422)
    except Conflict as error:
        return _page(competition, {"address": [translate(error.message)]}, 409)
    page = render_template(
        "organiser/webhook_added.html", frame=frame(competition), tab="overview", address=address, secret=secret
    )
    return make_response(page, 201)


@bp.post("/webhooks/<int:number>/pause")
def pause_webhook(competition: str, number: int) -> AnyResponse:
    """Pause a webhook."""
    with this.writing() as session:
        registering.pause(session, this.actor(), competition, number, at=this.now())
    flash(_("The webhook is paused."))
    return _back(competition)


@bp.post("/webhooks/<int:number>/resume")
def resume_webhook(competition: str, number: int) -> AnyResponse:
    """Let a webhook go on."""
    with this.writing() as session:
        registering.go_on(session, this.actor(), competition, number, at=this.now())
    flash(_("The webhook goes on."))
    return _back(competition)


@bp.post("/webhooks/<int:number>/remove")
def remove_webhook(competition: str, number: int) -> AnyResponse:
    """Remove a webhook for good."""
    with this.writing() as session:
        registering.remove(session, this.actor(), competition, number, at=this.now())
    flash(_("The webhook is removed. Nothing more is sent to it."))
    return _back(competition)


@bp.post("/webhooks/<int:number>/test")
def test_webhook(competition: str, number: int) -> AnyResponse | tuple[str, int]:
    """Send a message that says nothing."""
    try:
        with this.writing() as session:
            deliveries.send_test(session, this.actor(), competition, number, at=this.now())
    except Conflict as error:
        return _log(competition, problem=translate(error.message)), 409
    flash(_("A test message is on its way."))
    return redirect(url_for(".webhook_log", competition=competition), code=303)


@bp.get("/webhooks/log")
def webhook_log(competition: str) -> str:
    """List what programs were told, newest first."""
    return _log(competition)


@bp.post("/webhooks/log/<int:number>/again")
def tell_again(competition: str, number: int) -> AnyResponse | tuple[str, int]:
    """Send a message again."""
    try:
        with this.writing() as session:
            deliveries.send_again(session, this.actor(), competition, number, at=this.now())
    except Conflict as error:
        return _log(competition, problem=translate(error.message)), 409
    flash(_("The program is told again."))
    return redirect(url_for(".webhook_log", competition=competition), code=303)


def _back(competition: str) -> AnyResponse:
    return redirect(url_for(".webhooks", competition=competition), code=303)


def _page(competition: str, complaints: dict[str, list[str]] | None = None, status: int = 200) -> Response:
    shown = frame(competition)
    page = render_template(
        "organiser/webhooks.html",
        frame=shown,
        tab="overview",
        listed=registering.list_webhooks(this.session(), this.actor(), competition),
        events=EVENTS,
        complaints=complaints or {},
        typed_address=request.form.get("address", ""),
        typed_events=request.form.getlist("events") if complaints else list(EVENTS),
        longest=LONGEST_ADDRESS,
        time_zone=shown.competition.time_zone,
    )
    return make_response(page, status)


def _log(competition: str, *, problem: str = "") -> str:
    shown = frame(competition)
    rows = deliveries.list_deliveries(this.session(), this.actor(), competition)
    return render_template(
        "organiser/webhook_log.html",
        frame=shown,
        tab="overview",
        deliveries=[ShownDelivery(*row) for row in rows],
        most=deliveries.MOST_LISTED,
        most_tries=MOST_TRIES,
        time_zone=shown.competition.time_zone,
        problem=problem,
    )
