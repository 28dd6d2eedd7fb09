"""Who is nearest to whom: exactly, by blocked products, up to some tens of thousands of rows; approximately beyond."""

from __future__ import annotations

import math
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.cores import one_blas_thread, usable_cores
from research.errors import ConfigError

__all__ = ["EXACT_LIMIT", "Neighbours", "nearest_neighbours", "unit_rows"]

Matrix = npt.NDArray[np.float32]

#: Up to this many rows the neighbours are exact.
EXACT_LIMIT = 60_000
_WHOLE = np.float32(4000)  # with up to 9,000 columns, rounding makes no row of length 1 longer than 4,095
_BLOCK_ENTRIES = 1 << 21  # products that each thread holds at once: 8 MB, and half as much beside them
_SAMPLE, _SPARE = 1024, 3.0
_TOP = 1 << 24  # above every product
_TOP_BITS = 26  # of how far a product is below the top


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k nearest other rows of every row.

    Attributes
    ----------
    indices : ndarray of int32, shape (n, k)
        Nearest first; equally near ones by row number.
    similarities : ndarray of float32, shape (n, k)
        Cosines, between -1 and 1; exact ones to about 1e-4 (one standard deviation).
    exact : bool
        Whether these are the nearest for certain.
    """

    indices: npt.NDArray[np.int32]
    similarities: Matrix
    exact: bool


def unit_rows(matrix: Matrix, *, centre: bool = True, out: Matrix | None = None) -> Matrix:
    """Centre the columns and scale every row to length 1; a row without a direction stays zero.

    With ``out``, which may be the matrix itself, no other is made.

    Examples
    --------
    >>> unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32), centre=False).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    shift = matrix.mean(axis=0, dtype=np.float64).astype(np.float32) if centre and len(matrix) > 1 else np.float32(0)
    rows: Matrix = np.subtract(matrix, shift, out=out)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    np.divide(rows, lengths, out=rows, where=lengths > 1e-6)
    rows[lengths[:, 0] <= 1e-6] = 0
    return rows


def nearest_neighbours(rows: Matrix, k: int, *, exact: bool | None = None, seed: int = 0) -> Neighbours:
    """Find each row's nearest other rows by cosine.

    Parameters
    ----------
    rows : ndarray of float32, shape (n, d)
        Rows of length 1, see `unit_rows`.
    k : int
        How many neighbours; fewer when there are fewer other rows.
    exact : bool, optional
        By default exact up to `EXACT_LIMIT` rows.
    seed : int
        Seed of the approximate index.

    Returns
    -------
    Neighbours
        With ``min(k, n - 1)`` columns.

    Notes
    -----
    Beyond the limit by nearest-neighbour descent: Dong, W. and others (2011). Efficient k-nearest neighbor graph construction
    for generic similarity measures. WWW. By the library pynndescent.

    Examples
    --------
    >>> rows = unit_rows(np.array([[1, 0], [2, 0.1], [0, 1]], dtype=np.float32), centre=False)
    >>> nearest_neighbours(rows, 1).indices.tolist()
    [[1], [0], [1]]
    """
    if k < 1:
        raise ConfigError(f"k is {k}", remedy="ask for at least 1 neighbour")
    n = len(rows)
    k = min(k, n - 1)
    if k < 1:
        return Neighbours(np.zeros((n, 0), np.int32), np.zeros((n, 0), np.float32), True)
    if exact is None:
        exact = n <= EXACT_LIMIT
    return _exact(rows, k) if exact else _approximate(rows, k, seed)


def _exact(rows: Matrix, k: int) -> Neighbours:
    # Entries become whole numbers and rows shorter than 4,096, so that every product and every partial sum is a whole number
    # below 2**24, which 32 bits hold exactly: neighbours do not depend on threads, blocks or the processor.
    rows = np.rint(rows * _WHOLE)
    n = len(rows)
    indices = np.empty((n, k), np.int32)
    similarities = np.empty((n, k), np.float32)
    block = max(1, min(n, _BLOCK_ENTRIES // n))

    def one(start: int) -> None:
        products = rows[start : start + block] @ rows.T
        here = np.arange(len(products))
        products[here, start + here] = -_TOP  # no row is its own neighbour
        nearest = _highest(products, k)
        indices[start : start + block] = nearest
        similarities[start : start + block] = np.take_along_axis(products, nearest, axis=1) / _WHOLE**2

    # Selecting takes as long as multiplying, and one library call after the other would leave cores idle.
    with one_blas_thread(), ThreadPoolExecutor(usable_cores()) as threads:
        deque(threads.map(one, range(0, n, block)), maxlen=0)
    return Neighbours(indices, similarities, True)


def _highest(products: Matrix, k: int) -> npt.NDArray[np.int64]:
    """Give the places of the k highest whole numbers of every row, the highest first, equal ones by their place."""
    n, width = products.shape
    # What a sample of the columns has above a rank tells roughly what the k-th of all is: few are left to sort then.
    step = max(1, width // _SAMPLE)
    sample = products[:, ::step]
    rank = min(sample.shape[1], math.ceil(k / step) + math.ceil(_SPARE * math.sqrt(k / step)) + 1)
    least = np.partition(sample, sample.shape[1] - rank, axis=1)[:, sample.shape[1] - rank]
    high = products >= least[:, None]
    missing = np.flatnonzero(np.count_nonzero(high, axis=1) < k)
    high[missing] = products[missing] >= np.partition(products[missing], width - k, axis=1)[:, width - k, None]
    found = np.flatnonzero(high)
    rows, places = np.divmod(found, width)
    # One number to sort by: row, then product from the highest, then place; each has the bits that it can need.
    bits = width.bit_length()
    codes = (rows << (bits + _TOP_BITS)) | ((_TOP - products.ravel()[found].astype(np.int64)) << bits) | places
    codes.sort()
    starts = np.searchsorted(codes, np.arange(n) << (bits + _TOP_BITS))
    chosen: npt.NDArray[np.int64] = codes[starts[:, None] + np.arange(k)] & ((1 << bits) - 1)
    return chosen


def _approximate(rows: Matrix, k: int, seed: int) -> Neighbours:
    from pynndescent import NNDescent

    # A row is its own nearest neighbour in the index: one more is asked for, and it is dropped wherever it stands.
    index = NNDescent(rows, metric="cosine", n_neighbors=k + 1, random_state=seed, n_jobs=1)
    neighbours, distances = index.neighbor_graph
    indices = np.empty((len(rows), k), np.int32)
    similarities = np.empty((len(rows), k), np.float32)
    for row in range(len(rows)):
        others = np.flatnonzero(neighbours[row] != row)[:k]
        indices[row] = neighbours[row, others]
        similarities[row] = 1 - distances[row, others]
    return Neighbours(indices, similarities, False)
