"""Other rules for an opened round, and what they would change, before anything is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from judging.competition import CompetitionRules, RoundRules
from judging.errors import Conflict, InvalidInput, Message
from judging.schemas.definition_files import load_round_content, load_round_text
from judging.services.access import Actor, get_round
from judging.services.competitions import definition_of, rules_of
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.rules.effects import (
    ComparedScores,
    Effect,
    RuleDifference,
    collect_compared,
    differences,
    effect_of,
    refuse_lost_scores,
)

PROPOSERS = ("chair", "organiser")


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesInForce:
    """The rules of an opened round, to which a change is compared.

    Attributes
    ----------
    key : str
        Of the round.
    competition : CompetitionRules
    rules : RoundRules
    definition : mapping
        The rules as stored.
    digest : str
    """

    key: str
    competition: CompetitionRules
    rules: RoundRules
    definition: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, eq=False, kw_only=True)
class PreviewScores:
    """What a preview is computed from: the changed values, the scores, and the proposals hidden from the reader."""

    changes: tuple[RuleDifference, ...]
    compared: ComparedScores
    hidden: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The effects of a change of the rules, before it is proposed."""

    rules: RoundRules
    changes: tuple[RuleDifference, ...]
    effect: Effect


def rules_to_change(session: Session, actor: Actor, competition_key: str, round_key: str) -> RulesInForce:
    """Return the rules in force, for a chair or an organiser.

    Raises
    ------
    Conflict
        When the round is not open yet.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *PROPOSERS)
    if row.state == "draft":
        raise Conflict(
            Message(
                "Round {round} is not open yet: its rules are still those of its file. Load that again.", round=row.key
            )
        )
    return RulesInForce(
        key=row.key,
        competition=definition_of(competition_row),
        rules=rules_of(row),
        definition=row.definition,
        digest=row.digest,
    )


def parse_change(
    in_force: RulesInForce, *, text: str | None = None, values: Mapping[str, str] | None = None
) -> RoundRules:
    """Return other rules; this may take seconds for a long text, and needs no database.

    Parameters
    ----------
    in_force : RulesInForce
    text : str, optional
        The complete definition as YAML.
    values : mapping of str to str, optional
        Single values that replace those of the rules in force, by path (``shortlist.size``); criteria by their keys.

    Raises
    ------
    RubricError
        All faults of the definition.
    Conflict
        When nothing would change.
    """
    key = in_force.key
    if text is None:
        content = with_values(in_force.definition, values or {})
        proposed = load_round_content(content, key=key, competition=in_force.competition)
    else:
        proposed = load_round_text(text.encode(), name=f"{key}.yaml", key=key, competition=in_force.competition)
    if proposed.digest == in_force.digest:
        raise Conflict(Message("These are the rules in force: nothing would change."))
    return proposed


def collect_preview(
    session: Session, actor: Actor, competition_key: str, round_key: str, proposed: RoundRules
) -> PreviewScores:
    """Return what the preview of a change is computed from.

    Raises
    ------
    Conflict
        When stored scores would not fit the new rules.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *PROPOSERS)
    refuse_lost_scores(session, row, proposed)
    return PreviewScores(
        changes=differences(row.definition, proposed.to_dict()),
        compared=collect_compared(session, row, proposed),
        hidden=hidden_proposals(session, actor, competition_row.pk),
    )


def preview_of(scores: PreviewScores) -> Preview:
    """Return the changes that other rules would make; this may take seconds, and needs no database."""
    return Preview(
        rules=scores.compared.proposed,
        changes=scores.changes,
        effect=effect_of(scores.compared).without(scores.hidden),
    )


def with_values(definition: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Return a definition with single values replaced; numbers are parsed, an empty text removes the value."""
    changed: dict[str, Any] = _copied(definition)
    for path, text in values.items():
        target: Any = changed
        *steps, last = path.split(".")
        for step in steps:
            if isinstance(target, list):
                target = next((item for item in target if isinstance(item, dict) and item.get("key") == step), None)
            elif isinstance(target, dict):
                target = target.setdefault(step, {})
        if not isinstance(target, dict):
            raise InvalidInput({path: Message("there is no such rule")})
        if not text.strip():
            target.pop(last, None)
        elif last == "tie_breaks":
            target[last] = text.split()
        else:
            target[last] = _value(text.strip())
    return changed


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(content) for key, content in value.items()}
    return [_copied(content) for content in value] if isinstance(value, list) else value


def _value(text: str) -> Any:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text
