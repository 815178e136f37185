"""A scoresheet as the text in a form's fields, and two of them side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from judging.rubric import Criterion, Rubric
from judging.services.scoresheets.versions import Version
from judging.web.languages import LANGUAGE_NAMES
from judging.web.showing import said

# With more values than this a row of buttons is harder to hit than a number is to type.
MOST_CHOICES = 11

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field that two versions fill differently; texts as shown, ``keep_mine`` as proposed."""

    name: str
    label: str
    mine: str
    stored: str
    keep_mine: bool


def shown(value: float) -> str:
    """Return a value of a scale as it is typed: 4, 4.5."""
    return f"{value:.10g}"


def choices(criterion: Criterion) -> tuple[str, ...]:
    """Return the values to choose from, or nothing where the number is to be typed."""
    scale = criterion.scale
    return tuple(map(shown, scale.values())) if scale.n_values <= MOST_CHOICES else ()


def stored_values(version: Version | None) -> dict[str, str]:
    """Return a stored version as the text of the form's fields."""
    if version is None:
        return {}
    sheet = version.sheet
    values = {f"score-{key}": shown(value) for key, value in sheet.scores.items()}
    values |= {f"comment-{key}": text for key, text in sheet.comments.items()}
    return values | {
        "comment": sheet.comment,
        "justification": sheet.justification,
        "language": sheet.language or "",
        "confidence": str(sheet.confidence or ""),
        "identity_revealed": "1" if sheet.identity_revealed else "",
    }


def typed_values(rubric: Rubric, form: Values) -> dict[str, str]:
    """Return what a form sent, field by field, however wrong."""
    return {name: form.get(name, "") for name in names(rubric)}


def names(rubric: Rubric) -> tuple[str, ...]:
    """Return the names of all fields of the form, in order."""
    per_criterion = (f"{kind}-{key}" for key in rubric.keys for kind in ("score", "comment"))
    return (*per_criterion, "comment", "justification", "language", "confidence", "identity_revealed")


def label_of(rubric: Rubric, name: str) -> str:
    """Return what a field is called."""
    kind, _dash, key = name.partition("-")
    if kind == "score" and key in rubric.keys:
        return said(rubric.criterion(key).name)
    if kind == "comment" and key in rubric.keys:
        return str(_("%(criterion)s: comment", criterion=said(rubric.criterion(key).name)))
    labels: dict[str, str] = {
        "comment": _("Overall comment"),
        "justification": _("Justification"),
        "language": _("Language in which you read it"),
        "confidence": _("How sure are you?"),
        "identity_revealed": _("The team can be recognised"),
        "recuse-reason": _("Reason"),
        "recuse-text": _("In a few words"),
    }
    return labels.get(name, name)


def text_of(name: str, value: str) -> str:
    """Return a field's value in words."""
    if name == "language":
        return LANGUAGE_NAMES.get(value, value)
    if name == "confidence":
        words: dict[str, str] = {"1": _("Not very sure"), "2": _("Fairly sure"), "3": _("Very sure")}
        return words.get(value, value)
    if name == "identity_revealed":
        return str(_("Yes") if value else _("No"))
    return value


def differences(rubric: Rubric, mine: Values, stored: Values) -> list[FieldDifference]:
    """Return the fields that two versions fill differently; what is proposed never loses a text for an empty one."""
    return [
        FieldDifference(name, label_of(rubric, name), mine.get(name, ""), stored.get(name, ""), bool(mine.get(name)))
        for name in names(rubric)
        if _unified(mine.get(name, "")) != _unified(stored.get(name, ""))
    ]


def field_of(place: str) -> str:
    """Return the name of the form's field for a place in the schema's complaints.

    >>> field_of("scores.need"), field_of("comment")
    ('score-need', 'comment')
    """
    for prefix, name in (("scores.", "score-"), ("comments.", "comment-")):
        if place.startswith(prefix):
            return name + place.removeprefix(prefix)
    return place


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
