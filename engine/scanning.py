"""Files from outside are shown to the virus scanner that the installation names, before anybody can open them."""

import logging
import subprocess
from pathlib import Path

from models.words import _

log = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds that a scanner may take for one file."""
SPEAKS_AGAINST = _("The virus scanner of this server speaks against this file.")


class Scanner:
    """How it is called, the file's path being added; set once at start-up. Empty: there is none."""

    command: tuple[str, ...] = ()


def is_clean(path: Path) -> bool:
    """Whether the scanner answers 0 for the file. One that fails or hangs lets nothing through."""
    if not Scanner.command:
        return True
    try:
        done = subprocess.run(  # noqa: S603 the administrator's own command; the path is of our making
            [*Scanner.command, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        log.exception("the virus scanner did not answer")
        return False
    return done.returncode == 0
