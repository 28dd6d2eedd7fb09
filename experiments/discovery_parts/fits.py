"""One fit of a way: repeatable, and in a process of its own where its seconds and memory are asked for."""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path

import numpy as np

from research.runs import timed_process

from .ways import UMAP, WAYS, Found, Given

# The whole experiment: what it imports before a fit is in no way's seconds.
SCRIPT = Path(__file__).resolve().parent.parent / "discovery.py"
# One thread a process: threads of two fits would spin against each other, and what UMAP gives would depend on their number.
ALONE = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS", "RESEARCH_CORES"), "1"
)  # fmt: skip


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Let a way that takes no seed give the same twice, and print nothing: BERTopic's defaults draw from numpy's own generator."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # the libraries warn of settings that are theirs
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


@contextmanager
def one_numba_thread() -> Iterator[None]:
    """Keep UMAP to one thread: what it gives without a seed of its own depends on which thread is first."""
    import numba

    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(threads)


def fit(way: str, given: Given) -> Found:
    with repeatable(given.seed), one_numba_thread() if way in UMAP else nullcontext():
        return WAYS[way](given)


def fit_alone(way: str, given: Given) -> tuple[float, float]:
    """Fit a way in a process of its own, and give its seconds and its peak memory in MB.

    Raises
    ------
    RuntimeError
        With what the process said when it failed.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        np.save(folder / "embeddings.npy", given.embeddings)
        task = {"texts": given.texts, "n_topics": given.n_topics, "seed": given.seed, "encoder": given.encoder}
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
        alone = ["env", "PYTHONSAFEPATH=", *(f"{name}={value}" for name, value in ALONE.items())]  # a script finds its parts
        # The operating system's peak: a process that asks for its own would be told that of its parent, where this was higher.
        _, megabytes = timed_process([*alone, sys.executable, str(SCRIPT), way, str(folder)])
        seconds = float((folder / "seconds.txt").read_text(encoding="utf-8"))
    return seconds, megabytes


def work(way: str, folder: Path) -> None:
    """Be that process: time what a user waits for, without the start of Python and the reading of the texts."""
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    given = Given(embeddings=np.load(folder / "embeddings.npy"), **task)
    start = time.perf_counter()
    fit(way, given)
    (folder / "seconds.txt").write_text(repr(time.perf_counter() - start), encoding="utf-8")
