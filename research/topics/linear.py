"""Where a text belongs, by a linear model: rows near a border are put right, new rows are placed as the known ones were.

Communities of a graph are exact where texts are many and alike, and rough at their borders. Ridge regression on the clusters,
read for each row as if the row had not been there (leave-one-out has a closed form), says which cluster the row looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from research.cores import one_blas_thread, usable_cores

__all__ = ["LinearAssignment", "LinearFitter", "settle"]

Matrix = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

_PENALTY = 1.0
_ROUNDS = 2
_DIGITS = 9
_LIFTS, _HAIR = 10, 1e-6
_BLOCK = 2048  # rows whose products are held at once


@dataclass(frozen=True, eq=False)
class LinearAssignment:
    """A linear model of k clusters on rows of d columns.

    Attributes
    ----------
    centre : ndarray of float64, shape (d,)
        Mean of the rows.
    weights : ndarray of float64, shape (d, k)
        What each column adds to each cluster's score.
    offsets : ndarray of float64, shape (k,)
        The score of a row at the centre.
    sharpness : float
        What scores are multiplied by to become log odds.
    """

    centre: Scores
    weights: Scores
    offsets: Scores
    sharpness: float

    def scores(self, rows: Matrix) -> Scores:
        """Give each cluster's score, shape (n, k), rounded: a row gets the same alone and among others."""
        found = np.empty((len(rows), len(self.offsets)))
        for start in range(0, len(rows), _BLOCK):
            part = rows[start : start + _BLOCK].astype(np.float64)
            found[start : start + _BLOCK] = (part - self.centre) @ self.weights + self.offsets
        return found.round(_DIGITS)

    def assign(self, rows: Matrix) -> tuple[Labels, Scores]:
        """Give each row its cluster and how probable that is, both of shape (n,)."""
        scores = self.scores(rows)
        labels = scores.argmax(axis=1).astype(np.int64)
        return labels, self.probabilities(scores)[np.arange(len(rows)), labels]

    def probabilities(self, scores: Scores) -> Scores:
        """Turn scores into probabilities, shape (n, k)."""
        result: Scores = softmax(self.sharpness * scores, axis=1)
        return result


class LinearFitter:
    """Ridge regression of clusters on rows; what depends on the rows alone is computed once.

    Parameters
    ----------
    rows : ndarray of float32, shape (n, d)
        Rows of length 1.

    Notes
    -----
    Ridge regression on -1 and 1; its leave-one-out scores in closed form: Cook, R. D. and Weisberg, S. (1982). Residuals and
    influence in regression. Sharpness by the likelihood of those scores: Guo, C. and others (2017). On calibration of modern
    neural networks (temperature scaling).

    Examples
    --------
    >>> rows = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], np.float32)
    >>> model, unseen = LinearFitter(rows).fit(np.array([0, 0, 1, 1]))
    >>> model.assign(rows)[0].tolist(), unseen.argmax(axis=1).tolist()
    ([0, 0, 1, 1], [0, 0, 1, 1])
    """

    def __init__(self, rows: Matrix) -> None:
        n, d = rows.shape
        self.rows = rows
        self.centre: Scores = rows.mean(axis=0, dtype=np.float64)
        self.wide = d < n  # more rows than columns: solved in columns, else in rows
        if self.wide:
            gram = _PENALTY * np.eye(d)
            for moments in self._of_parts(lambda part: part.T @ part):
                gram += moments
            inverse: Scores = np.asarray(np.linalg.inv(gram), dtype=np.float64)
            pull = np.concatenate(list(self._of_parts(lambda part: np.einsum("ij,ij->i", part @ inverse, part))))
        else:
            (part,) = self._parts(n)
            kernel = part @ part.T
            inverse = np.asarray(np.linalg.inv(kernel + _PENALTY * np.eye(n)), dtype=np.float64)
            pull = np.einsum("ij,ji->i", kernel, inverse)
        self.inverse = inverse
        self.pull: Scores = pull + 1 / n  # how much each row pulls its own score

    def _parts(self, size: int = _BLOCK) -> Iterator[Scores]:
        for start in range(0, len(self.rows), size):
            yield self.rows[start : start + size] - self.centre

    def _of_parts(self, function: Callable[[Scores], Scores]) -> Iterator[Scores]:
        """Give a function's results on the parts, in their order: several at once, each on one thread."""
        starts = range(0, len(self.rows), _BLOCK)
        with one_blas_thread(), ThreadPoolExecutor(usable_cores()) as threads:
            yield from threads.map(lambda start: function(self.rows[start : start + _BLOCK] - self.centre), starts)

    def fit(self, labels: Labels) -> tuple[LinearAssignment, Scores]:
        """Fit clusters from 0, two at least.

        Returns
        -------
        (LinearAssignment, ndarray of float64, shape (n, k))
            The model, and each row's scores by the model of all other rows.
        """
        n, width = len(labels), int(labels.max()) + 1
        target = np.full((n, width), -1.0)
        target[np.arange(n), labels] = 1.0
        offsets = target.mean(axis=0)
        wanted = target - offsets
        if self.wide:
            cross = np.zeros((len(self.centre), width))
            for number, part in enumerate(self._parts()):
                cross += part.T @ wanted[number * _BLOCK : (number + 1) * _BLOCK]
            weights = self.inverse @ cross
        else:
            (part,) = self._parts(n)
            weights = part.T @ (self.inverse @ wanted)
        model = LinearAssignment(self.centre, weights, offsets, 1.0)
        own = self.pull[:, None]
        unseen = ((model.scores(self.rows) - own * target) / np.maximum(1 - own, 1e-6)).round(_DIGITS)
        return model, unseen


