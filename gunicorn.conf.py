"""How gunicorn runs the web processes. It finds the file by its name: plain `gunicorn` here does as `flask web`."""

import os
import tempfile

if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    # Where the processes add up what they count. It has to be known before anything loads the metrics' library.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="dutybook-metrics-")

from server.gunicorn_settings import *  # noqa: F403 gunicorn reads this file's globals
