"""DBOS, which starts jobs and starts them again: the only module that imports it.

Its tables are in a file of their own beside the SQLite database, or in a schema of their own on PostgreSQL. They can be
lost without harm: the table ``job`` says which jobs are unfinished, and the worker hands them over again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy.engine import make_url

from judging import db

SCHEMA = "judging_jobs"
_QUICK, _LONG, _MAIL, _WEBHOOKS = "quick", "long", "mail", "webhooks"
# At once in a worker. A mail server may take half a minute for an answer, during which the processor is free.
_CONCURRENCY = {_QUICK: 1, _LONG: 1, _MAIL: 4, _WEBHOOKS: 4}
_LONG_KINDS = ("comparison", "verification", "bundle")
_MAIL_KINDS = ("delivery_reports",)
# Somebody waits for a quick job. Each look at an empty queue costs three statements: a second matters to nobody else.
_POLLING_SECONDS = {_QUICK: 0.2, _LONG: 1.0, _MAIL: 0.5, _WEBHOOKS: 0.5}
# Of DBOS to its tables. Its default is 20, of the 100 that PostgreSQL admits by itself.
_CONNECTIONS = 5
_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
# A new release must take over the jobs of the one before: with DBOS's default, the version is a digest of the source.
_VERSION = "1"

Perform = Callable[[int], None]
Tell = Callable[[str, int], None]
_perform: Perform | None = None
_send: Perform | None = None
_tell: Tell | None = None


@DBOS.workflow(name="judging.job", max_recovery_attempts=None)  # begin_job counts the attempts
def _workflow(job_id: int) -> None:
    if _perform is None:
        raise RuntimeError("the worker has not started")
    _perform(job_id)


@DBOS.workflow(name="judging.mail", max_recovery_attempts=None)  # an attempt that may have sent something is the last
def _mail_workflow(message_id: int) -> None:
    if _send is None:
        raise RuntimeError("the worker has not started, or sends no e-mail")
    _send(message_id)


@DBOS.workflow(name="judging.webhook", max_recovery_attempts=None)  # a try that has ended is left alone
def _webhook_workflow(name: str, delivery_id: int) -> None:
    if _tell is None:
        raise RuntimeError("the worker has not started, or tells no programs")
    _tell(name, delivery_id)


def system_database_url(database_url: str, data_dir: Path) -> str:
    """Return the URL of DBOS's own tables for the URL of the product's database."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{data_dir / 'jobs.db'}"
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def start(url: str, name: str, perform: Perform, send: Perform | None = None, tell: Tell | None = None) -> None:
    """Start DBOS in this process; jobs that this worker had begun before it was killed begin again.

    Parameters
    ----------
    url : str
        From `system_database_url`.
    name : str
        The worker's name, the same after a restart and different for each worker that runs.
    perform : callable
        Does one job by its key.
    send : callable, optional
        Attempts to send one message by its key; without it, this worker sends none.
    tell : callable, optional
        Makes a try, by its name, to tell another program of something; without it, this worker tells none.
    """
    global _perform, _send, _tell
    _perform, _send, _tell = perform, send, tell
    config: DBOSConfig = {
        "name": "judging",
        "system_database_url": url,
        "dbos_system_schema": SCHEMA,
        "application_version": _VERSION,
        "executor_id": name,
        "log_level": "WARNING",
        "enable_otlp": False,
        "notification_listener_polling_interval_sec": 1.0,
        "sys_db_pool_size": _CONNECTIONS,
    }
    if make_url(url).get_backend_name() == "postgresql":
        config["db_engine_kwargs"] = {"connect_args": db.POSTGRESQL_OPTIONS}
    elif database := make_url(url).database:
        db.make_private(Path(database))
    DBOS(config=config)
    DBOS.launch()
    # Its handler writes plain text; the root logger writes JSON, as for every other library.
    own_log = logging.getLogger("dbos")
    own_log.handlers.clear()
    own_log.propagate = True
    # Several queues: a calibration of a second does not wait behind a comparison of a minute, nor behind a mail server.
    for queue in _queues():
        DBOS.register_queue(queue, worker_concurrency=_CONCURRENCY[queue], polling_interval_sec=_POLLING_SECONDS[queue])


def enqueue(workflow_id: str, kind: str, job_id: int) -> bool:
    """Hand over a job; return False when DBOS has it already and it has ended there.

    A job that DBOS has already is not started a second time.
    """
    with SetWorkflowID(workflow_id):
        handle = DBOS.enqueue_workflow(_queue_of(kind), _workflow, job_id)
    return handle.get_status().status not in _ENDED


def _queue_of(kind: str) -> str:
    if kind in _MAIL_KINDS and _send is not None:
        return _MAIL
    return _LONG if kind in _LONG_KINDS else _QUICK


def enqueue_message(attempt: str, message_id: int) -> bool:
    """Hand over an attempt to send a message; return False when DBOS has it already and it has ended there."""
    with SetWorkflowID(attempt):
        handle = DBOS.enqueue_workflow(_MAIL, _mail_workflow, message_id)
    return handle.get_status().status not in _ENDED


def enqueue_telling(name: str, delivery_id: int) -> bool:
    """Hand over a try to tell another program; return False when DBOS has it already and it has ended there."""
    with SetWorkflowID(name):
        handle = DBOS.enqueue_workflow(_WEBHOOKS, _webhook_workflow, name, delivery_id)
    return handle.get_status().status not in _ENDED


def _queues() -> tuple[str, ...]:
    mail, webhooks = () if _send is None else (_MAIL,), () if _tell is None else (_WEBHOOKS,)
    return (_QUICK, _LONG, *mail, *webhooks)


def recover(names: Sequence[str]) -> None:
    """Begin again the jobs of workers that have ended."""
    DBOS._recover_pending_workflows(list(names))  # noqa: SLF001 - 3.4 has no public name for it


def is_working() -> bool:
    """Return whether every queue is polled in this process."""
    return {f"queue-worker-{name}" for name in _queues()} <= {thread.name for thread in threading.enumerate()}


def stop(*, seconds: int) -> None:
    """Stop; wait some seconds for the jobs in progress. What is not done then begins again at the next start."""
    DBOS.destroy(workflow_completion_timeout_sec=seconds)
