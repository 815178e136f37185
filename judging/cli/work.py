"""``judging work``: do the jobs that people ask for in the service."""

from __future__ import annotations

import argparse
import os
import re
import sys

from judging.cli.database import mailer, settings, url


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--name",
        type=_name,
        help="name of this worker, the same after a restart (default: machine, data folder, first free number)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT."""
    from judging import logs
    from judging.jobs.disk_watch import DiskWatch
    from judging.jobs.webhooks.teller import WebhookSettings
    from judging.jobs.worker import EngineStopped, work
    from judging.services.audit import signed_heads

    own = settings()
    logs.configure(own.log_level)
    own_mailer = mailer()
    signed_heads.use_key(own.audit_key_file)
    code = 0
    try:
        mail = None if own.smtp is None or own_mailer is None else (own.smtp, own_mailer)
        webhooks = WebhookSettings(
            secret_key=own.secret_key, base_url=own.base_url, may_be_private=own.webhook_private == "allow"
        )
        disks = DiskWatch((own.data_dir, own.files_dir), own.least_free_megabytes * 1_000_000)
        work(
            url(),
            own.data_dir,
            files_dir=own.files_dir,
            name=arguments.name,
            mail=mail,
            webhooks=webhooks,
            disks=disks,
            report_mailbox=own.report_mailbox,
        )
    except EngineStopped:
        sys.stderr.write("The engine of jobs has stopped: this worker ends, and is to be started again.\n")
        code = 1
    sys.stderr.flush()
    # The thread of a job in progress must not hold the process: the job begins again with the next worker.
    os._exit(code)


def _name(text: str) -> str:
    # It is the name of a file in the data folder too.
    if not re.fullmatch(r"[\w.-]{1,80}", text):
        raise argparse.ArgumentTypeError("a name has 1 to 80 letters, digits, dots and hyphens")
    return text
