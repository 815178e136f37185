"""Letters to teams: made once from the release in force, with proofs, and shown by links until these are ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select, update

from judging import tables
from judging.competition import PublicationPolicy
from judging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from judging.publication import letter
from judging.schemas.letter_comments import field_of
from judging.services.access import Actor
from judging.services.audit.verifying import verify
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.releases import letter_comments, letter_links, team_letters
from tests.support.event import AT, COMPETITION, ROUND, Event
from tests.support.released import comment, make_calibrated, release

HERE = (COMPETITION, ROUND)


@pytest.fixture
def event(session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    session.commit()
    return event


@pytest.fixture
def organiser(session: Session, event: Event) -> Actor:
    return event.actor(session, "organiser")


def _change_policies(session: Session, **values: Any) -> None:
    row = session.exec(select(tables.Competition).where(tables.Competition.key == COMPETITION)).one()
    definition = definition_of(row)
    definition = replace(definition, policies=replace(definition.policies, **values))
    row.definition, row.digest = definition.to_dict(), definition.digest
    session.flush()


def test_letters_say_what_the_policy_allows_and_are_proven(session: Session, event: Event, organiser: Actor) -> None:
    _change_policies(session, letters=("decision", "band"))
    made = team_letters.make_letters(session, organiser, *HERE, at=AT)
    page = team_letters.letters_page(session, organiser, *HERE)
    content = session.exec(select(tables.Release)).one().content
    assert {one.proposal for one in page.letters} == {entry["proposal"] for entry in content["ranking"]}
    selected = {one.proposal for one in page.letters if "is on the shortlist" in one.text}
    assert selected == set(content["shortlist"]["selected"])
    assert all(" half " in one.text or " quarter " in one.text for one in page.letters if one.language == "en")
    judges = [judge.name for judge in session.exec(select(tables.Judge))]
    assert not [name for name in judges for one in page.letters if name in one.text]
    assert page.root == made.root
    for proof in page.proofs.values():
        assert letter.is_proven(letter.write_proof(proof), made.root)
        changed = {**proof, "letter": proof["letter"].replace("proposal", "proposaI") + "."}
        assert not letter.is_proven(letter.write_proof(changed), made.root)


@pytest.mark.parametrize(("results", "is_said"), [("public", True), ("signed-in", False)])
def test_a_letter_names_the_published_list_only_where_there_is_one(
    session: Session, event: Event, organiser: Actor, results: str, *, is_said: bool
) -> None:
    _change_policies(session, letters=("decision",), publication=PublicationPolicy(results))
    page = team_letters.letters_page(session, organiser, *HERE)
    assert {"published list" in one.text for one in page.letters if one.language == "en"} == {is_said}


def test_the_profile_names_each_criterion_and_no_number(session: Session, event: Event, organiser: Actor) -> None:
    _change_policies(session, letters=("profile",))
    letters = [one for one in team_letters.letters_page(session, organiser, *HERE).letters if one.language == "en"]
    rubric = rules_of(session.get_one(tables.Round, event.round_row.pk)).rubric
    said = ("above the middle half", "in the middle half", "below the middle half", "the scores cannot tell")
    for one in letters:
        lines = [line for line in one.text.split("\n\n") if any(part in line for part in said)]
        assert [line.split(":")[0] for line in lines] == [criterion.name.en for criterion in rubric.criteria]
        assert not [line for line in lines if any(sign.isdigit() for sign in line)]
    assert "selected" not in "".join(one.text for one in letters)


def test_comments_are_read_first_and_only_those_sent_are_in_the_letter(session: Session) -> None:
    organiser = make_calibrated(session).actor(session, "organiser")
    comment(session, [f"Comment {number}\n\nof a judge" for number in range(3)], chair_note="Between us")
    release(session, run_number=2)
    _change_policies(session, letters=("comments",))
    found = letter_comments.list_comments(session, organiser, *HERE)
    assert sorted(one.text[:9] for one in found) == ["Comment 0", "Comment 1", "Comment 2"]
    with pytest.raises(Conflict, match="3 comments have not been looked at"):
        team_letters.make_letters(session, organiser, *HERE, at=AT)
    fields = {field_of(one.scoresheet_id, one.criterion): "send" if one.text[8] == "1" else "hold" for one in found}
    assert letter_comments.choose_comments(session, organiser, *HERE, fields, at=AT) == 3
    assert letter_comments.choose_comments(session, organiser, *HERE, fields, at=AT) == 0
    with pytest.raises(InvalidInput):
        letter_comments.choose_comments(session, organiser, *HERE, dict.fromkeys(fields, "yes"), at=AT)
    team_letters.make_letters(session, organiser, *HERE, at=AT)
    texts = [one.text for one in team_letters.letters_page(session, organiser, *HERE).letters]
    assert [text.count("Comment 1\nof a judge") for text in texts if "Comment" in text] == [1]
    assert not [text for text in texts if "Between us" in text]
    with pytest.raises(Conflict, match="Their text is fixed"):
        letter_comments.choose_comments(session, organiser, *HERE, fields, at=AT)


def test_letters_are_made_once_and_never_changed(session: Session, event: Event, organiser: Actor) -> None:
    preview = team_letters.letters_page(session, organiser, *HERE)
    assert (preview.made_at, preview.root, {one.salt for one in preview.letters}) == (None, "", {""})
    team_letters.make_letters(session, organiser, *HERE, at=AT)
    kept = team_letters.letters_page(session, organiser, *HERE)
    assert [one.text for one in kept.letters] == [one.text for one in preview.letters]
    assert len({one.salt for one in kept.letters}) == len(kept.letters)
    with pytest.raises(Conflict, match="made already"):
        team_letters.make_letters(session, organiser, *HERE, at=AT)
    session.commit()
    with pytest.raises(DBAPIError, match=r"append-only|refuse"):
        session.exec(update(tables.TeamLetters).values(root="0" * 64))


def test_a_policy_without_letters_and_a_judge_get_none(session: Session, event: Event, organiser: Actor) -> None:
    _change_policies(session, feedback=False)
    with pytest.raises(Conflict, match="no letters"):
        team_letters.make_letters(session, organiser, *HERE, at=AT)
    for role in ("judge", "chair"):
        with pytest.raises(NotAllowed):
            team_letters.letters_page(session, event.actor(session, role), *HERE)


def test_no_links_are_made_when_every_proposal_was_withdrawn(session: Session, event: Event, organiser: Actor) -> None:
    team_letters.make_letters(session, organiser, *HERE, at=AT)
    for row in session.exec(select(tables.RoundProposal)):
        row.withdrawn_at = AT
    session.flush()
    with pytest.raises(Conflict, match="nobody to write to"):
        letter_links.issue_links(session, organiser, *HERE, at=AT)


def test_a_link_shows_one_letter_until_it_is_ended(session: Session, event: Event, organiser: Actor) -> None:
    with pytest.raises(Conflict, match="Make the letters first"):
        letter_links.issue_links(session, organiser, *HERE, at=AT)
    team_letters.make_letters(session, organiser, *HERE, at=AT)
    first = letter_links.issue_links(session, organiser, *HERE, at=AT)
    for one, token in first:
        assert letter_links.read_by_link(session, token)[:2] == (one.language, one.text)
    stored = {row.token_hash for row in session.exec(select(tables.TeamLetterLink))}
    assert not stored & {token for _, token in first}
    second = letter_links.issue_links(session, organiser, *HERE, at=AT)
    with pytest.raises(NotFound):
        letter_links.read_by_link(session, first[0][1])
    one, token = second[0]
    row = session.exec(
        select(tables.RoundProposal).join(tables.Proposal).where(tables.Proposal.key == one.proposal)
    ).one()
    row.withdrawn_at = AT
    session.flush()
    with pytest.raises(NotFound):
        letter_links.read_by_link(session, token)
    assert one.proposal not in {left.proposal for left in team_letters.letters_page(session, organiser, *HERE).letters}
    assert letter_links.revoke_links(session, organiser, *HERE, at=AT) == len(second)
    with pytest.raises(NotFound):
        letter_links.read_by_link(session, second[1][1])
    actions = [entry.action for entry in session.exec(select(tables.AuditEntry)) if entry.action.startswith("letters")]
    assert actions == ["letters.made", "letters.linked", "letters.linked", "letters.links_revoked"]
    # Every link, and its end, is bound by the log.
    session.commit()
    assert [text for text in verify(session) if "letter" in text] == []
    session.execute(update(tables.TeamLetterLink).values(revoked_at=None))
    session.commit()
    assert [text for text in verify(session) if "team_letter_link" in text]
