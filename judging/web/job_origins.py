"""From which page a job was asked for: every page of a job leads back to it."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from judging import request as this
from judging import tables
from judging.services.access import ROSTER_READERS

Origin = tuple[str, str]
"""The address of a page and its name in the reader's language."""


def origin_of(row: tables.Job, competition: tables.Competition | None, round_row: tables.Round | None) -> Origin | None:
    """Return the page from which a job was asked for; None for a job that belongs to no event."""
    if competition is None:
        return None
    if round_row is None:
        return _of_event(row, competition)
    where: dict[str, Any] = {"competition": competition.key, "round_key": round_row.key}
    request = row.request
    reads_roster = this.actor().has_role(competition.pk, *ROSTER_READERS)
    origins: dict[str, tuple[str, dict[str, Any], str]] = {
        "bundle": ("chair.release", {}, _("Release of the results")),
        "letters": ("organiser.letters", {}, _("Letters and public page")),
        "method_report": ("chair.release", {}, _("Release of the results")),
        "paper_forms": ("chair.paper", {}, _("Scoresheets on paper")),
        "rules_effect": ("chair.rules", {}, _("Rules of this round")),
        "verification": ("chair.release", {}, _("Release of the results")),
    }
    if row.kind == "appeal_effect":
        number = request["appeal"]
        origins[row.kind] = ("chair.appeal", {"number": number}, _("Appeal %(number)s", number=number))
    elif row.kind == "comparison":
        origins[row.kind] = ("chair.sensitivity", {"run": request["run"]}, _("Does it matter?"))
    elif row.kind == "minutes":
        number = request["meeting"]
        origins[row.kind] = ("chair.agenda", {"number": number}, _("Meeting %(number)s", number=number))
    elif row.kind == "workbook" and reads_roster:
        origins[row.kind] = ("organiser.show_round", {}, _("Round"))
    elif row.kind == "import":
        return _of_event(row, competition)
    endpoint, more, name = origins.get(row.kind, ("chair.ranking", {}, _("Ranking")))
    return url_for(endpoint, **where, **more), str(name)


def _of_event(row: tables.Job, competition: tables.Competition) -> Origin | None:
    origins = {
        "deck": ("organiser.files", _("Slides and videos")),
        "import": ("organiser.import_page", _("Import")),
        "removal": ("organiser.archive", _("Archive")),
    }
    if row.kind not in origins or not this.actor().has_role(competition.pk, *ROSTER_READERS):
        return url_for("home.index"), str(_("Start page"))
    endpoint, name = origins[row.kind]
    return url_for(endpoint, competition=competition.key), str(name)
