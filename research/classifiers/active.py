"""Which texts to label next: those of which the model is least sure, and before there is a model, typical ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from research.errors import ConfigError, DataError

__all__ = ["next_to_label", "typical_first"]

_POOL = 10  # how many of the least sure texts there are to choose from, for every text that is chosen
_DIGITS = 6  # values that agree so far are equal: 32-bit vectors tell no more


def next_to_label(
    probabilities: npt.ArrayLike, rows: npt.ArrayLike, *, count: int, vectors: npt.ArrayLike | None = None
) -> npt.NDArray[np.intp]:
    """Choose the texts that are worth most when labelled next.

    Parameters
    ----------
    probabilities : array of float, shape (n, classes)
        What a model says of every text; of classes that exclude each other.
    rows : array of int
        The texts that have no label yet, as rows of ``probabilities``. Those with a NaN there are left out.
    count : int
        How many to choose; fewer where there are fewer.
    vectors : array of float, shape (n, d), optional
        Of every text, so that those chosen differ from each other; only directions count.

    Returns
    -------
    ndarray of int
        Of ``rows``, the most useful first; equally useful ones by row number.

    Raises
    ------
    ConfigError
        If ``count`` is below 1.
    DataError
        If a row is not there, or vectors are not those of the same texts.

    Notes
    -----
    The least sure text is the one with the smallest margin between the two likeliest classes: Scheffer, T., Decomain, C. and
    Wrobel, S. (2001). Active hidden Markov models for information extraction. IDA.

    With vectors the ``10 * count`` least sure are taken one after the other, each time the one with the greatest
    ``(1 - margin) - s``, where ``s`` is its cosine to the nearest of those already taken, 0 for none or an opposite one. That
    is maximal marginal relevance with both parts of equal weight: Carbonell, J. and Goldstein, J. (1998). The use of MMR,
    diversity-based reranking for reordering documents and producing summaries. SIGIR.

    Examples
    --------
    >>> sureness = [[0.5, 0.5], [0.51, 0.49], [0.6, 0.4], [0.9, 0.1]]
    >>> next_to_label(sureness, [0, 1, 2, 3], count=2).tolist()
    [0, 1]
    >>> next_to_label(sureness, [0, 1, 2, 3], count=2, vectors=[[1, 0], [1, 0], [0, 1], [0, 1]]).tolist()
    [0, 2]
    """
    _check_count(count)
    open_rows = np.unique(np.asarray(rows, dtype=np.intp))
    if not len(open_rows):
        return open_rows
    table = np.asarray(probabilities, dtype=np.float64)
    places = None if vectors is None else np.asarray(vectors)
    _check(table, open_rows, places)
    open_rows = open_rows[~np.isnan(table[open_rows]).any(axis=1)]
    unsure = np.round(1 - _margins(table[open_rows]), _DIGITS)
    # Row numbers ascend and the sort is stable: equal ones stay in the order of their numbers.
    order = np.argsort(-unsure, kind="stable")
    if places is None:
        return open_rows[order[:count]]
    pool = np.sort(order[: _POOL * count])
    taken = _diverse(unsure[pool], _directions(places[open_rows[pool]]), count)
    return open_rows[pool[taken]]


def typical_first(vectors: npt.ArrayLike, count: int, seed: int = 0) -> npt.NDArray[np.intp]:
    """Choose texts to begin with, when none has a label: one that is typical of each of ``count`` groups.

    Parameters
    ----------
    vectors : array of float, shape (n, d)
        Of every text; only directions count. Texts without a direction, such as blank ones, are never chosen.
    count : int
        How many to choose; fewer where there are fewer that differ.
    seed : int
        Seed of the first centres.

    Returns
    -------
    ndarray of int
        Rows, that of the largest group first. They depend on the vectors, not on their order; of copies the first is taken.

    Raises
    ------
    ConfigError
        If ``count`` is below 1.

    Notes
    -----
    k-means, and the text nearest to each centre: Yuan, M., Lin, H.-T. and Boyd-Graber, J. (2020). Cold-start active learning
    through self-supervised language modeling (ALPS). EMNLP; there over another representation. That typical texts serve better
    than unsure ones while labels are few: Hacohen, G., Dekel, A. and Weinshall, D. (2022). Active learning on a budget:
    opposite strategies suit high and low budgets. ICML. By scikit-learn.

    Examples
    --------
    >>> typical_first([[0, 1], [0.1, 1], [0.2, 1], [1, 0]], 2).tolist()
    [1, 3]
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    _check_count(count)
    if not np.size(vectors):
        return np.zeros(0, np.intp)
    every = np.round(_directions(vectors), _DIGITS)
    rows = np.flatnonzero(every.any(axis=1))
    # Sorted by content, so that the order of the texts does not matter, not even for ties; a copy adds to the weight.
    points, first, weights = np.unique(every[rows], axis=0, return_index=True, return_counts=True)
    if len(points) <= count:
        return rows[first[np.argsort(-weights, kind="stable")]]
    # Threads add up in an order that changes from run to run.
    with threadpool_limits(1):
        model = KMeans(count, n_init=4, random_state=seed).fit(points, sample_weight=weights)
    chosen = []
    for group, centre in enumerate(model.cluster_centers_):
        members = np.flatnonzero(model.labels_ == group)
        far = np.round(np.linalg.norm(points[members] - centre, axis=1), _DIGITS)
        chosen.append((-int(weights[members].sum()), int(members[far.argmin()])))
    return rows[first[[point for _, point in sorted(chosen)]]]


def _check_count(count: int) -> None:
    if count < 1:
        raise ConfigError(f"count is {count}", remedy="ask for at least 1 text")


def _check(table: npt.NDArray[np.float64], rows: npt.NDArray[np.intp], places: npt.NDArray[Any] | None) -> None:
    if table.ndim != 2 or table.shape[1] < 2:
        raise DataError(
            f"shape {table.shape}", where="probabilities", remedy="give a row a text and a column a class, two or more"
        )
    for row in (rows[0], rows[-1]):
        if not 0 <= row < len(table):
            raise DataError(f"there is no row {row}", where="rows", remedy=f"give rows from 0 to {len(table) - 1}")
    if places is not None and len(places) != len(table):
        raise DataError(f"{len(places)} vectors for {len(table)} texts", where="vectors", remedy="give one a text")


def _margins(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    best = np.partition(table, -2, axis=1)
    margins: npt.NDArray[np.float64] = best[:, -1] - best[:, -2]
    return margins


def _directions(vectors: npt.ArrayLike) -> npt.NDArray[np.float64]:
    rows = np.asarray(vectors, dtype=np.float64)
    # A blank text has NaN in its vector, whose length is above nothing: it gets no direction.
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    directions: npt.NDArray[np.float64] = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return directions


def _diverse(unsure: npt.NDArray[np.float64], rows: npt.NDArray[np.float64], count: int) -> list[int]:
    near, taken = np.zeros(len(rows)), list[int]()
    value = unsure.copy()
    for _ in range(min(count, len(rows))):
        best = int(np.argmax(value))
        taken.append(best)
        near = np.maximum(near, rows @ rows[best])
        value = np.round(unsure - near, _DIGITS)
        value[taken] = -np.inf
    return taken
