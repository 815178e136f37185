"""Competitions and rounds: stored definitions, and the competitions of a person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session, col, select

from judging import competition, tables
from judging.errors import Conflict, Listed, Message, NotAllowed, Unavailable
from judging.schemas.definitions.definition_files import Definition, load_competition_dict, load_round_dict
from judging.services import audit
from judging.services.access import Actor, list_competitions, require_role
from judging.services.scoresheets import own_work


@dataclass(frozen=True, slots=True)
class OwnCompetition:
    """One competition and the roles of a person there."""

    competition: competition.CompetitionRules
    roles: frozenset[str]
    is_simulated: bool
    is_being_scored: bool
    # Own scoresheets in open rounds that are not submitted as they are, and the first deadline of these rounds.
    n_waiting: int = 0
    deadline: datetime | None = None
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class _Definition:
    """A stored definition; two with the same digest are equal."""

    digest: str
    # Called only when the digest has not been parsed by this process yet.
    content: Callable[[], Mapping[str, Any]] = field(compare=False)


def definition_of(row: tables.Competition) -> competition.CompetitionRules:
    """Return a stored competition as a value of the core; each process parses each digest once."""
    return _parse_competition(_Definition(row.digest, lambda: row.definition))


def rules_of(row: tables.Round) -> competition.RoundRules:
    """Return a stored round (rubric, shortlist rule, policies) as a value of the core; parsed once for each digest."""
    return _parse_round(_Definition(row.digest, lambda: row.definition))


def is_practice(row: tables.Round) -> bool:
    """Return whether a round is practice, which is scored and never ranked."""
    return rules_of(row).practice is not None


def rules_by_digest(session: Session, round_id: int, digest: str) -> competition.RoundRules:
    """Return the rules of a round whose digest is known; their definition is loaded once by each process.

    Raises
    ------
    Unavailable
        When the round has other rules by now.
    """

    def content() -> Mapping[str, Any]:
        row = session.get_one(tables.Round, round_id)
        if row.digest != digest:
            raise Unavailable
        return row.definition

    return _parse_round(_Definition(digest, content))


@lru_cache(maxsize=200)
def _parse_competition(definition: _Definition) -> competition.CompetitionRules:
    return load_competition_dict(definition.content())


# Parsing takes tens of milliseconds, and every save needs the rubric.
@lru_cache(maxsize=200)
def _parse_round(definition: _Definition) -> competition.RoundRules:
    return load_round_dict(definition.content())


def list_own_competitions(session: Session, actor: Actor) -> list[OwnCompetition]:
    """Return the competitions in which the actor has a role.

    First those where own scoresheets wait, by deadline; then those with an open round; then the others, newest first;
    archived ones last.
    """
    listed = list_competitions(session, actor, *tables.ROLES)
    open_rounds = select(tables.Round.competition_id).where(tables.Round.state == "open").distinct()
    being_scored = set(session.exec(open_rounds))
    waiting = own_work.waiting(session, actor)
    nothing = own_work.Waiting(0, None)
    found = [
        OwnCompetition(
            definition_of(row),
            actor.roles.get(row.pk, frozenset()),
            row.is_simulated,
            row.pk in being_scored,
            waiting.get(row.pk, nothing).n_sheets,
            waiting.get(row.pk, nothing).deadline,
            row.archived_at is not None,
        )
        for row in listed
    ]
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(
        found, key=lambda own: (own.is_archived, not own.n_waiting, own.deadline or never, not own.is_being_scored)
    )


def store_definitions(
    session: Session,
    actor: Actor,
    definition: Definition,
    *,
    at: datetime,
    is_simulated: bool = False,
    drafts_only: bool = False,
) -> tables.Competition:
    """Store a competition and its rounds as the files of a folder define them; `load_definition` reads the folder.

    Files may be loaded again. The rules of an opened round are sealed and stay as they are. A file that says what they
    were sealed as before is left aside; one with other rules is refused, and the error names both digests, unless only
    drafts are to be changed (``drafts_only``). Only the command line or an organiser of the competition may load.
    """
    new = definition.competition
    row = session.exec(select(tables.Competition).where(tables.Competition.key == new.key)).one_or_none()
    if row is None:
        if not actor.is_operator:
            raise NotAllowed(Message("A new competition is loaded from the command line."))
        return store_new(session, actor, definition, at=at, is_simulated=is_simulated)
    require_role(actor, row.pk, "organiser")
    _refuse_lost_names(session, row, new)
    return _store(session, actor, row, definition, at=at, is_simulated=is_simulated, drafts_only=drafts_only)


def store_new(
    session: Session, actor: Actor, definition: Definition, *, at: datetime, is_simulated: bool = False
) -> tables.Competition:
    """Store a competition that there is not yet; the caller has checked that the actor may make one."""
    row = tables.Competition(key=definition.competition.key, definition={}, digest="", created_at=at)
    return _store(session, actor, row, definition, at=at, is_simulated=is_simulated, drafts_only=False)


def _store(
    session: Session,
    actor: Actor,
    row: tables.Competition,
    definition: Definition,
    *,
    at: datetime,
    is_simulated: bool,
    drafts_only: bool,
) -> tables.Competition:
    new = definition.competition
    row.definition, row.digest, row.is_simulated = new.to_dict(), new.digest, row.is_simulated or is_simulated
    session.add(row)
    session.flush()
    changed = _store_rounds(session, row, definition.rounds, drafts_only=drafts_only)
    audit.record(
        session,
        actor,
        "competition.loaded",
        row.key,
        at=at,
        competition_id=row.id,
        detail={"digest": row.digest, "rounds": changed},
    )
    return row


def _store_rounds(
    session: Session, row: tables.Competition, rounds: tuple[competition.RoundRules, ...], *, drafts_only: bool
) -> dict[str, str]:
    stored = {round_row.key: round_row for round_row in list_rounds(session, row)}
    removed_keys = [key for key in stored if key not in {rules.key for rules in rounds}]
    if removed_keys:
        raise Conflict(
            Message("The files no longer have the round {round}. A round is never deleted.", round=Listed(removed_keys))
        )
    # Two rounds may exchange positions. Positions are unique, so the old ones are first moved to unused numbers.
    for round_row in stored.values():
        round_row.position += len(stored) + len(rounds)
        session.add(round_row)
    session.flush()
    for position, rules in enumerate(rounds, 1):
        round_row = stored.get(rules.key) or tables.Round(
            competition_id=row.pk, key=rules.key, position=position, definition={}, digest=rules.digest
        )
        round_row.position = position
        if round_row.state != "draft":
            if not drafts_only and rules.digest not in _sealed_digests(session, round_row):
                raise Conflict(
                    Message(
                        "The rules of round {round} are sealed since it was opened (digest {sealed}). The file says "
                        "something else (digest {given}). Nothing was changed. To change only rounds that are not open "
                        "yet: --drafts-only.",
                        round=round_row.key,
                        sealed=round_row.digest[:12],
                        given=rules.digest[:12],
                    )
                )
            # Its rules change with the consent of the chairs, its deadline on the page of the round.
            session.add(round_row)
            continue
        # Otherwise the deadline stays where the organiser has set it.
        if not round_row.definition or rules_of(round_row).ends_at != rules.ends_at:
            round_row.closes_at = rules.ends_at
        round_row.definition, round_row.digest = rules.to_dict(), rules.digest
        session.add(round_row)
    session.flush()
    return {rules.key: rules.digest for rules in rounds}


def _sealed_digests(session: Session, round_row: tables.Round) -> set[str]:
    """Return the digest in force and those that were sealed before: a file may be older than a change of the rules."""
    sealed = session.exec(
        select(tables.RulesVersion.digest).where(
            tables.RulesVersion.round_id == round_row.id, col(tables.RulesVersion.sealed_at).is_not(None)
        )
    )
    return {round_row.digest, *sealed}


def put_definition(session: Session, row: tables.Competition, definition: Definition) -> None:
    """Store a changed definition; rounds that were opened keep their rules. The caller records it."""
    row.definition, row.digest = definition.competition.to_dict(), definition.competition.digest
    session.add(row)
    _store_rounds(session, row, definition.rounds, drafts_only=True)


def names_in_use(session: Session, row: tables.Competition) -> tuple[set[str], set[str]]:
    """Return the keys of the cities that rosters and chairs have, and of the categories that the rosters use."""
    of_judges = session.exec(
        select(tables.Judge.city, tables.Judge.categories).where(tables.Judge.competition_id == row.id)
    ).all()
    of_teams = session.exec(select(tables.Team.city).where(tables.Team.competition_id == row.id).distinct()).all()
    # A chair whose city is gone could sign nothing: nobody would miss the signature.
    of_chairs = session.exec(select(tables.Role.city).where(tables.Role.competition_id == row.id).distinct()).all()
    of_proposals = session.exec(
        select(tables.Proposal.category).where(tables.Proposal.competition_id == row.id).distinct()
    ).all()
    categories = {key for _, keys in of_judges for key in keys} | {key for key in of_proposals if key is not None}
    return {*(city for city, _ in of_judges), *of_teams, *(city for city in of_chairs if city is not None)}, categories


def _refuse_lost_names(session: Session, row: tables.Competition, new: competition.CompetitionRules) -> None:
    """Refuse a definition without a city or category that rosters or chairs use."""
    cities = {city.key for city in new.cities}
    categories = {category.key for category in new.categories}
    used_cities, used_categories = names_in_use(session, row)
    missing = (used_cities - cities) | (used_categories - categories)
    if missing:
        raise Conflict(
            Message("The rosters use {names}, which the files no longer have.", names=Listed(sorted(missing)))
        )


def list_rounds(session: Session, row: tables.Competition) -> list[tables.Round]:
    """Return the rounds of a competition in their order."""
    return list(
        session.exec(
            select(tables.Round).where(tables.Round.competition_id == row.id).order_by(col(tables.Round.position))
        )
    )
