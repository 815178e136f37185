"""Load competitions and rounds from YAML files or stored JSON, reporting all complaints at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError

from judging.competition import Category, City, CompetitionRules, RoundRules
from judging.errors import Message, RubricError
from judging.rubric import LANGUAGES, Text
from judging.schemas.definitions.definition_checks import check_competition, check_round
from judging.schemas.definitions.definition_schemas import CompetitionDefinitionSchema, RoundDefinitionSchema
from judging.schemas.definitions.definition_values import competition_of, round_of
from judging.schemas.nearest_words import nearest
from judging.schemas.strict_fields import as_message
from judging.schemas.strict_yaml import (
    Steps,
    YamlDocument,
    definition_error,
    dump_document,
    parse_document,
    read_document,
)

COMPETITION_FILE = "competition.yaml"

_COMPETITION_SCHEMA = CompetitionDefinitionSchema()
_ROUND_SCHEMA = RoundDefinitionSchema()


@dataclass(frozen=True, slots=True)
class Definition:
    """A complete folder: the competition and its rounds in order."""

    competition: CompetitionRules
    rounds: tuple[RoundRules, ...]


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file: its definition, or the complaints about it."""

    path: Path
    value: CompetitionRules | RoundRules | None
    complaints: tuple[str, ...] = ()


def check_file(path: Path) -> CheckedFile:
    """Load one file of a competition by itself."""
    return _checked(path, load_competition if path.name == COMPETITION_FILE else load_round)


def check_folder(folder: Path) -> list[CheckedFile]:
    """Load every file of a competition's folder, also after a file with faults."""
    path = folder / COMPETITION_FILE
    first = _checked(path, load_competition)
    competition = first.value if isinstance(first.value, CompetitionRules) else None
    return [first, *(_checked(file, lambda file: _load_round(file, competition)) for file in _round_files(folder))]


def load_definition(folder: Path) -> Definition:
    """Load a competition's folder; raise RubricError with the complaints about all of its files."""
    files = check_folder(folder)
    if complaints := [text for file in files for text in file.complaints]:
        raise RubricError(complaints)
    competitions = [file.value for file in files if isinstance(file.value, CompetitionRules)]
    rounds = {file.value.key: file.value for file in files if isinstance(file.value, RoundRules)}
    return Definition(competitions[0], tuple(rounds[key] for key in competitions[0].rounds))


def load_competition(path: Path) -> CompetitionRules:
    """Load ``competition.yaml``, given as file or folder; its folder must contain exactly the files of its rounds."""
    path = path / COMPETITION_FILE if path.is_dir() else path
    document = read_document(path)
    data = _load_fields(document, _COMPETITION_SCHEMA)
    _check_key(document, data, path.absolute().parent.name, "folder")
    check_competition(data, document.complain)
    _check_files(document, data, path)
    _finish(document)
    return competition_of(data)


def load_competition_text(raw: bytes, *, name: str) -> CompetitionRules:
    """Load a competition from uploaded text, which no folder surrounds."""
    document = parse_document(raw, file=name)
    data = _load_fields(document, _COMPETITION_SCHEMA)
    check_competition(data, document.complain)
    _finish(document)
    return competition_of(data)


def load_round(path: Path) -> RoundRules:
    """Load one round's file.

    The ``competition.yaml`` in the same folder defines the languages, cities and categories. Without it, every text is
    required in all languages and quotas may name any city and category.
    """
    competition_file = path.parent / COMPETITION_FILE
    return _load_round(path, load_competition(competition_file) if competition_file.exists() else None)


def load_round_text(raw: bytes, *, name: str, key: str, competition: CompetitionRules) -> RoundRules:
    """Load one round's rules from entered or uploaded text, for the round with this key."""
    document = parse_document(raw, file=name)
    data = _load_fields(document, _ROUND_SCHEMA)
    _check_key(document, data, key, "round")
    return _checked_round(document, data, competition)


def load_round_content(content: Mapping[str, Any], *, key: str, competition: CompetitionRules) -> RoundRules:
    """Load one round's rules from plain data, with the same checks as a file of that competition."""
    document = YamlDocument("rules", content)
    data = _load_fields(document, _ROUND_SCHEMA)
    _check_key(document, data, key, "round")
    return _checked_round(document, data, competition)


def load_competition_dict(definition: Mapping[str, Any]) -> CompetitionRules:
    """Return the competition of a stored dictionary."""
    document = YamlDocument("stored competition", definition)
    data = _load_fields(document, _COMPETITION_SCHEMA)
    check_competition(data, document.complain)
    _finish(document)
    return competition_of(data)


def load_round_dict(definition: Mapping[str, Any]) -> RoundRules:
    """Return the round of a stored dictionary."""
    document = YamlDocument("stored round", definition)
    data = _load_fields(document, _ROUND_SCHEMA)
    # Its languages were checked against the competition when the file was loaded.
    check_round(data, document.complain, competition=None, languages=())
    _finish(document)
    return round_of(data)


