"""The texts of a competition's e-mails: in use, write, try, and go back to the standard text."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.publication.static_site import LANGUAGE_NAMES
from judging.request_language import translate
from judging.services.mail import mail_texts as services
from judging.services.mail.editable_letters import EDITABLE
from judging.services.mail.written_letter import WrittenLetter
from judging.web.organiser.blueprint import bp, frame
from judging.web.organiser.outbox import message_kind


@bp.get("/messages/texts")
def mail_texts(competition: str) -> str:
    """List every text in use."""
    shown_frame = frame(competition)
    texts = services.list_texts(this.session(), this.actor(), competition)
    return render_template(
        "organiser/mail_texts.html",
        frame=shown_frame,
        kinds=[(kind, message_kind(kind), [text for text in texts if text.kind == kind]) for kind in EDITABLE],
        language_names=LANGUAGE_NAMES,
        time_zone=shown_frame.competition.time_zone,
        tab="people",
    )


@bp.get("/messages/texts/<kind>/<language>")
def mail_text(competition: str, kind: str, language: str) -> str:
    """Show one text with an example, and the form to change it."""
    return _page(competition, kind, language)


@bp.post("/messages/texts/<kind>/<language>")
def change_mail_text(competition: str, kind: str, language: str) -> str | Response | tuple[str, int]:
    """Show an example of what was typed, or store it."""
    typed = {name: request.form.get(name, "") for name in ("subject", "body")}
    try:
        if request.form.get("action") == "try":
            services.checked_text(kind, **typed)
            return _page(competition, kind, language, typed=typed)
        with this.writing() as session:
            services.save_text(
                session,
                this.actor(),
                competition,
                kind,
                language,
                **typed,
                base_version=request.form.get("version", type=int),
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, kind, language, typed=typed, complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, kind, language, typed=typed, problem=translate(error.message)), 409
    flash(_("The text is stored. Messages that are sent from now on have it."))
    return redirect(url_for(".mail_texts", competition=competition), code=303)


@bp.post("/messages/texts/<kind>/<language>/reset")
def reset_mail_text(competition: str, kind: str, language: str) -> Response | tuple[str, int]:
    """Go back to the standard text."""
    try:
        with this.writing() as session:
            services.reset_text(session, this.actor(), competition, kind, language, at=this.now())
    except Conflict as error:
        return _page(competition, kind, language, problem=translate(error.message)), 409
    flash(_("The standard text is used again."))
    return redirect(url_for(".mail_texts", competition=competition), code=303)


def _page(
    competition: str,
    kind: str,
    language: str,
    *,
    typed: dict[str, str] | None = None,
    complaints: dict[str, list[str]] | None = None,
    problem: str = "",
) -> str:
    text = services.get_text(this.session(), this.actor(), competition, kind, language)
    shown = typed or {"subject": text.subject, "body": text.body}
    example: WrittenLetter | None = None
    if not complaints:
        pair = shown["subject"], shown["body"]
        example = services.preview_of(this.session(), this.actor(), competition, kind, language, pair)
    return render_template(
        "organiser/mail_text.html",
        frame=frame(competition),
        text=text,
        kind_name=message_kind(kind),
        language_name=LANGUAGE_NAMES[language],
        required=EDITABLE[kind].required,
        typed=shown,
        example=example,
        complaints=complaints or {},
        problem=problem,
        tab="people",
    )
