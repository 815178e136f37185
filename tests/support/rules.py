"""Changes of a round's rules, previewed and proposed in one step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from judging import tables
from judging.services.access import Actor
from judging.services.rules import changing, previewing
from judging.services.rules.effects import effect_of
from tests.support.event import COMPETITION, ROUND


def preview_rules(
    session: Session,
    actor: Actor,
    *,
    round_key: str = ROUND,
    text: str | None = None,
    values: Mapping[str, str] | None = None,
) -> previewing.Preview:
    """Return what a change would do, with its effect as the job computes it."""
    in_force = previewing.rules_to_change(session, actor, COMPETITION, round_key)
    proposed = previewing.parse_change(in_force, text=text, values=values)
    preview = previewing.preview_of(session, actor, COMPETITION, round_key, proposed)
    compared = previewing.collect_effect(session, actor, COMPETITION, round_key, proposed.to_dict())
    return replace(preview, effect=effect_of(compared))


def propose_rules(
    session: Session,
    actor: Actor,
    *,
    text: str | None = None,
    values: Mapping[str, str] | None = None,
    reason: str,
    at: datetime,
) -> tables.RulesVersion:
    """Propose a change of the first round's rules."""
    in_force = previewing.rules_to_change(session, actor, COMPETITION, ROUND)
    proposed = previewing.parse_change(in_force, text=text, values=values)
    return changing.propose_rules(
        session, actor, COMPETITION, ROUND, proposed, instead_of=in_force.digest, reason=reason, at=at
    )
