"""Scores of decisions where an item may have several labels, one, or none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["f1_by_label", "macro_f1"]

Decisions = npt.NDArray[np.bool_]


def f1_by_label(truth: Decisions, decided: Decisions) -> npt.NDArray[np.float64]:
    """F1 of every label.

    Parameters
    ----------
    truth, decided : ndarray of bool, shape (n items, n labels)
        What is so, and what was said.

    Returns
    -------
    ndarray of float64, shape (n labels,)
        NaN for a label that neither occurs nor was given: there is nothing to score.

    Examples
    --------
    >>> f1_by_label(np.array([[True, False], [True, False]]), np.array([[True, False], [False, False]])).round(3).tolist()
    [0.667, nan]
    """
    truth, decided = np.asarray(truth, bool), np.asarray(decided, bool)
    both = (truth & decided).sum(axis=0, dtype=np.float64)
    total = truth.sum(axis=0, dtype=np.float64) + decided.sum(axis=0)
    scores: npt.NDArray[np.float64] = np.divide(2 * both, total, out=np.full(len(total), np.nan), where=total > 0)
    return scores


def macro_f1(truth: Decisions, decided: Decisions) -> float:
    """Mean F1 over the labels that have one; NaN when none has.

    Examples
    --------
    >>> macro_f1(np.array([[True, False], [True, True]]), np.array([[True, False], [False, True]]))
    0.8333333333333333
    """
    scores = f1_by_label(truth, decided)
    return float(np.nanmean(scores)) if np.isfinite(scores).any() else float("nan")
