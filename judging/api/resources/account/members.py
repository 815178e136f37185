"""The people of a competition: who has which role; give a person a role."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api import paging
from judging.api.bodies import Blueprint
from judging.public_address import sign_in_link
from judging.request_language import translate
from judging.schemas.answers.account.members import (
    InvitationsSchema,
    InvitedSchema,
    InviteSchema,
    MembersPageSchema,
)
from judging.schemas.pages import PageQuerySchema
from judging.services.people import accounts, invitations, members

bp = Blueprint("members", __name__, description="The people of a competition and their roles")

_ADDRESS = "/competitions/<competition>/members"


@bp.get(_ADDRESS)
@bp.arguments(PageQuerySchema, location="query")
@bp.response(200, MembersPageSchema)
def list_members(asked: dict[str, Any], competition: str) -> dict[str, Any]:
    """Return everybody with a role in the competition, by number."""
    after = paging.number_in(asked["cursor"]) or 0
    found = members.list_people(this.session(), this.actor(), competition, at=this.now())
    behind = sorted((one for one in found if one.person.pk > after), key=lambda one: one.person.pk)
    rows, cursor = paging.cut(behind, asked["limit"], lambda one: one.person.pk)
    return {
        "entries": [
            {
                "number": one.person.pk,
                "name": one.person.name,
                "email": one.person.email,
                "roles": [{"role": role.role, "city": role.city} for role in one.roles],
                "judge": None if one.judge is None else one.judge.key,
                "has_signed_in": one.person.first_signed_in_at is not None,
            }
            for one in rows
        ],
        "next": paging.linked(cursor),
    }


@bp.post(_ADDRESS)
@bp.arguments(InviteSchema)
@bp.response(201, InvitedSchema)
@bp.alt_response(409, description="The account is switched off, or the person may not have this role beside others")
def invite(typed: dict[str, str], competition: str) -> dict[str, Any]:
    """Give a person a role, and send the link or return it once; chairs and auditors wait for a second person."""
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
        number = person.pk
    link = sign_in_link(issued.token) if issued.token else ""
    return {"number": number, "channel": issued.channel, "link": link, "message": translate(issued.refusal)}


@bp.post(f"{_ADDRESS}/invitations")
@bp.response(200, InvitationsSchema)
@bp.alt_response(409, description="There is no mail server, or every judge has been invited")
def invite_judges(competition: str) -> dict[str, Any]:
    """Invite by e-mail every judge who has an account and was never sent a link."""
    with this.writing() as session:
        invited = invitations.invite_all(session, this.actor(), this.mailer(), competition, at=this.now())
        return {"invited": [person.pk for person in invited]}
