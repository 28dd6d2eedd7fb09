"""A graph of texts: who shares whose nearest neighbours, and the communities of such a graph (the Leiden algorithm)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.cores import usable_cores
from research.features.neighbours import Neighbours

__all__ = [
    "by_size",
    "canonical_order",
    "communities",
    "default_neighbours",
    "default_smallest",
    "merge_small",
    "shared_neighbour_graph",
]

Matrix = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

_MOST_NEIGHBOURS, _FEWEST_NEIGHBOURS = 30, 5
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
    >>> from research.features.neighbours import nearest_neighbours, unit_rows
    >>> rows = unit_rows(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], dtype=np.float32), centre=False)
    >>> shared_neighbour_graph(nearest_neighbours(rows, 1)).toarray().tolist()
    [[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]]
    """
    n, k = neighbours.indices.shape
    own = np.concatenate([np.arange(n, dtype=np.int32)[:, None], neighbours.indices], axis=1)
    hood = sparse.csr_matrix((np.ones(own.size, np.float32), own.ravel(), np.arange(0, own.size + 1, k + 1)), shape=(n, n))
    turned = hood.T.tocsr()

    def block(start: int) -> sparse.csr_matrix:  # most pairs fall below the least weight: all at once take much memory
        pairs = (hood[start : start + _GRAPH_BLOCK] @ turned).tocoo()
        weights = pairs.data / (2 * (k + 1) - pairs.data)
        kept = (weights > least) & (pairs.row + start != pairs.col)
        part = sparse.csr_matrix((weights[kept], (pairs.row[kept], pairs.col[kept])), shape=pairs.shape)
        part.sort_indices()
        return part

    with ThreadPoolExecutor(usable_cores()) as threads:
        return sparse.vstack(list(threads.map(block, range(0, n, _GRAPH_BLOCK))), format="csr")


def communities(graph: sparse.csr_matrix, resolution: float, *, seed: int = 0, trials: int = 1) -> npt.NDArray[np.int32]:
    """Divide a graph into communities.

    Parameters
    ----------
    graph : scipy.sparse.csr_matrix, shape (n, n)
        Symmetric weights; the diagonal is not looked at.
    resolution : float
        Of modularity: higher gives more and smaller communities.
    seed : int
        Seed of the algorithm.
    trials : int
        How many times it starts anew; the best partition by modularity is kept.

    Returns
    -------
    ndarray of int32, shape (n,)
        From 0 without gaps, numbered by first row; without edges every row is in one community.

    Notes
    -----
    Traag, V., Waltman, L. and van Eck, N. J. (2019). From Louvain to Leiden: guaranteeing well-connected communities.
    Scientific Reports 9. By the library graspologic-native, which lets go of the interpreter's lock meanwhile.

    Examples
    --------
    >>> pairs = sparse.csr_matrix(np.kron(np.eye(2), 1 - np.eye(3)))
    >>> communities(pairs, 1.0).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    n = graph.shape[0]
    if graph.nnz == 0:
        return np.zeros(n, np.int32)
    from graspologic_native import leiden_csr

    _, found = leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        n,
        resolution=resolution,
        seed=seed,
        trials=trials,
    )
    given = np.fromiter((found[node] for node in range(n)), np.int64, n)
    _, first, labels = np.unique(given, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[labels]


def canonical_order(rows: Matrix, groups: Sequence[Hashable] | None = None) -> npt.NDArray[np.intp]:
    """Order rows by their content, so that the order in which they came does not matter; equal ones by that of their group.

    Examples
    --------
    >>> rows = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    >>> order, turned = canonical_order(rows, ["a", "a", "b"]), canonical_order(rows[::-1], ["b", "a", "a"])
    >>> order.tolist() == (2 - turned).tolist()
    True
    """
    digests = np.array([_digest(row.tobytes()) for row in rows], dtype="S16")
    if groups is None:
        return np.argsort(digests, kind="stable")
    members: dict[Hashable, list[bytes]] = {}
    for group, digest in zip(groups, digests.tolist(), strict=True):
        members.setdefault(group, []).append(digest)
    whole = {group: _digest(b" ".join(sorted(found))) for group, found in members.items()}
    content = np.array([whole[group] for group in groups], dtype="S16")
    numbers: dict[Hashable, int] = {}  # groups of the same content cannot be told apart, but each must keep together
    for row in np.lexsort((content, digests)).tolist():
        numbers.setdefault(groups[row], len(numbers))
    return np.lexsort((np.array([numbers[group] for group in groups]), content, digests))


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def merge_small(labels: Labels, graph: sparse.csr_matrix, neighbours: Neighbours, smallest: int) -> Labels:
    """Let every cluster below the least size join the one that it is most connected with, smallest first.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        Clusters.
    graph : scipy.sparse.csr_matrix, shape (n, n)
        Their connections by shared neighbours, which decide.
    neighbours : Neighbours
        Decide where no neighbour is shared.
    smallest : int
        The least size.

    Returns
    -------
    ndarray of int64, shape (n,)
        Clusters from 0, with gaps; one cluster is left alone whatever its size.
    """
    labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    if np.bincount(labels).min() >= smallest:
        return labels
    near = sparse.csr_matrix(
        (
            np.maximum(neighbours.similarities, 1e-6).ravel().astype(np.float64) * 1e-3,
            neighbours.indices.ravel(),
            np.arange(0, neighbours.indices.size + 1, neighbours.indices.shape[1]),
        ),
        shape=graph.shape,
    )
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
        pull[sizes == 0] = -1
        pull[small[0]] = -1
        labels[members] = int(pull.argmax())


def by_size(labels: npt.NDArray[np.integer]) -> Labels:
    """Number clusters from 0, the largest first, equal ones by their first row."""
    found, first, counts = np.unique(labels, return_index=True, return_counts=True)
    rank = np.empty(len(found), np.int64)
    rank[np.lexsort((first, -counts))] = np.arange(len(found))
    result: Labels = rank[np.searchsorted(found, labels)]
    return result
