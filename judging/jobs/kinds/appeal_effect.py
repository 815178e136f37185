"""Compute what a further scoresheet could change about a decision that a team appeals against."""

from __future__ import annotations

from judging.jobs.work import Work
from judging.services.appeals import appeal_effects


def run(work: Work) -> None:
    """Compute and keep the effect for ``request["appeal"]`` and ``request["judge"]``."""
    request = work.request
    where = request["competition"], request["round"], request["appeal"], request["judge"]
    with work.reading() as (session, actor):
        collected = appeal_effects.collect_effect(session, actor, *where)
    effect = appeal_effects.effect_of(collected)
    with work.finishing() as (session, actor):
        appeal_effects.store_effect(session, actor, collected, effect, at=work.now())
        work.finish(session)
