"""The map: embeddings in two dimensions. The only module that imports umap."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt

from research.features.neighbours import nearest_neighbours, unit_rows
from research.topics.graph import default_neighbours

__all__ = ["FEWEST_FOR_UMAP", "project"]

#: Below this many rows a neighbourhood graph has nothing to lay out, and principal axes say what there is.
FEWEST_FOR_UMAP = 12


def project(matrix: npt.NDArray[np.float32], *, seed: int = 0) -> npt.NDArray[np.float64]:
    """Lay rows out in two dimensions so that near ones stay near.

    Parameters
    ----------
    matrix : ndarray of float32, shape (n, d)
        Embeddings; undefined rows (NaN) are not placed.
    seed : int
        Seed of the layout.

    Returns
    -------
    ndarray of float64, shape (n, 2)
        Centred, without unit: distances across a map mean little, neighbourhoods much. NaN for undefined rows. Below 12 rows
        these are the two principal axes.

    Notes
    -----
    McInnes, L., Healy, J. and Melville, J. (2018). UMAP: uniform manifold approximation and projection. By umap-learn, given
    exact neighbours, which also spares it a compilation of 40 seconds.

    Examples
    --------
    >>> project(np.eye(4, dtype=np.float32)).shape
    (4, 2)
    """
    placed = np.full((len(matrix), 2), np.nan)
    defined = np.isfinite(matrix).all(axis=1)
    rows = unit_rows(matrix[defined])
    if len(rows) < 3 or not rows.any():  # too few, or all alike: side by side
        placed[defined] = np.column_stack([np.arange(len(rows), dtype=np.float64), np.zeros(len(rows))])
    elif len(rows) < FEWEST_FOR_UMAP:
        placed[defined] = _principal(rows, scale=1.0)
    else:
        placed[defined] = _umap(rows, seed)
    return np.asarray(placed - np.nanmean(placed, axis=0) if defined.any() else placed)


def _principal(rows: npt.NDArray[np.float32], scale: float) -> npt.NDArray[np.float64]:
    centred = rows.astype(np.float64) - rows.mean(axis=0)
    left, singular, axes = np.linalg.svd(centred, full_matrices=False)
    signs = np.where(np.abs(axes[:2]).argmax(axis=1) >= 0, np.sign(axes[[0, 1], np.abs(axes[:2]).argmax(axis=1)]), 1)
    flat = left[:, :2] * singular[:2] * np.where(signs == 0, 1, signs)
    return np.asarray(flat * scale / max(float(np.abs(flat).max()), 1e-9))


def _umap(rows: npt.NDArray[np.float32], seed: int) -> npt.NDArray[np.float64]:
    k = default_neighbours(len(rows))
    neighbours = nearest_neighbours(rows, k, seed=seed)
    own = np.arange(len(rows), dtype=np.int32)[:, None]
    indices = np.concatenate([own, neighbours.indices], axis=1)
    distances = np.concatenate([np.zeros((len(rows), 1), np.float32), np.maximum(1 - neighbours.similarities, 0)], axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # umap and numba warn of settings that are meant
        from umap import UMAP

        layout = UMAP(
            n_neighbors=k + 1,
            metric="cosine",
            min_dist=0.3,
            init=_principal(rows, scale=10.0).astype(np.float32),
            random_state=seed,
            n_jobs=1,
            precomputed_knn=(indices, distances, None),
        )
        return np.asarray(layout.fit_transform(rows), dtype=np.float64)
