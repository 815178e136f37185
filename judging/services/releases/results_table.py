"""Released results as a table: the same for the API, its CSV, and the CSV of the public page."""

from __future__ import annotations

from typing import Any

from judging.services.releases.letter_texts import text_by_language
from judging.services.releases.published import PublishedResults
from judging.workbook.published_list import csv_of_results


def rows_of(results: PublishedResults) -> list[dict[str, Any]]:
    """Return one row for each proposal, with keys, in the order of the policy."""
    status = dict.fromkeys(results.reserves, "reserve") | dict.fromkeys(results.seats, "seat")
    return [
        {
            "proposal": one.proposal,
            "title": one.title,
            "team": one.team,
            "city": one.city,
            "category": one.category,
            "status": status.get(one.proposal, "award"),
            "rank": one.rank,
            "awards": [award.award for award in results.awards if one.proposal in award.winners],
        }
        for one in results.proposals
    ]


def csv_of(results: PublishedResults) -> bytes:
    """Return the rows as CSV, with the names of cities, categories and awards in the competition's first language."""
    definition, language = results.competition, results.competition.languages[0]
    awards = {award.award: text_by_language(award.name).in_locale(language) for award in results.awards}
    return csv_of_results(
        (
            {
                **row,
                "city_name": definition.city(row["city"]).name.in_locale(language),
                "category_name": ""
                if row["category"] is None
                else definition.category(row["category"]).name.in_locale(language),
                "award_names": [awards[key] for key in row["awards"]],
            }
            for row in rows_of(results)
        ),
        has_cities=len(definition.cities) > 1,
    )
