"""Compute a stored result again from its rules and scores, and compare every number."""

from __future__ import annotations

from dataclasses import asdict

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.bundle import checking, making, verification


def run(work: Work) -> None:
    """Make the bundle of run ``request["run"]`` and check it, as ``judging verify`` does; the bundle is not kept."""
    request = work.request
    where = request["competition"], request["round"]
    with work.reading() as (session, actor):
        progress.advance(Message("Reading the results"), 0, 10)
        collected = making.collect_bundle(session, actor, *where, run_number=request["run"], at=work.now())
    progress.advance(Message("Writing the file"), 1, 10)
    content = making.write_bundle(collected, made_by=actor.name, at=work.now())
    with progress.part(0.3, 1.0):
        findings = checking.check_bundle(content)
    holds = checking.holds(findings)
    with work.finishing() as (session, actor):
        verification.record_verification(
            session, actor, *where, run_number=collected.run_number, holds=holds, at=work.now()
        )
        work.finish(
            session,
            result={
                "run": collected.run_number,
                "holds": holds,
                "findings": [asdict(finding) for finding in findings],
            },
        )
