"""What each kind of message says: its subject, its paragraphs, and the words on its link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from judging.errors import Message
from judging.services.mail import round_letters
from judging.services.mail.letter_parts import ONCE, Facts, Letter

_NOT_EXPECTED = Message("If you did not expect this message, do nothing. Nobody has signed in with it.")


def _invitation(facts: Facts) -> Letter:
    return Letter(
        subject=Message("{competition}: your personal sign-in link", competition=facts.competition),
        paragraphs=(
            _invited(facts),
            Message("This link signs you in. It is valid until {until}.", until=facts.link_until),
        ),
        link_words=Message("Sign in"),
        closing=(ONCE, _NOT_EXPECTED),
    )


def _invited(facts: Facts) -> Message:
    role = ROLE_WORDS.get(facts.content["role"], facts.content["role"])
    if not facts.content["inviter"]:
        return Message("You are invited to {competition} as {role}.", competition=facts.competition, role=role)
    return Message(
        "{inviter} has invited you to {competition} as {role}.",
        inviter=facts.content["inviter"],
        competition=facts.competition,
        role=role,
    )


def _new_link(facts: Facts) -> Letter:
    return Letter(
        subject=Message("Your new personal sign-in link"),
        paragraphs=(
            Message("A new sign-in link was asked for. Earlier links that you have not used no longer work."),
            Message("This link signs you in. It is valid until {until}.", until=facts.link_until),
        ),
        link_words=Message("Sign in"),
        closing=(ONCE, _NOT_EXPECTED),
    )


def _requested_link(facts: Facts) -> Letter:
    return Letter(
        subject=Message("Your personal sign-in link"),
        paragraphs=(
            Message("Somebody, probably you, asked for a sign-in link on the sign-in page."),
            Message("This link signs you in. It is valid until {until}.", until=facts.link_until),
        ),
        link_words=Message("Sign in"),
        closing=(ONCE, _NOT_EXPECTED),
    )


def _appointment_waits(facts: Facts) -> Letter:
    values = {name: facts.content[name] for name in ("asker", "name", "email")}
    role = ROLE_WORDS[facts.content["role"]]
    return Letter(
        subject=Message("{competition}: please confirm an appointment", competition=facts.competition),
        paragraphs=(
            Message("{asker} proposes {name} ({email}) as {role}. This needs a second person.", role=role, **values),
            Message("Ask yourself whether this is a different human being with a mailbox of their own."),
            Message("Sign in and open “Appointments and changes” on the start page to confirm or refuse."),
        ),
    )


def _change_asked(facts: Facts) -> Letter:
    old, new = facts.content["old"], facts.content["new"]
    by_whom = (
        Message("{asker} proposes a change of your account.", asker=facts.content["asker"])
        if facts.content["asker"]
        else Message("Somebody, probably you, asked for a change of your account.")
    )
    return Letter(
        subject=Message("Please confirm a change of your account"),
        paragraphs=(by_whom, Message("Now: {old}", old=old), Message("Afterwards: {new}", new=new)),
        link_words=Message("Confirm or refuse"),
        closing=(Message("Without you nothing changes, unless two people of the competition ask for it together."),),
    )


def _new_address(facts: Facts) -> Letter:
    return Letter(
        subject=Message("Please confirm your e-mail address"),
        paragraphs=(
            Message("This address is to belong to the account that is now at {old}.", old=facts.content["old"]),
        ),
        link_words=Message("Confirm or refuse"),
        closing=(Message("If you do not know this account, refuse or do nothing."),),
    )


def _changed(facts: Facts) -> Letter:
    return Letter(
        subject=Message("Your account was changed"),
        paragraphs=(
            Message("Before: {old}", old=facts.content["old"]),
            Message("Now: {new}", new=facts.content["new"]),
            Message("If you did not want this, tell the organiser at once."),
        ),
    )


def _role_removed(facts: Facts) -> Letter:
    values = {name: facts.content[name] for name in ("asker", "name")}
    role = ROLE_WORDS[facts.content["role"]]
    return Letter(
        subject=Message("{competition}: a role has ended", competition=facts.competition),
        paragraphs=(
            Message("{asker} has ended the role of {name} as {role}.", role=role, **values),
            Message("If this should not be, tell the other chairs and auditors, and whoever runs the service."),
        ),
    )


def _appointed(facts: Facts) -> Letter:
    values = {name: facts.content[name] for name in ("asker", "name", "email")}
    role = ROLE_WORDS[facts.content["role"]]
    return Letter(
        subject=Message("{competition}: a new {role}", competition=facts.competition, role=role),
        paragraphs=(
            Message("{name} ({email}) is now {role}, by {asker}.", role=role, **values),
            Message("If this should not be, tell the other chairs and auditors, and whoever runs the service."),
        ),
    )


def _archived(facts: Facts) -> Letter:
    return Letter(
        subject=Message("{competition}: archived", competition=facts.competition),
        paragraphs=(
            Message(
                "{asker} has archived the competition. Nothing in it is changed any more.", asker=facts.content["asker"]
            ),
            Message("Reason: {reason}", reason=facts.content["reason"]),
            Message(
                "An organiser can ask now for the removal of its personal data. You are told then, and can object. Who "
                "takes part in no other competition can no longer sign in afterwards: take what you want to keep, such "
                "as the results bundle, before."
            ),
            Message("If this should not be, tell the other chairs and auditors, and whoever runs the service."),
        ),
    )


def _removal_asked(facts: Facts) -> Letter:
    values = {name: facts.content[name] for name in ("asker", "days")}
    return Letter(
        subject=Message("{competition}: personal data are to be removed", competition=facts.competition),
        paragraphs=(
            Message("{asker} asks for the removal of personal data. It can begin in {days} days, for good.", **values),
            Message("On the page “Archive” you can stop it with a reason, or confirm it so that it begins at once."),
            Message("Take what you want to keep, such as the results bundle, before."),
        ),
    )


def _sign_in_changed(facts: Facts) -> Letter:
    return Letter(
        subject=Message("How you sign in was changed"),
        paragraphs=(
            _WAYS[facts.content["what"]],
            Message(
                "If this was not you: sign in, end all other sessions under your name, and tell the organiser at once."
            ),
        ),
    )


_WAYS: Final = {
    "password": Message("A new password was set for your account."),
    "passkey_added": Message("A passkey was added to your account."),
    "passkey_removed": Message("A passkey was removed from your account."),
    "app_added": Message("An authenticator app was added to your account."),
    "app_removed": Message("The authenticator app was removed from your account."),
    "token_made": Message("An access token was made for your account. With it, a program acts in your name."),
    "codes_made": Message("New recovery codes were made for your account. The earlier ones no longer work."),
}


def _audit_head(facts: Facts) -> Letter:
    sealed = tuple(_SEALED[action](subject) for action, subject in facts.content["sealed"])
    subject = (
        Message("{competition}: sealed; please keep this message", competition=facts.competition)
        if sealed
        else Message("{competition}: head of the audit log; please keep this message", competition=facts.competition)
    )
    return Letter(
        subject=subject,
        paragraphs=(
            *sealed,
            Message("Please keep this message. The line below is the signed head of the audit log at this moment."),
            Message(
                "With it, you can show later whether anything recorded until now was changed, removed or replaced by "
                "an older copy."
            ),
        ),
        kept_line=facts.content["head"],
        closing=(
            Message(
                "To check, give the line or this message as a file to whoever runs the service: "
                "judging verify-audit --head FILE"
            ),
            Message("Chairs and auditors get one on each day with new entries, and when something is sealed."),
        ),
    )


_SEALED: Final[dict[str, Callable[[str], Message]]] = {
    "round.opened": lambda subject: Message("Opened with sealed rules: {subject}.", subject=subject),
    "round.closed": lambda subject: Message("Closed: {subject}.", subject=subject),
    "rules.sealed": lambda subject: Message("Other rules were sealed: {subject}.", subject=subject),
    "release.signed": lambda subject: Message("Signed by a chair: {subject}.", subject=subject),
    "release.in_force": lambda subject: Message("Signed by all chairs and in force: {subject}.", subject=subject),
}
ROLE_WORDS: Final = {
    "organiser": Message("organiser"),
    "chair": Message("chair"),
    "judge": Message("judge"),
    "auditor": Message("auditor"),
}
LETTERS: Final[dict[str, Callable[[Facts], Letter]]] = {
    "invitation": _invitation,
    "new_link": _new_link,
    "requested_link": _requested_link,
    "appointment_waits": _appointment_waits,
    "change_asked": _change_asked,
    "new_address": _new_address,
    "address_changed": _changed,
    "name_changed": _changed,
    "audit_head": _audit_head,
    "consent_waits": round_letters.consent_waits,
    "signature_waits": round_letters.signature_waits,
    "reading_asked": round_letters.reading_asked,
    "receipt": round_letters.receipt,
    "given_back": round_letters.given_back,
    "team_letter": round_letters.team_letter,
    "deadline_changed": round_letters.deadline_changed,
    "reminder": round_letters.reminder,
    "round_closed": round_letters.round_closed,
    "role_removed": _role_removed,
    "appointed": _appointed,
    "archived": _archived,
    "removal_asked": _removal_asked,
    "sign_in_changed": _sign_in_changed,
    "returned": round_letters.returned,
}
"""Kind of message -> the function that writes it."""
