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


def asked(competition: CompetitionRules) -> dict[str, str]:
    """Return the kinds that a competition asks about, with a short name each: those of its rules, its own, and "other".

    Forms offer these. One that was stored under earlier rules has its name in `kinds` all the same.
    """
    return _asked_of(competition, kinds(competition))


def reasons(competition: CompetitionRules | None = None) -> dict[str, str]:
    """Return every kind as the reason for giving a scoresheet back, in words of the judge."""
    return {
        "family": _("Family or close friends"),
        "employer": _("Same employer, now or recently"),
        "mentoring": _("I advised or taught the team"),
        "sponsor": _("I sponsor the team or gain from its success"),
        **({} if competition is None else own_kinds(competition)),
        "other": _("Another reason"),
    }


def asked_reasons(competition: CompetitionRules) -> dict[str, str]:
    """Return the reasons for giving a scoresheet back that a competition asks about."""
    return _asked_of(competition, reasons(competition))


def kind(key: str, competition: CompetitionRules) -> str:
    """Return the name of a kind; the key of one that the competition no longer has."""
    return kinds(competition).get(key, key)


def own_kinds(competition: CompetitionRules) -> dict[str, str]:
    """Return the kinds of the competition's own."""
    return {own.key: localised(own.name) for own in competition.policies.conflict_kinds or ()}


def _asked_of(competition: CompetitionRules, words: dict[str, str]) -> dict[str, str]:
    keys = (*competition.policies.conflicts, *competition.policies.own_conflict_keys, "other")
    return {key: words[key] for key in keys}
