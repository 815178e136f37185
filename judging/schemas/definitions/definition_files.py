"""Load competitions and rounds from YAML files or stored JSON, reporting all complaints at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError

from judging.competition import Category, City, CompetitionRules, Policies, PublicationPolicy, RoundRules
from judging.errors import RubricError
from judging.round_policies import (
    CalibrationPolicy,
    CarryOver,
    EarlierSheets,
    PitchPolicy,
    PracticePolicy,
    PracticeProposal,
    PrivacyPolicy,
    ReadingPolicy,
    ReferenceScore,
)
from judging.rubric import LANGUAGES, Criterion, Level, Rubric, Scale
from judging.schemas.definitions.definition_checks import check_competition, check_round
from judging.schemas.definitions.definition_schemas import CompetitionDefinitionSchema, RoundDefinitionSchema
from judging.schemas.strict_fields import nearest
from judging.schemas.strict_yaml import (
    Steps,
    YamlDocument,
    definition_error,
    dump_document,
    parse_document,
    read_document,
)
from judging.shortlist import ShortlistRule

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
    return _competition(data)


def load_competition_text(raw: bytes, *, name: str) -> CompetitionRules:
    """Load a competition from uploaded text, which no folder surrounds."""
    document = parse_document(raw, file=name)
    data = _load_fields(document, _COMPETITION_SCHEMA)
    check_competition(data, document.complain)
    _finish(document)
    return _competition(data)


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
    return _competition(data)


def load_round_dict(definition: Mapping[str, Any]) -> RoundRules:
    """Return the round of a stored dictionary."""
    document = YamlDocument("stored round", definition)
    data = _load_fields(document, _ROUND_SCHEMA)
    # Its languages were checked against the competition when the file was loaded.
    check_round(data, document.complain, competition=None, languages=())
    _finish(document)
    return _round(data)


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
    return _round(data)


def _load_fields(document: YamlDocument, schema: Schema) -> dict[str, Any]:
    try:
        data: dict[str, Any] = schema.load(document.content)
    except ValidationError as error:
        for steps, text in _flattened(error.messages, ()):
            document.complain(steps, text)
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
        document.complain(("key",), f"`{key}` in a {kind} named `{name}`; give both the same name")


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


def _competition(data: dict[str, Any]) -> CompetitionRules:
    return CompetitionRules(
        **{
            **data,
            **_tuples(data, "rounds", "languages"),
            "cities": tuple(City(**city) for city in data["cities"]),
            "categories": tuple(Category(**category) for category in data["categories"]),
        }
        | _parts(data, policies=_policies)
    )


def _policies(data: dict[str, Any]) -> Policies:
    return Policies(
        **{**data, **_tuples(data, "conflicts", "letters")}
        | _parts(data, publication=lambda part: PublicationPolicy(**part))
    )


def _round(data: dict[str, Any]) -> RoundRules:
    return RoundRules(
        **{**data, **_tuples(data, "tie_breaks"), "rubric": _rubric(data["rubric"])}
        | _parts(
            data,
            shortlist=lambda part: ShortlistRule(**part),
            calibration=_calibration,
            readings=lambda part: ReadingPolicy(**part),
            privacy=lambda part: PrivacyPolicy(**part),
            carries_over=lambda part: CarryOver(**part),
            pitches=lambda part: PitchPolicy(**part),
            practice=_practice,
        )
    )


def _practice(data: dict[str, Any]) -> PracticePolicy:
    return PracticePolicy(
        tuple(
            PracticeProposal(
                proposal["key"], tuple(ReferenceScore(**score) for score in proposal.get("reference") or ())
            )
            for proposal in data["proposals"]
        )
    )


def _calibration(data: dict[str, Any]) -> CalibrationPolicy:
    return CalibrationPolicy(
        **{**data, **_parts(data, earlier=lambda listed: tuple(EarlierSheets(**part) for part in listed))}
    )


def _rubric(data: dict[str, Any]) -> Rubric:
    return Rubric(
        tuple(
            Criterion(
                **{
                    **criterion,
                    "scale": Scale(**criterion.get("scale", data.get("scale"))),
                    "levels": tuple(Level(**level) for level in criterion["levels"]),
                    **_tuples(criterion, "phrases"),
                }
            )
            for criterion in data["criteria"]
        )
    )


def _tuples(data: Mapping[str, Any], *names: str) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(data[name]) for name in names if name in data}


def _parts(data: Mapping[str, Any], **makers: Callable[[Any], Any]) -> dict[str, Any]:
    return {name: make(data[name]) for name, make in makers.items() if name in data}
