"""How gunicorn serves us; it reads this by itself, so `run.py` and a service file say only where to listen.

Nothing is preloaded: each worker makes its own engine, after the fork, for a database connection cannot be shared.
"""

import gc
import os
import resource
import sys
from typing import Any

from config import ConfigError, exposure, from_environ

# Before a worker imports numpy: as on the command line (`judging/cli`), which does the jobs.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

try:
    settings = from_environ()
except ConfigError as error:
    # Said once, here; each worker would say it again, with a traceback.
    sys.exit(str(error))
bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
worker_class = "judging.server.gunicorn_worker.BufferingWorker"
logger_class = "judging.server.log.JsonLogger"
workers = settings.workers
threads = settings.threads
# A heartbeat file on a slow disk would stall the workers.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - gunicorn opens it without a name
control_socket_disable = True
# Only `judging.app` reads forwarded headers, and only those of the counted proxies. gunicorn would believe any program
# of this machine that the request came by https.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
# Idle connections cost no thread. A proxy that keeps its own longer than this must repeat requests that it lost.
keepalive = 15
limit_request_fields = 60
# A connection needs a file; the rest is for the database.
worker_connections = min(600, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)


def on_starting(server: Any) -> None:
    """Say once when the service listens to other machines and no proxy is declared."""
    # An address is a string when it is the path of a socket, which only this machine can open.
    hosts = [address[0] for address in server.cfg.address if isinstance(address, tuple)]
    if warning := exposure(hosts, proxy_count=settings.proxy_count):
        server.log.warning(warning)


def post_worker_init(_worker: Any) -> None:
    """Take the objects of the start out of the garbage collection.

    They live as long as the worker. Without this, rendering a page of 500 proposals goes through all of them several
    times and takes up to twice as long.
    """
    gc.collect()
    gc.freeze()
