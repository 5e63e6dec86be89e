"""How much memory a piece of work holds at its highest, read from Linux itself."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def memory(name: str) -> float:
    """A line of this process's status, in megabytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


@contextmanager
def peak(found: dict[str, float]) -> Iterator[None]:
    """How much more memory than before the block held at its highest."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    idle = memory("VmRSS")
    yield
    found["peak"] = memory("VmHWM") - idle
