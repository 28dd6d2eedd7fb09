"""From the scores of labels to probabilities, and the one from which on each label is given."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from research.classifiers.ridge import Scores
from research.evaluate.resampling import group_codes

__all__ = ["LEAST", "MIDDLE", "Cuts", "best_cuts", "few_articles", "learn_cuts"]

Decisions = npt.NDArray[np.bool_]

#: Articles with a label below which no threshold is sought for it.
LEAST = 3
MIDDLE = 0.5
_UNKNOWN = 8.0  # slope of a sigmoid where nothing was held out: that of `TextClassifier` with two classes


def best_cuts(scores: Scores, truth: Scores | Decisions) -> Scores:
    """Find the score of each label from which on to give it, for the highest F1.

    Parameters
    ----------
    scores : ndarray of float64, shape (n, k)
        Of texts that were not learned from.
    truth : ndarray of bool or float64, shape (n, k)
        Which label each text has; or how probable that is, for the F1 that is to be expected.

    Returns
    -------
    ndarray of float64, shape (k,)
        Midway between two scores, of equally good ones the highest; minus infinity where it is best to give it to all.

    Examples
    --------
    >>> best_cuts(np.array([[0.1], [0.4], [0.6], [0.3]]), np.array([[False], [True], [True], [False]])).round(2).tolist()
    [0.35]
    """
    order = np.argsort(-scores, axis=0, kind="stable")
    ranked = np.take_along_axis(scores, order, axis=0)
    right = np.take_along_axis(truth, order, axis=0).cumsum(axis=0)
    given = np.arange(1, len(scores) + 1)[:, None]
    f1 = 2 * right / (given + truth.sum(axis=0))
    f1[:-1][ranked[:-1] == ranked[1:]] = -1  # equal scores cannot be parted
    at, columns = f1.argmax(axis=0), np.arange(scores.shape[1])
    below = np.vstack([ranked[1:], np.full(scores.shape[1], -np.inf)])
    found: Scores = (ranked[at, columns] + below[at, columns]) / 2
    return found


@dataclass(frozen=True, eq=False)
class Cuts:
    """How the scores of k labels become probabilities, and from which probability on each label is given.

    Attributes
    ----------
    slopes, intercepts, thresholds : ndarray of float64, shape (k,)
        The log odds of a label are slope x score + intercept.
    rare : ndarray of bool, shape (k,)
        Labels of too few articles: they have the slope and intercept of all labels together, and a threshold of .5.
    """

    slopes: Scores
    intercepts: Scores
    thresholds: Scores
    rare: Decisions

    def probabilities(self, scores: Scores) -> Scores:
        """Turn scores into probabilities, shape (n, k)."""
        found: Scores = expit(self.slopes * scores + self.intercepts)
        return found


def learn_cuts(scores: Scores, truth: Decisions, owners: Sequence[Hashable]) -> Cuts:
    """Learn probabilities and thresholds from scores of texts that were not learned from.

    Parameters
    ----------
    scores : ndarray of float64, shape (n, k)
        Of every label.
    truth : ndarray of bool, shape (n, k)
        Which label each text has.
    owners : sequence, length n
        The article of each.

    Returns
    -------
    Cuts

    Notes
    -----
    Platt, J. (1999). Probabilistic outputs for support vector machines. A slope is never below 0: a label that is not known
    unseen is not given to texts because they are unlike its own. A threshold is that of the highest F1 that the probabilities
    of the texts let expect, which depends less on single texts than the highest that was counted on them: Lipton, Z. and
    others (2014). Optimal thresholding of classifiers to maximize F1 measure. A label of which nothing is known, its slope 0,
    is given where it is more probable than not: to all, or to none.

    Examples
    --------
    >>> scores = np.array([[0.1], [0.2], [0.3], [0.7], [0.8], [0.9]])
    >>> cuts = learn_cuts(scores, scores > 0.5, range(6))
    >>> (cuts.probabilities(scores) >= cuts.thresholds).ravel().tolist()
    [False, False, False, True, True, True]
    """
    n, k = scores.shape
    rare = few_articles(truth, owners)
    if not n:
        return Cuts(np.full(k, _UNKNOWN), np.full(k, -_UNKNOWN / 2), np.full(k, MIDDLE), rare)
    pooled = _sigmoid(scores.ravel(), truth.ravel())
    lines = [pooled if rare[column] else _sigmoid(scores[:, column], truth[:, column]) for column in range(k)]
    slopes, intercepts = np.array(lines).T
    made = Cuts(slopes, intercepts, np.full(k, MIDDLE), rare)
    sure = made.probabilities(scores)
    blind = rare | (slopes == 0)
    return replace(made, thresholds=np.where(blind, MIDDLE, np.maximum(best_cuts(sure, sure), 0)))


def _sigmoid(scores: Scores, truth: Decisions) -> tuple[float, float]:
    """Fit Platt's sigmoid, as if one more text of each kind had been answered wrongly; give its slope and intercept."""
    yes, no = int(truth.sum()), int((~truth).sum())
    wanted = np.where(truth, (yes + 1) / (yes + 2), 1 / (no + 2))
    mean, spread = float(scores.mean()), float(scores.std())
    if not yes or not no or spread < 1e-9:
        return 0.0, float(np.log(wanted.mean() / (1 - wanted.mean())))
    z = (scores - mean) / spread

    def surprise(line: Scores) -> tuple[float, Scores]:
        odds = line[0] * z + line[1]
        wrong = expit(odds) - wanted
        return float((np.logaddexp(0, odds) - wanted * odds).sum()), np.array([wrong @ z, wrong.sum()])

    start = np.array([0.0, np.log((yes + 1) / (no + 1))])
    slope, intercept = minimize(surprise, start, jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)]).x
    return float(slope / spread), float(intercept - slope * mean / spread)


def few_articles(truth: Decisions, owners: Sequence[Hashable]) -> Decisions:
    """Tell which labels have fewer articles than a threshold can be sought on."""
    codes = group_codes(owners)[1]
    return np.array([len(np.unique(codes[column])) < LEAST for column in truth.T], dtype=bool)
