"""Progress on the standard error stream for what takes longer than two seconds; RESEARCH_PROGRESS=0 turns it off."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self, TypeVar

__all__ = ["Stages", "progress", "quiet"]

T = TypeVar("T")

_DELAY_SECONDS = 2


_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Show nothing of what goes on inside: it is a step of something that shows its own progress.

    Examples
    --------
    >>> with quiet():
    ...     list(progress([1], "counting"))
    [1]
    """
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def _bar(**options: Any) -> Any:
    from tqdm import tqdm

    off = os.environ.get("RESEARCH_PROGRESS") == "0" or _quiet.get()
    return tqdm(delay=_DELAY_SECONDS, mininterval=0.5, disable=off, **options)


def progress(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Pass items through and show how far they are, once two seconds have gone.

    Examples
    --------
    >>> list(progress([1, 2], "counting"))
    [1, 2]
    """
    return iter(_bar(iterable=items, desc=label, total=total))


class Stages:
    """The steps of one task, shown by name as they begin, once two seconds have gone.

    Examples
    --------
    >>> with Stages("baking", 2) as stage:
    ...     stage("mixing")
    ...     stage("heating")
    """

    def __init__(self, task: str, total: int) -> None:
        self._task, self._done, self._due = task, 0, False
        self._bar = _bar(total=total, desc=task, bar_format="{desc} [{n_fmt}/{total_fmt}, {elapsed}]")
        # A step may last for minutes and begin within the delay: a clock shows it, not the next step.
        self._clock = threading.Timer(_DELAY_SECONDS, self._show)
        self._clock.daemon = True

    def __enter__(self) -> Self:
        self._clock.start()
        return self

    def __call__(self, name: str) -> None:
        """Begin the next step."""
        self._bar.n = self._done
        self._done += 1
        self._bar.set_description_str(f"{self._task}: {name}", refresh=self._due)

    def _show(self) -> None:
        self._due = True
        self._bar.refresh()

    def __exit__(self, *_: object) -> None:
        self._clock.cancel()
        if self._due:
            self._bar.n = self._done
            self._bar.set_description_str(self._task)
        self._bar.close()
