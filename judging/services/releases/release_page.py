"""The releases of a round, and what can be proposed or signed, for the page of releases."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from judging import tables
from judging.competition import ALONE
from judging.errors import Message
from judging.services.access import READERS, Actor, get_round
from judging.services.audit.archived import IS_ARCHIVED
from judging.services.competitions.definitions import definition_of
from judging.services.consents import city_of_chair
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.releases.candidate import candidate_of
from judging.services.releases.content import Content, Difference, difference
from judging.services.releases.disclosures import disclosures_of
from judging.services.releases.states import IN_FORCE, PROPOSED, STALE, ReleaseStatus, releases_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePage:
    """The releases of a round, and the actions that are possible.

    Attributes
    ----------
    releases : tuple of ReleaseStatus
        Newest first.
    in_force, waiting : ReleaseStatus or None
    change : Difference or None
        Changes of the proposed release compared with the one in force.
    candidate : Content or None
        The content that could be proposed: the newest run with the present decisions.
    candidate_change : Difference or None
        Changes of the candidate compared with the release in force.
    obstacles : tuple of Message
        The reasons why nothing can be proposed.
    may_propose, may_sign : bool
    disclosures : tuple of Message
        Where one organiser alone appoints: who appointed whom, and whose link was handed over.
    """

    row: tables.Round
    releases: tuple[ReleaseStatus, ...]
    in_force: ReleaseStatus | None
    waiting: ReleaseStatus | None
    change: Difference | None
    candidate: Content | None
    candidate_change: Difference | None
    obstacles: tuple[Message, ...]
    may_propose: bool
    may_sign: bool
    disclosures: tuple[Message, ...] = ()


def release_page(session: Session, actor: Actor, competition_key: str, round_key: str) -> ReleasePage:
    """Return the releases of a round, and what can be proposed or signed.

    The differences exclude proposals with a conflict of interest of the reader. The caller must exclude them from
    displayed contents too.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    definition = definition_of(competition_row)
    hidden = hidden_proposals(session, actor, competition_row.pk)
    releases = releases_of(session, competition_row, row, definition)
    in_force = next((release for release in releases if release.state == IN_FORCE), None)
    waiting = next((release for release in releases if release.state in (PROPOSED, STALE)), None)
    candidate, obstacles = candidate_of(session, actor, competition_row, row, definition)
    base = in_force.content if in_force else None
    change = None
    if candidate is not None and (waiting is None or waiting.content != candidate):
        change = difference(base, candidate)
        if in_force is not None and change.is_empty and not obstacles:
            change, obstacles = (
                None,
                (Message("The release in force already has these results: there is nothing to release."),),
            )
    if competition_row.archived_at is not None:
        change, obstacles = None, (IS_ARCHIVED,)
    may_propose = change is not None and not obstacles and city_of_chair(actor, competition_row) is not None
    return ReleasePage(
        row=row,
        releases=releases,
        in_force=in_force,
        waiting=waiting,
        change=None if waiting is None else difference(base, waiting.content).without(hidden),
        candidate=candidate,
        candidate_change=None if change is None else change.without(hidden),
        obstacles=obstacles,
        may_propose=may_propose,
        may_sign=competition_row.archived_at is None
        and waiting is not None
        and waiting.state == PROPOSED
        and waiting.required.accepts(city_of_chair(actor, competition_row)),
        disclosures=disclosures_of(session, row) if definition.policies.appointments == ALONE else (),
    )
