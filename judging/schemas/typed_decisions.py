"""Validate what chairs enter: verdicts, awards, meetings, conflicts of interest; one schema for form and API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from judging.competition import AWARD_KINDS, CONFLICT_KINDS
from judging.errors import InvalidInput, Message
from judging.final_shortlist import VERDICTS
from judging.rubric import LANGUAGES
from judging.schemas.scoresheets import clean
from judging.schemas.whole_numbers import WholeNumber

LONGEST_REASON = 1000
LONGEST_NAME = 200

VISIBLE = "[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]"
"""Pattern of a text that has at least one character which is stored and seen."""
_DIGITS = re.compile("[0-9]{1,10}")
_KEY = "^[a-z0-9]+(-[a-z0-9]+)*$"


class Typed(fields.String):
    """Entered text: trimmed, without control characters, limited in length, and not empty when ``empty`` is set."""

    def __init__(self, limit: int, *, empty: Message | None = None, lines: bool = False, **kwargs: Any) -> None:
        # What the API's document says about it, so that no program is refused what the document allows.
        described = {"maxLength": limit, **({"minLength": 1, "pattern": VISIBLE} if empty is not None else {})}
        super().__init__(**{**kwargs, "metadata": described | kwargs.get("metadata", {})})
        self.limit = limit
        self.empty = empty
        self.lines = lines

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        entered = super()._deserialize(value, attr, data, **kwargs)
        text = clean(entered, limit=self.limit)
        text = text.strip() if self.lines else " ".join(text.split())
        if not text and self.empty is not None:
            raise ValidationError(self.empty)
        # A browser counts the end of a line as one character and sends two.
        if max(len(text), len(entered.replace("\r\n", "\n"))) > self.limit:
            raise ValidationError(Message("At most {n} characters.", n=self.limit))
        return text


def _reason(**kwargs: Any) -> Typed:
    complaint = Message("Say why; everyone who checks this competition will read it.")
    return Typed(LONGEST_REASON, empty=complaint, lines=True, required=True, **kwargs)


def _choice(values: tuple[str, ...]) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(values, error=Message("Choose one of the values.")))


def _conflict_kind() -> fields.String:
    # The competition may have kinds of its own: the service knows them.
    known = f"One of {', '.join(CONFLICT_KINDS)}, or the key of a kind of the competition's own."
    return fields.String(required=True, validate=validate.Length(1, 60), metadata={"description": known})


def proposal_key(**kwargs: Any) -> Typed:
    """Return a field for the key of a proposal."""
    return Typed(60, empty=Message("Choose a proposal."), required=True, **kwargs)


class DecisionSchema(Schema):
    """A verdict on one proposal."""

    proposal = proposal_key(metadata={"description": "Its key."})
    verdict = _choice(VERDICTS)
    reason = _reason()
    seen = fields.Integer(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "`newest_decision` of the shortlist that was read: a verdict that somebody else gave since "
            "refuses this one. Null decides in any case."
        },
    )


class LeavingSchema(Schema):
    """A proposal that leaves the shortlist; the first reserve takes its place."""

    proposal = proposal_key()
    reason = _reason()


class ReplacementSchema(LeavingSchema):
    """A proposal that leaves, with the newest decision that its author had seen."""

    seen = WholeNumber(validate=validate.Range(min=0, max=2**31 - 1))


class FurtherReadingSchema(Schema):
    """One further assignment."""

    proposal = proposal_key()
    judge = Typed(40, empty=Message("Choose a judge."), required=True)


_AWARD_KEY = Message("Lower-case letters, digits and hyphens, such as best-data-use.")


class AwardSchema(Schema):
    """An award that a team can win in addition to its rank."""

    key = fields.String(
        required=True,
        validate=[validate.Regexp(_KEY, error=_AWARD_KEY), validate.Length(1, 60, error=_AWARD_KEY)],
    )
    name = fields.Dict(keys=fields.String(), values=Typed(LONGEST_NAME), required=True)
    kind = _choice(AWARD_KINDS)
    category = fields.String(load_default=None, allow_none=True)
    most_winners = WholeNumber(
        load_default=1,
        validate=validate.Range(1, 1000, error=Message("a whole number from 1 to {most}", most=1000)),
        error_messages={"invalid": Message("a whole number from 1 to {most}", most=1000)},
    )


class GrantSchema(Schema):
    """An award for a proposal."""

    award = Typed(60, empty=Message("Choose an award."), required=True)
    proposal = proposal_key()
    reason = _reason()


class WithdrawalSchema(Schema):
    """The reason for a withdrawal, or for taking one back."""

    reason = _reason()


class DeactivationSchema(Schema):
    """Why a judge leaves, and who takes over what is open."""

    reason = _reason()
    replacement = Typed(40, load_default="", metadata={"description": "Key of another judge; empty for nobody."})


class ConflictSchema(Schema):
    """A conflict of interest between a person and a proposal."""

    proposal = proposal_key()
    kind = _conflict_kind()
    reason = Typed(LONGEST_REASON, load_default="", lines=True)


class OthersConflictSchema(Schema):
    """A conflict of interest that another person declared and that is to end."""

    proposal = proposal_key()
    person = WholeNumber(
        required=True,
        validate=validate.Range(min=1, max=2**31 - 1),
        metadata={"description": "Number of the person who declared it."},
    )


class JudgeConflictSchema(Schema):
    """A conflict of interest between a judge and a proposal, entered by an organiser."""

    judge = Typed(40, empty=Message("Choose a judge."), required=True)
    proposal = proposal_key()
    kind = _conflict_kind()
    reason = Typed(LONGEST_REASON, load_default="", lines=True)


class BanSchema(Schema):
    """A proposal that is never to be given to a judge in a round, and why."""

    judge = Typed(40, empty=Message("Choose a judge."), required=True)
    proposal = proposal_key()
    reason = _reason()


class PairSchema(Schema):
    """A judge and a proposal."""

    judge = Typed(40, empty=Message("Choose a judge."), required=True)
    proposal = proposal_key()


class TakingBackSchema(Schema):
    """Which open assignments are taken back, and why."""

    reason = _reason()
    judge = Typed(40, load_default="", metadata={"description": "Only those of this judge."})
    proposal = Typed(60, load_default="", metadata={"description": "Only those of this proposal."})


class ProposedConflictSchema(Schema):
    """A proposed conflict that is refused."""

    judge = Typed(40, empty=Message("Choose a judge."), required=True)
    proposal = proposal_key()
    origin = fields.String(load_default="hand")


class EndedConflictSchema(Schema):
    """A conflict that an organiser ends, and why."""

    judge = Typed(40, empty=Message("Choose a judge."), required=True)
    proposal = proposal_key()
    reason = _reason()


def load(schema: type[Schema], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the loaded data, or raise InvalidInput with every complaint. A form sends whole numbers as digits."""
    asked = schema()
    typed = {
        name: int(value)
        if isinstance(asked.fields.get(name), WholeNumber)
        and isinstance(value, str)
        and _DIGITS.fullmatch(value.strip())
        else value
        for name, value in data.items()
    }
    try:
        loaded: dict[str, Any] = asked.load(typed)
    except ValidationError as error:
        raise InvalidInput(_as_lists(error.messages_dict)) from None
    return loaded


def load_award(data: Mapping[str, Any], *, languages: tuple[str, ...] = LANGUAGES) -> dict[str, Any]:
    """Return an award: with a name in every language, and with a category only if it is a category award."""
    award = load(AwardSchema, data)
    complaints: dict[str, Message] = {}
    for language in languages:
        if not award["name"].get(language):
            complaints[f"name-{language}"] = Message("There is no name in {language}; write it.", language=language)
    if (award["kind"] == "category") != bool(award["category"]):
        complaints["category"] = Message("A category award, and no other, belongs to a category.")
    if complaints:
        raise InvalidInput(complaints)
    return {**award, "name": {language: award["name"][language] for language in languages}}


def _as_lists(messages: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        field: list(texts) if isinstance(texts, list) else [Message("This cannot be accepted.")]
        for field, texts in messages.items()
    }
