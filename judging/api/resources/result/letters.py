"""Letters to teams: made, where each is, sent by e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from judging import request as this
from judging import tables
from judging.api.bodies import Blueprint
from judging.request_language import translate
from judging.schemas.answers.result.letters import MailedSchema, TeamLettersSchema
from judging.schemas.stored_messages import from_stored
from judging.services.access import ROSTER_READERS, get_round
from judging.services.releases import letter_mail, team_letters

bp = Blueprint("api_letters", __name__, description="Letters to teams after a release")

_LETTERS = "/competitions/<competition>/rounds/<round_key>/letters"


@bp.get(_LETTERS)
@bp.response(200, TeamLettersSchema)
def list_letters(competition: str, round_key: str) -> dict[str, Any]:
    """Return every letter as it was made or would be, to whom it goes, and the state of its message."""
    return _letters(competition, round_key)


@bp.post(_LETTERS)
@bp.response(201, TeamLettersSchema)
@bp.alt_response(409, description="Nothing is released, no letters by the rules, made already, or a comment is unread")
def make(competition: str, round_key: str) -> dict[str, Any]:
    """Keep the letters of the release in force: their text is fixed then."""
    with this.writing() as session:
        team_letters.make_letters(session, this.actor(), competition, round_key, at=this.now())
    return _letters(competition, round_key)


@bp.post(f"{_LETTERS}/mail")
@bp.response(200, MailedSchema)
@bp.alt_response(409, description="There is no mail server, no letter was made, or every letter has gone already")
def mail(competition: str, round_key: str) -> letter_mail.Mailed:
    """Send each letter to the address of its team, unless it went there already."""
    with this.writing() as session:
        return letter_mail.mail_letters(session, this.actor(), this.mailer(), competition, round_key, at=this.now())


def _letters(competition: str, round_key: str) -> dict[str, Any]:
    session, actor = this.session(), this.actor()
    page = team_letters.letters_page(session, actor, competition, round_key)
    where = get_round(session, actor, competition, round_key, *ROSTER_READERS)
    sent = letter_mail.messages_by_address(session, *where, page.letters)
    return {
        "release": page.release,
        "policy_allows": page.policy_allows,
        "made_at": page.made_at,
        "root": page.root,
        "letters": [_described(one, sent.get(one.proposal, ())) for one in page.letters],
    }


def _described(one: team_letters.TeamLetter, sent: Sequence[letter_mail.LetterMessage]) -> dict[str, Any]:
    row = max((each.message for each in sent), key=lambda message: message.pk, default=None)
    return {
        "proposal": one.proposal,
        "team": one.team,
        "email": one.email,
        "language": one.language,
        "text": one.text,
        "has_link": one.has_link,
        "state": None if row is None else row.delivery,
        "recipient": None if row is None else row.recipient,
        "message": None if row is None else row.pk,
        "problem": _problem(row),
        "messages": [
            {
                "recipient": each.message.recipient,
                "is_of_team": each.is_to_address,
                "state": each.message.delivery,
                "message": each.message.pk,
                "problem": _problem(each.message),
            }
            for each in sent
        ],
    }


def _problem(row: tables.OutboxMessage | None) -> str | None:
    return None if row is None or row.problem is None else translate(from_stored(row.problem))
