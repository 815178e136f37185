"""What a further scoresheet could change, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _


def effect_in_words(effect: Mapping[str, Any]) -> list[str]:
    """Return sentences on an effect as `judging.services.appeals.appeal_effects.effect_of` returns it."""
    sentences = [_on_the_list(effect)] if effect["has_list"] else []
    if effect["is_decided"]:
        sentences.append(_("People have decided on this proposal: while that stands, no scoresheet changes it."))
    sentences.append(
        _(
            "Rank with the present scores: %(now)s; with the lowest marks: %(low)s; with full marks: %(high)s.",
            now=_rank(effect["rank"]),
            low=_rank(effect["rank_at_lowest"]),
            high=_rank(effect["rank_at_highest"]),
        )
    )
    return [str(sentence) for sentence in sentences]


def _on_the_list(effect: Mapping[str, Any]) -> str:
    threshold = effect["threshold"]
    if not effect["is_listed"]:
        if threshold is None:
            return str(_("Even full marks would not bring it onto the list."))
        if threshold <= effect["lowest"]:
            return str(_("Any further scoresheet would bring it onto the list, even the lowest marks."))
        if f"{threshold:.1f}" == f"{effect['highest']:.1f}":
            return str(_("Only full marks would bring it onto the list."))
        between = _(
            "A total between %(least)s and %(most)s of 100 would bring it onto the list; less would not.",
            least=f"{threshold:.1f}",
            most=f"{effect['highest']:.1f}",
        )
        return str(between)
    if threshold is None:
        return str(_("Any further scoresheet would take it off the list, even full marks."))
    if threshold <= effect["lowest"]:
        return str(_("Even the lowest marks would not take it off the list."))
    least = f"{threshold:.1f}"
    return str(_("A total below %(least)s of 100 would take it off the list; more would not.", least=least))


def _rank(rank: int | None) -> str:
    return "–" if rank is None else str(rank)
