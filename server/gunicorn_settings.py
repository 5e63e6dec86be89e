"""How gunicorn runs the web processes: read by `flask web`, and by plain `gunicorn` through gunicorn.conf.py.

The application is built in each process anew (no preload): no database connection, thread or key is shared by a fork.
A process that is told to end takes no further request and finishes those under way.
"""

import gc
import os
import shutil
from typing import Any

import gunicorn.http.wsgi
from prometheus_client import multiprocess

from engine.config import Settings
from server import logs, metrics, proxies

settings = Settings.load()

wsgi_app = "app:create_app()"
bind = f"{settings.host}:{settings.port}"
workers = settings.web_processes
worker_class = "gthread"
threads = settings.threads
preload_app = False
timeout = 120
"""A process whose heart stops for so long is replaced; a slow request alone does not stop it, threads answer others."""
graceful_timeout = 30
keepalive = 75
max_requests = 20_000
max_requests_jitter = 2_000
umask = 0o077
forwarded_allow_ips = ""
"""gunicorn itself believes no header: `server.proxies` does, from as many hops as the settings name."""
limit_request_line = 8190
limit_request_fields = 100
accesslog = None
control_socket_disable = True
logconfig_dict = logs.configuration(settings)
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 gunicorn's heartbeat files, its own names

gunicorn.http.wsgi.SERVER = "Dutybook"


def post_worker_init(worker: Any) -> None:  # noqa: ANN401 gunicorn ships no types
    """A process has built its application, which lives as long: it is not looked through for rubbish."""
    gc.freeze()
    proxies.trust(worker.wsgi, settings)


def child_exit(server: Any, worker: Any) -> None:  # noqa: ANN401, ARG001 gunicorn ships no types
    """A process has ended: what it had in use is in use no more; what it counted stays counted."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # the library's own


def on_exit(server: Any) -> None:  # noqa: ANN401, ARG001 gunicorn ships no types
    """The last one out."""
    shutil.rmtree(os.environ[metrics.FOLDER], ignore_errors=True)
