"""The organiser's blueprint, and the data that all its pages share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, request
from flask_babel import gettext as _

from judging import request as this
from judging import tables
from judging.competition import CompetitionRules
from judging.incoming_tables.field_words import FIELD_WORDS
from judging.place_words import use_words_of
from judging.public_address import reach_of_links
from judging.request_language import translate
from judging.services.access import ROSTER_READERS, get_competition
from judging.services.competitions import definitions
from judging.services.listings import Filters
from judging.services.rounds.preparing import Preparation, preparation_of
from judging.web.showing import localised

bp = Blueprint("organiser", __name__, url_prefix="/organiser/<competition>")


@dataclass(frozen=True, slots=True)
class Frame:
    """A competition, its rounds, and whether the reader is an organiser of it."""

    row: tables.Competition
    competition: CompetitionRules
    rounds: tuple[tuple[tables.Round, str], ...]
    is_organiser: bool
    reads_rosters: bool = True

    @property
    def may_change(self) -> bool:
        """Return whether the reader may change anything; in an archived competition nobody may."""
        return self.is_organiser and self.row.archived_at is None

    @property
    def has_cities(self) -> bool:
        """Return whether there is more than one city; otherwise no page speaks of it."""
        return len(self.competition.cities) > 1

    def preparation(self) -> Preparation | None:
        """Return what is left until the first round opens, for who may do it."""
        if not self.may_change:
            return None
        return preparation_of(this.session(), this.actor(), self.row, **this.signing_in())

    def needs(self, field: str) -> bool:
        """Return whether a field of the rosters is a question in this competition: nobody chooses among one."""
        if field in ("city", "team_city"):
            return self.has_cities
        if field in ("category", "categories"):
            return len(self.competition.categories) > 1
        return field not in ("language", "languages") or len(self.competition.languages) > 1

    def round_name(self, round_row: tables.Round) -> str:
        """Return the name of a round in the reader's language."""
        return next(name for row, name in self.rounds if row.key == round_row.key)

    def city(self, key: str) -> str:
        """Return a city's name in the reader's language, or its key when the competition no longer has it."""
        return next((localised(city.name) for city in self.competition.cities if city.key == key), key)

    def category(self, key: str | None) -> str:
        """Return a category's name in the reader's language, or its key."""
        return next(
            (localised(category.name) for category in self.competition.categories if category.key == key), key or ""
        )

    @property
    def pairs_of_cities(self) -> list[tuple[str, str]]:
        """Return key and name of every city, for a choice."""
        return [(city.key, localised(city.name)) for city in self.competition.cities]

    @property
    def pairs_of_categories(self) -> list[tuple[str, str]]:
        """Return key and name of every category, for a choice."""
        return [(category.key, localised(category.name)) for category in self.competition.categories]

    def pairs_of_languages(self, chosen: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return tag and name of the languages of the competition, and of those that are chosen already."""
        return [(tag, name) for tag, name in names.items() if tag in (*self.competition.languages, *chosen.split(", "))]


def frame(competition: str, *others: str) -> Frame:
    """Return the shared data of a page; raise an error for readers without access.

    ``others`` are roles that read this page beside those who read rosters; they get no links to the other pages.
    """
    session, actor = this.session(), this.actor()
    row = get_competition(session, actor, competition, *ROSTER_READERS, *others)
    rounds = tuple(
        (round_row, localised(definitions.rules_of(round_row).name))
        for round_row in definitions.list_rounds(session, row)
    )
    is_organiser = actor.has_role(row.pk, "organiser")
    definition = definitions.definition_of(row)
    use_words_of(definition)
    reads_rosters = any(actor.has_role(row.pk, role) for role in ROSTER_READERS)
    return Frame(row, definition, rounds, is_organiser, reads_rosters)


def filters() -> Filters:
    """Return the filters of a list from the query of the address."""
    page = request.args.get("page", "")
    return Filters(
        text=request.args.get("text", "").strip()[:100],
        city=request.args.get("city", ""),
        category=request.args.get("category", ""),
        state=request.args.get("state", ""),
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
    )


@bp.context_processor
def _words() -> dict[str, Any]:
    base = str(current_app.config["BASE_URL"])
    words = {"kind_name": _kind_name, "role_name": _role_name, "use_name": _use_name, "with_page": _with_page}
    return {**words, "link_base": base, "link_reach": reach_of_links(base)}


def _kind_name(kind: str) -> str:
    names = {
        "judges": _("Judges"),
        "teams": _("Teams"),
        "proposals": _("Proposals"),
        "assignments": _("Assignments"),
        "scores": _("Scores"),
    }
    return str(names[kind])


def _use_name(field: str, of: str, kind: str = "") -> str:
    """Return what a column of a file is: its field, and whose it is. A team has another name than a person has."""
    field = "team_name" if (kind, field) == ("teams", "name") else field
    name = str(_("left out")) if field == "leave out" else translate(FIELD_WORDS.get(field, field))
    by_heading = {
        "*judge": _("Score of the judge in the heading"),
        "*criterion": _("Score on the criterion in the heading"),
        "*proposal": _("Score of the proposal in the heading"),
    }
    if of in by_heading:
        return str(by_heading[of])
    return str(_("%(what)s: %(of)s", what=name, of=of)) if of else name


def _role_name(role: str) -> str:
    names = {"organiser": _("Organiser"), "chair": _("Chair"), "judge": _("Judge"), "auditor": _("Auditor")}
    return str(names[role])


def _with_page(number: int) -> dict[str, Any]:
    """Return the arguments of this page's address with another page of its list."""
    return {**(request.view_args or {}), **request.args.to_dict(), "page": number}
