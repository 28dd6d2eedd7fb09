"""Topics as clusters of rows: one answer by consensus, with the number of topics chosen by stability."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from research.cores import one_blas_thread
from research.errors import ConfigError, DataError
from research.features.neighbours import Neighbours, nearest_neighbours, unit_rows
from research.features.principal import principal_rows
from research.topics.consensus import agree, survival
from research.topics.graph import (
    by_size,
    canonical_order,
    default_neighbours,
    default_smallest,
    merge_small,
    shared_neighbour_graph,
)
from research.topics.hierarchy import Hierarchy, build_hierarchy
from research.topics.linear import LinearAssignment, settle
from research.topics.partitions import Partitions, divide, subsets
from research.topics.resolution import GRID, Choice, choose_resolution

__all__ = ["TopicClusterer"]

Matrix = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

_FEWEST = 4  # rows below which there is nothing to divide
_STEP = 2**0.5  # between resolutions that answer together
_FINEST = 64.0
_MANY, _AXES = 4000, 192  # from so many rows on, neighbours are looked for in so many principal axes: nine of ten are kept
_WHOLE = {"n_clusters": 1, "n_neighbors": 1, "min_cluster_size": 1, "partitions": 2, "seed": 0}  # the least value of each
_NEEDED = ("partitions", "seed")


class TopicClusterer(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Cluster rows by the consensus of many partitions of their shared-neighbour graph.

    Parameters
    ----------
    n_clusters : int, optional
        How many clusters; chosen by stability when not given.
    resolution : float, optional
        Higher gives more and smaller clusters; chosen by stability when not given.
    n_neighbors : int, optional
        Size of a neighbourhood; `default_neighbours` when not given.
    min_cluster_size : int, optional
        Smaller clusters join the one that they are most connected with; `default_smallest` when not given, less where so many
        clusters are asked for that they would not have room.
    partitions : int
        How many partitions are made.
    share : float
        The share of the groups of rows that each partition sees.
    seed : int
        Seed of subsets, communities and the approximate index.

    Attributes
    ----------
    labels_ : ndarray of int64, shape (n,)
        Clusters from 0, the largest first.
    strengths_ : ndarray of float64, shape (n,)
        How probable a row's cluster is by a linear model of all other rows, 0 to 1; 1 where there is one cluster, NaN for a
        single row.
    stabilities_ : ndarray of float64, shape (n,)
        In which share of the partitions a row stands among the rows of its cluster; NaN where nothing was divided.
    cluster_stabilities_ : ndarray of float64, shape (clusters,)
        Mean Jaccard similarity of a cluster with its likeness in each partition; below .5 it dissolves.
    choice_ : Choice
        The resolutions that were compared, and why one was taken.
    hierarchy_ : Hierarchy
        The tree above and below the clusters, rows in the order given.
    model_ : LinearAssignment or None
        What places new rows; None where there is one cluster.

    Notes
    -----
    Rows are put into an order of their own, neighbours are found by sums that are exact (`research.features.neighbours`; from
    4,000 rows on in the first 192 principal axes, unless clusters below the default size are asked for), and
    everything else runs on one thread or on threads that do not share sums: the same rows give the same answer in any order,
    on any number of threads, in any process on one machine.

    Examples
    --------
    >>> rows = np.repeat(np.eye(3, dtype=np.float32), 20, axis=0) + np.random.default_rng(0).normal(0, 0.05, (60, 3))
    >>> sorted(np.bincount(TopicClusterer().fit(rows).labels_).tolist())
    [20, 20, 20]
    """

    labels_: Labels
    strengths_: npt.NDArray[np.float64]
    stabilities_: npt.NDArray[np.float64]
    cluster_stabilities_: npt.NDArray[np.float64]
    choice_: Choice
    hierarchy_: Hierarchy
    model_: LinearAssignment | None

    def __init__(
        self,
        n_clusters: int | None = None,
        resolution: float | None = None,
        n_neighbors: int | None = None,
        min_cluster_size: int | None = None,
        partitions: int = 16,
        share: float = 0.8,
        seed: int = 0,
    ) -> None:
        self.n_clusters = n_clusters
        self.resolution = resolution
        self.n_neighbors = n_neighbors
        self.min_cluster_size = min_cluster_size
        self.partitions = partitions
        self.share = share
        self.seed = seed

    def fit(self, X: Any, y: Any = None, groups: Sequence[Hashable] | None = None) -> Self:
        """Cluster rows.

        Parameters
        ----------
        X : array, shape (n, d)
            The rows.
        y : object
            Not looked at.
        groups : sequence, length n, optional
            The article of every row: subsets hold or miss whole articles. Each row its own when not given.

        Returns
        -------
        TopicClusterer
            Itself.

        Raises
        ------
        ConfigError
            If a parameter has a value that it cannot have.
        DataError
            If there is not one group a row.
        """
        self._check()
        given = validate_data(self, X, dtype=np.float32)
        if groups is not None and len(groups) != len(given):
            raise DataError(f"{len(groups)} groups for {len(given)} rows", remedy="name the group of every row")
        named = None if groups is None else list(groups)
        order = canonical_order(given, named)
        rows = np.ascontiguousarray(given[order])
        twins = _twins(rows)
        self.centre_ = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        rows = self._prepared(rows)
        n = len(rows)
        k = min(n - 1, default_neighbours(n) if self.n_neighbors is None else self.n_neighbors)
        self._smallest = self._least(n) if self.min_cluster_size is None else self.min_cluster_size
        codes = np.arange(n) if named is None else _codes([named[row] for row in order])
        labels = np.zeros(n, np.int64)
        if n < _FEWEST or k < 1 or not rows.any():
            self._nothing(labels)
        else:
            # Few axes do for clusters of the default size: what is smaller could lie beyond them.
            near = principal_rows(rows, _AXES) if n >= _MANY and self._smallest >= default_smallest(n) else rows
            neighbours = nearest_neighbours(near, k, seed=self.seed)
            del near
            with one_blas_thread():
                labels = self._cluster(rows, neighbours, codes, twins)
        back = np.empty(n, np.intp)
        back[order] = np.arange(n)
        self.labels_ = labels[back]
        self.strengths_, self.stabilities_ = self.strengths_[back], self.stabilities_[back]
        self.hierarchy_ = Hierarchy(self.hierarchy_.leaves[back], self.hierarchy_.merges, self.hierarchy_.topics)
        return self

    def _cluster(
        self, rows: Matrix, neighbours: Neighbours, codes: npt.NDArray[np.intp], twins: npt.NDArray[np.intp]
    ) -> Labels:
        graph = shared_neighbour_graph(neighbours)
        drawn = subsets(codes, self.partitions, self.share, self.seed)

        def partitions_at(resolutions: Sequence[float]) -> Partitions:
            return divide(neighbours, resolutions, drawn, graph=graph, seed=self.seed)

        def grouped(partitions: Partitions, places: Sequence[int]) -> Labels:
            return by_size(merge_small(agree(partitions.at(places)), graph, neighbours, self._smallest))

        partitions, window, self.choice_ = self._resolve(partitions_at, grouped)
        near = partitions.at(window)
        labels = grouped(partitions, window)
        if self.n_clusters is not None and labels.max() + 1 > self.n_clusters:
            labels = build_hierarchy(labels, labels, partitions.at(range(len(partitions.resolutions))), 1).cut(self.n_clusters)
        self.model_ = None
        self.strengths_ = np.ones(len(rows))
        while labels.max() > 0:
            self.model_, settled, self.strengths_ = settle(rows, labels, self._smallest)
            sizes = np.bincount(settled, minlength=int(labels.max()) + 1)
            short = np.flatnonzero((sizes > 0) & (sizes < self._smallest))
            if not len(short):
                labels = self._numbered(settled)
                break
            # The model cannot keep this cluster large enough: its rows go where they would go next.
            weakest = int(short[sizes[short].argmin()])
            scores = self.model_.scores(rows)
            scores[:, weakest] = -np.inf
            labels = by_size(np.where(labels == weakest, scores.argmax(axis=1), labels))
            self.model_, self.strengths_ = None, np.ones(len(rows))
        self.stabilities_, self.cluster_stabilities_ = survival(labels, near)
        # Nothing tells equal rows from each other but the order in which they came, so they share what they get.
        self.strengths_, self.stabilities_ = _shared(self.strengths_, twins), _shared(self.stabilities_, twins)
        finest = agree(partitions.at([len(partitions.resolutions) - 1]))[twins]
        self.hierarchy_ = build_hierarchy(
            labels, finest, partitions.at(range(len(partitions.resolutions))), max(2, self._smallest // 2)
        )
        return labels

    def _resolve(self, partitions_at: Any, grouped: Any) -> tuple[Partitions, list[int], Choice]:
        """Make partitions, and say which of their resolutions answer."""
        if self.resolution is not None:
            grid = (self.resolution / _STEP, self.resolution, self.resolution * _STEP)
            partitions = partitions_at(grid)
            return partitions, [0, 1, 2], self._asked(partitions, 1)
        partitions = partitions_at(GRID)
        choice = choose_resolution(partitions, self._smallest)
        if self.n_clusters is not None:
            return self._enough(self.n_clusters, partitions_at, grouped, partitions, choice)
        last = len(partitions.resolutions) - 1
        return partitions, sorted({max(0, choice.chosen - 1), choice.chosen, min(last, choice.chosen + 1)}), choice

    def _enough(
        self, wanted: int, partitions_at: Any, grouped: Any, partitions: Partitions, choice: Choice
    ) -> tuple[Partitions, list[int], Choice]:
        """Look for the coarsest resolution that gives as many clusters as asked for, or as many as there can be."""
        most, tried = 0, 0.0
        while True:
            for place in np.flatnonzero((choice.topics >= wanted) & (np.array(partitions.resolutions) > tried)).tolist():
                count = int(grouped(partitions, [place]).max()) + 1
                if count > most:
                    most, best = count, (partitions, place)
                if count >= wanted:
                    break
            tried = partitions.resolutions[-1]
            if not most:  # no resolution so far gives nearly as many
                best = partitions, len(partitions.resolutions) - 1
            if most >= wanted or tried >= _FINEST:
                return best[0], [best[1]], self._asked(*best)
            partitions = partitions_at(tuple(2 * value for value in partitions.resolutions))
            choice = choose_resolution(partitions, 1)

    def _asked(self, partitions: Partitions, place: int) -> Choice:
        return replace(choose_resolution(partitions, self._smallest), chosen=place, runner_up=None, reason="asked")

    def _least(self, n: int) -> int:
        least = default_smallest(n)  # where many clusters are asked for, they may be half as large as their mean
        return least if self.n_clusters is None else min(least, max(2, n // (2 * self.n_clusters)))

    def _numbered(self, labels: Labels) -> Labels:
        """Number clusters by size, in the model too; a cluster that the model gives to no row is dropped from it."""
        assert self.model_ is not None
        numbered = by_size(labels)
        old = np.array([int(labels[np.flatnonzero(numbered == new)[0]]) for new in range(int(numbered.max()) + 1)])
        model = self.model_
        self.model_ = LinearAssignment(model.centre, model.weights[:, old], model.offsets[old], model.sharpness)
        return numbered

    def _nothing(self, labels: Labels) -> None:
        n = len(labels)
        self.model_ = None
        self.strengths_ = np.full(n, 1.0 if n > 1 else np.nan)
        self.stabilities_, self.cluster_stabilities_ = np.full(n, np.nan), np.full(1, np.nan)
        self.choice_ = Choice((1.0,), np.ones(1), np.full(1, np.nan), np.full(1, np.nan), 0, None, "nothing to divide")
        self.hierarchy_ = Hierarchy(labels, (), 1)

    def _prepared(self, rows: Matrix) -> Matrix:
        """Centre rows at the clustered ones and scale them to length 1."""
        shifted: Matrix = rows - self.centre_
        return unit_rows(shifted, centre=False, out=shifted)

    def predict(self, X: Any) -> Labels:
        """Give rows their cluster; those that were clustered get the one that they have."""
        return self.assign(X)[0]

    def assign(self, X: Any) -> tuple[Labels, npt.NDArray[np.float64]]:
        """Give rows their cluster, as `predict` does, and how probable that is."""
        check_is_fitted(self)
        given = validate_data(self, X, dtype=np.float32, reset=False)
        if self.model_ is None:
            return np.zeros(len(given), np.int64), np.ones(len(given))
        with one_blas_thread():
            return self.model_.assign(self._prepared(given))

    def _check(self) -> None:
        for name, least in _WHOLE.items():
            value = getattr(self, name)
            if (value is not None or name in _NEEDED) and not (isinstance(value, Integral) and int(value) >= least):
                raise ConfigError(f"{name} is {value!r}", remedy=f"give a whole number, at least {least}")
        if self.resolution is not None and not (isinstance(self.resolution, Real) and 0 < self.resolution < math.inf):
            raise ConfigError(f"resolution is {self.resolution}", remedy="give a number above 0")
        if self.n_clusters is not None and self.resolution is not None:
            raise ConfigError("n_clusters and resolution are both given", remedy="give one of them")
        if not (isinstance(self.share, Real) and 0 < self.share <= 1):
            raise ConfigError(f"share is {self.share}", remedy="give more than 0, 1 at most")


def _codes(groups: Sequence[Hashable]) -> npt.NDArray[np.intp]:
    """Number groups by their first row."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups])


def _twins(rows: Matrix) -> npt.NDArray[np.intp]:
    """Give for every row the first that equals it, of rows in which equal ones follow each other."""
    fresh = np.ones(len(rows), bool)
    fresh[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    result: npt.NDArray[np.intp] = np.maximum.accumulate(np.where(fresh, np.arange(len(rows)), 0))
    return result


def _shared(values: npt.NDArray[np.float64], twins: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Give equal rows the mean of their values."""
    counts = np.bincount(twins)
    result: npt.NDArray[np.float64] = (np.bincount(twins, weights=values) / np.maximum(counts, 1))[twins]
    return result
