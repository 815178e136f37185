"""Kinds of conflicts of interest in words: those that every competition has, and those of its own."""

from __future__ import annotations

from flask_babel import gettext as _

from judging.competition import CompetitionRules
from judging.web.showing import localised


def kinds(competition: CompetitionRules) -> dict[str, str]:
    """Return the kinds of a competition with a short name each, in the order of the forms."""
    return {
        "family": _("family"),
        "employer": _("employer"),
        "mentoring": _("mentoring"),
        "sponsor": _("sponsor"),
        **own_kinds(competition),
        "other": _("other"),
    }


def kind(key: str, competition: CompetitionRules) -> str:
    """Return the name of a kind; the key of one that the competition no longer has."""
    return kinds(competition).get(key, key)


def own_kinds(competition: CompetitionRules) -> dict[str, str]:
    """Return the kinds of the competition's own."""
    return {own.key: localised(own.name) for own in competition.policies.conflict_kinds or ()}
