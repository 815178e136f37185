"""The rules of a round: sealed when it opens, then changed only by a new sealed version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from judging import competition, tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.definition_files import dump_round_text, load_round_content, load_round_dict, load_round_text
from judging.services import audit
from judging.services.access import READERS, Actor, get_round
from judging.services.competitions import definition_of, rules_of
from judging.services.consents import RequiredConsents, city_of_chair, require_signer
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.jobs import results
from judging.services.jobs.requests import request_job
from judging.services.numbering import next_number
from judging.services.rules.effects import (
    Effect,
    EffectInput,
    RuleDifference,
    differences,
    effect_from_dict,
    read_effect_input,
    refuse_lost_scores,
)
from judging.services.rules.sealed_versions import ListedRulesVersion, consents_of, list_versions, seal_first

PROPOSERS = ("chair", "organiser")
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage:
    """All versions, newest first, and the permitted actions for the version that is proposed."""

    row: tables.Round
    rules: competition.RoundRules
    text: str
    versions: tuple[ListedRulesVersion, ...]
    waiting: ListedRulesVersion | None
    changes: tuple[RuleDifference, ...]
    effect: Effect | None
    may_propose: bool
    may_consent: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Other rules for a round that are valid for its scores, before they are proposed."""

    rules: competition.RoundRules
    changes: tuple[RuleDifference, ...]
    digest_in_force: str


def rules_page(session: Session, actor: Actor, competition_key: str, round_key: str) -> RulesPage:
    """Return all versions of a round's rules, and the changes of the proposed version."""
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    definition, rules = definition_of(competition_row), rules_of(row)
    versions = list_versions(session, row, definition)
    waiting = next((version for version in versions if version.state == "proposed"), None)
    is_opened = row.state != "draft"
    hidden = hidden_proposals(session, actor, competition_row.pk)
    return RulesPage(
        row=row,
        rules=rules,
        text=dump_round_text(rules),
        versions=versions,
        waiting=waiting,
        changes=() if waiting is None else differences(row.definition, waiting.rules.to_dict()),
        effect=None if waiting is None else _find_effect(session, row, waiting.rules, hidden),
        may_propose=is_opened and waiting is None and actor.has_role(row.competition_id, *PROPOSERS),
        may_consent=waiting is not None and waiting.required.accepts(city_of_chair(actor, competition_row)),
        may_withdraw=waiting is not None and actor.has_role(row.competition_id, *PROPOSERS),
    )


def preview_rules(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    text: str | None = None,
    values: Mapping[str, str] | None = None,
) -> Preview:
    """Return the changes that other rules would make, without storing anything.

    Parameters
    ----------
    session, actor, competition_key, round_key
        A chair or an organiser.
    text : str, optional
        The complete definition as YAML.
    values : mapping of str to str, optional
        Single values that replace those of the rules in force, by path (``shortlist.size``); criteria by their keys.

    Raises
    ------
    RubricError
        All faults of the definition.
    Conflict
        When nothing would change, or stored scores would not fit the new rules.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *PROPOSERS)
    return _preview(session, competition_row, row, text=text, values=values)


def propose_rules(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    proposed: Preview,
    *,
    reason: str,
    at: datetime,
) -> tables.RulesVersion:
    """Propose other rules for an opened round; they are in force after the chairs have consented.

    Their effect on the present scores is asked for too, so that it is at hand when a chair reads the proposal.

    Parameters
    ----------
    session, actor, competition_key, round_key
        A chair or an organiser.
    proposed : Preview
        From `preview_rules`, which has validated it; what it was validated against is checked again.
    reason : str
    at : datetime

    Raises
    ------
    Conflict
        When the rules in force or the scores have changed since so that it no longer fits, or another change waits.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *PROPOSERS)
    session.refresh(row, with_for_update=True)
    if row.state == "draft" or row.digest != proposed.digest_in_force:
        raise Conflict(Message("The rules in force have changed meanwhile. Look at the effect of your change again."))
    refuse_lost_scores(session, row, proposed.rules)
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput({"reason": Message("Say why; everyone who checks this competition will read it.")})
    if len(reason) > LONGEST_REASON:
        raise InvalidInput({"reason": Message("At most {n} characters.", n=LONGEST_REASON)})
    if _find_waiting(session, row) is not None:
        raise Conflict(Message("Another change of these rules waits for consent. Withdraw it, or let it be decided."))
    seal_first(session, row, by=None, at=row.opened_at or at)
    version = tables.RulesVersion(
        round_id=row.pk,
        number=next_number(session, tables.RulesVersion, row),
        definition=proposed.rules.to_dict(),
        digest=proposed.rules.digest,
        reason=reason,
        state="proposed",
        proposed_at=at,
        proposed_by=actor.person_id,
    )
    session.add(version)
    session.flush()
    detail = {"digest": version.digest, "reason": reason, "before": row.digest}
    audit.record_in_round(session, actor, "rules.proposed", competition_row, row, _name(version), at=at, detail=detail)
    request_effect(session, actor, competition_key, round_key, proposed.rules, typed=None, at=at)
    return version


