"""Time and memory of a command as a whole process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

__all__ = ["timed_process"]

_CHILD = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
)


def timed_process(command: Sequence[str]) -> tuple[float, float]:
    """Run a command as a process of its own.

    Parameters
    ----------
    command : sequence of str
        A program and its arguments.

    Returns
    -------
    (float, float)
        Seconds of the wall clock, and its peak memory in MB as the operating system tells it (Linux).

    Raises
    ------
    RuntimeError
        If it fails: the last line of what it said.

    Examples
    --------
    >>> seconds, megabytes = timed_process([sys.executable, "-c", "held = b'x' * 50_000_000"])
    >>> seconds > 0, megabytes > 50
    (True, True)
    """
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _CHILD, *command], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"the process failed: {(done.stderr.strip().splitlines() or ['it said nothing'])[-1]}")
    return seconds, int(done.stdout.split()[-1]) / 1024
