"""Releases of the first round, proposed and signed in one step."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from judging import tables
from judging.services.access import Actor
from judging.services.releases import signing
from judging.services.releases.states import ReleaseStatus
from tests.support.event import COMPETITION, ROUND


def propose_release(session: Session, actor: Actor, *, run_number: int, reason: str, at: datetime) -> tables.Release:
    """Propose a run of the first round."""
    basis = signing.collect_basis(session, actor, COMPETITION, ROUND)
    return signing.propose_release(session, actor, basis, run_number=run_number, reason=reason, at=at)


def sign_release(session: Session, actor: Actor, number: int, *, digest: str, at: datetime) -> ReleaseStatus:
    """Sign a release of the first round."""
    basis = signing.collect_basis(session, actor, COMPETITION, ROUND)
    return signing.sign_release(session, actor, basis, number, digest=digest, at=at)