def request_effect(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    rules: competition.RoundRules,
    *,
    typed: dict[str, Any] | None,
    at: datetime,
) -> tables.Job:
    """Ask for the effect of other rules on the present scores.

    ``typed`` is what the person had typed: the page with the effect shows it again. None for a proposed version.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    request = {"competition": competition_key, "round": round_key, "definition": rules.to_dict(), "typed": typed}
    return request_job(
        session, actor, "rules_effect", competition=competition_row, round_row=row, request=request, at=at
    )


def consent(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int, *, digest: str, at: datetime
) -> tables.RulesVersion:
    """Consent to a version for one's own city, by the digest of the displayed rules; the last consent seals it."""
    competition_row, row = get_round(session, actor, competition_key, round_key, "chair")
    session.refresh(row, with_for_update=True)
    version = _get_waiting(session, row, number)
    if digest != version.digest:
        raise Conflict(Message("These are not the rules that wait for consent. Read them again before you agree."))
    definition = definition_of(competition_row)
    consented_cities = [consent.city for consent in consents_of(session, [version.pk]).get(version.pk, ())]
    signers = session.exec(
        select(tables.RulesConsent.person_id).where(tables.RulesConsent.rules_version_id == version.id)
    ).all()
    agreement = require_signer(actor, competition_row, definition, consented_cities, by=signers)
    proposed = load_round_dict(version.definition)
    refuse_lost_scores(session, row, proposed)
    session.add(
        tables.RulesConsent(
            rules_version_id=version.pk,
            person_id=agreement.person_id,
            city=agreement.city,
            digest=version.digest,
            given_at=at,
        )
    )
    session.flush()
    is_complete = RequiredConsents.of(definition, [*consented_cities, agreement.city]).is_complete
    if is_complete:
        version.state, version.sealed_at = "sealed", at
        row.definition, row.digest, row.closes_at = version.definition, version.digest, proposed.ends_at
        session.add_all([version, row])
        session.flush()
    action = "rules.sealed" if is_complete else "rules.consented"
    detail = {"digest": version.digest, "city": agreement.city}
    audit.record_in_round(session, actor, action, competition_row, row, _name(version), at=at, detail=detail)
    return version


def withdraw(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int, *, at: datetime
) -> tables.RulesVersion:
    """Withdraw a proposed change."""
    competition_row, row = get_round(session, actor, competition_key, round_key, *PROPOSERS)
    session.refresh(row, with_for_update=True)
    version = _get_waiting(session, row, number)
    version.state = "withdrawn"
    session.add(version)
    session.flush()
    detail = {"digest": version.digest}
    audit.record_in_round(session, actor, "rules.withdrawn", competition_row, row, _name(version), at=at, detail=detail)
    return version


def _preview(
    session: Session,
    competition_row: tables.Competition,
    row: tables.Round,
    *,
    text: str | None,
    values: Mapping[str, str] | None,
) -> Preview:
    if row.state == "draft":
        raise Conflict(
            Message(
                "Round {round} is not open yet: its rules are still those of its file. Load that again.", round=row.key
            )
        )
    definition = definition_of(competition_row)
    if text is None:
        content = with_values(row.definition, values or {})
        proposed = load_round_content(content, key=row.key, competition=definition)
    else:
        proposed = load_round_text(text.encode(), name=f"{row.key}.yaml", key=row.key, competition=definition)
    if proposed.digest == row.digest:
        raise Conflict(Message("These are the rules in force: nothing would change."))
    refuse_lost_scores(session, row, proposed)
    return Preview(rules=proposed, changes=differences(row.definition, proposed.to_dict()), digest_in_force=row.digest)


def find_effect(
    session: Session, actor: Actor, competition_key: str, round_key: str, rules: competition.RoundRules
) -> Effect | None:
    """Return the stored effect of other rules on the present scores, without what is hidden from the actor.

    None while no job has computed it for these scores.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    return _find_effect(session, row, rules, hidden_proposals(session, actor, competition_row.pk))


def read_preview_input(
    session: Session, actor: Actor, competition_key: str, round_key: str, definition: Mapping[str, Any]
) -> EffectInput:
    """Read what the effect of a complete definition depends on."""
    _, row = get_round(session, actor, competition_key, round_key, *READERS)
    return read_effect_input(session, row, load_round_dict(definition))


def _find_effect(
    session: Session, row: tables.Round, rules: competition.RoundRules, hidden: Collection[str]
) -> Effect | None:
    stored = results.find_result(session, read_effect_input(session, row, rules).digest)
    return None if stored is None else effect_from_dict(stored).without(hidden)


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


def _find_waiting(session: Session, row: tables.Round) -> tables.RulesVersion | None:
    return session.exec(
        select(tables.RulesVersion).where(
            tables.RulesVersion.round_id == row.id, tables.RulesVersion.state == "proposed"
        )
    ).first()


def _get_waiting(session: Session, row: tables.Round, number: int) -> tables.RulesVersion:
    version = session.exec(
        select(tables.RulesVersion).where(tables.RulesVersion.round_id == row.id, tables.RulesVersion.number == number)
    ).one_or_none()
    if version is None:
        raise NotFound
    if version.state != "proposed":
        raise Conflict(Message("Version {number} of these rules no longer waits for consent.", number=number))
    return version


def _name(version: tables.RulesVersion) -> str:
    return f"rules {version.number}"
