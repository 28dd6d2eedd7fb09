"""Rows in their principal axes, where neighbours are looked for: the same to the last bit on any number of threads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from research.cores import one_blas_thread
from research.features.neighbours import unit_rows

__all__ = ["principal_rows"]

Matrix = npt.NDArray[np.float32]

_WHOLE = np.float32(4000)  # entries become whole numbers, whose sums 64 bits hold exactly in any order
_ENOUGH = 20_000  # rows that axes are computed from
_BLOCK = 4096


def principal_rows(rows: Matrix, columns: int) -> Matrix:
    """Give rows in their first principal axes, scaled to length 1.

    Parameters
    ----------
    rows : ndarray of float32, shape (n, d)
        Rows of length 1, see `unit_rows`; the axes are those of the first 20,000, which must be no chosen ones.
    columns : int
        How many axes; as many as there are columns leave the rows as they are.

    Returns
    -------
    ndarray of float32, shape (n, min(columns, d))
        A row without a direction stays zero.

    Examples
    --------
    >>> rows = unit_rows(np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32) * np.float32([5, 3, 0.1]))
    >>> near = principal_rows(rows, 2)
    >>> near.shape, bool(np.abs(near @ near.T - rows @ rows.T).max() < 0.1)
    ((50, 2), True)
    """
    n, d = rows.shape
    if columns >= d:
        return rows
    moments = np.zeros((d, d))
    for start in range(0, min(n, _ENOUGH), _BLOCK):
        part = _whole(rows[start : min(start + _BLOCK, _ENOUGH)])
        moments += part.T @ part
    with one_blas_thread():
        axes = np.rint(np.linalg.eigh(moments)[1][:, ::-1][:, :columns] * float(_WHOLE))
    reduced = np.empty((n, columns), np.float32)
    for start in range(0, n, _BLOCK):
        reduced[start : start + _BLOCK] = (_whole(rows[start : start + _BLOCK]) @ axes) / float(_WHOLE) ** 2
    return unit_rows(reduced, centre=False, out=reduced)


def _whole(rows: Matrix) -> npt.NDArray[np.float64]:
    whole: npt.NDArray[np.float64] = np.rint(rows * _WHOLE).astype(np.float64)
    return whole