def _sharpness(unseen: Scores, labels: Labels) -> float:
    here = np.arange(len(labels))

    def surprise(log_sharpness: float) -> float:
        return -float(log_softmax(np.exp(log_sharpness) * unseen, axis=1)[here, labels].mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 5.0), method="bounded").x))


def _lift(scores: Scores, labels: Labels, smallest: int) -> Scores:
    """What to add to the scores of clusters that would shrink below the least size, so that they do not, shape (k,).

    Ridge regression favours large clusters: a small one may be given next to none of its own rows. Its offset is raised until
    the nearest of them come back. Nothing is added where no cluster is too small.
    """
    lift = np.zeros(scores.shape[1])
    for _ in range(_LIFTS):  # a row that one cluster gets back may be missing from another
        lifted = scores + lift
        sizes = np.bincount(lifted.argmax(axis=1), minlength=len(lift))
        for cluster in np.flatnonzero((sizes < smallest) & (np.bincount(labels, minlength=len(lift)) >= smallest)):
            own = lifted[labels == cluster]
            behind = np.sort(np.delete(own, cluster, axis=1).max(axis=1) - own[:, cluster])[smallest - 1]
            lift[cluster] += max(behind + _HAIR, 0)
        if not (sizes < smallest).any():
            break
    return lift


def settle(rows: Matrix, labels: Labels, smallest: int) -> tuple[LinearAssignment, Labels, Scores]:
    """Let every row join the cluster that it looks like, and give the model that says so.

    Parameters
    ----------
    rows : ndarray of float32, shape (n, d)
        Rows of length 1.
    labels : ndarray of int64, shape (n,)
        Clusters from 0 without gaps, two at least.
    smallest : int
        A cluster that would shrink below this keeps its rows while the model learns, and at least so many in the end.

    Returns
    -------
    (LinearAssignment, ndarray of int64, shape (n,), ndarray of float64, shape (n,))
        The model, the clusters that it gives the rows, and how probable each is by the model of all other rows. A cluster
        that was too small from the start may be left without rows.

    Examples
    --------
    >>> rows = np.repeat(np.eye(2, dtype=np.float32), 20, axis=0)
    >>> wrong = np.repeat([0, 1], 20)
    >>> wrong[0] = 1
    >>> settle(rows, wrong, 2)[1].tolist() == [0] * 20 + [1] * 20
    True
    """
    fitter = LinearFitter(rows)
    sharpness = 0.0
    for _ in range(_ROUNDS):
        _, unseen = fitter.fit(labels)
        # Of clusters that the model has not made itself: of its own it would be too sure.
        sharpness = sharpness or _sharpness(unseen, labels)
        moved = unseen.argmax(axis=1).astype(np.int64)
        sizes = np.bincount(moved, minlength=unseen.shape[1])
        kept = (sizes < smallest)[labels]
        labels = np.where(kept, labels, moved)
    model, unseen = fitter.fit(labels)
    lift = _lift(model.scores(rows), labels, smallest)
    model, unseen = replace(model, offsets=model.offsets + lift, sharpness=sharpness), unseen + lift
    given = model.assign(rows)[0]
    return model, given, model.probabilities(unseen)[np.arange(len(rows)), given]
