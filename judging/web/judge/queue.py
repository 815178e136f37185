"""The queue: the proposals that a judge has to score."""

from typing import Any

from flask import render_template, url_for

from judging import request as this
from judging.services.scoresheets import queues
from judging.web.judge import remaining
from judging.web.judge.blueprint import bp


@bp.get("/<competition>")
def queue(competition: str) -> str:
    """Show the proposals that this judge has to score, the progress, and the deadline."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    return render_template(
        "judge/queue.html", queue=mine, now=this.now(), remaining=remaining, kept_pages=_kept_pages(mine)
    )


def _kept_pages(mine: queues.Queue) -> list[str]:
    """Return the addresses of the pages that a judge needs for working without a connection."""
    key = mine.competition.key
    addresses = [url_for("judge.queue", competition=key)]
    for round_queue in mine.rounds:
        if round_queue.is_open:
            where: dict[str, Any] = {"competition": key, "round_key": round_queue.row.key}
            addresses.append(url_for("judge.review", **where))
            addresses += [
                url_for("judge.sheet", **where, proposal=entry.proposal.key) for entry in round_queue.to_score
            ]
    return addresses
