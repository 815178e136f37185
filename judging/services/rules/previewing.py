"""Other rules for an opened round, and what they would change, before anything is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from judging import tables
from judging.competition import CompetitionRules, RoundRules
from judging.errors import Conflict, InvalidInput, Message
from judging.schemas.definitions.definition_files import load_round_content, load_round_dict, load_round_text
from judging.services import audit
from judging.services.access import READERS, Actor, get_round
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.jobs import results
from judging.services.jobs.job_requests import request_job
from judging.services.rules.effects import (
    ComparedScores,
    Effect,
    RuleDifference,
    collect_compared,
    differences,
    effect_from_dict,
    refuse_lost_scores,
)

_MOST_CHARACTERS = 200
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A change of the rules before it is proposed; the effect is None while no job has computed it."""

    rules: RoundRules
    changes: tuple[RuleDifference, ...]
    effect: Effect | None


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


def preview_of(session: Session, actor: Actor, competition_key: str, round_key: str, proposed: RoundRules) -> Preview:
    """Return the changes that other rules would make, and their effect if it has been computed for the present scores.

    Raises
    ------
    Conflict
        When stored scores would not fit the new rules.
    """
    _, row = get_round(session, actor, competition_key, round_key, *PROPOSERS)
    refuse_lost_scores(session, row, proposed)
    return Preview(
        rules=proposed,
        changes=differences(row.definition, proposed.to_dict()),
        effect=find_effect(session, actor, row, proposed),
    )


def find_effect(session: Session, actor: Actor, round_row: tables.Round, proposed: RoundRules) -> Effect | None:
    """Return the stored effect of other rules on the present scores, without what is hidden from the actor.

    None while no job has computed it for these scores. The caller has checked the role.
    """
    stored = results.find_result(session, collect_compared(session, round_row, proposed).digest)
    if stored is None:
        return None
    return effect_from_dict(stored).without(hidden_proposals(session, actor, round_row.competition_id))


def request_effect(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    proposed: RoundRules,
    *,
    typed: dict[str, Any] | None,
    at: datetime,
    is_recorded: bool = True,
) -> tables.Job:
    """Ask for the effect of other rules on the present scores.

    ``typed`` is what the person had typed: the page with the effect shows it again. None for a proposed version.
    Each time is recorded with the changes: who tries rules until one of them suits leaves a trace.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    request = {"competition": competition_key, "round": round_key, "definition": proposed.to_dict(), "typed": typed}
    job = request_job(
        session, actor, "rules_effect", competition=competition_row, round_row=row, request=request, at=at
    )
    if is_recorded:
        changes = differences(rules_of(row).to_dict(), proposed.to_dict())
        detail = {"changes": [f"{'.'.join(change.path)}: {change.new}"[:_MOST_CHARACTERS] for change in changes]}
        audit.record_in_round(session, actor, "viewed.preview", competition_row, row, at=at, detail=detail)
    return job


def collect_effect(
    session: Session, actor: Actor, competition_key: str, round_key: str, definition: Mapping[str, Any]
) -> ComparedScores:
    """Return what the effect of a complete definition is computed from."""
    _, row = get_round(session, actor, competition_key, round_key, *READERS)
    return collect_compared(session, row, load_round_dict(definition))


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
