"""Messages as rows of a table for the mail merge of an office program, where the service sends none itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlmodel import Session

from judging.competition import moment
from judging.services.access import Actor, get_competition
from judging.services.competitions.definitions import definition_of
from judging.services.mail.editable_letters import write_letter
from judging.services.mail.letter_parts import Facts
from judging.services.mail.mail_texts import own_texts
from judging.services.mail.written_letter import as_text

if TYPE_CHECKING:
    from judging.services.people.first_links import FirstLink
    from judging.services.releases.team_letters import TeamLetter

Row = tuple[str, str, str, str, str, str, str]


def invitation_rows(
    session: Session,
    actor: Actor,
    competition_key: str,
    made: Sequence[FirstLink],
    address_of: Callable[[str], str],
) -> list[Row]:
    """Return the invitation of each judge: name, address, language, subject, text, link, and until when it is valid."""
    competition_row = get_competition(session, actor, competition_key, "organiser")
    definition = definition_of(competition_row)
    own = own_texts(session, competition_row.pk, "invitation")
    rows: list[Row] = []
    for one in made:
        language = one.person.locale or definition.languages[0]
        until, link = moment(one.expires_at, definition.zone), address_of(one.token)
        content = {"role": "judge", "inviter": actor.name}
        facts = Facts(competition=definition.name, content=content, link_until=until)
        name = one.person.name
        letter = write_letter("invitation", facts, language, name=name, link=link, own=own.get(language))
        rows.append((name, one.person.email, language, letter.subject, as_text(letter, link, language), link, until))
    return rows


def letter_rows(
    session: Session,
    actor: Actor,
    competition_key: str,
    issued: Sequence[tuple[TeamLetter, str]],
    address_of: Callable[[str], str],
) -> list[Row]:
    """Return the letter to each team in the same form; a link to a letter is valid until an organiser ends it."""
    competition_row = get_competition(session, actor, competition_key, "organiser")
    definition = definition_of(competition_row)
    own = own_texts(session, competition_row.pk, "team_letter")
    rows: list[Row] = []
    for one, token in issued:
        # Nothing is attached to a row: the page of the link has the proof.
        content = {"team": one.team, "proposal": one.proposal, "letter": one.text, "proof": None}
        facts = Facts(competition=definition.name, content=content)
        link = address_of(token)
        letter = write_letter("team_letter", facts, one.language, name=one.team, link=link, own=own.get(one.language))
        text = as_text(letter, link, one.language)
        # A letter for each address: a program for mail merge takes one address from a row.
        rows += [(one.team, address, one.language, letter.subject, text, link, "") for address in one.emails or ("",)]
    return rows
