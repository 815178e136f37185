"""Definitions of competitions that people give on a page: uploaded files, or a shipped one under another name."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

from judging.competition import CompetitionRules
from judging.errors import InvalidInput, Listed, Message, RubricError
from judging.rubric import LANGUAGES
from judging.schemas.definitions.definition_files import (
    COMPETITION_FILE,
    Definition,
    load_competition_dict,
    load_competition_text,
    load_round_content,
    load_round_text,
)
from judging.schemas.strict_yaml import dump_document

_KEY = re.compile(r"[A-Za-z0-9]+([-_][A-Za-z0-9]+)*")
_LONGEST_KEY = 60
_YEAR = re.compile(r"(?<![0-9])(?:19|20|21)[0-9]{2}(?![0-9])")
WAIT, EVENING = timedelta(days=14), time(18)
"""From the making of a competition of one round to its deadline, and the time of that day."""


def load_files(files: Mapping[str, bytes]) -> Definition:
    """Load ``competition.yaml`` and the files of its rounds from their bytes, with the checks of a folder.

    Raises
    ------
    RubricError
        With the complaints about all files: name, line, column, what is wrong and what would be right.
    """
    if COMPETITION_FILE not in files:
        raise RubricError(
            [f"{COMPETITION_FILE}: this file is missing; choose it together with the files of its rounds"]
        )
    competition = load_competition_text(files[COMPETITION_FILE], name=COMPETITION_FILE)
    complaints, rounds = [], []
    for key in competition.rounds:
        name = f"{key}.yaml"
        if name not in files:
            complaints.append(f"{name}: this file is missing; {COMPETITION_FILE} names the round")
            continue
        try:
            rounds.append(load_round_text(files[name], name=name, key=key, competition=competition))
        except RubricError as error:
            complaints += error.complaints
    known = {COMPETITION_FILE, *(f"{key}.yaml" for key in competition.rounds)}
    complaints += [
        f"{name}: {COMPETITION_FILE} names no such round; add it there, or leave the file out"
        for name in sorted(set(files) - known)
    ]
    if complaints:
        raise RubricError(complaints)
    return Definition(competition, tuple(rounds))


def dump_files(definition: Definition) -> dict[str, str]:
    """Return a definition as its files, from which `load_files` makes the same definition again."""
    files = {COMPETITION_FILE: dump_document(definition.competition.to_dict())}
    return files | {f"{rules.key}.yaml": dump_document(rules.to_dict()) for rules in definition.rounds}


def made_from(definition: Definition, *, key: str, names: Mapping[str, str], at: datetime | None = None) -> Definition:
    """Return a definition under another key and name, in the languages of the name, without the dates of its rounds.

    A competition of one round gets a deadline that can be kept as it is: two weeks after it is made, in the evening.

    Parameters
    ----------
    definition : Definition
        The template, or an earlier event.
    key : str
    names : mapping of str to str
        Language -> name of the new event; a language without a name is left out of every text.
    at : datetime, optional
        When it is made; without it no deadline is proposed.

    Raises
    ------
    InvalidInput
        Under ``key`` or ``name``.
    """
    languages = [language for language in LANGUAGES if names.get(language, "").strip()]
    complaints: dict[str, list[str]] = {}
    if not (_KEY.fullmatch(key) and len(key) <= _LONGEST_KEY):
        text = Message("Write letters a-z and digits, joined by - or _, for example school-2027.")
        complaints["key"] = [text]
    missing = [language for language in languages if language not in definition.competition.languages]
    if not languages:
        complaints["name"] = [Message("Write the name in at least one language of the event.")]
    elif missing:
        complaints["name"] = [
            Message("What you start from has no texts in {languages}.", languages=Listed(missing)),
        ]
    if complaints:
        raise InvalidInput(complaints)
    content = _in_languages(definition.competition.to_dict(), languages)
    content |= {
        "key": key,
        "languages": languages,
        "name": {language: names[language].strip() for language in languages},
    }
    try:
        competition = load_competition_dict(content)
    except RubricError as error:
        raise InvalidInput({"name": [text for _, text in error.faults]}) from error
    dates = {"ends_at": _deadline(at, competition.zone)} if at is not None and len(definition.rounds) == 1 else {}
    rounds = tuple(_new_round(rules.to_dict(), rules.key, competition, languages, dates) for rules in definition.rounds)
    return Definition(competition, rounds)


def proposed_key(definition: Definition, names: Mapping[str, str], in_use: Collection[str], *, at: datetime) -> str:
    """Return a key for a competition that is made from another one: name, year, and a number if needed.

    A name without Latin letters makes no key: that of the template stands for it. The year is the one in a name, else
    that of the proposed deadline, else of the day.

    Parameters
    ----------
    definition : Definition
        What the competition is made from.
    names : mapping of str to str
        Language -> name as typed.
    in_use : collection of str
        The keys of all competitions.
    at : datetime
    """
    template = definition.competition
    texts = [normalize("NFKC", names.get(language, "")) for language in LANGUAGES]
    stem = re.sub(r"[^a-z0-9]+", "-", texts[0].lower()).strip("-")[: _LONGEST_KEY - 10].strip("-")
    if not re.search("[a-z]{2}", stem):
        stem = re.sub(r"-[0-9]{4}(-[0-9]+)?$", "", template.key)[: _LONGEST_KEY - 10]
    named = [year for text in texts for year in _YEAR.findall(text)]
    one_round = len(definition.rounds) == 1
    year = named[0] if named else str((at.astimezone(template.zone) + (WAIT if one_round else timedelta())).year)
    first = stem if year in stem.split("-") else f"{stem}-{year}"
    numbered = (f"{first}-{number}" for number in range(2, len(in_use) + 3))
    return first if first not in in_use else next(key for key in numbered if key not in in_use)


def _deadline(at: datetime, zone: ZoneInfo) -> str:
    day = (at.astimezone(zone) + WAIT).date()
    return datetime.combine(day, EVENING, zone).isoformat()


def _new_round(
    content: dict[str, Any],
    key: str,
    competition: CompetitionRules,
    languages: Sequence[str],
    dates: Mapping[str, str],
) -> Any:
    plain: dict[str, Any] = {name: value for name, value in content.items() if name not in ("starts_at", "ends_at")}
    plain |= dates
    return load_round_content(_in_languages(plain, languages), key=key, competition=competition)


def _in_languages(value: Any, languages: Sequence[str]) -> Any:
    """Return plain data in which every text has only these languages."""
    if isinstance(value, Mapping):
        if value and set(value) <= set(LANGUAGES):
            return {language: text for language, text in value.items() if language in languages}
        return {name: _in_languages(content, languages) for name, content in value.items()}
    if isinstance(value, list | tuple):
        return [_in_languages(content, languages) for content in value]
    return value
