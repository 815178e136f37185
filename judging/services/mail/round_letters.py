"""What messages about a round say: receipts, what waits for chairs, deadlines, reminders, letters to teams."""

from __future__ import annotations

from judging.displaying import receipt_code
from judging.errors import Message
from judging.rubric import LANGUAGES, Text
from judging.schemas.stored_messages import from_stored
from judging.services.mail.letter_parts import ONCE, Facts, Letter


def receipt(facts: Facts) -> Letter:
    """Write the receipt for submitted scoresheets."""
    return Letter(
        subject=Message("{competition}: receipt for your scoresheets", competition=facts.competition),
        paragraphs=(
            Message("These scoresheets of yours are submitted and stored:"),
            *(
                Message(
                    "{proposal} {title}: submitted {time}. Receipt: {code} (in full: {digest})",
                    proposal=proposal,
                    title=title,
                    time=time,
                    code=receipt_code(digest),
                    digest=digest,
                )
                for proposal, title, time, digest in facts.content["sheets"]
            ),
        ),
        closing=(
            Message(
                "You need not do anything. Keep this message: with the receipts you can prove what you submitted. The "
                "audit log has them in full, as SHA-256 of what is stored."
            ),
        ),
    )


def consent_waits(facts: Facts) -> Letter:
    """Tell a chair that a change of rules waits."""
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


def signature_waits(facts: Facts) -> Letter:
    """Tell a chair that a release waits for a signature."""
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


def reading_asked(facts: Facts) -> Letter:
    """Ask a judge for one more scoresheet."""
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


def reminder(facts: Facts) -> Letter:
    """Remind a judge of scoresheets that are open."""
    n_open, deadline = facts.content["n_open"], facts.content["deadline"]
    return Letter(
        subject=Message("{competition}: scoresheets of yours are open", competition=facts.competition),
        paragraphs=(
            Message("In {round}, {n} of your scoresheets are not submitted yet.", round=_round_of(facts), n=n_open),
            *((Message("The round closes {time}.", time=deadline),) if deadline else ()),
            *_way_in(facts),
        ),
        link_words=Message("Go on scoring"),
        closing=_closing(facts),
    )


def _way_in(facts: Facts) -> tuple[Message, ...]:
    if not facts.link_until:
        return ()
    return (Message("This link signs you in. It is valid until {until}.", until=facts.link_until),)


def _closing(facts: Facts) -> tuple[Message, ...]:
    """Return what stands below: without a link, in a table for mail merge, how a judge goes on without one."""
    home = facts.content.get("home")
    if not facts.link_until and not home:
        return (Message("Please hand in your scoresheets on paper."),)
    cannot = Message("If you cannot score a proposal, say so on its page: the organiser then finds somebody else.")
    if facts.link_until:
        return (cannot, ONCE)
    return (
        Message("Open {address} where you are signed in, or sign in there with your password.", address=home),
        cannot,
    )


def round_closed(facts: Facts) -> Letter:
    """Tell chairs and organisers that a round has closed by itself."""
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


def deadline_changed(facts: Facts) -> Letter:
    """Tell chairs of another deadline."""
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


def team_letter(facts: Facts) -> Letter:
    """Send a team its letter, as it was made, with the proof; without one, the link leads to both."""
    content = facts.content
    is_attached = content["proof"] is not None
    attached = Message("The attached file proves that it is one of the letters that were released; keep both.")
    return Letter(
        subject=Message(
            "{competition}: letter to the team {team}", competition=facts.competition, team=content["team"]
        ),
        paragraphs=(
            Message("This is the letter about your proposal {proposal}.", proposal=content["proposal"]),
            *((attached,) if is_attached else ()),
        ),
        body=content["letter"],
        link_words=None if is_attached else Message("The letter and its proof"),
        attachment=(f"{content['proposal']}-proof.json", content["proof"]) if is_attached else None,
    )


def returned(facts: Facts) -> Letter:
    """Tell an organiser that a message came back."""
    return Letter(
        subject=Message("{competition}: an e-mail came back", competition=facts.competition),
        paragraphs=(
            Message("A message to {recipient} did not arrive.", recipient=facts.content["recipient"]),
            Message("Reason: {reason}", reason=from_stored(facts.content["problem"])),
            Message(
                "The page “E-mail messages” lists everything that came back. You get one such message in six hours."
            ),
        ),
    )


def given_back(facts: Facts) -> Letter:
    """Tell an organiser that a judge has given a proposal back."""
    content = facts.content
    return Letter(
        subject=Message("{competition}: a judge has stepped back", competition=facts.competition),
        paragraphs=(
            Message(
                "{judge} has given a proposal back in {round}: {title}.",
                judge=content["judge"],
                round=_round_of(facts),
                title=content["title"],
            ),
            Message("The page of assignments has the reason, and proposes other judges."),
        ),
    )
