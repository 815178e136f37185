"""Check an event that has arrived, in the transaction that stores it, as its services would have checked it.

A transfer file is written by whoever runs another installation. Its rows may belong to its own event only, its rules
are those of their digests, and its rosters and addresses are such as the forms and files of this installation take.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import digest_of
from judging.errors import InvalidInput, JudgingError, RubricError
from judging.event_transfer.refusals import require_at_rest, require_names
from judging.incoming_tables.reading import ReadRow
from judging.schemas.definitions.definition_files import load_competition_dict, load_round_dict
from judging.schemas.invitations import load_email, load_name
from judging.schemas.roster_rows import load_rows
from judging.schemas.typed_decisions import load_award
from judging.services.competitions.definitions import definition_of
from judging.services.competitions.roster import CompetitionRoster
from judging.services.mail.letters import LETTERS
from judging.services.roster_entries.editing import rows_of, texts_of

_NEEDED = {"judges": ("name", "city"), "teams": ("name", "city"), "proposals": ("title",)}


def require_sound(session: Session, competition_id: int, *, key: str, made: Iterable[int]) -> None:
    """Raise JudgingError when an event that has arrived is none that could have been made here.

    Parameters
    ----------
    session : Session
    competition_id : int
    key : str
        What the manifest calls the event.
    made : iterable of int
        The people for whom accounts were made.
    """
    row = session.get_one(tables.Competition, competition_id)
    # Before anything else reads the rules: a process remembers them by their digest, for every event.
    _require_rules(session, row, key)
    people = session.exec(select(tables.Person).where(col(tables.Person.id).in_(list(made)))).all()
    require_names(list(people))
    for person in people:
        _require_accepted("rows/person.jsonl", person.email, load_email)
        _require_accepted("rows/person.jsonl", person.name, load_name)
    _require_rosters(session, row)
    _require_awards(session, row)
    _require_messages(session, row)
    require_at_rest(session, row)


def _require_rules(session: Session, row: tables.Competition, key: str) -> None:
    rounds = session.exec(select(tables.Round).where(tables.Round.competition_id == row.id)).all()
    version = tables.RulesVersion
    versions = session.exec(select(version).where(col(version.round_id).in_([one.pk for one in rounds]))).all()
    for name, rows in (("competition", [row]), ("round", rounds), ("rules_version", versions)):
        for one in rows:
            if digest_of(one.definition) != one.digest:
                raise _refused(f"rows/{name}.jsonl", "a definition does not have its digest")
            load = load_competition_dict if name == "competition" else load_round_dict
            try:
                own = load(one.definition).key
            except (RubricError, KeyError, TypeError, ValueError, AttributeError) as error:
                raise _refused(f"rows/{name}.jsonl", f"a definition that is none: {error}") from error
            if own != getattr(one, "key", own):
                raise _refused(f"rows/{name}.jsonl", f"{own} has another key in its row")
    if row.key != key:
        raise _refused("manifest.json", f"the event is {row.key}, not {key}")


def _require_rosters(session: Session, row: tables.Competition) -> None:
    rules, roster = definition_of(row), CompetitionRoster.of(session, row)
    for kind, needed in _NEEDED.items():
        texts = [texts_of(kind, one, roster) | {"key": key} for key, one in rows_of(roster, kind).items()]
        read = [ReadRow(number, {name: text for name, text in one.items() if text}) for number, one in enumerate(texts)]
        complaints = [(number, name, str(said)) for number, name, said in load_rows(kind, read, competition=rules)[1]]
        complaints += [
            (number, name, "it is missing") for number, one in enumerate(texts) for name in needed if not one[name]
        ]
        for number, name, said in complaints:
            raise _refused(f"the roster of {kind}", f"{texts[number]['key']!r}, {name}: {said}")


def _require_awards(session: Session, row: tables.Competition) -> None:
    rules = definition_of(row)
    of_event = select(tables.Award).join(tables.Round).where(tables.Round.competition_id == row.id)
    for award in session.exec(of_event):
        given = {name: getattr(award, name) for name in ("key", "name", "kind", "category", "most_winners")}
        try:
            loaded = load_award(given, languages=rules.languages)
        except InvalidInput as error:
            raise _refused("rows/award.jsonl", f"{award.key!r}: {_said(error)}") from error
        if loaded["category"] and all(category.key != loaded["category"] for category in rules.categories):
            raise _refused("rows/award.jsonl", f"{award.key!r}: there is no category {loaded['category']!r}")


def _require_messages(session: Session, row: tables.Competition) -> None:
    message = tables.OutboxMessage
    of_event = select(message.kind, message.recipient).where(message.competition_id == row.id).distinct()
    for kind, recipient in session.exec(of_event):
        if kind not in LETTERS:
            raise _refused("rows/outbox_message.jsonl", f"a message of the kind {kind!r}, which is not known")
        _require_accepted("rows/outbox_message.jsonl", recipient, load_email)


def _require_accepted(place: str, text: str, load: Callable[[str], str]) -> None:
    """Refuse a text that a form would not take, or would take without some of its characters."""
    try:
        load(text)
    except InvalidInput as error:
        raise _refused(place, f"{text!r:.100}: {_said(error)}") from error
    if any(unicodedata.category(one) in ("Cc", "Cs") for one in text):
        raise _refused(place, f"{text!r:.100} has characters that cannot be shown")


def _said(error: InvalidInput) -> str:
    return "; ".join(str(one) for texts in error.messages.values() for one in texts)


def _refused(place: str, said: str) -> JudgingError:
    return JudgingError(f"{place}: {said}. Nothing was imported.")
