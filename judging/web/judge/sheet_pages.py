"""The pages of one scoresheet: the form, the read-only page, two versions, a closed round."""

from collections.abc import Callable, Iterable

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from judging import request as this
from judging import tables
from judging.request_language import translate
from judging.services.competitions.definitions import definition_of
from judging.services.proposal_files.readers import ProposalFiles, files_of
from judging.services.scoresheets import paper_by_judge, practice_comparisons, queues
from judging.services.scoresheets.entered import names_of
from judging.services.scoresheets.handed_over import newest_handed_over_by
from judging.services.scoresheets.receipts import receipt_of
from judging.services.scoresheets.scoring import OwnAssignment
from judging.services.scoresheets.sheet_fields import values_of
from judging.services.scoresheets.versions import IMPORTED, Version
from judging.web.judge import sheet_form
from judging.web.judge.own_so_far import scores_so_far
from judging.web.judge.places import address_of
from judging.web.judge.sheet_form import Values
from judging.web.judge.stage.own_stage import own_stage
from judging.web.showing import between
from judging.web.words import conflict_words


def page(template: str, place: OwnAssignment, status: int = 200, **context: object) -> Response:
    """Render a template of a scoresheet with what all of them need."""
    queue = queues.get_queue(this.session(), this.actor(), place.competition.key)
    mine = queue.round(place.round.key)
    rendered = render_template(
        template,
        place=place,
        definition=definition_of(place.competition),
        rubric=place.rules.rubric,
        total=place.rules.rubric.total_if_complete(place.current.sheet.scores) if place.current else None,
        files=files_of(this.session(), [place.proposal.pk]).get(place.proposal.pk, ProposalFiles()),
        next_entry=mine.next_after(place.proposal.key),
        so_far=scores_so_far(mine, but=place.proposal.key),
        submitted_before=_submitted(mine, request.args.get("submitted", "")),
        round_queue=mine,
        own_stage=own_stage(queue, mine, here=place.proposal.key) if mine.is_open and place.rules.pitches else None,
        form=sheet_form,
        conflict_reasons=conflict_words.asked_reasons(definition_of(place.competition)),
        now=this.now(),
        here=lambda endpoint: address_of(endpoint, place),
        **{"entered": entered_in_words([place.current]), **context},
    )
    return make_response(rendered, status)


def _submitted(mine: queues.RoundQueue, key: str) -> tables.Proposal | None:
    """Return the proposal with this key when its sheet is submitted as it is: an address alone proves nothing."""
    listed = (entry for entry in mine.entries if entry.proposal.key == key and entry.state == queues.SUBMITTED)
    return next((entry.proposal for entry in listed), None)


def sheet_page(place: OwnAssignment, status: int = 200, **context: object) -> Response:
    """Show what is stored: as a form while it can be edited, otherwise read-only."""
    values = sheet_form.stored_values(place.current)
    if place.is_open and (place.current is None or place.current.state == "draft"):
        typings = paper_by_judge.waiting_typings(this.session(), place)
        corrected = next((typing for typing in typings if str(typing.number) == request.args.get("correct")), None)
        if typings and corrected is None:
            shown = [(typing, values_of(typing.sheet)) for typing in typings]
            return page("judge/confirm_paper.html", place, status, on_paper=shown, **context)
        if corrected is not None:
            values = values_of(corrected.sheet)
        form = {"complaints": {}, "base_version": str(place.base_version)}
        return page("judge/sheet.html", place, status, values=values, **form | context)
    by = newest_handed_over_by(this.session(), place.assignment_id)
    current = place.current
    is_submitted = current is not None and current.state == "submitted"
    receipt = receipt_of(this.session(), current.scoresheet_id) if current is not None and is_submitted else None
    if place.is_finished_practice:
        context["practice"] = practice_comparisons.compare_practice(this.session(), place)
        context["fewest_others"] = practice_comparisons.FEWEST_OTHERS
    context = {"handed_over_by": by, "receipt": receipt, "has_mail": this.mailer() is not None, **context}
    return page("judge/sheet_read.html", place, status, values=values, **context)


def form_page(
    place: OwnAssignment,
    values: Values,
    messages: dict[str, list[str]] | None = None,
    *,
    base_version: str | None = None,
) -> Response:
    """Show typed values in the form, with the complaints about them."""
    complaints = {
        sheet_form.field_of(field): [translate(text) for text in texts] for field, texts in (messages or {}).items()
    }
    return page(
        "judge/sheet.html",
        place,
        422 if complaints else 200,
        values=values,
        complaints=complaints,
        base_version=base_version or str(place.base_version),
    )


def refused_page(place: OwnAssignment, form: str, messages: dict[str, list[str]]) -> Response:
    """Show the scoresheet again, with the typed recusal or abstention (``form``) and the complaints about it."""
    complaints = {f"{form}-{field}": [translate(text) for text in texts] for field, texts in messages.items()}
    return sheet_page(place, 422, complaints=complaints, giving_back=form)


def conflict_page(place: OwnAssignment, typed: Values, *, wants_submit: bool) -> Response:
    """Show what was typed beside what somebody stored in the meantime."""
    if not place.is_open or place.is_finished_practice:
        return closed_page(place, typed)
    stored = sheet_form.stored_values(place.current)
    differences = sheet_form.differences(place.rules.rubric, typed, stored)
    return page("judge/conflict.html", place, 409, mine=typed, differences=differences, wants_submit=wants_submit)


def closed_page(place: OwnAssignment, typed: Values) -> Response:
    """Show what was typed and can no longer be stored."""
    recused = place.assignment.state == "recused"
    return page("judge/closed.html", place, 409, values=typed, recused=recused)


def entered_in_words(versions: Iterable[Version | None]) -> Callable[[Version | None], str]:
    """Return a function that says who entered a version that is not the judge's own; empty for the judge's own."""
    imported = [version for version in versions if version is not None and version.source == IMPORTED]
    people = {person for version in imported for person in (version.saved_by, version.confirmed_by)}
    names = names_of(this.session(), people) if people - {None} else {}

    def words(version: Version | None) -> str:
        if version is None or version.source != IMPORTED:
            return ""
        text = _("Entered for you by %(name)s", name=names.get(version.saved_by) or _("the command line"))
        if version.entered_from:
            text += (" " if between() else "，") + _("from the file %(file)s", file=version.entered_from)
        if version.from_paper:
            text += (" " if between() else "，") + _("from paper")
        if version.confirmed_by is not None:
            text += _("; ") + _("confirmed by %(name)s", name=names.get(version.confirmed_by, ""))
        return str(text)

    return words
