"""Compute what other rules would do to the ranking and the shortlist of the present scores."""

from __future__ import annotations

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.access import READERS, get_round
from judging.services.jobs import results
from judging.services.rules import previewing
from judging.services.rules.effects import effect_of, effect_to_dict


def run(work: Work) -> None:
    """Compute the effect of ``request["definition"]``, a complete definition of the round."""
    where = work.request["competition"], work.request["round"]
    with work.reading() as (session, actor):
        progress.advance(Message("Reading the scoresheets"), 0, 1)
        compared = previewing.collect_effect(session, actor, *where, work.request["definition"])
        stored = results.find_result(session, compared.digest)
    effect = effect_to_dict(effect_of(compared)) if stored is None else stored
    with work.finishing() as (session, actor):
        _, round_row = get_round(session, actor, *where, *READERS)
        results.store_result(session, compared.digest, "rules_effect", round_row, effect, at=work.now())
        work.finish(session)
