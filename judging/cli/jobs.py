"""``judging jobs``: the newest jobs of the service, and its workers."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--unfinished", action="store_true", help="only those that wait or run")


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each job, newest first, and one for each worker; return 1 when no worker is alive."""
    from judging.schemas.stored_messages import from_stored, problem_from_stored
    from judging.services.access import operator
    from judging.services.jobs import heartbeats, job_requests
    from judging.tables.jobs import UNFINISHED

    at = datetime.now(UTC)
    with database.opened(read_only=True) as session:
        for job in job_requests.list_jobs(session, operator()):
            if arguments.unfinished and job.state not in UNFINISHED:
                continue
            text = ""
            if job.problem is not None:
                text = str(problem_from_stored(job.problem)).replace("\n", "; ")
            elif job.state == "running" and job.step is not None:
                text = f"{job.progress:.0%} {from_stored(job.step)}"
            where = job.request.get("round") or job.request.get("competition", "")
            print(f"{job.id}  {job.created_at:%Y-%m-%d %H:%M:%S}  {job.kind}  {where}  {job.state}  {text}".rstrip())
        alive = heartbeats.is_any_alive(session, at=at)
        for worker in heartbeats.list_workers(session):
            print(f"worker {worker.name}: last alive {worker.seen_at:%Y-%m-%d %H:%M:%S} UTC")
    if not alive:
        print("No worker is alive: start one with judging work.")
    return 0 if alive else 1
