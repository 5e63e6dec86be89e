"""Whether the process in this container lives: exit code 0 or 1.

Web processes are asked; a scheduler and a worker touch a file (DUTYBOOK_ALIVE_FILE). Needs nothing but Python itself.
"""

import os
import sys
import time
import urllib.request
from pathlib import Path

OLDEST = 90.0
"""Seconds without a sign of life: a sweep after a long pause may take a while."""


def main() -> int:
    """Answer the exit code."""
    if file := os.environ.get("DUTYBOOK_ALIVE_FILE"):
        path = Path(file)
        return 0 if path.exists() and time.time() - path.stat().st_mtime < OLDEST else 1
    address = f"http://127.0.0.1:{os.environ.get('DUTYBOOK_PORT', '8000')}/healthz"
    try:
        # No proxy of the environment stands between a process and itself.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=4) as answer:
            return 0 if answer.status == 200 else 1  # noqa: PLR2004 HTTP's own number
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
