"""A round of practice before the first screening, with agreed scores."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session, select

from judging import tables
from judging.competition import RoundRules
from judging.round_policies import PracticePolicy, PracticeProposal, ReferenceScore
from judging.rubric import Text
from judging.schemas.definitions.definition_files import Definition
from judging.services.access import operator
from judging.services.competitions.definitions import store_definitions
from judging.services.rounds import opening
from tests.support.event import AT, COMPETITION, ROUND, Event, challenge
from tests.support.files.imports import send

PRACTICE = "practice"
REASON = Text("Two datasets of one city.", "用了一地兩組數據。", "用了一地两组数据。")
PROPOSALS = "key,team,team_name,team_city,title\nA1,TA1,Sample,hk,A sample about buses\nP900,T900,Late,sh,A late one\n"


def practice_rules(*keys: str) -> RoundRules:
    """Return a round with the rubric of the first screening, in which the keys are practice; the first has scores."""
    first = next(rules for rules in challenge().rounds if rules.key == ROUND)
    reference = tuple(ReferenceScore(criterion.key, 6.0, REASON) for criterion in first.rubric.criteria[:2])
    policy = PracticePolicy(tuple(PracticeProposal(key, reference if key == keys[0] else ()) for key in keys))
    return replace(first, key=PRACTICE, shortlist=None, practice=policy)


def add_practice(session: Session, *keys: str) -> tables.Round:
    """Add a round of practice before the other rounds of the stored challenge, and commit."""
    stored = challenge()
    competition = replace(stored.competition, rounds=(PRACTICE, *stored.competition.rounds))
    definition = Definition(competition, (practice_rules(*keys), *stored.rounds))
    store_definitions(session, operator(), definition, at=AT)
    session.commit()
    return session.exec(select(tables.Round).where(tables.Round.key == PRACTICE)).one()


def open_practice(session: Session, event: Event) -> tables.Round:
    """Import the practice proposal A1 and open a round of practice with it."""
    add_practice(session, "A1")
    send(session, event, "proposals", PROPOSALS)
    session.commit()
    row = opening.open_round(session, event.actor(session, "organiser"), COMPETITION, PRACTICE, at=AT)
    session.commit()
    return row