def load_contents(
    competition: Mapping[str, Any], rounds: Sequence[Mapping[str, Any] | RoundRules], *, languages: Sequence[str]
) -> Definition:
    """Load a competition and its rounds from plain data, with the complaints about all of it at once.

    Parameters
    ----------
    competition : mapping
        Without ``rounds``, which are those of ``rounds``.
    rounds : sequence of mapping or RoundRules
        What is a value already, such as the rules of a sealed round, is not checked again.
    languages : sequence of str
        The languages of the texts, also while the competition has faults.

    Raises
    ------
    RubricError
        Its ``faults`` have paths that begin with ``competition`` or with ``rounds`` and the place of the round.
    """
    keys = [given.key if isinstance(given, RoundRules) else given.get("key") for given in rounds]
    document = YamlDocument("competition", {**competition, "rounds": keys})
    data = _load_fields(document, _COMPETITION_SCHEMA)
    check_competition(data, document.complain)
    known = _known_names(data, languages)
    faults = [(_path_in_whole(fault.path), fault.text) for fault in sorted(document.complaints)]
    loaded: list[Any] = []
    for place, given in enumerate(rounds):
        if isinstance(given, RoundRules):
            loaded.append(given)
            continue
        own = YamlDocument("round", given)
        fields = _load_fields(own, _ROUND_SCHEMA)
        check_round(fields, own.complain, competition=known, languages=languages)
        faults += [(f"rounds.{place}.{fault.path}", fault.text) for fault in sorted(own.complaints)]
        loaded.append(fields)
    if faults:
        faults = list(dict.fromkeys(faults))
        raise RubricError([f"{path}: {text}" for path, text in faults], faults=faults)
    rules = tuple(given if isinstance(given, RoundRules) else round_of(given) for given in loaded)
    return Definition(competition_of(data), rules)


def dump_round_text(round_: RoundRules) -> str:
    """Return a round as YAML; `load_round_text` returns the same rules from it."""
    return dump_document(round_.to_dict())


def _checked(path: Path, load: Callable[[Path], CompetitionRules | RoundRules]) -> CheckedFile:
    try:
        return CheckedFile(path, load(path))
    except RubricError as error:
        return CheckedFile(path, None, tuple(error.complaints))


def _load_round(path: Path, competition: CompetitionRules | None) -> RoundRules:
    document = read_document(path)
    data = _load_fields(document, _ROUND_SCHEMA)
    _check_key(document, data, path.stem, "file")
    return _checked_round(document, data, competition)


def _checked_round(document: YamlDocument, data: dict[str, Any], competition: CompetitionRules | None) -> RoundRules:
    languages = competition.languages if competition else LANGUAGES
    check_round(data, document.complain, competition=competition, languages=languages)
    _finish(document)
    return round_of(data)


def _load_fields(document: YamlDocument, schema: Schema) -> dict[str, Any]:
    try:
        data: dict[str, Any] = schema.load(document.content)
    except ValidationError as error:
        for steps, text in _flattened(error.messages, ()):
            document.complain(steps, as_message(text))
            # Checks between fields must not report a field that is itself invalid.
            document.mark_invalid(steps)
        data = error.valid_data if isinstance(error.valid_data, dict) else {}
    return data


def _flattened(messages: Any, steps: Steps) -> Iterator[tuple[Steps, str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _flattened(inner, steps if key == "_schema" else (*steps, key))
    else:
        for text in messages:
            yield steps, text


def _finish(document: YamlDocument) -> None:
    if document.complaints:
        raise definition_error(document)


def _check_key(document: YamlDocument, data: Mapping[str, Any], name: str, kind: str) -> None:
    key = data.get("key")
    if key is not None and key != name:
        document.complain(
            ("key",),
            Message("`{key}` in a {kind} named `{name}`; give both the same name", key=key, kind=kind, name=name),
        )


def _round_files(folder: Path) -> list[Path]:
    """Return the files of rounds, with any spelling of the suffix: a file ``.yml`` must not be overlooked."""
    files = (path for path in folder.glob("*") if path.suffix.lower() in (".yaml", ".yml"))
    return sorted(path for path in files if path.name != COMPETITION_FILE)


def _check_files(document: YamlDocument, data: Mapping[str, Any], path: Path) -> None:
    named: list[Any] = data.get("rounds") or []
    files = {file.name: file.stem for file in _round_files(path.parent)}
    for index, key in enumerate(named):
        if key is not None and f"{key}.yaml" not in files:
            advice = nearest(key, sorted(files.values())) if files else "write it"
            document.complain(("rounds", index), f"there is no file {key}.yaml beside this one; {advice}")
    for name in sorted(files):
        if not name.endswith(".yaml") or files[name] not in named:
            document.complain(("rounds",), f"the file {name} is not named here; add it, or move the file away")


def _path_in_whole(path: str) -> str:
    """Return the path of a fault of the competition; one about the key of a round stands at that round."""
    if path.startswith("rounds."):
        return f"{path}.key"
    return path if path == "rounds" else f"competition.{path}"


def _known_names(data: Mapping[str, Any], languages: Sequence[str]) -> CompetitionRules:
    """Return the competition as far as the checks of a round need it, also while it has faults."""
    nameless = Text()
    cities = tuple(City(part["key"], nameless) for part in data.get("cities") or () if part and "key" in part)
    categories = tuple(
        Category(part["key"], nameless) for part in data.get("categories") or () if part and "key" in part
    )
    keys = tuple(key for key in data.get("rounds") or () if key)
    return CompetitionRules(data.get("key", ""), nameless, cities, categories, "UTC", keys, tuple(languages))
