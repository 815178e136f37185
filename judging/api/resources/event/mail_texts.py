"""The texts of a competition's e-mails."""

from __future__ import annotations

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.answers.event.mail_texts import MailTextInUseSchema
from judging.schemas.mail_texts import MailTextSchema
from judging.services.mail import mail_texts as services

bp = Blueprint("mail_texts", __name__, description="Texts of e-mails")

_TEXTS = "/competitions/<competition>/mail-texts"


@bp.get(_TEXTS)
@bp.response(200, MailTextInUseSchema(many=True))
def list_texts(competition: str) -> list[services.MailTextInUse]:
    """Return every text in use, with its placeholders."""
    return services.list_texts(this.session(), this.actor(), competition)


@bp.put(f"{_TEXTS}/<kind>/<language>")
@bp.arguments(MailTextSchema)
@bp.response(200, MailTextInUseSchema)
@bp.alt_response(409, description="This is the text in use")
def put_text(typed: dict[str, str], competition: str, kind: str, language: str) -> services.MailTextInUse:
    """Write a text; a needed placeholder that is missing, or an unknown one, is refused."""
    where = competition, kind, language
    with this.writing() as session:
        subject, body = typed["subject"], typed["body"]
        services.save_text(session, this.actor(), *where, subject=subject, body=body, at=this.now())
    return services.get_text(this.session(), this.actor(), *where)


@bp.delete(f"{_TEXTS}/<kind>/<language>")
@bp.response(200, MailTextInUseSchema)
@bp.alt_response(409, description="The standard text is in use")
def reset_text(competition: str, kind: str, language: str) -> services.MailTextInUse:
    """Go back to the standard text."""
    where = competition, kind, language
    with this.writing() as session:
        services.reset_text(session, this.actor(), *where, at=this.now())
    return services.get_text(this.session(), this.actor(), *where)
