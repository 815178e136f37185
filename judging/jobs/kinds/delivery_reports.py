"""Read the mailbox to which mail servers report that a message was not delivered."""

from __future__ import annotations

from collections import Counter

import structlog

from judging.errors import JudgingError, Message
from judging.jobs.mail import report_mailbox
from judging.jobs.work import Work
from judging.services.mail import report_reading
from judging.services.mail.returned import UNKNOWN, WAITS, store_report

log = structlog.get_logger()


def run(work: Work) -> None:
    """Store what the reports say, then mark them: after a kill between the two they are read again, to no effect."""
    if work.report_mailbox is None:
        raise JudgingError(Message("This worker has no settings of a mailbox for reports; the others have."))
    counts: Counter[str] = Counter()
    with work.reading() as (session, _actor):
        earlier = report_reading.left_by_last(session)
    with report_mailbox.opened(work.report_mailbox) as mailbox:
        generation = mailbox.generation
        left = earlier["uids"] if earlier.get("of") == generation else []
        reports, others = mailbox.read(today=work.now().date(), left=left)
        done = []
        with work.finishing() as (session, _actor):
            for uid, report in reports:
                outcome = store_report(session, report, at=work.now(), mailer=work.mailer)
                counts[outcome] += 1
                if outcome == UNKNOWN:
                    others.append(uid)
                elif outcome != WAITS:
                    done.append(uid)
            work.finish(session, result={**counts, report_reading.LEFT: {"of": generation, "uids": others}})
        mailbox.mark(done)
    if counts:
        # A report about a message that is not ours may be for somebody else with this mailbox: it is left unread.
        log.info("delivery reports are read", **counts)
