"""How many processor cores this process may use, and when linear algebra should leave them alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

__all__ = ["one_blas_thread", "one_core", "usable_cores"]

_alone: ContextVar[bool] = ContextVar("alone", default=False)


def usable_cores() -> int:
    """Count the cores that this process may run on; the environment variable RESEARCH_CORES sets a lower number.

    Examples
    --------
    >>> usable_cores() >= 1
    True
    """
    if _alone.get():
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get("RESEARCH_CORES", "")
    return max(1, min(cores, int(wanted))) if wanted.isdecimal() else cores


@contextmanager
def one_core() -> Iterator[None]:
    """Let `usable_cores` count one: a worker is one core's work, and starts no processes of its own.

    Examples
    --------
    >>> with one_core():
    ...     usable_cores()
    1
    """
    before = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(before)


@contextmanager
def one_blas_thread(wanted: bool = True) -> Iterator[None]:
    """Keep linear algebra to one thread: threads cost small matrices more than they bring, and change last digits.

    Parameters
    ----------
    wanted : bool
        Whether to; what runs inside is left as it is otherwise.

    Notes
    -----
    By threadpoolctl. Looking for the libraries takes milliseconds, so that is done once.

    Examples
    --------
    >>> with one_blas_thread():
    ...     usable_cores() >= 1
    True
    """
    if not wanted:
        yield
        return
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> Any:
    import scipy.linalg  # noqa: F401 - what is not loaded yet, with what numpy brings, is not found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
