"""Long work, done by a worker process: ``judging work``.

A request stores a row in the table ``job``. The worker hands every unfinished row to DBOS, which starts it, starts it
again after the worker was killed, and limits how many run at once. ``perform`` does one job and stores how it ended.
"""
