"""Measuring many cells over processes: the same outcomes whatever their number, failures kept, within a time budget."""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.cores import usable_cores
from research.evaluate.undefined import reason
from research.progress import progress
from research.runs.journal import Cell, Outcome
from research.runs.modules import load_module, loaded_modules

__all__ = ["Measure", "Measured", "sweep"]

_ERROR_CHARS = 300
_ORPHAN_SECONDS = 1.0

# One thread a process: threads of several processes would spin against each other, and sums would depend on their number.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RESEARCH_CORES")
_WORKER = {**dict.fromkeys(_THREADS, "1"), "RESEARCH_PROGRESS": "0"}


@dataclass(frozen=True)
class Measured:
    """What measuring a cell gives.

    Attributes
    ----------
    metrics : mapping of str to float
        Each becomes a record; an `Undefined` keeps its reason.
    data : object
        Plain values, as JSON has them, that the report needs beside the metrics.
    """

    metrics: Mapping[str, float]
    data: Any = None


Measure = Callable[[Cell], Measured]


def sweep(
    measure: Measure,
    cells: Sequence[Cell],
    *,
    workers: int | None = None,
    deadline: float | None = None,
    label: str = "cells",
) -> Iterator[Outcome]:
    """Measure cells, and give each outcome as soon as it is known.

    Parameters
    ----------
    measure : callable
        A function of a module, from a cell to a `Measured`; it depends on nothing but the cell and the run's inputs.
    cells : sequence of Cell
        What to measure.
    workers : int, optional
        How many processes; the usable cores when not given. With one, cells are measured in this process.
    deadline : float, optional
        `time.monotonic` time from which on no further cell begins.
    label : str
        For the progress bar.

    Yields
    ------
    Outcome
        In the order in which they finish. A cell that raises, or whose process dies, is an outcome with a status that says so.

    Examples
    --------
    >>> found = sweep(lambda cell: Measured({"twice": 2.0 * cell.seed}), [Cell("toy", "none", seed=3)], workers=1)
    >>> next(found).metrics
    {'twice': 6.0}
    """
    count = min(usable_cores() if workers is None else workers, len(cells))
    found = _here(measure, cells, deadline) if count <= 1 else _over_processes(measure, cells, count, deadline)
    return progress(found, label, total=len(cells))


def _late(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() >= deadline


def _not_run(cell: Cell) -> Outcome:
    return Outcome(cell, "not run: the time budget was used up")


def _here(measure: Measure, cells: Sequence[Cell], deadline: float | None) -> Iterator[Outcome]:
    from threadpoolctl import threadpool_limits

    for cell in cells:
        if _late(deadline):
            yield _not_run(cell)
            continue
        with threadpool_limits(1):
            outcome = _measured(measure, cell)
        yield outcome


def _over_processes(measure: Measure, cells: Sequence[Cell], count: int, deadline: float | None) -> Iterator[Outcome]:
    waiting, suspects = deque(cells), deque[Cell]()
    while waiting or suspects:
        # A process that dies takes all cells under way with it: each of them is tried once more, alone.
        alone = bool(suspects)
        queue = deque([suspects.popleft()]) if alone else waiting
        under_way: dict[Future[Outcome], Cell] = {}
        pool = _pool(1 if alone else count)
        try:
            while queue or under_way:
                while queue and len(under_way) < (1 if alone else count):
                    if _late(deadline):
                        yield _not_run(queue.popleft())
                    else:
                        future = pool.submit(_measured, measure, queue[0])
                        under_way[future] = queue.popleft()
                done, _ = wait(under_way, return_when=FIRST_COMPLETED) if under_way else (set(), set())
                for future in done:
                    outcome = future.result()
                    del under_way[future]
                    yield outcome
        except BrokenProcessPool:
            if alone:
                cell = next(iter([*under_way.values(), *queue]))
                yield Outcome(cell, "failed: its process died (killed, or out of memory)")
            else:
                suspects.extend(under_way.values())
            pool.shutdown(kill_workers=True)
        except BaseException:  # the consumer gave up: so do the workers
            pool.shutdown(kill_workers=True)
            raise
        else:
            pool.shutdown()


def _pool(count: int) -> Any:
    from loky import ProcessPoolExecutor

    return ProcessPoolExecutor(max_workers=count, initializer=_begin, initargs=(os.getpid(), loaded_modules()), env=_WORKER)


def _begin(parent: int, modules: Sequence[tuple[str, str]]) -> None:
    """Prepare a worker: experiments are files, not an installed package; and a worker whose parent was killed must end."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    for name, path in modules:
        load_module(name, Path(path))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_ORPHAN_SECONDS)
    os._exit(1)


def _measured(measure: Measure, cell: Cell) -> Outcome:
    try:
        found = measure(cell)
        for name, value in found.metrics.items():
            if math.isinf(value) or reason(value) == "undefined":
                raise ValueError(f"{name} is {float(value)}: give a number, or an Undefined with its reason")
        outcome = Outcome(cell, "ok", dict(found.metrics), found.data)
        # Through the journal's form, so that a fresh outcome and one read from the disk are the same.
        return Outcome.read(outcome.line())
    except (Exception, SystemExit) as error:
        if os.environ.get("RESEARCH_DEBUG"):
            raise
        line = " ".join(f"{type(error).__name__}: {error}".split())
        return Outcome(cell, f"failed: {line[:_ERROR_CHARS]}")
