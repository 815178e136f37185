"""Do one job from its row to its end, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from judging import db, progress
from judging.errors import JudgingError, Message, Unavailable
from judging.jobs.kinds import KINDS
from judging.jobs.work import AlreadyEnded, Work
from judging.media.file_store import FileStore
from judging.services.jobs.lifecycle import begin_job, end_job
from judging.services.mail.mailer import Mailer

if TYPE_CHECKING:
    from config import ReportMailbox

log = structlog.get_logger()


def perform(
    engine: Engine,
    job_id: int,
    *,
    worker: str,
    now: Callable[[], datetime],
    files: FileStore | None = None,
    report_mailbox: ReportMailbox | None = None,
    mailer: Mailer | None = None,
) -> None:
    """Do a job and store how it ended. A finished job is left alone, so that this may be called again after a kill.

    Parameters
    ----------
    engine : Engine
    job_id : int
    worker : str
        The name of this worker, for the row.
    now : callable
        Returns the present time, aware.
    files : FileStore, optional
        The folder of decks and videos; without it, a job about a deck fails.
    report_mailbox, mailer : optional
        What a job needs that reads delivery reports; without the first, it fails.

    Raises
    ------
    Unavailable, sqlalchemy.exc.DBAPIError
        When the database does not answer: the job is then still unfinished and is to be done again.
    """
    with db.transaction(engine) as session:
        job = begin_job(session, job_id, worker=worker, at=now())
    if job is None:
        return
    work = Work(engine, job, now, files, report_mailbox=report_mailbox, mailer=mailer)
    log.info("job begins", job=job_id, kind=job.kind, attempt=job.attempts)
    try:
        with progress.listening(work.report):
            KINDS[job.kind](work)
    except AlreadyEnded:
        log.info("job ended elsewhere", job=job_id)
    except progress.Cancelled:
        _end(engine, job_id, "cancelled", None, now)
    except (Unavailable, DBAPIError):
        raise
    except JudgingError as error:
        # Who asked reads the reason on the page of the job. Nobody looks there for what the clock asked for.
        reason = {"reason": str(error)} if job.person_id is None else {}
        log.warning("job failed", job=job_id, kind=job.kind, **reason)
        _end(engine, job_id, "failed", error, now)
    except Exception:
        # The person must read that it failed, whatever the reason; the log has the traceback.
        log.exception("job failed", job=job_id, kind=job.kind)
        text = Message("Something went wrong on our side. Nothing was stored; please try again.")
        _end(engine, job_id, "failed", JudgingError(text), now)
    else:
        log.info("job done", job=job_id, kind=job.kind)


def _end(engine: Engine, job_id: int, state: str, problem: JudgingError | None, now: Callable[[], datetime]) -> None:
    with db.transaction(engine) as session:
        end_job(session, job_id, state=state, problem=problem, at=now())
