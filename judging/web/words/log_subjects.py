"""What an entry of the audit log is about, by the names of the things beside their keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlmodel import Session, col, select

from judging import tables
from judging.request_language import current_language
from judging.services.competitions.definitions import rules_of
from judging.services.decisions.proposals import titles_of
from judging.web.showing import bracketed, comma, localised
from judging.web.words.audit_words import subject_in_words

_NUMBERED = re.compile(r"(run|appeal|meeting|release|comparison)[- ]([0-9]+)(?: |$)")
_PLACE = re.compile(r"([^\s/]+)/([^\s/]+)((?:[/ ].*)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNames:
    """Names by key of what entries of a competition can be about; awards by the key of their round too."""

    competition: str
    rounds: dict[str, str]
    proposals: dict[str, str]
    judges: dict[str, str]
    awards: dict[tuple[str, str], str]

    def in_words(self, subject: str) -> str:
        """Return a subject with names; one of another form as `subject_in_words` does."""
        found = _PLACE.fullmatch(subject)
        if found is not None and found[1] == self.competition and found[2] in self.rounds:
            round_key, rest = found[2], found[3]
        elif found is not None and found[1] in self.rounds:
            # A scoresheet: round, proposal, judge.
            round_key, rest = found[1], f"{found[2]}{found[3]}"
        else:
            return subject_in_words(subject)
        said = [self.rounds[round_key], *self._parts(round_key, rest.replace("/", " ").strip())]
        return comma().join(said)

    def _parts(self, round_key: str, rest: str) -> Iterator[str]:
        words = {
            "run": lambda number: _("run %(number)s", number=number),
            "appeal": lambda number: _("appeal %(number)s", number=number),
            "meeting": lambda number: _("meeting %(number)s", number=number),
            "release": lambda number: _("release %(number)s", number=number),
            "comparison": lambda number: _("comparison %(number)s", number=number),
        }
        if found := _NUMBERED.match(rest):
            yield str(words[found[1]](found[2]))
            rest = rest[found.end() :]
        for key in rest.split():
            name = self.awards.get((round_key, key)) or self.proposals.get(key) or self.judges.get(key)
            yield key if name is None else f"{name}{bracketed(key)}"


def names_for(session: Session, competition_row: tables.Competition) -> LogNames:
    """Return the names of a competition's rounds, proposals, judges and awards."""
    rounds = session.exec(select(tables.Round).where(tables.Round.competition_id == competition_row.id)).all()
    judges = session.exec(
        select(tables.Judge.key, tables.Judge.name).where(tables.Judge.competition_id == competition_row.id)
    ).all()
    awards = session.exec(
        select(tables.Round.key, tables.Award.key, tables.Award.name)
        .join(tables.Round, col(tables.Round.id) == col(tables.Award.round_id))
        .where(tables.Round.competition_id == competition_row.id)
    ).all()
    return LogNames(
        competition=competition_row.key,
        rounds={row.key: localised(rules_of(row).name) for row in rounds},
        proposals=dict(titles_of(session, competition_row)),
        judges=dict(judges),
        awards={
            (round_key, key): name.get(current_language()) or next(iter(name.values()), key)
            for round_key, key, name in awards
        },
    )
