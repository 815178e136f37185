"""The code of conduct of a competition, and whether a judge has accepted it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from judging import tables
from judging.competition import CompetitionRules, digest_of
from judging.errors import Conflict, Message, NotFound
from judging.rubric import Text
from judging.services import audit
from judging.services.access import Actor, get_competition
from judging.services.competitions.definitions import definition_of
from judging.services.scoresheets.scoring import get_judge


@dataclass(frozen=True, slots=True)
class Conduct:
    """A code of conduct.

    Attributes
    ----------
    text : Text
    digest : str
        SHA-256 of the text in all languages.
    accepted_at : datetime or None
        When the judge accepted this text; an earlier one does not count.
    """

    text: Text
    digest: str
    accepted_at: datetime | None


def conduct_digest(definition: CompetitionRules) -> str | None:
    """Return the SHA-256 of a competition's code of conduct in all languages; None without one."""
    text = definition.policies.code_of_conduct
    return None if text is None else digest_of(text.by_language)


def find_conduct(session: Session, judge: tables.Judge, competition: tables.Competition) -> Conduct | None:
    """Return the code of conduct of a competition for a judge, None when there is none; the caller checks the role."""
    definition = definition_of(competition)
    text, digest = definition.policies.code_of_conduct, conduct_digest(definition)
    if text is None or digest is None:
        return None
    accepted_at = session.exec(
        select(tables.ConductAcceptance.accepted_at).where(
            tables.ConductAcceptance.judge_id == judge.id, tables.ConductAcceptance.digest == digest
        )
    ).one_or_none()
    return Conduct(text, digest, accepted_at)


def own_conduct(session: Session, actor: Actor, competition_key: str) -> Conduct | None:
    """Return the code of conduct of a competition for the actor, who is a judge there; None when there is none."""
    competition = get_competition(session, actor, competition_key, "judge")
    return find_conduct(session, get_judge(session, actor, competition.pk), competition)


def accept(session: Session, actor: Actor, competition_key: str, *, digest: str, at: datetime) -> Conduct:
    """Record that the actor, a judge, accepts the code of conduct with this digest; twice changes nothing.

    Raises
    ------
    NotFound
        When the competition has no code of conduct.
    Conflict
        When it has another text by now.
    """
    competition = get_competition(session, actor, competition_key, "judge")
    judge = get_judge(session, actor, competition.pk)
    conduct = find_conduct(session, judge, competition)
    if conduct is None:
        raise NotFound
    if conduct.digest != digest:
        raise Conflict(Message("The code of conduct has changed in the meantime. Please read it again."))
    if conduct.accepted_at is not None:
        return conduct
    session.add(tables.ConductAcceptance(judge_id=judge.pk, digest=digest, accepted_at=at))
    audit.record(
        session, actor, "conduct.accepted", judge.key, at=at, competition_id=competition.pk, detail={"digest": digest}
    )
    return Conduct(conduct.text, digest, at)
