"""What pages call the columns of files: the word for a column that a file does not have, or that the template names."""

from __future__ import annotations

from typing import Final

from judging.errors import Message

FIELD_WORDS: Final[dict[str, Message]] = {
    "key": Message("Key"),
    "name": Message("Name"),
    "city": Message("City"),
    "email": Message("E-mail"),
    "categories": Message("Categories"),
    "languages": Message("Languages"),
    "max_load": Message("Most proposals"),
    "affiliation": Message("Affiliation"),
    "mentors": Message("Mentors"),
    "team": Message("Key of the team"),
    "team_name": Message("Name of the team"),
    "team_city": Message("City of the team"),
    "team_email": Message("E-mail of the team"),
    "title": Message("Title"),
    "category": Message("Category"),
    "language": Message("Language"),
    "summary": Message("Summary"),
    "deck_url": Message("Slides"),
    "video_url": Message("Video"),
    "judge": Message("Judge"),
    "proposal": Message("Proposal"),
    "round": Message("Round"),
    "score": Message("Score"),
    "criterion": Message("Criterion"),
    "comment": Message("Comment"),
    "scored_at": Message("Time of the score"),
    "judge_city": Message("City of the judge"),
    "given_name": Message("First name"),
    "family_name": Message("Last name"),
    "proposal_city": Message("City of the proposal"),
}


def word_of(field: str) -> str:
    """Return the word for a field, which pages translate.

    Untranslated it is the name of the field, as options of the command line and values of the API have it.

    >>> word_of("team_city"), word_of("team_city").template
    ('team_city', 'City of the team')
    """
    known = FIELD_WORDS.get(field)
    if known is None:
        return field
    word = str.__new__(Message, field)
    word.template, word.values = known.template, {}
    return word
