"""One answer from many partitions: rows that most partitions put together are together, and how often they were is told."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["agree", "survival", "together"]

Labels = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

_MOST = 1500  # rows that are compared with each other
_HALF = 0.5


def together(partitions: npt.NDArray[np.int32], rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    """In which share of the partitions each pair of rows is in one cluster.

    Parameters
    ----------
    partitions : ndarray of int32, shape (p, n)
        Clusters from 0, -1 where a row is not held.
    rows : ndarray of int, shape (m,)
        The rows to compare.

    Returns
    -------
    ndarray of float32, shape (m, m)
        Of the partitions that hold both; 0 where none does.

    Notes
    -----
    The co-association matrix: Fred, A. and Jain, A. K. (2005). Combining multiple clusterings using evidence accumulation.
    IEEE Transactions on Pattern Analysis and Machine Intelligence 27.

    Examples
    --------
    >>> together(np.array([[0, 0, 1], [0, 1, 1]], np.int32), np.arange(3)).tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    joint = np.zeros((len(rows), len(rows)), np.float32)
    for labels in partitions[:, rows]:
        held = np.flatnonzero(labels >= 0)
        member = np.zeros((len(rows), int(labels.max(initial=0)) + 1), np.float32)
        member[held, labels[held]] = 1
        joint += member @ member.T
    held = (partitions[:, rows] >= 0).astype(np.float32)
    both = held.T @ held
    result: npt.NDArray[np.float32] = np.divide(joint, both, out=np.zeros_like(joint), where=both > 0)
    return result


def agree(partitions: npt.NDArray[np.int32]) -> Labels:
    """Give the clusters on which partitions agree.

    Parameters
    ----------
    partitions : ndarray of int32, shape (p, n)
        Clusters from 0, -1 where a row is not held.

    Returns
    -------
    ndarray of int64, shape (n,)
        Clusters from 0 without gaps. Groups of rows join as long as they are together in half of the partitions on average
        (average linkage), among up to fifteen hundred rows; each other row joins those that it was with most often.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    n = partitions.shape[1]
    if n < 2:
        return np.zeros(n, np.int64)
    rows = np.linspace(0, n - 1, min(n, _MOST)).astype(np.intp)
    apart = 1 - together(partitions, rows).astype(np.float64)
    np.fill_diagonal(apart, 0)
    # A hair more than half: whether an exact half joins must not hang on the last digit of a mean.
    clusters = fcluster(linkage(squareform(apart, checks=False), "average"), 1 - _HALF + 1e-6, "distance") - 1
    width = int(clusters.max()) + 1
    votes = np.zeros((n, width))
    known = np.full(n, -1, np.int64)
    known[rows] = clusters
    for labels in partitions:
        held, told = np.flatnonzero(labels >= 0), rows[labels[rows] >= 0]
        counts = np.zeros((int(labels.max(initial=0)) + 1, width))
        np.add.at(counts, (labels[told], known[told]), 1)
        votes[held] += (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))[labels[held]]
    found = np.where(known >= 0, known, votes.argmax(axis=1))
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def survival(labels: Labels, partitions: npt.NDArray[np.int32]) -> tuple[Shares, Shares]:
    """How stable every row and every cluster is over partitions.

    Parameters
    ----------
    labels : ndarray of int64, shape (n,)
        The answer: clusters from 0 without gaps.
    partitions : ndarray of int32, shape (p, n)
        Clusters from 0, -1 where a row is not held.

    Returns
    -------
    (ndarray of float64, shape (n,), ndarray of float64, shape (clusters,))
        Of each row: in which share of the partitions that hold it it stands among the rows of its cluster (NaN where none
        holds it). Of each cluster: the mean, over the partitions, of its Jaccard similarity with the cluster there that
        resembles it most; .75 and more is stable, below .5 it dissolves.

    Notes
    -----
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and Data Analysis 52.

    Examples
    --------
    >>> rows, clusters = survival(np.array([0, 0, 1, 1]), np.array([[0, 0, 1, 1], [0, 0, 0, 1]], np.int32))
    >>> rows.tolist(), clusters.round(2).tolist()
    ([1.0, 1.0, 0.5, 1.0], [0.83, 0.75])
    """
    n, width = len(labels), int(labels.max(initial=0)) + 1
    kept, held, alike = np.zeros(n), np.zeros(n), np.zeros((len(partitions), width))
    for number, found in enumerate(partitions):
        rows = np.flatnonzero(found >= 0)
        size = int(found.max(initial=0)) + 1
        counts = np.bincount(found[rows] * width + labels[rows], minlength=size * width).reshape(size, width)
        union = counts.sum(axis=1, keepdims=True) + counts.sum(axis=0, keepdims=True) - counts
        jaccard = counts / np.maximum(union, 1)
        alike[number] = np.where(counts.sum(axis=0) > 0, jaccard.max(axis=0), np.nan)
        # A cluster there stands for the cluster here of which it holds most rows.
        kept[rows] += counts.argmax(axis=1)[found[rows]] == labels[rows]
        held[rows] += 1
    stable = np.divide(kept, held, out=np.full(n, np.nan), where=held > 0)
    known = np.isfinite(alike).any(axis=0)
    clusters = np.full(width, np.nan)
    clusters[known] = np.nanmean(alike[:, known], axis=0)
    return stable, clusters
