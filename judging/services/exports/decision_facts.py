"""The decisions about a run, collected for the results workbook; objects hidden from the reader are left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from judging import tables
from judging.competition import CompetitionRules
from judging.final_shortlist import FinalShortlist
from judging.schemas.definitions.definition_files import load_round_dict
from judging.services.access import Actor
from judging.services.appeals import appeals
from judging.services.competitions.definitions import definition_of
from judging.services.decisions import awards, verdicts
from judging.services.releases import signing
from judging.services.releases.in_force import Signed
from judging.services.rules import sealed_versions
from judging.workbook.results.decided import (
    Agreement,
    AppealFacts,
    AwardFacts,
    DecisionFacts,
    GrantFacts,
    RulesFacts,
    StandingFacts,
    VersionFacts,
)


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """Return a time in the given zone without its offset, as cells require it."""
    return at.astimezone(zone).replace(tzinfo=None)


def listed_of(final: FinalShortlist, hidden: Collection[str]) -> tuple[StandingFacts, ...] | None:
    """Return shortlisted, reserve, skipped and excluded proposals; None without a rule and verdicts."""
    if final.size is None and not final.overridden:
        return None
    listed_keys = {*final.selected, *final.reserves}
    excluded = [key for key, verdict in final.overridden.items() if verdict.verdict == "out" and key not in listed_keys]
    passed_over = [
        key for key, move in final.moved.items() if not move.selected and key not in {*listed_keys, *excluded}
    ]
    standings = [
        *((key, "tied" if key in final.tied else "shortlisted") for key in final.selected),
        *((key, "reserve") for key in final.reserves),
        *((key, "passed over") for key in passed_over),
        *((key, "out") for key in excluded),
    ]
    return tuple(_listed(final, key, standing) for key, standing in standings if key not in hidden)


def _listed(final: FinalShortlist, key: str, standing: str) -> StandingFacts:
    move, decided = final.moved.get(key), final.overridden.get(key)
    return StandingFacts(
        proposal=key,
        standing=standing,
        clause="" if move is None else move.clause,
        group="" if move is None else move.group,
        verdict="" if decided is None else decided.verdict,
        reason="" if decided is None else decided.reason,
    )


def decisions_of(
    session: Session, round_row: tables.Round, zone: ZoneInfo, hidden: Collection[str]
) -> tuple[DecisionFacts, ...]:
    """Return every verdict of a round, oldest first; the newest one on a proposal is in force unless it is ``rule``."""
    decisions = verdicts.list_decisions(session, round_row)
    latest = {decision.proposal: number for number, decision in enumerate(decisions)}
    return tuple(
        DecisionFacts(
            proposal=decision.proposal,
            verdict=decision.verdict,
            reason=decision.reason,
            decided_at=local(decision.decided_at, zone),
            decided_by=decision.decided_by,
            is_in_force=latest[decision.proposal] == number and decision.verdict != "rule",
        )
        for number, decision in enumerate(decisions)
        if decision.proposal not in hidden
    )


def awards_of(
    session: Session, round_row: tables.Round, zone: ZoneInfo, hidden: Collection[str]
) -> tuple[AwardFacts, ...]:
    """Return the awards of a round with all grants, including withdrawn ones."""
    return tuple(
        AwardFacts(
            name=award.name,
            kind=award.kind,
            category=award.category,
            most_winners=award.most_winners,
            grants=tuple(
                GrantFacts(
                    proposal=grant.proposal,
                    reason=grant.reason,
                    granted_at=local(grant.granted_at, zone),
                    granted_by=grant.granted_by,
                    withdrawn_at=None if grant.withdrawn_at is None else local(grant.withdrawn_at, zone),
                )
                for grant in award.grants
                if grant.proposal not in hidden
            ),
        )
        for award in awards.awards_of(session, round_row)
    )


def appeals_of(
    session: Session, round_row: tables.Round, zone: ZoneInfo, hidden: Collection[str]
) -> tuple[AppealFacts, ...]:
    """Return the appeals of a round, oldest first."""
    return tuple(
        AppealFacts(
            number=one.row.number,
            proposal=one.proposal,
            entered_at=local(one.row.entered_at, zone),
            outcome=one.state,
            reason="" if one.outcome is None else one.outcome.reason,
            release=one.changed_by,
            n_judges=len(one.judges),
        )
        for one in reversed(appeals.appeals_of(session, round_row))
        if one.proposal not in hidden
    )


def rules_of(
    session: Session,
    round_row: tables.Round,
    run: tables.CalibrationRun | None,
    definition: CompetitionRules,
    language: str,
) -> RulesFacts:
    """Return the rules of the run, or the present rules without a run, and all versions with their consents."""
    digest = round_row.digest if run is None else run.rules_digest
    rules = load_round_dict(dict(sealed_versions.find_definition(session, round_row, digest) or round_row.definition))
    starts, ends = (
        None if time is None else time.astimezone(definition.zone) for time in (rules.starts_at, rules.ends_at)
    )
    return RulesFacts(
        definition=replace(rules, starts_at=starts, ends_at=ends),
        digest=digest,
        versions=tuple(
            VersionFacts(
                number=version.number,
                digest=version.digest,
                state=version.state,
                reason=version.reason,
                proposed_at=local(version.proposed_at, definition.zone),
                proposed_by=version.proposed_by,
                agreements=_agreements(version.consents, definition, language),
            )
            for version in reversed(sealed_versions.list_versions(session, round_row, definition))
        ),
    )


def releases_of(
    session: Session, competition_row: tables.Competition, round_row: tables.Round, actor: Actor, language: str
) -> tuple[VersionFacts, ...]:
    """Return the releases of a round with their signatures, oldest first."""
    definition = definition_of(competition_row)
    releases = signing.list_releases(session, actor, competition_row.key, round_row.key)
    return tuple(
        VersionFacts(
            number=release.number,
            digest=release.digest,
            state=release.state,
            reason=release.reason,
            proposed_at=local(release.proposed_at, definition.zone),
            proposed_by=release.proposed_by,
            agreements=_agreements(release.signatures, definition, language),
            run=release.content["run"],
            is_changed=bool(release.changed),
        )
        for release in reversed(releases)
    )


def _agreements(
    consents: Iterable[sealed_versions.Consent | Signed], definition: CompetitionRules, language: str
) -> tuple[Agreement, ...]:
    # Where there is one city, nobody agrees for it.
    names = {
        city.key: city.name.in_locale(language) if len(definition.cities) > 1 else "" for city in definition.cities
    }
    return tuple(
        Agreement(city=names.get(consent.city, consent.city), name=consent.name, at=local(consent.at, definition.zone))
        for consent in consents
    )
