"""The judge's page with the rubric of a draft, for a frame in the editor. Nothing of it is stored."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flask import render_template, url_for
from flask_babel import gettext as _

from judging import request as this
from judging import tables
from judging.competition import CompetitionRules, RoundRules
from judging.errors import RubricError
from judging.schemas.definitions.drafts.draft import load_draft
from judging.services.proposal_files.readers import ProposalFiles
from judging.services.scoresheets.scoring import OwnAssignment
from judging.web.judge import sheet_form
from judging.web.organiser.editor.form import Form
from judging.web.words import conflict_words

_SCRIPTS = re.compile(r"<script\b[^>]*></script>")


@dataclass(frozen=True, slots=True)
class Preview:
    """The page for the frame, or why there is none."""

    page: str = ""
    faults: Form | None = None


def preview_of(form: Form) -> Preview:
    """Return the scoresheet of a proposal as a judge of the section's round would see it."""
    try:
        definition = load_draft(form.draft, form.editable.definition, form.editable.sealed)
    except RubricError as error:
        return Preview(faults=replace(form, faults=error.faults))
    rules = definition.rounds[form.section.place or 0]
    return Preview(page=_sheet(definition.competition, rules))


def _sheet(competition: CompetitionRules, rules: RoundRules) -> str:
    place = _place(competition, rules)
    page = render_template(
        "judge/sheet.html",
        place=place,
        definition=competition,
        rubric=rules.rubric,
        total=None,
        files=ProposalFiles(),
        next_entry=None,
        so_far={},
        submitted_before=None,
        own_stage=None,
        form=sheet_form,
        conflict_reasons=conflict_words.asked_reasons(competition),
        now=this.now(),
        # A frame without scripts and forms sends nothing; its links lead nowhere.
        here=lambda _endpoint: url_for("editor.show", competition=competition.key),
        entered=lambda _version: "",
        values={},
        complaints={},
        base_version="0",
    )
    # The frame lets no script run; a browser would complain about each of them.
    return _SCRIPTS.sub("", page)


def _place(competition: CompetitionRules, rules: RoundRules) -> OwnAssignment:
    category = competition.categories[0].key if competition.categories else None
    row = tables.Competition(key=competition.key, definition={}, digest="", created_at=this.now())
    return OwnAssignment(
        competition=row,
        round=tables.Round(key=rules.key, competition_id=0, position=1, definition={}, digest="", state="open"),
        rules=rules,
        judge=tables.Judge(competition_id=0, key="J01", name="", city=competition.cities[0].key),
        assignment=tables.Assignment(round_id=0, judge_id=0, proposal_id=0, state="active", assigned_at=this.now()),
        proposal=tables.Proposal(
            competition_id=0,
            team_id=0,
            key="P001",
            title=_("An example of a proposal"),
            category=category,
            summary=_("Here stands what the team has written about it."),
        ),
        team=None
        if rules.privacy.teams_hidden
        else tables.Team(competition_id=0, key="T001", name=_("An example of a team"), city=competition.cities[0].key),
        current=None,
    )
