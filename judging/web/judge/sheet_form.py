"""A scoresheet as the text of form fields, and the differences between two versions."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from judging.competition import CompetitionRules
from judging.request_language import LANGUAGE_NAMES, current_language
from judging.rubric import Criterion, Rubric
from judging.schemas.scoresheets import MAX_JUSTIFICATION, MAX_TEXT
from judging.services.scoresheets.given_back import given_back
from judging.services.scoresheets.sheet_fields import field_of, shown, stored_values
from judging.web.showing import localised
from judging.web.words import conflict_words

__all__ = ["field_of", "shown", "stored_values"]

# With more values than this, typing a number is easier than selecting one of many buttons.
MOST_CHOICES = 11
LIMITS = {"text": MAX_TEXT, "justification": MAX_JUSTIFICATION}
"""Characters that fit into a comment, and into the justification."""

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field that differs between two versions; texts as shown, ``keep_mine`` is the preselected choice."""

    name: str
    label: str
    mine: str
    stored: str
    keep_mine: bool


def choices(criterion: Criterion) -> tuple[str, ...]:
    """Return the values to choose from; empty when the judge has to type a number."""
    scale = criterion.scale
    return tuple(map(shown, scale.values())) if scale.n_values <= MOST_CHOICES else ()


def typed_values(rubric: Rubric, form: Values) -> dict[str, str]:
    """Return the fields of a submitted form, not validated."""
    return {name: form.get(name, "") for name in names(rubric)}


def names(rubric: Rubric) -> tuple[str, ...]:
    """Return the names of all fields of the form, in order."""
    per_criterion = (f"{kind}-{key}" for key in rubric.keys for kind in ("score", "comment"))
    return (*per_criterion, "comment", "chair_note", "justification", "language", "confidence", "identity_revealed")


def labels(rubric: Rubric) -> dict[str, str]:
    """Return the labels of all fields by name, and under ":" what stands between a label and its value."""
    colon = "：" if current_language().startswith("zh") else ": "
    return {name: label_of(rubric, name) for name in names(rubric)} | {":": colon}


def abstention_reasons() -> dict[str, str]:
    """Return the reasons to abstain, in words."""
    return {
        "subject": _("I do not know enough about the subject"),
        "language": _("I do not read its language well enough"),
        "files": _("Its slides or video cannot be opened"),
        "time": _("I have no time for it"),
        "other": _("Another reason"),
    }


def given_back_in_words(reason: str, competition: CompetitionRules | None = None) -> str:
    """Return the stored reason of an assignment that was given back, as people read it."""
    given = given_back(reason)
    kind = (abstention_reasons() if given.is_abstention else conflict_words.reasons(competition)).get(
        given.kind, given.kind
    )
    colon = "：" if current_language().startswith("zh") else ": "
    told = f"{kind}{colon}{given.text}" if given.text else kind
    return str(_("abstained (%(reason)s)", reason=told) if given.is_abstention else told)


def label_of(rubric: Rubric, name: str) -> str:
    """Return the label of a field."""
    kind, _dash, key = name.partition("-")
    if kind == "score" and key in rubric.keys:
        return localised(rubric.criterion(key).name)
    if kind == "comment" and key in rubric.keys:
        return str(_("%(criterion)s: comment", criterion=localised(rubric.criterion(key).name)))
    labels: dict[str, str] = {
        "comment": _("Overall comment"),
        "chair_note": _("Private note to the chair"),
        "justification": _("Justification"),
        "language": _("Language in which you read it"),
        "confidence": _("How sure are you?"),
        "identity_revealed": _("The team can be recognised"),
        **dict.fromkeys(("recuse-reason", "abstain-reason"), str(_("Reason"))),
        **dict.fromkeys(("recuse-text", "abstain-text"), str(_("In a few words"))),
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
    """Return the fields that differ; the preselected choice never replaces a text by an empty field."""
    return [
        FieldDifference(name, label_of(rubric, name), mine.get(name, ""), stored.get(name, ""), bool(mine.get(name)))
        for name in names(rubric)
        if _unified(mine.get(name, "")) != _unified(stored.get(name, ""))
    ]


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
