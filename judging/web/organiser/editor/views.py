"""The editor's page, its buttons, and the check while somebody types."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, RubricError
from judging.request_language import translate
from judging.schemas.definitions.definition_files import Definition
from judging.schemas.definitions.drafts.draft import Draft, draft_of, load_draft, parse_draft
from judging.schemas.definitions.drafts.rows import act
from judging.schemas.definitions.drafts.typed_fields import take
from judging.services.competitions import editing
from judging.services.competitions.editing import EditableDefinition
from judging.services.rules.effects import differences
from judging.web.organiser.blueprint import frame
from judging.web.organiser.editor.form import PREVIEW, Form, Section, section_of
from judging.web.organiser.editor.preview import preview_of
from judging.web.words import editor_words, rule_words, wording

bp = Blueprint("editor", __name__, url_prefix="/competitions/<competition>/editor")

_OF_A_DRAFT = ("competition.", "rounds.")


@bp.get("")
def show(competition: str) -> str:
    """Show a section of the stored definition."""
    editable = editing.get_editable(this.session(), this.actor(), competition)
    draft = draft_of(editable.definition)
    section = section_of(request.args.get("section", ""), draft)
    return _page(Form(editable=editable, draft=draft, section=section, base=editable.digest))


@bp.post("")
def change(competition: str) -> Response | str | tuple[str, int]:
    """Do what a button says, with everything that was typed; nothing is stored unless it is Save."""
    editable = editing.get_editable(this.session(), this.actor(), competition)
    draft = _typed(editable)
    action = request.form.get("action", "")
    section, base = section_of(request.form.get("section", ""), draft), request.form.get("base", "")
    if action.startswith("go:"):
        section = section_of(action.removeprefix("go:"), draft)
    elif action not in ("save", "check"):
        act(draft, action, editable.sealed)
        section = section_of(str(section), draft)
    shown: dict[str, Any] = {"editable": editable, "draft": draft, "section": section, "base": base}
    if action not in ("save", "check") and request.form.get("checked") != "yes":
        return _page(Form(**shown))
    try:
        definition = load_draft(draft, editable.definition, editable.sealed)
    except RubricError as error:
        page = _page(Form(**shown, faults=error.faults))
        return (page, 422) if action == "save" else page
    if action != "save":
        return _page(Form(**shown))
    return _save(competition, definition, shown)


@bp.post("/check")
def check(competition: str) -> dict[str, Any]:
    """Return what is wrong with what is typed, by field; nothing is stored."""
    editable = editing.get_editable(this.session(), this.actor(), competition)
    draft = _typed(editable)
    try:
        load_draft(draft, editable.definition, editable.sealed)
    except RubricError as error:
        form = Form(editable=editable, draft=draft, section=Section("event"), base=editable.digest, faults=error.faults)
        return {
            "faults": [{"path": path, "place": place, "text": text} for path, place, text, _section in form.all_faults]
        }
    return {"faults": []}


def _save(competition: str, definition: Definition, shown: dict[str, Any]) -> Response | tuple[str, int]:
    try:
        with this.writing() as session:
            is_changed = editing.change_definition(
                session, this.actor(), competition, definition, instead_of=shown["base"], at=this.now()
            )
    except editing.ChangedMeanwhile as error:
        editable = editing.get_editable(this.session(), this.actor(), competition)
        draft = shown["draft"]
        changes = differences(_by_key(draft_of(editable.definition)), _by_key(draft))
        # The next save is on top of what is shown now.
        again = {**shown, "editable": editable, "base": editable.digest}
        return _page(Form(**again, problem=translate(error.message), changes=changes)), 409
    except Conflict as error:
        return _page(Form(**shown, problem=translate(error.message))), 409
    flash(_("The competition is saved.") if is_changed else _("Nothing was changed."))
    return redirect(url_for(".show", competition=competition, section=str(shown["section"])), code=303)


def _typed(editable: EditableDefinition) -> Draft:
    draft = parse_draft(request.form.get("draft", ""), editable.definition, editable.sealed)
    names = [name for name in request.form if name.startswith(_OF_A_DRAFT)]
    take(draft, {name: request.form.getlist(name) for name in names}, editable.definition, editable.sealed)
    return draft


def _by_key(draft: Draft) -> dict[str, Any]:
    return {**draft["competition"], **{f"round {part.get('key')}": part for part in draft["rounds"]}}


def _page(form: Form) -> str:
    shown = frame(form.editable.row.key)
    return render_template(
        f"organiser/editor/{form.section.name}.html",
        frame=shown,
        form=form,
        words=editor_words,
        rule_words=rule_words,
        wording=wording,
        sealed_rules=_sealed_rules(form),
        preview=preview_of(form) if form.section.name == PREVIEW else None,
        tab="editor",
    )


def _sealed_rules(form: Form) -> Any:
    """Return the stored rules of the section's round when they are sealed."""
    key = form.round.get("key") if form.is_sealed else None
    return next((rules for rules in form.editable.definition.rounds if rules.key == key), None)
