"""The sentences of the public page of results, in the languages of the product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from judging.errors import Message
from judging.translating import translate


def words_of(
    language: str,
    *,
    round_name: str = "",
    released_on: str = "",
    signed_by: Sequence[str] = (),
    is_ranked: bool = False,
    is_adjusted: bool = False,
) -> dict[str, Any]:
    """Return the sentences by name; ``method`` is a list of paragraphs."""
    cities = translate(Message(", "), language).join(signed_by)
    messages = {
        "language": Message("Language"),
        "results": Message("{competition}: {round}", competition=Message("Results"), round=round_name),
        "released": Message("Released on {date}.", date=released_on),
        "signed": Message(
            "Released on {date}, signed by the panel chairs of: {cities}", date=released_on, cities=cities
        )
        if signed_by
        else Message("Released on {date}, signed by the chair of the panel.", date=released_on),
        "rank": Message("Rank"),
        "proposal": Message("Proposal"),
        "team": Message("Team"),
        "city": Message("City"),
        "awards": Message("Awards"),
        "selected": Message("Shortlisted proposals"),
        "reserves": Message("Reserves"),
        "order": Message("In the order of ranks; shortlisted proposals and reserves are each a list of their own.")
        if is_ranked
        else Message("In alphabetical order of titles; the order tells no rank."),
        "how": Message("How the result came about"),
        "check": Message("Checking this result"),
        "check_text": Message(
            "The digest is the fingerprint of the result that the panel chairs signed. Whoever has the results bundle "
            "can compute everything again and must get the same digest."
        ),
        "digest": Message("Digest of the release"),
        "root": Message("Root of the digests of all letters"),
        "files": Message("The same as files:"),
        "verify_link": Message("Check a letter to a team"),
        "verify_title": Message("Check a letter to a team"),
        "verify_lead": Message(
            "Every team has a letter and a file with its proof. Choose that file: this page computes on your device "
            "whether the letter is one of those that were released. Nothing is sent."
        ),
        "choose": Message("File with the proof"),
        "no_script": Message("This check needs JavaScript. The program `judging verify-letter` does the same."),
        "yes": Message("Yes: this letter is one of those that were released."),
        "yes_text": Message("Released on {date}. The text below is unchanged.", date=released_on),
        "no": Message("No: this letter is not one of those that were released."),
        "no_text": Message("Its text or its proof was changed, or it belongs to another release."),
        "broken": Message("This file is not the proof of a letter."),
        "letter": Message("The letter in this file"),
        "back": Message("Back to the results"),
        "proof_use": Message("Anybody can check that this letter is one of those that were released:"),
        "proof_file": Message("The proof of this letter is in the file:"),
    }
    words: dict[str, Any] = {name: translate(message, language) for name, message in messages.items()}
    words["method"] = [translate(message, language) for message in _method(is_adjusted)]
    return words


def _method(is_adjusted: bool) -> list[Message]:
    return [
        Message("Judges of the panel read the proposals independently and scored each by the same published criteria."),
        Message("Some judges mark more strictly than others. Scores were adjusted for it.")
        if is_adjusted
        else Message("The scores of the judges were averaged without any adjustment."),
        Message("The rules were fixed before the first score was opened. The panel chairs then decided and signed."),
    ]
