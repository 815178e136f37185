"""Lists of judges, teams and proposals."""

from __future__ import annotations

from flask import render_template

from judging import request as this
from judging.services import listings
from judging.web.organiser.blueprint import bp, filters, frame


@bp.get("/judges")
def judges(competition: str) -> str:
    """List the judges on the roster."""
    chosen = filters()
    listing = listings.list_judges(this.session(), this.actor(), competition, chosen)
    return render_template(
        "organiser/judges.html", frame=frame(competition), listing=listing, filters=chosen, tab="judges"
    )


@bp.get("/teams")
def teams(competition: str) -> str:
    """List the teams."""
    chosen = filters()
    listing = listings.list_teams(this.session(), this.actor(), competition, chosen)
    return render_template(
        "organiser/teams.html", frame=frame(competition), listing=listing, filters=chosen, tab="teams"
    )


@bp.get("/proposals")
def proposals(competition: str) -> str:
    """List the proposals."""
    chosen = filters()
    listing = listings.list_proposals(this.session(), this.actor(), competition, chosen)
    return render_template(
        "organiser/proposals.html", frame=frame(competition), listing=listing, filters=chosen, tab="proposals"
    )
