"""Clusters as communities of a graph: nearest neighbours, weights by shared neighbours, the Leiden algorithm.

Nothing is left out, no number of clusters is given beforehand, and the answer does not depend on the order of the rows: they
are put into an order of their own, by content, before anything is computed.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from research.features.neighbours import Neighbours, nearest_neighbours, unit_rows

__all__ = ["GraphClusterer", "by_size", "default_neighbours", "default_smallest", "shared_neighbour_graph"]

Matrix = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

_MOST_NEIGHBOURS, _FEWEST_NEIGHBOURS = 30, 5
_PREDICT_BLOCK = 1024
_GRAPH_BLOCK = 2048


def default_neighbours(n: int) -> int:
    """Choose how many neighbours to look at among n rows: about the square root, between 5 and 30, fewer when n is less.

    Examples
    --------
    >>> [default_neighbours(n) for n in (1, 3, 12, 100, 5000)]
    [0, 2, 5, 10, 30]
    """
    return max(0, min(n - 1, _MOST_NEIGHBOURS, max(_FEWEST_NEIGHBOURS, round(math.sqrt(n)))))


def default_smallest(n: int) -> int:
    """Choose the least size of a cluster among n rows: 2 for a handful, growing with the square root.

    Examples
    --------
    >>> [default_smallest(n) for n in (1, 12, 76, 500, 5000)]
    [1, 2, 4, 11, 35]
    """
    return max(min(2, n), round(math.sqrt(n) / 2))


def shared_neighbour_graph(neighbours: Neighbours, *, least: float = 1 / 15) -> sparse.csr_matrix:
    """Weigh every pair of rows by the neighbours that they share.

    Parameters
    ----------
    neighbours : Neighbours
        Of n rows.
    least : float
        Weights up to this are dropped.

    Returns
    -------
    scipy.sparse.csr_matrix, shape (n, n)
        Symmetric, no diagonal: the Jaccard similarity of the two rows' neighbourhoods, each row counting as its own
        neighbour.

    Notes
    -----
    Jarvis, R. and Patrick, E. (1973). Clustering using a similarity measure based on shared near neighbors. The weights and
    the threshold are those of PhenoGraph: Levine, J. and others (2015), Cell 162.

    Examples
    --------
    >>> rows = unit_rows(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], dtype=np.float32), centre=False)
    >>> shared_neighbour_graph(nearest_neighbours(rows, 1)).toarray().tolist()
    [[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]]
    """
    n, k = neighbours.indices.shape
    own = np.concatenate([np.arange(n, dtype=np.int32)[:, None], neighbours.indices], axis=1)
    hood = sparse.csr_matrix((np.ones(own.size, np.float32), own.ravel(), np.arange(0, own.size + 1, k + 1)), shape=(n, n))
    turned = hood.T.tocsr()
    blocks = []
    for start in range(0, n, _GRAPH_BLOCK):  # most pairs fall below the least weight: all of them at once take much memory
        pairs = (hood[start : start + _GRAPH_BLOCK] @ turned).tocoo()
        weights = pairs.data / (2 * (k + 1) - pairs.data)
        kept = (weights > least) & (pairs.row + start != pairs.col)
        blocks.append(sparse.csr_matrix((weights[kept], (pairs.row[kept], pairs.col[kept])), shape=pairs.shape))
    graph = sparse.vstack(blocks, format="csr")
    graph.sort_indices()
    return graph


class GraphClusterer(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Cluster rows by the communities of their shared-neighbour graph.

    Parameters
    ----------
    n_neighbors : int, optional
        Size of a neighbourhood; `default_neighbours` when not given.
    resolution : float
        Higher gives more and smaller clusters.
    min_cluster_size : int, optional
        Smaller communities join the one that they are most connected with; `default_smallest` when not given.
    trials : int
        How many times the Leiden algorithm starts anew; the best partition by modularity is kept.
    seed : int
        Seed of the Leiden algorithm and of the approximate index.

    Attributes
    ----------
    labels_ : ndarray of int64, shape (n,)
        Clusters from 0, the largest first.
    strengths_ : ndarray of float64, shape (n,)
        Share, weighted by similarity, of a row's neighbours that are in its cluster; NaN for a row without neighbours.
    modularity_ : float
        Modularity of the partition, NaN without edges.

    Notes
    -----
    Traag, V., Waltman, L. and van Eck, N. J. (2019). From Louvain to Leiden: guaranteeing well-connected communities.
    Scientific Reports 9. By the library graspologic-native.

    Examples
    --------
    >>> rows = np.repeat(np.eye(3, dtype=np.float32), 20, axis=0) + np.random.default_rng(0).normal(0, 0.05, (60, 3))
    >>> sorted(np.bincount(GraphClusterer().fit(rows).labels_).tolist())
    [20, 20, 20]
    """

    def __init__(
        self,
        n_neighbors: int | None = None,
        resolution: float = 1.0,
        min_cluster_size: int | None = None,
        trials: int = 3,
        seed: int = 0,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.resolution = resolution
        self.min_cluster_size = min_cluster_size
        self.trials = trials
        self.seed = seed

    def fit(self, X: Any, y: Any = None) -> Self:
        """Cluster rows, shape (n, d)."""
        given = validate_data(self, X, dtype=np.float32)
        order = _canonical_order(given)
        rows = np.ascontiguousarray(given[order])
        self.centre_ = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        units = unit_rows(rows, out=rows)
        n = len(units)
        k = default_neighbours(n) if self.n_neighbors is None else min(self.n_neighbors, n - 1)
        if k < 1 or not units.any():  # one row, or all alike: nothing to tell apart
            labels, strengths, self.modularity_ = np.zeros(n, np.int64), np.full(n, np.nan), math.nan
        else:
            neighbours = nearest_neighbours(units, k, seed=self.seed)
            graph = shared_neighbour_graph(neighbours)
            labels, self.modularity_ = self._communities(graph)
            smallest = default_smallest(n) if self.min_cluster_size is None else self.min_cluster_size
            labels = by_size(_merge_small(labels, graph, neighbours, smallest))
            strengths = _strengths(labels, neighbours)
        self.units_, self.unit_labels_ = units, labels
        self.labels_ = np.empty(n, np.int64)
        self.labels_[order] = labels
        self.strengths_ = np.empty(n, np.float64)
        self.strengths_[order] = strengths
        return self

    def predict(self, X: Any) -> Labels:
        """Give new rows the cluster that most of their nearest known rows are in, weighted by similarity."""
        return self.assign(X)[0]

    def assign(self, X: Any) -> tuple[Labels, npt.NDArray[np.float64]]:
        """Give new rows their cluster, as `predict` does, and the share of their neighbours that are in it."""
        check_is_fitted(self)
        given = validate_data(self, X, dtype=np.float32, reset=False)
        rows = unit_rows(given - self.centre_, centre=False)
        n_known = len(self.units_)
        k = min(n_known, max(1, default_neighbours(n_known) if self.n_neighbors is None else self.n_neighbors))
        weights = np.zeros((len(rows), int(self.unit_labels_.max()) + 1))
        for start in range(0, len(rows), _PREDICT_BLOCK):
            found = rows[start : start + _PREDICT_BLOCK] @ self.units_.T
            nearest = np.argsort(-found, axis=1, kind="stable")[:, :k]
            here = np.arange(len(found))
            for at in nearest.T:
                weights[start + here, self.unit_labels_[at]] += np.maximum(found[here, at], 0) + 1e-9
        labels = np.asarray(weights.argmax(axis=1), dtype=np.int64)
        return labels, weights[np.arange(len(rows)), labels] / weights.sum(axis=1)

    def _communities(self, graph: sparse.csr_matrix) -> tuple[Labels, float]:
        n = graph.shape[0]
        if graph.nnz == 0:
            return np.zeros(n, np.int64), math.nan
        from graspologic_native import leiden_csr

        modularity, found = leiden_csr(
            graph.indptr.astype(np.int64),
            graph.indices.astype(np.int32),
            graph.data.astype(np.float64),
            n,
            resolution=self.resolution,
            seed=self.seed,
            trials=self.trials,
        )
        return np.fromiter((found[node] for node in range(n)), np.int64, n), float(modularity)


def _canonical_order(rows: Matrix) -> npt.NDArray[np.intp]:
    """Order rows by their content, so that the order in which they came does not matter."""
    digests = np.array([hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in rows], dtype="S16")
    return np.argsort(digests, kind="stable")


def _merge_small(labels: Labels, graph: sparse.csr_matrix, neighbours: Neighbours, smallest: int) -> Labels:
    """Let every community below the least size join the one that it is most connected with, smallest first."""
    labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    near = sparse.csr_matrix(
        (
            np.maximum(neighbours.similarities, 1e-6).ravel().astype(np.float64) * 1e-3,
            neighbours.indices.ravel(),
            np.arange(0, neighbours.indices.size + 1, neighbours.indices.shape[1]),
        ),
        shape=graph.shape,
    )
    # Shared neighbours decide; plain nearness only where there are none.
    weights = graph + near + near.T
    while True:
        sizes = np.bincount(labels)
        present = np.flatnonzero(sizes)
        small = present[np.argsort(sizes[present], kind="stable")]
        if len(present) < 2 or sizes[small[0]] >= smallest:
            return labels
        members = np.flatnonzero(labels == small[0])
        row = np.asarray(weights[members].sum(axis=0)).ravel()
        pull = np.bincount(labels, weights=row, minlength=len(sizes)) / np.maximum(sizes, 1)
        pull[small[0]] = -1
        labels[members] = int(pull.argmax())


def by_size(labels: Labels) -> Labels:
    """Number clusters from 0, the largest first, equal ones by their first row."""
    found, first, counts = np.unique(labels, return_index=True, return_counts=True)
    rank = np.empty(len(found), np.int64)
    rank[np.lexsort((first, -counts))] = np.arange(len(found))
    return rank[np.searchsorted(found, labels)]


def _strengths(labels: Labels, neighbours: Neighbours) -> npt.NDArray[np.float64]:
    weights = np.maximum(neighbours.similarities.astype(np.float64), 0) + 1e-9
    same = labels[neighbours.indices] == labels[:, None]
    return np.asarray((weights * same).sum(axis=1) / weights.sum(axis=1), dtype=np.float64)
