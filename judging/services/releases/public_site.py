"""The public page of the released results of a round, as files."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from judging import tables
from judging.competition import CompetitionRules
from judging.errors import NotFound, NotSignedIn
from judging.publication.static_site import PublicAward, PublicPage, PublicProposal, files_of
from judging.services.access import ROSTER_READERS, Actor, get_round
from judging.services.releases.letter_texts import text_by_language
from judging.services.releases.published import PublishedProposal, PublishedResults, read_results
from judging.services.releases.results_table import csv_of
from judging.services.releases.team_letters import digests_of, root_of_letters


def public_files(session: Session, competition_key: str, round_key: str) -> dict[str, bytes]:
    """Return the files of the public page by name, for anybody.

    Raises NotFound where the policy does not make results public, or nothing has been released.
    """
    try:
        results = read_results(session, None, competition_key, round_key)
    except NotSignedIn as error:
        raise NotFound from error
    round_row = session.exec(
        select(tables.Round)
        .join(tables.Competition)
        .where(tables.Competition.key == competition_key, tables.Round.key == round_key)
    ).one()
    return files_of(_page(session, session.get_one(tables.Competition, round_row.competition_id), round_row, results))


def site_files(session: Session, actor: Actor, competition_key: str, round_key: str) -> dict[str, bytes]:
    """Return the same files for organisers and auditors, who carry them to another web server.

    Errors as in ``read_results``.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    return files_of(
        _page(session, competition_row, round_row, read_results(session, actor, competition_key, round_key))
    )


def released_at(session: Session, actor: Actor, competition_key: str, round_key: str) -> datetime:
    """Return when the released results were signed by all, in the time zone of the event."""
    results = read_results(session, actor, competition_key, round_key)
    return results.released_at.astimezone(results.competition.zone)


def _page(
    session: Session, competition_row: tables.Competition, round_row: tables.Round, results: PublishedResults
) -> PublicPage:
    definition = results.competition
    proposals = {one.proposal: _proposal(definition, one) for one in results.proposals}
    cities = {city.key: city.name for city in definition.cities}
    return PublicPage(
        competition=definition.name,
        round=results.round_name,
        languages=definition.languages,
        released_on=results.released_at.astimezone(definition.zone).date().isoformat(),
        signed_by=tuple(cities[key] for key in results.signed_by if key in cities) if len(cities) > 1 else (),
        has_cities=len(cities) > 1,
        ranked=results.order == "rank",
        is_adjusted=results.content["model"] != "raw",
        seats=tuple(proposals[key] for key in results.seats),
        reserves=tuple(proposals[key] for key in results.reserves),
        awards=tuple(
            PublicAward(name=text_by_language(award.name), winners=tuple(proposals[key] for key in award.winners))
            for award in results.awards
        ),
        digest=results.digest,
        leaves=tuple(digests_of(session, competition_row, round_row)),
        root=root_of_letters(session, competition_row, round_row),
        table=csv_of(results),
    )


def _proposal(definition: CompetitionRules, one: PublishedProposal) -> PublicProposal:
    return PublicProposal(
        proposal=one.proposal,
        title=one.title,
        team=one.team,
        city=definition.city(one.city).name,
        category=None if one.category is None else definition.category(one.category).name,
        rank=one.rank,
    )
