"""Who is nearest to whom: exactly, by blocked products, up to some tens of thousands of rows; approximately beyond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.errors import ConfigError

__all__ = ["EXACT_LIMIT", "Neighbours", "nearest_neighbours", "unit_rows"]

Matrix = npt.NDArray[np.float32]

#: Up to this many rows the neighbours are exact.
EXACT_LIMIT = 60_000
_WHOLE = np.float32(4000)  # with up to 9,000 columns, rounding makes no row of length 1 longer than 4,095
_BLOCK_ENTRIES = 1 << 20  # similarities held at once: 4 MB, and four times that while they are sorted


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
    for start in range(0, n, block):
        found = rows[start : start + block] @ rows.T
        here = np.arange(len(found))
        found[here, start + here] = -np.inf  # no row is its own neighbour
        np.negative(found, out=found)
        nearest = np.argpartition(found, k - 1, axis=1)[:, :k]
        # Of rows that are equally near in the last place a partition takes any: the first ones must be taken.
        last = np.take_along_axis(found, nearest, axis=1).max(axis=1, keepdims=True)
        for row in np.flatnonzero((found <= last).sum(axis=1) > k):
            nearest[row] = np.argsort(found[row], kind="stable")[:k]
        values = np.take_along_axis(found, nearest, axis=1)
        order = np.lexsort((nearest, values), axis=1)
        indices[start : start + block] = np.take_along_axis(nearest, order, axis=1)
        similarities[start : start + block] = -np.take_along_axis(values, order, axis=1) / _WHOLE**2
    return Neighbours(indices, similarities, True)


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
