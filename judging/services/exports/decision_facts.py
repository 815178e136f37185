"""What people decided around a run, gathered for the results workbook; nothing of what is hidden from the reader."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from judging import tables
from judging.competition import Competition
from judging.final_shortlist import FinalShortlist
from judging.schemas.definition_files import load_round_dict
from judging.services.access import Actor
from judging.services.competitions import definition_of
from judging.services.decisions import awards, verdicts
from judging.services.releases import signing
from judging.services.rules import sealed_versions
from judging.services.signed_releases import Signed
from judging.workbook.decided import (
    Agreement,
    AwardFacts,
    DecisionFacts,
    GrantFacts,
    Listed,
    RulesFacts,
    VersionFacts,
)


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment as the clocks of the zone show it, without its zone, as cells hold it."""
    return at.astimezone(zone).replace(tzinfo=None)


def listed_of(final: FinalShortlist, hidden: Collection[str]) -> tuple[Listed, ...] | None:
    """Return the shortlist after decisions, reserves, those passed over and those taken off; None without any."""
    if final.size is None and not final.overridden:
        return None
    kept = {*final.selected, *final.reserves}
    out = [key for key, one in final.overridden.items() if one.verdict == "out" and key not in kept]
    passed_over = [key for key, move in final.moved.items() if not move.selected and key not in {*kept, *out}]
    standings = [
        *((key, "tied" if key in final.tied else "shortlisted") for key in final.selected),
        *((key, "reserve") for key in final.reserves),
        *((key, "passed over") for key in passed_over),
        *((key, "out") for key in out),
    ]
    return tuple(_listed(final, key, standing) for key, standing in standings if key not in hidden)


def _listed(final: FinalShortlist, key: str, standing: str) -> Listed:
    move, decided = final.moved.get(key), final.overridden.get(key)
    return Listed(
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
    """Return every verdict of a round, oldest first; the newest on a proposal is in force unless it took one back."""
    every = verdicts.list_decisions(session, round_row)
    latest = {one.proposal: number for number, one in enumerate(every)}
    return tuple(
        DecisionFacts(
            proposal=one.proposal,
            verdict=one.verdict,
            reason=one.reason,
            decided_at=local(one.decided_at, zone),
            decided_by=one.decided_by,
            is_in_force=latest[one.proposal] == number and one.verdict != "rule",
        )
        for number, one in enumerate(every)
        if one.proposal not in hidden
    )


def awards_of(
    session: Session, round_row: tables.Round, zone: ZoneInfo, hidden: Collection[str]
) -> tuple[AwardFacts, ...]:
    """Return the awards of a round with everybody they were ever given to."""
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


def rules_of(
    session: Session,
    round_row: tables.Round,
    run: tables.CalibrationRun | None,
    definition: Competition,
    language: str,
) -> RulesFacts:
    """Return the rules that the run followed, or those of now, and all versions with who agreed to them."""
    digest = round_row.digest if run is None else run.rules_digest
    followed = load_round_dict(
        dict(sealed_versions.find_definition(session, round_row, digest) or round_row.definition)
    )
    starts, ends = (
        None if at is None else at.astimezone(definition.zone) for at in (followed.starts_at, followed.ends_at)
    )
    return RulesFacts(
        definition=replace(followed, starts_at=starts, ends_at=ends),
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
    found = signing.list_releases(session, actor, competition_row.key, round_row.key)
    return tuple(
        VersionFacts(
            number=one.number,
            digest=one.digest,
            state=one.state,
            reason=one.reason,
            proposed_at=local(one.proposed_at, definition.zone),
            proposed_by=one.proposed_by,
            agreements=_agreements(one.signatures, definition, language),
            run=one.content["run"],
            is_changed=bool(one.changed),
        )
        for one in reversed(found)
    )


def _agreements(
    given: Iterable[sealed_versions.Consent | Signed], definition: Competition, language: str
) -> tuple[Agreement, ...]:
    names = {city.key: city.name.in_locale(language) for city in definition.cities}
    return tuple(
        Agreement(city=names.get(consent.city, consent.city), name=consent.name, at=local(consent.at, definition.zone))
        for consent in given
    )
