"""How many processor cores this process may use."""

from __future__ import annotations

import os

__all__ = ["usable_cores"]


def usable_cores() -> int:
    """Count the cores that this process may run on; the environment variable RESEARCH_CORES sets a lower number.

    Examples
    --------
    >>> usable_cores() >= 1
    True
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get("RESEARCH_CORES", "")
    return max(1, min(cores, int(wanted))) if wanted.isdigit() else cores
