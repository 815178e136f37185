"""Validate an incoming scoresheet: the form, the API and the workbook use the same schema.

Shape: ``{"base_version": 3, "submit": false, "scores": {"need": 4}, "comments": {"need": "..."}, "comment": "", ...}``.
A form has flat names instead (``score-need``, ``comment-need``); :func:`from_form` converts them.
"""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields

from judging.errors import InvalidInput, Message
from judging.incoming_text import DIRECTION_CONTROLS, normalised
from judging.rubric import LANGUAGES, Criterion, Rubric
from judging.schemas.typed_numbers import parse_number

MAX_TEXT = 5000
MOST_ENTRIES = 200
"""Maximum number of scores of one sheet; without this limit every unknown criterion would get a complaint."""
MAX_JUSTIFICATION = 500
CONFIDENCES = (1, 2, 3)

_NOT_A_NUMBER = Message("Give a number such as 3 or 3.5, or leave this empty.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContent:
    """The content of one version of a scoresheet. A criterion without a score is not in ``scores``."""

    scores: Mapping[str, float] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    # For the panel chair only: it never reaches the team, nor any file.
    chair_note: str = ""
    justification: str = ""
    language: str | None = None
    confidence: int | None = None
    identity_revealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingSheet:
    """A scoresheet to be stored: its content, the version on which it is based, and whether it is final."""

    sheet: SheetContent
    base_version: int
    submit: bool


class ScoreField(fields.Field[float | None]):
    """A number as people enter it; see ``parse_number``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float | None:
        if isinstance(value, str):
            if not value.strip():
                return None
            number = parse_number(value)
            if number is None:
                raise ValidationError(_NOT_A_NUMBER)
            return number
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValidationError(_NOT_A_NUMBER)
        return float(value)


class VersionField(fields.Field[int]):
    """The number of a version, 0 for none; a form sends it as text. A fraction is refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 9:
            return int(value)
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if is_whole and not isinstance(value, bool) and 0 <= value < 10**9:
            return int(value)
        raise ValidationError(Message("Give the number of a version: a whole number, 0 for none."))


class Prose(fields.String):
    """Entered text: line ends are unified, control characters removed, and the length is limited."""

    def __init__(self, limit: int, *, lines: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limit = limit
        self.lines = lines

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        entered = super()._deserialize(value, attr, data, **kwargs)
        text = clean(entered, limit=self.limit)
        if not self.lines:
            text = " ".join(text.split())
        if len(text) > self.limit:
            # For a text that was cut before cleaning, the original length is reported.
            length = len(entered) if len(entered) > 8 * self.limit else len(text)
            raise ValidationError(
                Message("This text has {length} characters; at most {limit} fit.", length=length, limit=self.limit)
            )
        return text


def _is_kept(letter: str) -> bool:
    """Return whether a letter of entered text is stored; invisible ones that control something are not."""
    return letter in "\n\t" or (unicodedata.category(letter) not in ("Cc", "Cs") and letter not in DIRECTION_CONTROLS)


def clean(text: str, *, limit: int | None = None) -> str:
    r"""Return entered text that every database and spreadsheet can store.

    >>> clean("two\r\nlines\x00 ")
    'two\nlines'
    """
    unified = normalised(text, limit=limit).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in unified if _is_kept(c)).strip()


def _known_language(value: str | None) -> None:
    if value not in (None, *LANGUAGES):
        raise ValidationError(Message("Choose one of the languages."))


def _known_confidence(value: int | None) -> None:
    if value not in (None, *CONFIDENCES):
        raise ValidationError(Message("Choose 1, 2 or 3."))


class ScoresheetSchema(Schema):
    """The complete sheet; an omitted field is empty and does not retain an earlier value."""

    base_version = VersionField(
        load_default=0, metadata={"description": "The version on which this sheet is based; 0 for none."}
    )
    submit = fields.Boolean(load_default=False, metadata={"description": "False stores it as a draft."})
    scores = fields.Dict(keys=fields.String(), values=ScoreField(allow_none=True), load_default=dict)
    comments = fields.Dict(keys=fields.String(), values=Prose(MAX_TEXT), load_default=dict)
    comment = Prose(MAX_TEXT, load_default="", metadata={"description": "For the team and the panel."})
    chair_note = Prose(
        MAX_TEXT, load_default="", metadata={"description": "For the panel chair only; in no workbook or bundle."}
    )
    justification = Prose(MAX_JUSTIFICATION, lines=False, load_default="")
    language = fields.String(
        load_default=None, allow_none=True, validate=_known_language, metadata={"enum": [*LANGUAGES, None]}
    )
    confidence = fields.Integer(
        load_default=None, allow_none=True, validate=_known_confidence, metadata={"enum": [*CONFIDENCES, None]}
    )
    identity_revealed = fields.Boolean(load_default=False)


class GivingBackSchema(Schema):
    """Why a judge gives a proposal back; the service checks the reason."""

    reason = fields.String(
        required=True,
        metadata={
            "description": "A recusal: family, employer, mentoring, sponsor or other. "
            "An abstention: subject, language, files, time or other."
        },
    )
    text = fields.String(load_default="", metadata={"description": "A few words; needed with `other`."})


_SCHEMA = ScoresheetSchema()


def from_form(form: Mapping[str, str]) -> dict[str, Any]:
    """Convert the flat names of a form into the shape of the schema; unknown names are ignored."""
    data: dict[str, Any] = {"scores": {}, "comments": {}}
    for name, value in form.items():
        kind, _, criterion = name.partition("-")
        if kind == "score":
            data["scores"][criterion] = value
        elif kind == "comment" and criterion:
            data["comments"][criterion] = value
        elif name in ("base_version", "comment", "chair_note", "justification"):
            data[name] = value
        elif name in ("language", "confidence"):
            data[name] = value or None
        elif name == "identity_revealed":
            data[name] = value or False
    return data


def load_scoresheet(rubric: Rubric, data: Mapping[str, Any]) -> IncomingSheet:
    """Return a scoresheet with all values on the scales of the rubric.

    Raises
    ------
    InvalidInput
        With all complaints at once; a field is named ``scores.<criterion>``, ``comments.<criterion>`` or as in
        the schema.
    """
    complaints: dict[str, list[str]] = {}
    for name in ("scores", "comments"):
        entries = data.get(name)
        if isinstance(entries, Mapping) and len(entries) > MOST_ENTRIES:
            raise InvalidInput({name: Message("At most {limit} criteria.", limit=MOST_ENTRIES)})
    try:
        loaded = _SCHEMA.load(data)
    except ValidationError as error:
        complaints = _flattened(error.messages_dict)
        # marshmallow declares that valid_data may be a list, which occurs for many=True only.
        valid = cast("dict[str, Any]", error.valid_data)
        loaded = {"base_version": 0, "submit": bool(data.get("submit")), **valid}
    return _on_scales(rubric, loaded, complaints)


def complaints_on_submit(rubric: Rubric, sheet: SheetContent) -> dict[str, list[str]]:
    """Return the reasons why a sheet cannot be submitted: missing scores, or extreme scores without a reason.

    A criterion may ask for a comment on its lowest and highest value (``justify_ends``).
    """
    complaints: dict[str, list[str]] = {
        f"scores.{key}": [Message("A score is needed here before you can submit.")]
        for key in rubric.missing(sheet.scores)
    }
    complaints |= {
        f"comments.{criterion.key}": [Message("The lowest and the highest score need a comment here that says why.")]
        for criterion in rubric.criteria
        if criterion.needs_reason(sheet.scores.get(criterion.key, math.nan)) and not sheet.comments.get(criterion.key)
    }
    if not complaints and not sheet.justification and is_extreme(rubric, sheet.scores):
        complaints["justification"] = [
            Message("All your scores are equal or at the ends of the scale. Please say why, in one line.")
        ]
    return complaints


def is_extreme(rubric: Rubric, scores: Mapping[str, float]) -> bool:
    """Return whether all scores of a complete sheet are equal, or all are at the ends of the scale."""
    if len(rubric.criteria) < 2 or rubric.missing(scores):
        return False
    shares = {round(criterion.scale.to_hundred(scores[criterion.key]), 6) for criterion in rubric.criteria}
    return len(shares) == 1 or shares <= {0.0, 100.0}


def _on_scales(rubric: Rubric, loaded: Mapping[str, Any], complaints: dict[str, list[str]]) -> IncomingSheet:
    scores: dict[str, float] = {}
    for key, value in (loaded.get("scores") or {}).items():
        if key not in rubric.keys:
            complaints[f"scores.{key}"] = [Message("There is no such criterion in this round.")]
        elif value is not None:
            criterion = rubric.criterion(key)
            if criterion.scale.contains(value):
                scores[key] = _snapped(criterion, value)
            else:
                complaints.setdefault(f"scores.{key}", []).append(_off_scale(criterion))
    comments: dict[str, str] = {}
    for key, text in (loaded.get("comments") or {}).items():
        if key not in rubric.keys:
            complaints[f"comments.{key}"] = [Message("There is no such criterion in this round.")]
        elif text:
            comments[key] = text
    sheet = SheetContent(
        scores={key: scores[key] for key in rubric.keys if key in scores},
        comments={key: comments[key] for key in rubric.keys if key in comments},
        comment=loaded.get("comment", ""),
        chair_note=loaded.get("chair_note", ""),
        justification=loaded.get("justification", ""),
        language=loaded.get("language"),
        confidence=loaded.get("confidence"),
        identity_revealed=loaded.get("identity_revealed", False),
    )
    if loaded["submit"]:
        for name, texts in complaints_on_submit(rubric, sheet).items():
            # An invalid score must not be reported as missing too.
            complaints.setdefault(name, texts)
    if complaints:
        raise InvalidInput(complaints)
    return IncomingSheet(sheet=sheet, base_version=loaded["base_version"], submit=loaded["submit"])


def _snapped(criterion: Criterion, value: float) -> float:
    # 4.1 as entered and 4.1 computed in steps of 0.1 must be equal; otherwise a resend would look like a change.
    scale = criterion.scale
    return round(scale.minimum + round((value - scale.minimum) / scale.step) * scale.step, 10)


def _off_scale(criterion: Criterion) -> Message:
    scale = criterion.scale
    return Message(
        "Give a value from {minimum} to {maximum} in steps of {step}.",
        minimum=f"{scale.minimum:g}",
        maximum=f"{scale.maximum:g}",
        step=f"{scale.step:g}",
    )


def _flattened(messages: Mapping[Any, Any]) -> dict[str, list[str]]:
    flat: dict[str, list[str]] = {}
    for name, content in messages.items():
        if not isinstance(content, Mapping):
            flat[name] = list(content)
            continue
        # Dict fields report complaints by entry, there under "key" and "value". An entry may have one of these names.
        for entry, sides in content.items():
            flat[f"{name}.{entry}"] = [text for side in ("key", "value") for text in sides.get(side, ())]
    return flat
