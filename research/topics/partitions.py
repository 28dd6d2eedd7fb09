"""Many cheap partitions of the same rows: other subsets, other neighbourhood sizes, other seeds, over a range of resolutions.

A partition is cheap because the rows are first gathered into some hundred small communities, and only these are divided
again at every resolution. Edges inside a small community do not count then: a dense group, such as reports that are alike,
weighs no more than a loose one.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.cores import usable_cores
from research.features.neighbours import Neighbours
from research.topics.graph import communities, shared_neighbour_graph

__all__ = ["Partitions", "adjusted_rand", "divide", "subsets"]

Labels = npt.NDArray[np.int32]

_GATHER = 20.0  # resolution at which rows are gathered first
_FINEST = 5.0  # times the finest resolution that is asked for, at least
_TRIALS = 2
_MOST_CELLS = 1 << 20  # of a table of two partitions


@dataclass(frozen=True, eq=False)
class Partitions:
    """Partitions of n rows.

    Attributes
    ----------
    labels : ndarray of int32, shape (partitions, resolutions, n)
        Clusters from 0; -1 where a row was not in the subset.
    resolutions : tuple of float
        Ascending.
    """

    labels: Labels
    resolutions: tuple[float, ...]

    def at(self, places: Sequence[int]) -> Labels:
        """Give all partitions at some of the resolutions, shape (partitions times places, n)."""
        return np.concatenate([self.labels[:, place] for place in places])


def subsets(codes: npt.NDArray[np.intp], count: int, share: float, seed: int) -> list[npt.NDArray[np.intp]]:
    """Draw subsets of rows, whole groups at a time.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        The group (article) of every row, from 0.
    count : int
        How many subsets.
    share : float
        The share of the groups in each.
    seed : int
        Seed of the draw.

    Returns
    -------
    list of ndarray of int
        Rows, ascending. Where there are no more groups than subsets, every subset leaves one group out: all such are taken,
        and none is drawn. Rows of one group alone are drawn singly; of two groups, every subset holds both whole.

    Examples
    --------
    >>> [rows.tolist() for rows in subsets(np.array([0, 0, 1, 2]), 4, 0.8, 0)]
    [[2, 3], [0, 1, 3], [0, 1, 2]]
    """
    groups = int(codes.max()) + 1
    if groups == 1:
        codes, groups = np.arange(len(codes)), len(codes)
    if groups <= 2:
        return [np.arange(len(codes))] * count
    if groups <= count:
        return [np.flatnonzero(codes != group) for group in range(groups)]
    rng = np.random.default_rng(seed)
    kept = max(2, round(share * groups))
    return [np.flatnonzero(np.isin(codes, rng.permutation(groups)[:kept])) for _ in range(count)]


def divide(
    neighbours: Neighbours,
    resolutions: Sequence[float],
    rows: Sequence[npt.NDArray[np.intp]],
    *,
    graph: sparse.csr_matrix,
    seed: int = 0,
) -> Partitions:
    """Divide subsets of rows at every resolution.

    Parameters
    ----------
    neighbours : Neighbours
        Of all n rows.
    resolutions : sequence of float
        Ascending; see `research.topics.graph.communities`.
    rows : sequence of ndarray of int
        The subset of each partition.
    graph : scipy.sparse.csr_matrix, shape (n, n)
        Shared neighbours among all those neighbours; every second partition looks at two thirds of them instead.
    seed : int
        Seed of the communities.

    Returns
    -------
    Partitions
        The same whatever the number of cores.
    """
    n, k = neighbours.indices.shape
    fewer = max(1, (2 * k) // 3)
    near = Neighbours(neighbours.indices[:, :fewer], neighbours.similarities[:, :fewer], neighbours.exact)
    graphs = (shared_neighbour_graph(near), graph)
    gather = max(_GATHER, _FINEST * max(resolutions))

    def one(number: int) -> Labels:
        kept, chance = rows[number], 1000 * seed + number
        # Gathered anew each time, among the rows of the subset alone: what is left out must have no say in what comes back.
        small = communities(_among(graphs[number % 2], kept), gather, seed=chance)
        member = sparse.csr_matrix((np.ones(len(kept), np.float32), (kept, small[kept])), shape=(n, int(small.max()) + 1))
        between = (member.T @ (graphs[number % 2] @ member)).tocsr()
        between.setdiag(0)
        between.eliminate_zeros()
        found = np.full((len(resolutions), n), -1, np.int32)
        held, place_of = np.unique(small[kept], return_inverse=True)
        if between.nnz == 0:  # each small community is a group apart, at every resolution
            found[:, kept] = place_of
            return found
        for place, resolution in enumerate(resolutions):
            large = communities(between, resolution, seed=chance, trials=_TRIALS)[held]
            found[place, kept] = np.unique(large, return_inverse=True)[1][place_of]  # rows left out leave no gaps
        return found

    with ThreadPoolExecutor(usable_cores()) as threads:
        return Partitions(np.stack(list(threads.map(one, range(len(rows))))), tuple(resolutions))


def _among(graph: sparse.csr_matrix, rows: npt.NDArray[np.intp]) -> sparse.csr_matrix:
    """Keep the edges among some rows; the other rows stay, without any: that is faster than taking them out."""
    n = graph.shape[0]
    if len(rows) == n:
        return graph
    held = np.zeros(n, bool)
    held[rows] = True
    kept = held[graph.indices] & np.repeat(held, np.diff(graph.indptr))
    ends = np.concatenate([[0], np.cumsum(kept)])[graph.indptr]
    return sparse.csr_matrix((graph.data[kept], graph.indices[kept], ends), shape=graph.shape)


def adjusted_rand(labels: Labels, others: Labels) -> float:
    """Agreement of two partitions on the rows that both hold: the adjusted Rand index.

    Parameters
    ----------
    labels, others : ndarray of int32, shape (n,)
        Clusters from 0, -1 where a row is not held.

    Returns
    -------
    float
        1 for equal partitions, 0 for chance; NaN when fewer than two rows are held by both.

    Notes
    -----
    Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification 2.

    Examples
    --------
    >>> adjusted_rand(np.array([0, 0, 1, -1], np.int32), np.array([1, 1, 0, 0], np.int32))
    1.0
    """
    both = (labels >= 0) & (others >= 0)
    first, second = labels[both], others[both]
    if len(first) < 2:
        return float("nan")
    width = int(second.max()) + 1
    cells = first.astype(np.int64) * width + second
    if (int(first.max()) + 1) * width > _MOST_CELLS:  # most of them are empty
        cells = np.unique(cells, return_inverse=True)[1]

    def pairs(of: npt.NDArray[np.integer]) -> float:
        counts = np.bincount(of).astype(np.float64)
        return float((counts * (counts - 1)).sum() / 2)

    together, one, other = pairs(cells), pairs(first), pairs(second)
    chance, best = one * other / (len(first) * (len(first) - 1) / 2), (one + other) / 2
    return 1.0 if best == chance else (together - chance) / (best - chance)
