"""What each kind of message says: its subject, its paragraphs, and the words on its link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from judging.errors import Message
from judging.rubric import LANGUAGES, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The words of a message; each text is translated when the message is sent.

    Attributes
    ----------
    subject : Message
    paragraphs : tuple of Message
        Before the link.
    link_words : Message or None
        What the link says; None for a message without a link.
    closing : tuple of Message
        After the link.
    kept_line : str
        A line that the recipient keeps, in no language; before the link.
    """

    subject: Message
    paragraphs: tuple[Message, ...]
    link_words: Message | None = None
    closing: tuple[Message, ...] = ()
    kept_line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a letter may name.

    Attributes
    ----------
    competition : Text
        The name of the competition; empty when the message belongs to none.
    content : mapping
        The stored values of the message.
    link_until : str
        Until when the link is valid, as text with the time zone; empty without a link.
    """

    competition: Text
    content: Mapping[str, Any]
    link_until: str = ""


_ONCE = Message("The link signs you in once. Do not pass it on: whoever opens it acts in your name.")
_NOT_EXPECTED = Message("If you did not expect this message, do nothing. Nobody has signed in with it.")


def _invitation(facts: Facts) -> Letter:
    return Letter(
        subject=Message("{competition}: your personal sign-in link", competition=facts.competition),
        paragraphs=(
            _invited(facts),
            Message("This link signs you in. It is valid until {until}.", until=facts.link_until),
        ),
        link_words=Message("Sign in"),
        closing=(_ONCE, _NOT_EXPECTED),
    )


def _invited(facts: Facts) -> Message:
    role = ROLE_WORDS[facts.content["role"]]
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
        closing=(_ONCE, _NOT_EXPECTED),
    )


def _requested_link(facts: Facts) -> Letter:
    return Letter(
        subject=Message("Your personal sign-in link"),
        paragraphs=(
            Message("Somebody, probably you, asked for a sign-in link on the sign-in page."),
            Message("This link signs you in. It is valid until {until}.", until=facts.link_until),
        ),
        link_words=Message("Sign in"),
        closing=(_ONCE, _NOT_EXPECTED),
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


def _receipt(facts: Facts) -> Letter:
    return Letter(
        subject=Message("{competition}: receipt for your scoresheets", competition=facts.competition),
        paragraphs=(
            Message("These scoresheets of yours are submitted and stored:"),
            *(
                Message(
                    "{proposal} {title}: submitted {time}. SHA-256 of what is stored: {digest}",
                    proposal=proposal,
                    title=title,
                    time=time,
                    digest=digest,
                )
                for proposal, title, time, digest in facts.content["sheets"]
            ),
        ),
        closing=(
            Message("The audit log has the same digests. You need not do anything; keep this message as your receipt."),
        ),
    )


def _consent_waits(facts: Facts) -> Letter:
    return Letter(
        subject=Message("{competition}: a change of rules waits for you", competition=facts.competition),
        paragraphs=(
            Message(
                "{asker} proposes version {number} of the rules of {round}. It is in force only when you agree.",
                asker=facts.content["asker"],
                number=facts.content["number"],
                round=_round_of(facts),
            ),
            _OPEN_THE_START_PAGE,
        ),
    )


def _signature_waits(facts: Facts) -> Letter:
    return Letter(
        subject=Message("{competition}: a release waits for your signature", competition=facts.competition),
        paragraphs=(
            Message(
                "{asker} proposes release {number} of the results of {round}. Nothing is released before you sign.",
                asker=facts.content["asker"],
                number=facts.content["number"],
                round=_round_of(facts),
            ),
            _OPEN_THE_START_PAGE,
        ),
    )


def _reading_asked(facts: Facts) -> Letter:
    return Letter(
        subject=Message("{competition}: one more proposal to score", competition=facts.competition),
        paragraphs=(
            Message(
                "The panel asks you for one more scoresheet in {round}: {title}.",
                round=_round_of(facts),
                title=facts.content["title"],
            ),
            _OPEN_THE_START_PAGE,
        ),
    )


def _round_of(facts: Facts) -> Text:
    return Text(*(facts.content["round"].get(language, "") for language in LANGUAGES))


_OPEN_THE_START_PAGE = Message("Sign in: the start page leads you to it, under “Waiting for you”.")


def _reminder(facts: Facts) -> Letter:
    n_open, deadline = facts.content["n_open"], facts.content["deadline"]
    return Letter(
        subject=Message("{competition}: scoresheets of yours are open", competition=facts.competition),
        paragraphs=(
            Message("In {round}, {n} of your scoresheets are not submitted yet.", round=_round_of(facts), n=n_open),
            *((Message("The round closes {time}.", time=deadline),) if deadline else ()),
            Message("This link signs you in. It is valid until {until}.", until=facts.link_until),
        ),
        link_words=Message("Go on scoring"),
        closing=(
            Message("If you cannot score a proposal, say so on its page: the organiser then finds somebody else."),
            _ONCE,
        ),
    )


def _round_closed(facts: Facts) -> Letter:
    content = facts.content
    return Letter(
        subject=Message("{competition}: a round has closed", competition=facts.competition),
        paragraphs=(
            Message(
                "{round} has closed by itself at its deadline, {time}.", round=_round_of(facts), time=content["time"]
            ),
            Message(
                "{submitted} of {assigned} scoresheets were submitted; {judges} judges have not finished.",
                submitted=content["submitted"],
                assigned=content["assigned"],
                judges=content["unfinished"],
            ),
        ),
        closing=(Message("An organiser can open it again, for a reason. You need not do anything."),),
    )


def _deadline_changed(facts: Facts) -> Letter:
    values = {"round": _round_of(facts), "after": facts.content["after"]}
    asker, zone = facts.content["asker"], facts.content["zone"]
    return Letter(
        subject=Message("{competition}: another deadline", competition=facts.competition),
        paragraphs=(
            Message("{asker} has changed the deadline of {round}.", asker=asker, round=values["round"]),
            Message("New deadline: {after}, time of {zone}.", after=values["after"], zone=zone),
            *((Message("Before: {before}.", before=facts.content["before"]),) if facts.content["before"] else ()),
        ),
        closing=(Message("The round closes by itself then. All chairs get this message; you need not do anything."),),
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
    "consent_waits": _consent_waits,
    "signature_waits": _signature_waits,
    "reading_asked": _reading_asked,
    "receipt": _receipt,
    "deadline_changed": _deadline_changed,
    "reminder": _reminder,
    "round_closed": _round_closed,
    "role_removed": _role_removed,
    "sign_in_changed": _sign_in_changed,
}
"""Kind of message -> the function that writes it."""
