"""Reminders as a table for mail merge, where no mail server sends them: one row for each judge who is late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from judging import tables
from judging.competition import CompetitionRules, moment
from judging.errors import Conflict, Message
from judging.services import audit
from judging.services.access import Actor, get_round
from judging.services.authentication.sessions import SessionLimits
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.mail.editable_letters import write_letter
from judging.services.mail.letter_parts import Facts
from judging.services.mail.mail_texts import own_texts
from judging.services.mail.mailer import Mailer
from judging.services.mail.written_letter import as_text
from judging.services.people.first_links import FirstLink, make_links, with_link_in_table
from judging.services.people.new_links import locked_out
from judging.services.rounds.reminders import KIND, Unfinished, unfinished

Row = tuple[str, str, str, str, str, str, str, str]


def reminder_rows(
    session: Session,
    actor: Actor,
    mailer: Mailer | None,
    competition_key: str,
    round_key: str,
    *,
    home: str,
    address_of: Callable[[str], str],
    at: datetime,
    limits: SessionLimits,
) -> list[Row]:
    """Return name, address, language, subject, text, link, until when it is valid, and how many scoresheets are open.

    Only a judge who cannot sign in otherwise, and whom the organiser may hand a link, gets one; nobody is signed out.
    A judge without an account is asked for the paper. ``home`` is the address where the others sign in.

    Raises
    ------
    Conflict
        With a mail server, which sends reminders; when the round is not open; and when nobody is late.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    if mailer is not None:
        raise Conflict(Message("A mail server is set up: it sends the reminders. Press “Remind” on this page."))
    # The table of links locks the same row: two presses at the same moment must not end each other's links.
    session.refresh(competition_row, with_for_update={"key_share": True})
    session.refresh(round_row, with_for_update={"key_share": True})
    if round_row.state != "open":
        raise Conflict(Message("Round {round} is not open: nobody can score.", round=round_row.key))
    late = unfinished(session, round_row, at=at)
    if not late:
        raise Conflict(Message("Every judge has handed in everything: there is nobody to remind."))
    people = [one.person for one in late if one.person is not None and one.person.is_active]
    # Neither a program nor the command line is shown links of many people: a person hands them over.
    may = (
        set[int]()
        if actor.token or actor.person_id is None
        else with_link_in_table(session, actor, people, at=at, limits=limits)
    )
    need = may & locked_out(session, may, at=at, limits=limits)
    made = {
        link.person.pk: link
        for link in make_links(
            session, actor, competition_row, [person for person in people if person.pk in need], at=at
        )
    }
    definition, own = definition_of(competition_row), own_texts(session, competition_row.pk, KIND)
    rows = [
        _row(definition, round_row, one, made.get(one.person.pk) if one.person else None, home, address_of, own)
        for one in late
    ]
    detail = {"judges": [one.judge.key for one in late], "channel": "hand"}
    audit.record_in_round(session, actor, "reminders.exported", competition_row, round_row, at=at, detail=detail)
    return rows


def _row(
    definition: CompetitionRules,
    round_row: tables.Round,
    late: Unfinished,
    made: FirstLink | None,
    home: str,
    address_of: Callable[[str], str],
    own: dict[str, tuple[str, str]],
) -> Row:
    person = late.person
    language = (person.locale if person else None) or definition.languages[0]
    link = "" if made is None else address_of(made.token)
    until = "" if made is None else moment(made.expires_at, definition.zone)
    content = {
        "round": rules_of(round_row).name.by_language,
        "n_open": late.judge.n_open,
        "deadline": "" if round_row.closes_at is None else moment(round_row.closes_at, definition.zone),
        "home": "" if person is None else home,
    }
    facts = Facts(competition=definition.name, content=content, link_until=until)
    name = late.judge.name if person is None else person.name
    letter = write_letter(KIND, facts, language, name=name, link=link or None, own=own.get(language))
    text = as_text(letter, link, language)
    email = "" if person is None else person.email
    return (name, email, language, letter.subject, text, link, until, str(late.judge.n_open))
