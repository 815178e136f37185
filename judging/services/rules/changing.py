"""The rules of a round: sealed when it opens, then changed only by a new sealed version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from judging import competition, tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.definitions.definition_files import dump_round_text, load_round_dict
from judging.schemas.typed_rules import LONGEST_REASON
from judging.services import audit
from judging.services.access import READERS, Actor, get_round, require_confirmed
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.competitions.numbering import next_number
from judging.services.consents import RequiredConsents, city_of_chair, require_other_mailbox, require_signer
from judging.services.decisions.asking import tell_chairs
from judging.services.mail.mailer import Mailer
from judging.services.rules.effects import Effect, RuleDifference, differences, refuse_lost_scores
from judging.services.rules.previewing import PROPOSERS, find_effect, request_effect
from judging.services.rules.sealed_versions import ListedRulesVersion, consents_of, list_versions, seal_first


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


def rules_page(session: Session, actor: Actor, competition_key: str, round_key: str) -> RulesPage:
    """Return all versions of a round's rules, and the changes of the proposed version."""
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    definition, rules = definition_of(competition_row), rules_of(row)
    versions = list_versions(session, row, definition)
    waiting = next((version for version in versions if version.state == "proposed"), None)
    is_changeable = competition_row.archived_at is None
    return RulesPage(
        row=row,
        rules=rules,
        text=dump_round_text(rules),
        versions=versions,
        waiting=waiting,
        changes=() if waiting is None else differences(row.definition, waiting.rules.to_dict()),
        effect=None if waiting is None else find_effect(session, actor, row, waiting.rules),
        may_propose=is_changeable
        and row.state != "draft"
        and waiting is None
        and actor.has_role(row.competition_id, *PROPOSERS),
        may_consent=is_changeable
        and waiting is not None
        and waiting.required.accepts(city_of_chair(actor, competition_row)),
        may_withdraw=is_changeable and waiting is not None and actor.has_role(row.competition_id, *PROPOSERS),
    )


def propose_rules(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    proposed: competition.RoundRules,
    *,
    instead_of: str,
    reason: str,
    at: datetime,
    mailer: Mailer | None = None,
) -> tables.RulesVersion:
    """Propose other rules for an opened round; they are in force after the chairs have consented.

    Their effect on the present scores is asked for too, so that it is at hand when a chair reads the proposal.

    Parameters
    ----------
    session, actor, competition_key, round_key
        A chair or an organiser.
    proposed : RoundRules
    instead_of : str
        The digest of the rules in force from which ``proposed`` was made.
    reason : str
    at : datetime

    Raises
    ------
    Conflict
        When other rules are in force since, another change waits for consent, or stored scores would not fit.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *PROPOSERS)
    session.refresh(row, with_for_update={"key_share": True})
    if row.digest != instead_of:
        raise Conflict(Message("The rules in force have changed meanwhile. Read them, then propose your change again."))
    refuse_lost_scores(session, row, proposed)
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
        definition=proposed.to_dict(),
        digest=proposed.digest,
        reason=reason,
        state="proposed",
        proposed_at=at,
        proposed_by=actor.person_id,
    )
    session.add(version)
    session.flush()
    detail = {"digest": version.digest, "reason": reason, "before": row.digest}
    audit.record_in_round(session, actor, "rules.proposed", competition_row, row, _name(version), at=at, detail=detail)
    request_effect(session, actor, competition_key, round_key, proposed, typed=None, at=at, is_recorded=False)
    tell_chairs(session, mailer, actor, "consent_waits", competition_row, row, number=version.number, at=at)
    return version


def consent(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int, *, digest: str, at: datetime
) -> tables.RulesVersion:
    """Consent to a version for one's own city, by the digest of the displayed rules; the last consent seals it."""
    competition_row, row = get_round(session, actor, competition_key, round_key, "chair")
    session.refresh(row, with_for_update={"key_share": True})
    require_confirmed(actor)
    version = _get_waiting(session, row, number)
    if digest != version.digest:
        raise Conflict(Message("These are not the rules that wait for consent. Read them again before you agree."))
    definition = definition_of(competition_row)
    consented_cities = [consent.city for consent in consents_of(session, [version.pk]).get(version.pk, ())]
    signers = session.exec(
        select(tables.RulesConsent.person_id).where(tables.RulesConsent.rules_version_id == version.id)
    ).all()
    agreement = require_signer(actor, competition_row, definition, consented_cities, by=signers)
    require_other_mailbox(session, agreement.person_id, by=signers)
    proposed = load_round_dict(version.definition)
    refuse_lost_scores(session, row, proposed)
    session.add(
        tables.RulesConsent(
            rules_version_id=version.pk,
            person_id=agreement.person_id,
            city=agreement.city,
            digest=version.digest,
            given_at=at,
            sign_in_session_id=actor.session_id,
            confirmed_by=actor.confirmed_by,
        )
    )
    session.flush()
    is_complete = RequiredConsents.of(definition, [*consented_cities, agreement.city]).is_complete
    if is_complete:
        version.state, version.sealed_at = "sealed", at
        if proposed.ends_at != rules_of(row).ends_at:
            row.closes_at = proposed.ends_at
        # Otherwise the deadline stays where the organiser has set it.
        row.definition, row.digest = version.definition, version.digest
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
    session.refresh(row, with_for_update={"key_share": True})
    version = _get_waiting(session, row, number)
    version.state = "withdrawn"
    session.add(version)
    session.flush()
    detail = {"digest": version.digest}
    audit.record_in_round(session, actor, "rules.withdrawn", competition_row, row, _name(version), at=at, detail=detail)
    return version


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
