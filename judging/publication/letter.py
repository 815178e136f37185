"""The letter to a team: its text in the team's language, and the proof that it is among the published letters.

A letter names no judge, no weight, no score and no number of readers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judging.errors import InvalidInput, Message
from judging.publication import merkle
from judging.rubric import Text
from judging.translating import translate

PROOF_FORMAT = "judging-letter-1"
SELECTED, RESERVE, NOT_SELECTED = "selected", "reserve", "not-selected"
UPPER_QUARTER, UPPER_HALF, LOWER_HALF, CANNOT_TELL = "upper-quarter", "upper-half", "lower-half", "cannot-tell"

# Functions, so that the extraction of texts finds each sentence.
_DECISIONS = {
    SELECTED: lambda of: Message("Your proposal is on the shortlist of the round “{round}”.", round=of),
    RESERVE: lambda of: Message(
        "Your proposal is on the list of reserves of the round “{round}”: "
        "it moves up if a shortlisted proposal withdraws.",
        round=of,
    ),
    NOT_SELECTED: lambda of: Message("Your proposal is not on the shortlist of the round “{round}”.", round=of),
}
# Behind an award, which comes first: nobody reads "not on the shortlist" before the prize.
_DECISIONS_OF_WINNERS = {
    SELECTED: lambda of: Message("It is on the shortlist of the round “{round}”, too.", round=of),
    RESERVE: lambda of: Message(
        "It is also on the list of reserves of the round “{round}”: it moves up if a shortlisted proposal withdraws.",
        round=of,
    ),
    NOT_SELECTED: lambda of: Message(
        "Awards are given beside the shortlist of the round “{round}”, on which it is not.", round=of
    ),
}
_BANDS = {
    UPPER_QUARTER: lambda: Message("It is in the upper quarter of all proposals of the round."),
    UPPER_HALF: lambda: Message("It is in the upper half of all proposals of the round."),
    LOWER_HALF: lambda: Message("It is in the lower half of all proposals of the round."),
    CANNOT_TELL: lambda: Message(
        "Whether it is in the upper or the lower half of all proposals, the results cannot tell."
    ),
}
_PLACES = {
    "above": lambda criterion: Message("{criterion}: above the middle half of all proposals.", criterion=criterion),
    "within_or_above": lambda criterion: Message(
        "{criterion}: in the middle half of all proposals, or above it.", criterion=criterion
    ),
    "within": lambda criterion: Message("{criterion}: in the middle half of all proposals.", criterion=criterion),
    "within_or_below": lambda criterion: Message(
        "{criterion}: in the middle half of all proposals, or below it.", criterion=criterion
    ),
    "below": lambda criterion: Message("{criterion}: below the middle half of all proposals.", criterion=criterion),
    "unknown": lambda criterion: Message("{criterion}: the scores cannot tell.", criterion=criterion),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """What a letter says; ``decision`` and ``band`` are constants of this module, None is not said.

    ``profile`` has the name of each criterion with a place of `judging.calibration.explanation.profile`, empty when it
    is not said. ``comments`` have the name of their criterion, or None. ``is_listed``: the digests are published.
    """

    competition: Text
    round: Text
    team: str
    proposal: str
    title: str
    released_on: str
    decision: str | None
    awards: tuple[Text, ...]
    band: str | None
    profile: tuple[tuple[Text, str], ...] = ()
    comments: tuple[tuple[Text | None, str], ...] = ()
    is_listed: bool = True


def band_of(rank_low: int | None, rank_high: int | None, n_ranked: int) -> str | None:
    """Return where the whole interval of ranks lies; None without a rank. Rank 1 is the best."""
    if rank_low is None or rank_high is None:
        return None
    if 4 * rank_high <= n_ranked:
        return UPPER_QUARTER
    if 2 * rank_high <= n_ranked:
        return UPPER_HALF
    return LOWER_HALF if 2 * rank_low > n_ranked else CANNOT_TELL


def text_of(facts: LetterFacts, language: str) -> str:
    """Return the letter in one language: paragraphs with an empty line between, the first is its heading."""
    sentences: list[Message] = [
        Message("{competition}: {round}", competition=facts.competition, round=facts.round),
        Message("To the team {team}", team=facts.team),
        Message("Proposal {proposal}: {title}", proposal=facts.proposal, title=facts.title),
    ]
    sentences += [
        Message("Congratulations: your proposal receives the award “{award}”.", award=award) for award in facts.awards
    ]
    if facts.decision is not None:
        decisions = _DECISIONS_OF_WINNERS if facts.awards else _DECISIONS
        sentences.append(decisions[facts.decision](facts.round))
    if facts.band is not None:
        sentences.append(_BANDS[facts.band]())
    if facts.profile:
        sentences.append(Message("On the criteria, compared with the other proposals of the round:"))
    sentences += [_PLACES[place](criterion) for criterion, place in facts.profile]
    if facts.comments:
        sentences.append(Message("What those who read it wrote for you:"))
    sentences += [_comment(criterion, text) for criterion, text in facts.comments]
    sentences.append(
        Message("These results were released on {date}. Thank you for taking part.", date=facts.released_on)
    )
    if facts.is_listed:
        sentences.append(
            Message("The published list of digests shows that this letter is one of those that were released.")
        )
    return "\n\n".join(translate(sentence, language) for sentence in sentences)


def _comment(criterion: Text | None, text: str) -> Message:
    # A blank line would look like the end of the comment.
    text = "\n".join(line for line in text.splitlines() if line.strip())
    if criterion is None:
        return Message("“{text}”", text=text)
    return Message("{criterion}: “{text}”", criterion=criterion, text=text)


def entry_of(text: str, salt: str) -> bytes:
    """Return what is hashed: the salt, a new line, and the letter as it is read."""
    return f"{salt}\n{text}".encode()


def leaves_of(letters: Iterable[tuple[str, str]]) -> list[bytes]:
    """Return the leaves of letters (text, salt), sorted, so that their order tells nothing of ranks."""
    return sorted(merkle.leaf_hash(entry_of(text, salt)) for text, salt in letters)


def proof_of(text: str, salt: str, leaves: Sequence[bytes]) -> dict[str, Any]:
    """Return the proof file of a letter that is among the leaves; raise ValueError when it is not."""
    index = leaves.index(merkle.leaf_hash(entry_of(text, salt)))
    return {
        "format": PROOF_FORMAT,
        "letter": text,
        "salt": salt,
        "index": index,
        "size": len(leaves),
        "path": [value.hex() for value in merkle.path_of(leaves, index)],
        "root": merkle.root_of(leaves).hex(),
    }


def write_proof(proof: Mapping[str, Any]) -> bytes:
    """Return a proof as a file."""
    return (json.dumps(proof, ensure_ascii=False, indent=1) + "\n").encode()


def is_proven(content: bytes, root: str) -> bool:
    """Return whether a proof file leads to a published root; the root that stands in the file does not count.

    Raises
    ------
    InvalidInput
        When the file is no proof of a letter.
    """
    broken = InvalidInput({"proof": Message("This file is not the proof of a letter.")})
    try:
        proof = json.loads(content)
        if not isinstance(proof, dict) or proof["format"] != PROOF_FORMAT:
            raise broken
        index, size = proof["index"], proof["size"]
        if type(index) is not int or type(size) is not int:
            raise broken
        path = [bytes.fromhex(value) for value in proof["path"]]
        leaf = merkle.leaf_hash(entry_of(proof["letter"], proof["salt"]))
    except (ValueError, KeyError, TypeError) as error:
        raise broken from error
    found = merkle.root_by_path(leaf, index, size, path)
    return found is not None and found.hex() == root.strip().lower()
