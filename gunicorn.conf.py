"""How gunicorn serves us; it reads this by itself, so `run.py` and a service file say only where to listen.

Nothing is preloaded: each worker makes its own engine, after the fork, for a database connection cannot be shared.
"""

import gc
import os
import sys
from typing import Any

worker_class = "gthread"
workers = int(os.environ.get("JUDGING_WORKERS", "2"))
threads = int(os.environ.get("JUDGING_THREADS", "4"))
# A heartbeat file on a slow disk would stall the workers.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - gunicorn opens it without a name
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Say once what is missing in the settings; each worker would say it again, with a traceback."""
    import config

    try:
        config.from_environ()
    except config.ConfigError as error:
        sys.exit(str(error))


def post_worker_init(_worker: Any) -> None:
    """Take the objects of the start out of the garbage collection.

    They live as long as the worker. Without this, rendering a page of 500 proposals goes through all of them several
    times and takes up to twice as long.
    """
    gc.collect()
    gc.freeze()
