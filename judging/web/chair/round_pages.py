"""The pages of a round in few groups, for the navigation of chairs, organisers and auditors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from judging.web.chair.blueprint import RoundFrame, bp


@dataclass(frozen=True, slots=True)
class PageGroup:
    """A group of pages: its label, the page that its label leads to, and all pages with their labels."""

    label: str
    first: str
    pages: tuple[tuple[str, str], ...]

    def holds(self, tab: str) -> bool:
        """Return whether a page is in this group."""
        return tab in {name for name, _label in self.pages}


@bp.app_context_processor
def _groups() -> dict[str, Any]:
    return {"round_pages": groups_of}


def groups_of(frame: RoundFrame) -> list[PageGroup]:
    """Return the groups of pages of a round, in the order of the work."""
    return [
        PageGroup(_("Scoring"), "preflight" if frame.row.state == "draft" else "progress", tuple(_scoring(frame))),
        PageGroup(
            _("Results"),
            "ranking",
            (
                ("ranking", _("Ranking")),
                ("pictures", _("Pictures")),
                ("judges", _("Judges and cities") if frame.has_cities else _("Judges")),
                ("linkage", _("Comparability")),
                ("sensitivity", _("Does it matter?")),
                ("runs", _("Runs")),
            ),
        ),
        PageGroup(
            _("Decisions"),
            "shortlist",
            (("shortlist", _("Shortlist")), ("meeting", _("Meeting")), ("awards", _("Awards"))),
        ),
        PageGroup(
            _("Release"),
            "release",
            (("release", _("Sign and release")), ("appeals", _("Appeals")), ("rules", _("Rules"))),
        ),
    ]


def _scoring(frame: RoundFrame) -> Iterator[tuple[str, str]]:
    yield "preflight", _("Pre-flight")
    if frame.rules.practice:
        yield "practice", _("Practice")
    yield "progress", _("Progress")
    if frame.rules.pitches:
        yield "pitches", _("Pitches")
    yield "paper", _("Scoresheets on paper")
    yield "entered", _("Entered scores")
