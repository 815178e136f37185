"""The queue: the proposals that a judge has to score."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, url_for

from judging import request as this
from judging.media.media_limits import WIDTHS
from judging.services.people import conduct
from judging.services.proposal_files.readers import ProposalFiles, files_of
from judging.services.scoresheets import paper_by_judge, queues
from judging.services.scoresheets.handed_over import handed_over_by
from judging.web.judge import remaining
from judging.web.judge.blueprint import bp
from judging.web.judge.stage.own_stage import own_stage
from judging.web.proposal_files import image_address


@bp.get("/<competition>")
def queue(competition: str) -> str:
    """Show the proposals that this judge has to score, the progress, and the deadline."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    proposals = {entry.proposal.pk for round_queue in mine.rounds for entry in round_queue.to_score}
    files = files_of(this.session(), proposals)
    found = conduct.find_conduct(this.session(), mine.judge, mine.competition)
    return render_template(
        "judge/queue.html",
        queue=mine,
        now=this.now(),
        remaining=remaining,
        kept_pages=_kept_pages(mine),
        own_stages={one.row.key: own_stage(mine, one) for one in mine.rounds if one.rules.pitches},
        kept_decks=_kept_decks(mine, files),
        files=files,
        on_paper=_on_paper(mine),
        handed_over_by=_handed_over_by(mine),
        has_conduct=found is not None,
        must_accept=found is not None and found.accepted_at is None and not _has_begun(mine),
    )


def _on_paper(mine: queues.Queue) -> frozenset[int]:
    """Return the assignments without a scoresheet that somebody has typed from the judge's paper."""
    entries = (entry for round_queue in mine.rounds if round_queue.is_open for entry in round_queue.to_score)
    unsaved = [entry.assignment_id for entry in entries if entry.version is None]
    return paper_by_judge.typed_assignments(this.session(), unsaved) if unsaved else frozenset()


def _handed_over_by(mine: queues.Queue) -> str:
    """Return who handed over the link of the session that saved a current scoresheet; empty for nobody."""
    entries = (entry for round_queue in mine.rounds if round_queue.is_open for entry in round_queue.entries)
    sheets = [entry.version.scoresheet_id for entry in entries if entry.version is not None]
    return next(iter(handed_over_by(this.session(), sheets).values()), "") if sheets else ""


def _has_begun(mine: queues.Queue) -> bool:
    """Return whether the judge has saved a scoresheet: who has begun is not stopped by a text that came later."""
    return any(entry.version is not None for round_queue in mine.rounds for entry in round_queue.entries)


def _kept_decks(mine: queues.Queue, files: Mapping[int, ProposalFiles]) -> list[dict[str, Any]]:
    """Return for each deck of an open round where its images are, how many pages it has, and bytes by width."""
    entries = {
        entry.proposal.pk: entry.proposal
        for round_queue in mine.rounds
        if round_queue.is_open
        for entry in round_queue.to_score
    }
    decks = []
    for number, proposal in entries.items():
        found = files.get(number)
        if found is None or found.rendered is None or not found.has_pages:
            continue
        first = image_address(mine.competition.key, proposal.key, found.rendered, 1, "phone")
        decks.append(
            {
                "base": first.removesuffix("1-phone.webp"),
                "pages": len(found.rendered.pages),
                "bytes": {width: found.n_bytes(width) for width in WIDTHS},
            }
        )
    return decks


def _kept_pages(mine: queues.Queue) -> list[str]:
    """Return the addresses of the pages that a judge needs for working without a connection."""
    key = mine.competition.key
    addresses = [url_for("judge.queue", competition=key)]
    for round_queue in mine.rounds:
        if round_queue.is_open:
            where: dict[str, Any] = {"competition": key, "round_key": round_queue.row.key}
            addresses.append(url_for("judge.rubric", **where))
            addresses.append(url_for("judge.review", **where))
            if round_queue.rules.pitches:
                addresses.append(url_for("judge.now", **where))
            addresses += [
                url_for("judge.sheet", **where, proposal=entry.proposal.key) for entry in round_queue.to_score
            ]
    return addresses
