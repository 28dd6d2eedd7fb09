"""What runs one function over many partitions: this process, several processes of this machine, or a cluster of dask."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, Self

from research.cores import one_blas_thread, one_core, usable_cores
from research.errors import ConfigError

__all__ = ["Engine", "Processes", "get_engine"]

_TRIES = 3
#: One thread a worker: those of several processes would spin against each other.
ONE_THREAD = {"RESEARCH_CORES": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Engine(Protocol):
    """Runs a function over items."""

    @property
    def name(self) -> str:
        """How it is called in a report."""
        ...

    def run(self, function: Callable[[Any, Any], Any], items: Sequence[Any], shared: Any) -> Iterator[Any]:
        """Give ``function(item, shared)`` for every item, as they are done; what is shared is sent to every worker once."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Processes:
    """Processes of this machine; with one worker, this process.

    Parameters
    ----------
    workers : int, optional
        How many; one a usable core when not given.

    Examples
    --------
    >>> with Processes(1) as engine:
    ...     list(engine.run(lambda item, shared: item + shared, [1, 2], 10))
    [11, 12]
    """

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise ConfigError(f"{workers} workers", where="--workers", remedy="give at least 1")
        self.workers = workers or usable_cores()
        self._stack: ExitStack | None = None
        self._pool: Any = None

    @property
    def name(self) -> str:
        """How it is called in a report."""
        return "stream"

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="research-")))
        return self

    def __exit__(self, *_: object) -> None:
        self._end(wait=True)
        if self._stack is not None:
            self._stack.close()
        self._stack = None

    def run(self, function: Callable[[Any, Any], Any], items: Sequence[Any], shared: Any) -> Iterator[Any]:
        """Give ``function(item, shared)`` for every item, as they are done."""
        if self._stack is None:
            raise RuntimeError("enter the engine by a with statement before it runs anything")
        if self.workers == 1 or len(items) < 2:
            for item in items:
                with one_core(), one_blas_thread():
                    found = function(item, shared)
                yield found
            return
        from loky.backend.reduction import dumps

        packed = bytes(dumps(shared))  # a class of a notebook, too, which no other process could import
        told = self._folder / hashlib.sha256(packed).hexdigest()
        told.write_bytes(packed)
        left = dict(enumerate(items))
        for _ in range(_TRIES):
            yield from self._pooled(function, left, told)
            if not left:
                return
        raise ConfigError(
            f"a worker was killed {_TRIES} times, with {len(left)} partitions left: memory may be short",
            remedy="give fewer --workers or smaller partitions, and run again: what is done is kept",
        )

    def _pooled(self, function: Callable[[Any, Any], Any], left: dict[int, Any], shared: Path) -> Iterator[Any]:
        """Run what is left, and leave what was in the hands of a worker when it died."""
        from loky import ProcessPoolExecutor

        if self._pool is None:  # it serves all stages: a worker takes seconds to begin
            self._pool = ProcessPoolExecutor(max_workers=self.workers, env={**ONE_THREAD, "RESEARCH_PROGRESS": "0"})
        done = False
        try:
            futures = {self._pool.submit(_call, function, item, shared): number for number, item in left.items()}
            for future in as_completed(futures):
                try:
                    found = future.result()
                except BrokenProcessPool:
                    continue
                del left[futures[future]]
                yield found
            done = not left
        finally:
            if not done:
                self._end(wait=False)

    def _end(self, *, wait: bool) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=wait, kill_workers=not wait)
        self._pool = None


@lru_cache(maxsize=1)
def _shared(path: Path) -> Any:
    """Give what all calls of a stage share, which a worker reads once."""
    return pickle.loads(path.read_bytes())  # noqa: S301 - of the process that started this one, in a folder of its own


def _call(function: Callable[[Any, Any], Any], item: Any, shared: Path) -> Any:
    return function(item, _shared(shared))


def get_engine(name: str, *, workers: int | None = None, scheduler: str | None = None) -> Engine:
    """Make an engine.

    Parameters
    ----------
    name : {"stream", "dask"}
        Processes of this machine, or a cluster of dask.
    workers : int, optional
        How many processes; one a usable core when not given.
    scheduler : str, optional
        With dask: the address of one that runs. Whoever runs it runs code on its workers and here: name your own only.

    Raises
    ------
    ConfigError
        If there is no such engine, dask is not installed, or the scheduler does not answer.
    """
    if name == "stream":
        if scheduler is not None:
            raise ConfigError("a scheduler is for dask", where="--scheduler", remedy="give --engine dask as well")
        return Processes(workers)
    if name == "dask":
        from research.bulk.dask_engine import Dask

        return Dask(workers=workers, scheduler=scheduler)
    raise ConfigError(f"there is no engine {name!r}", where="--engine", remedy="give stream or dask")
