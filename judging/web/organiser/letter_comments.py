"""Which comments of judges go into the letters to teams: an organiser reads each, and sends it or holds it back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.request_language import translate
from judging.schemas.letter_comments import field_of
from judging.services.competitions.definitions import rules_of
from judging.services.releases import letter_comments as services
from judging.web.organiser.blueprint import bp, frame


@bp.get("/<round_key>/letters/comments")
def letter_comments(competition: str, round_key: str) -> str:
    """Show every comment on the proposals of the release in force, with its choice."""
    return _page(competition, round_key)


@bp.post("/<round_key>/letters/comments")
def choose_letter_comments(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Store the choice of comments."""
    try:
        with this.writing() as session:
            number = services.choose_comments(
                session, this.actor(), competition, round_key, request.form.to_dict(), at=this.now()
            )
    except InvalidInput as error:
        texts = [translate(text) for complaints in error.messages.values() for text in complaints]
        return _page(competition, round_key, problem=texts[0]), 422
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    flash(ngettext("%(num)s choice is stored.", "%(num)s choices are stored.", number))
    return redirect(url_for(".letter_comments", competition=competition, round_key=round_key), code=303)


def _page(competition: str, round_key: str, *, problem: str = "") -> str:
    shown = frame(competition)
    found = services.list_comments(this.session(), this.actor(), competition, round_key)
    row = next(row for row, _name in shown.rounds if row.key == round_key)
    rubric = rules_of(row).rubric
    return render_template(
        "organiser/letter_comments.html",
        frame=shown,
        row=row,
        comments=[(field_of(one.scoresheet_id, one.criterion), one) for one in found],
        n_unread=sum(one.is_sent is None for one in found),
        criteria={criterion.key: criterion.name for criterion in rubric.criteria},
        are_in_letters="comments" in (shown.competition.policies.letters or ()),
        problem=problem,
        tab=round_key,
    )
