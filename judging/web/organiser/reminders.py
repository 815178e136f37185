"""Reminders as a table for mail merge, where no mail server sends them."""

from __future__ import annotations

from flask import make_response
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict
from judging.public_address import public_link, sign_in_link
from judging.request_language import LANGUAGE_NAMES, current_language, translate
from judging.services.rounds import reminder_table
from judging.web.organiser.blueprint import bp
from judging.web.organiser.rounds import round_page
from judging.workbook.mail_merge import MEDIA_TYPE, OPEN_SHEETS, write_mail_merge


@bp.post("/<round_key>/reminders/table")
def merge_reminders(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Return the reminders of judges who are late; a link is shown only here."""
    try:
        with this.writing() as session:
            rows = reminder_table.reminder_rows(
                session,
                this.actor(),
                this.mailer(),
                competition,
                round_key,
                home=public_link("home.index"),
                address_of=sign_in_link,
                at=this.now(),
                limits=this.session_limits(),
            )
    except Conflict as error:
        return round_page(competition, round_key, problem=translate(error.message)), 409
    table = write_mail_merge(rows, language=current_language(), language_names=LANGUAGE_NAMES, others=(OPEN_SHEETS,))
    response = make_response(table)
    response.mimetype = MEDIA_TYPE
    response.headers.set("Content-Disposition", "attachment", filename=f"{round_key}-reminders.xlsx")
    return response
