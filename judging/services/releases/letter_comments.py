"""Comments of judges that go into letters to teams: read by an organiser first, each sent or held back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.schemas.letter_comments import load_choices
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_round, require_person
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.releases.in_force import SignedRelease, in_force, list_signed
from judging.services.releases.letter_access import require_no_conflict
from judging.services.scoresheets.versions import counts_in_results


@dataclass(frozen=True, slots=True)
class TeamComment:
    """One comment that counts; ``criterion`` is empty for the overall one, ``is_sent`` is None until it was read."""

    proposal: str
    scoresheet_id: int
    criterion: str
    text: str
    is_sent: bool | None


def list_comments(session: Session, actor: Actor, competition_key: str, round_key: str) -> list[TeamComment]:
    """Return the comments on all proposals of the release in force, by proposal; empty before a release.

    Raises NotAllowed for an actor with a conflict of interest, as all of letters.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    require_no_conflict(session, actor, competition_row)
    signed = in_force(list_signed(session, definition_of(competition_row), round_row))
    return [] if signed is None else comments_of(session, round_row, signed)


def choose_comments(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    typed: Mapping[str, str],
    *,
    at: datetime,
) -> int:
    """Store whether comments are sent; return how many choices have changed.

    Raises
    ------
    InvalidInput
        See `load_choices`.
    Conflict
        When the letters have been made: their text is fixed.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    person = require_person(actor, Message("A choice of comments records who made it: sign in as an organiser."))
    require_no_conflict(session, actor, competition_row)
    chosen = load_choices(typed)
    # Two organisers take turns, with each other and with whoever makes the letters.
    session.refresh(round_row, with_for_update={"key_share": True})
    signed = in_force(list_signed(session, definition_of(competition_row), round_row))
    if signed is None:
        return 0
    made = select(tables.TeamLetters.id).where(tables.TeamLetters.release_id == signed.row.id)
    if session.exec(made).first() is not None:
        raise Conflict(Message("The letters are made. Their text is fixed."))
    known = {(one.scoresheet_id, one.criterion): one for one in comments_of(session, round_row, signed)}
    changed = {
        place: is_sent for place, is_sent in chosen.items() if place in known and known[place].is_sent != is_sent
    }
    for (scoresheet_id, criterion), is_sent in changed.items():
        row = session.exec(
            select(tables.CommentChoice).where(
                tables.CommentChoice.scoresheet_id == scoresheet_id, tables.CommentChoice.criterion == criterion
            )
        ).one_or_none()
        if row is None:
            row = tables.CommentChoice(
                scoresheet_id=scoresheet_id, criterion=criterion, is_sent=is_sent, decided_at=at, decided_by=person
            )
        row.is_sent, row.decided_at, row.decided_by = is_sent, at, person
        session.add(row)
    if changed:
        session.flush()
        detail = {"sent": sum(changed.values()), "held": sum(not is_sent for is_sent in changed.values())}
        audit.record_in_round(
            session, actor, "letters.comments_chosen", competition_row, round_row, at=at, detail=detail
        )
    return len(changed)


def comments_of(session: Session, round_row: tables.Round, signed: SignedRelease) -> list[TeamComment]:
    """Return the comments that the released run counted, by proposal; three queries.

    Notes for the chair and justifications are no comments. Within a proposal the order is that of a hash, which says
    nothing of judges and is the same in every reading.
    """
    run = session.get_one(tables.CalibrationRun, signed.row.calibration_run_id)
    rows = session.exec(
        select(tables.Scoresheet, tables.Proposal.key)
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(tables.Assignment.round_id == round_row.id, counts_in_results(run.settings["newest_scoresheet"]))
    ).all()
    sheets = {sheet.pk: (sheet, key) for sheet, key in rows}
    found = [(key, number, "", sheet.comment) for number, (sheet, key) in sheets.items() if sheet.comment.strip()]
    criteria = rules_of(round_row).rubric.keys
    found += [
        (sheets[score.scoresheet_id][1], score.scoresheet_id, score.criterion, score.comment)
        for score in session.exec(select(tables.Score).where(col(tables.Score.scoresheet_id).in_(sheets)))
        if score.comment.strip() and score.criterion in criteria
    ]
    choices = {
        (choice.scoresheet_id, choice.criterion): choice.is_sent
        for choice in session.exec(
            select(tables.CommentChoice).where(col(tables.CommentChoice.scoresheet_id).in_(sheets))
        )
    }
    found.sort(key=lambda one: (one[0], _shuffled(signed, one[1], one[2])))
    return [TeamComment(*one, choices.get((one[1], one[2]))) for one in found]


def _shuffled(signed: SignedRelease, scoresheet_id: int, criterion: str) -> str:
    return hashlib.sha256(f"{signed.row.digest}:{scoresheet_id}:{criterion}".encode()).hexdigest()
