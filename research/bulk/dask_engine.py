"""A cluster of dask as the engine: one on this machine, or one that runs elsewhere; the only module that imports dask."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Self

from research.bulk.engines import ONE_THREAD
from research.cores import usable_cores
from research.errors import ConfigError

__all__ = ["Dask"]

_TRIES = 3
_SECONDS = 30  # within which a scheduler must answer


class Dask:
    """Workers of dask.

    Parameters
    ----------
    workers : int, optional
        How many processes to start on this machine; one a usable core when not given.
    scheduler : str, optional
        The address of a scheduler that runs, such as ``tcp://10.0.0.1:8786``, instead of starting one.

    Notes
    -----
    By dask and distributed. A cluster that is started here listens on the loopback address only.
    """

    def __init__(self, *, workers: int | None = None, scheduler: str | None = None) -> None:
        try:
            distributed: Any = import_module("distributed")  # it has no complete types
        except ImportError:
            raise ConfigError(
                "dask is not installed", where="--engine dask", remedy='install "arabic-news-research[dask]"'
            ) from None
        if workers is not None and workers < 1:
            raise ConfigError(f"{workers} workers", where="--workers", remedy="give at least 1")
        if scheduler is not None and workers is not None:
            raise ConfigError("a running scheduler has its own workers", where="--workers", remedy="leave one of them out")
        self._distributed, self._scheduler = distributed, scheduler
        self._workers = workers or usable_cores()
        self._cluster: Any = None
        self._client: Any = None

    @property
    def name(self) -> str:
        """How it is called in a report."""
        return "dask"

    def __enter__(self) -> Self:
        self._connect()
        dashboard = self._client.dashboard_link if find_spec("bokeh") else ""  # without it the page is empty
        where = self._client.scheduler.address
        print(f"dask: scheduler {where}{f', dashboard {dashboard}' if dashboard else ''}", file=sys.stderr)  # noqa: T201
        return self

    def __exit__(self, *_: object) -> None:
        self._disconnect()

    def _connect(self) -> None:
        import dask

        address: Any = self._scheduler
        try:
            if address is None:
                wanted = {
                    "distributed.nanny.pre-spawn-environ": {**ONE_THREAD, "RESEARCH_PROGRESS": "0"},
                    "distributed.worker.profile.enabled": False,  # looks a hundred times a second what a worker does
                }
                with dask.config.set(wanted):
                    self._cluster = self._distributed.LocalCluster(
                        n_workers=self._workers, threads_per_worker=1, processes=True, host="127.0.0.1",
                        dashboard_address="127.0.0.1:0", silence_logs=50,
                    )  # fmt: skip
                address = self._cluster
            self._client = self._distributed.Client(address, timeout=_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            self._disconnect()
            told = " ".join(str(error).split())[:200] or type(error).__name__
            raise ConfigError(
                f"the scheduler does not answer ({told})",
                where=f"--scheduler {self._scheduler}" if self._scheduler else "--engine dask",
                remedy="check that it runs, and its address",
            ) from None

    def _disconnect(self) -> None:
        for one in (self._client, self._cluster):
            if one is not None:
                with suppress(Exception):  # what is lost cannot be closed in order
                    one.close(timeout=5)
        self._client = self._cluster = None

    def run(self, function: Callable[[Any, Any], Any], items: Sequence[Any], shared: Any) -> Iterator[Any]:
        """Give ``function(item, shared)`` for every item, as they are done."""
        left = dict(enumerate(items))
        for attempt in range(_TRIES):
            if attempt:
                self._disconnect()
                self._connect()
            yield from self._submitted(function, left, shared)
            if not left:
                return
        raise ConfigError(
            f"workers or the scheduler were lost {_TRIES} times, with {len(left)} partitions left",
            where="--engine dask",
            remedy="see to the cluster and run again: what is done is kept",
        )

    def _submitted(self, function: Callable[[Any, Any], Any], left: dict[int, Any], shared: Any) -> Iterator[Any]:
        """Run what is left, and leave what was lost with a worker or with the scheduler."""
        lost = (CancelledError, self._distributed.KilledWorker, self._distributed.comm.CommClosedError, OSError)
        try:
            [held] = self._client.scatter([shared], broadcast=True, hash=False, timeout=_SECONDS)
            futures = {
                self._client.submit(function, item, held, pure=False, retries=0): number for number, item in left.items()
            }
            for future in self._distributed.as_completed(list(futures), loop=self._client.loop):
                found = future.result()
                del left[futures[future]]
                future.release()
                yield found
        except lost:
            return
