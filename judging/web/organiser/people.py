"""People: invite, send a personal link or hand one over, revoke links."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from judging import request as this
from judging import tables
from judging.errors import Conflict, InvalidInput
from judging.public_address import sign_in_link
from judging.request_language import LANGUAGE_NAMES, current_language, translate
from judging.services.access import get_competition
from judging.services.mail import merge_rows
from judging.services.people import account_changes, accounts, first_links, invitations, members
from judging.services.people.links import IssuedLink
from judging.web.organiser.blueprint import bp, frame
from judging.workbook.mail_merge import MEDIA_TYPE, write_mail_merge

_FIELDS = ("email", "name", "role", "city", "judge")


@bp.get("/people")
def people(competition: str) -> str:
    """List everybody with a role here; with ``role``, the form begins with it."""
    return _page(competition, typed={"role": request.args.get("role", "")})


@bp.post("/people")
def invite(competition: str) -> str | tuple[str, int]:
    """Give a person a role, and send the personal link or show it once.

    There is no redirect: a link that is handed over exists only in this answer.
    """
    typed = {name: request.form.get(name, "").strip() for name in _FIELDS}
    try:
        with this.writing() as session:
            person, issued = accounts.invite(
                session,
                this.actor(),
                competition,
                email=typed["email"],
                name=typed["name"],
                role=typed["role"],
                city=typed["city"] or None,
                judge_key=typed["judge"] or None,
                mailer=this.mailer(),
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, typed=typed, complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, typed=typed, problem=translate(error.message)), 409
    return _page(competition, invited=person, issued=issued)


@bp.post("/people/invitations")
def invite_judges(competition: str) -> Response | tuple[str, int]:
    """Invite every judge who came with a roster and has no link yet."""
    try:
        with this.writing() as session:
            invited = invitations.invite_all(session, this.actor(), this.mailer(), competition, at=this.now())
    except Conflict as error:
        return _page(competition, problem=translate(error.message)), 409
    flash(ngettext("An invitation goes to %(num)s judge.", "Invitations go to %(num)s judges.", len(invited)))
    return redirect(url_for(".people", competition=competition), code=303)


@bp.post("/people/<int:person_id>/link")
def issue_link(competition: str, person_id: int) -> str | tuple[str, int]:
    """Send a new personal link, or show one that may be handed over once."""
    try:
        with this.writing() as session:
            row = get_competition(session, this.actor(), competition, "organiser")
            issued = accounts.issue_link(
                session, this.actor(), person_id, at=this.now(), mailer=this.mailer(), competition_id=row.pk
            )
            member = accounts.get_member(session, this.actor(), person_id)
    except Conflict as error:
        return _page(competition, problem=translate(error.message)), 409
    return _page(competition, invited=member, issued=issued)


@bp.post("/people/first-links")
def hand_over_links(competition: str) -> Response | tuple[str, int]:
    """Return the links of judges who need one with their texts, which are shown only here."""
    try:
        with this.writing() as session:
            made = first_links.hand_over_all(
                session, this.actor(), this.mailer(), competition, at=this.now(), limits=this.session_limits()
            )
            rows = merge_rows.invitation_rows(session, this.actor(), competition, made, sign_in_link)
    except Conflict as error:
        return _page(competition, problem=translate(error.message)), 409
    response = make_response(write_mail_merge(rows, language=current_language(), language_names=LANGUAGE_NAMES))
    response.mimetype = MEDIA_TYPE
    response.headers.set("Content-Disposition", "attachment", filename=f"{competition}-first-links.xlsx")
    return response


@bp.post("/people/<int:person_id>/revoke")
def revoke_links(competition: str, person_id: int) -> Response | tuple[str, int]:
    """Revoke a person's links and sign them out everywhere."""
    try:
        with this.writing() as session:
            get_competition(session, this.actor(), competition, "organiser")
            accounts.revoke_links(session, this.actor(), person_id, at=this.now())
    except Conflict as error:
        return _page(competition, problem=translate(error.message)), 409
    flash(_("Signed out everywhere; earlier links no longer work."))
    return redirect(url_for(".people", competition=competition), code=303)


@bp.get("/people/<int:person_id>/change")
def change_person(competition: str, person_id: int) -> str:
    """Show the forms for another name or address."""
    return _change_page(competition, person_id)


@bp.post("/people/<int:person_id>/change")
def propose_change(competition: str, person_id: int) -> Response | tuple[str, int]:
    """Propose another name or address, which the person confirms."""
    try:
        with this.writing() as session:
            account_changes.propose_for(
                session,
                this.actor(),
                this.mailer(),
                competition,
                person_id,
                kind=request.form.get("kind", ""),
                value=request.form.get("value", ""),
                at=this.now(),
            )
    except InvalidInput as error:
        return _change_page(competition, person_id, complaints=error.messages), 422
    except Conflict as error:
        return _change_page(competition, person_id, problem=translate(error.message)), 409
    flash(_("The person is asked to confirm by e-mail."))
    return redirect(url_for("changes.waiting", competition=competition), code=303)


@bp.post("/people/<int:person_id>/remove")
def remove_person(competition: str, person_id: int) -> Response | tuple[str, int]:
    """Remove a person's roles in this competition."""
    try:
        with this.writing() as session:
            accounts.deactivate(session, this.actor(), competition, person_id, at=this.now(), mailer=this.mailer())
    except Conflict as error:
        return _page(competition, problem=translate(error.message)), 409
    flash(_("This person no longer takes part. Scoresheets stay as they are."))
    return redirect(url_for(".people", competition=competition), code=303)


def _change_page(
    competition: str, person_id: int, *, complaints: dict[str, list[str]] | None = None, problem: str = ""
) -> str:
    get_competition(this.session(), this.actor(), competition, "organiser")
    return render_template(
        "organiser/change_person.html",
        frame=frame(competition),
        member=accounts.get_member(this.session(), this.actor(), person_id),
        complaints=complaints or {},
        problem=problem,
        tab="people",
    )


def _link(issued: IssuedLink | None) -> str:
    return "" if issued is None or not issued.token else sign_in_link(issued.token)


def _page(
    competition: str,
    *,
    typed: dict[str, str] | None = None,
    complaints: dict[str, list[str]] | None = None,
    problem: str = "",
    invited: tables.Person | None = None,
    issued: IssuedLink | None = None,
) -> str:
    return render_template(
        "organiser/people.html",
        frame=frame(competition),
        members=members.list_people(
            this.session(), this.actor(), competition, at=this.now(), limits=this.session_limits()
        ),
        without_account=members.judges_without_account(this.session(), this.actor(), competition),
        n_uninvited=len(invitations.list_uninvited(this.session(), this.actor(), competition)),
        roles=tables.ROLES,
        typed=typed or {},
        complaints=complaints or {},
        problem=problem,
        invited=invited,
        issued=issued,
        link=_link(issued),
        has_mail=this.mailer() is not None,
        link_states={
            "failed": _("the message was not sent"),
            "uncertain": _("perhaps not sent"),
            "bounced": _("the message came back"),
            "delayed": _("the message is delayed"),
        },
        tab="people",
    )
