"""Released results: as JSON, as CSV, and as a feed of releases. Public, where the competition's policy says so."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, json, request

from judging import request as this
from judging.api.atom import feed_of
from judging.api.bodies import Blueprint
from judging.errors import NotSignedIn
from judging.schemas.answers.result.results import FeedQuerySchema, PublishedResultsSchema
from judging.services.access import Actor
from judging.services.releases import published
from judging.services.releases.published import PublishedResults
from judging.services.releases.results_table import csv_of, rows_of

bp = Blueprint("results", __name__, description="Released results")

_COMPETITION = "/competitions/<competition>"
_ROUND = f"{_COMPETITION}/rounds/<round_key>"
_SECONDS = 60
_HOW = (
    "The chairs of the cities in signed_by have signed the content with the digest. Ask the organisers for the results "
    "bundle of the run; `judging verify` computes the ranking in it again and compares the digests with these."
)
_ANYBODY = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@bp.get(f"{_ROUND}/results")
@bp.response(200, PublishedResultsSchema)
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@bp.alt_response(404, description="Nothing has been released")
def get_results(competition: str, round_key: str) -> Response:
    """Return who has a seat, who is a reserve, and the awards, of the release in force."""
    results = published.read_results(this.session(), _reader(competition), competition, round_key)
    answer = PublishedResultsSchema().dump(_described(results))
    return _sent(json.dumps(answer, ensure_ascii=False).encode(), "application/json", is_public=results.is_public)


@bp.get(f"{_ROUND}/results.csv")
@bp.response(200, content_type="text/csv")
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@bp.alt_response(404, description="Nothing has been released")
def get_results_csv(competition: str, round_key: str) -> Response:
    """Return the same proposals as CSV, with names of cities, categories and awards, as the public page has it."""
    results = published.read_results(this.session(), _reader(competition), competition, round_key)
    return _sent(csv_of(results), "text/csv; charset=utf-8", is_public=results.is_public)


@bp.get(f"{_COMPETITION}/releases.atom")
@bp.arguments(FeedQuerySchema, location="query")
@bp.response(200, content_type="application/atom+xml")
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
def get_feed(query: dict[str, str], competition: str) -> Response:
    """Return the releases of all rounds as an Atom feed, newest first."""
    feed = published.read_feed(this.session(), _reader(competition), competition)
    content = feed_of(
        feed,
        base_url=current_app.config["BASE_URL"],
        address=f"/api/v1/competitions/{feed.competition.key}",
        language=query["language"],
    )
    return _sent(content, "application/atom+xml", is_public=feed.is_public)


@bp.after_request
def _open_to_pages(response: Response) -> Response:
    """Let pages of other sites read what anybody may read, and that nothing has been released yet."""
    if response.status_code < 500 and request.view_args is not None:
        competition = str(request.view_args["competition"])
        if response.headers.get("Access-Control-Allow-Origin") is None and published.is_public(
            this.session(), competition
        ):
            response.headers.update(_ANYBODY)
    return response


def _reader(competition: str) -> Actor | None:
    """Return who asks; None for everybody where results are public, so that all get the same answer."""
    if published.is_public(this.session(), competition):
        return None
    try:
        return this.actor()
    except NotSignedIn:
        return None


def _sent(content: bytes, media_type: str, *, is_public: bool) -> Response:
    response = Response(content, content_type=media_type)
    response.add_etag()
    # Whoever brings a cookie gets it again with the answer: that one is for nobody else.
    is_for_all = is_public and "Cookie" not in request.headers and "Authorization" not in request.headers
    if is_for_all:
        response.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
    if is_public:
        response.headers.update(_ANYBODY)
    response.make_conditional(request)
    return response


def _described(results: PublishedResults) -> dict[str, Any]:
    definition, content = results.competition, results.content
    facts = ("run", "input_digest", "rules_digest", "result_digest", "code_version")
    return {
        "competition": definition.key,
        "competition_name": definition.name.by_language,
        "round": results.round_key,
        "round_name": results.round_name.by_language,
        "cities": {city.key: city.name.by_language for city in definition.cities},
        "categories": {category.key: category.name.by_language for category in definition.categories},
        "order": results.order,
        "release": {
            "number": results.number,
            "released_at": results.released_at,
            "signed_by": results.signed_by,
            "digest": results.digest,
            **{name: content[name] for name in facts},
        },
        "proposals": rows_of(results),
        "awards": [
            {
                "award": award.award,
                "name": dict(award.name),
                "kind": award.kind,
                "category": award.category,
                "winners": award.winners,
            }
            for award in results.awards
        ],
        "verify": _HOW,
    }
