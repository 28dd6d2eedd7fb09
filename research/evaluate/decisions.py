"""Scores of decisions where an item may have several labels, one, or none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from research.evaluate.undefined import Undefined

__all__ = ["as_decisions", "f1_by_label", "macro_f1", "precision_by_label", "recall_by_label"]

Decisions = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]


def as_decisions(labels: Sequence[Hashable], classes: Sequence[Hashable]) -> Decisions:
    """Write one label an item as decisions: the form that the scores of this module take.

    Parameters
    ----------
    labels : sequence, length n
        A class each; what is not among the classes (an abstention) decides for none of them.
    classes : sequence, length m
        The columns.

    Returns
    -------
    ndarray of bool, shape (n, m)

    Examples
    --------
    >>> as_decisions(["b", "a", None], ["a", "b"]).astype(int).tolist()
    [[0, 1], [1, 0], [0, 0]]
    """
    at = {name: column for column, name in enumerate(classes)}
    found = np.zeros((len(labels), len(classes)), bool)
    for row, label in enumerate(labels):
        if label in at:
            found[row, at[label]] = True
    return found


def precision_by_label(truth: Decisions, decided: Decisions) -> Scores:
    """Share of a label's decisions that are right.

    Parameters
    ----------
    truth, decided : ndarray of bool, shape (n items, n labels)
        What is so, and what was said.

    Returns
    -------
    ndarray of float64, shape (n labels,)
        NaN for a label that was never given.

    Examples
    --------
    >>> precision_by_label(np.array([[True], [False]]), np.array([[True], [True]])).tolist()
    [0.5]
    """
    return _share(truth, decided, of=decided)


def recall_by_label(truth: Decisions, decided: Decisions) -> Scores:
    """Share of a label's items that were found.

    Parameters
    ----------
    truth, decided : ndarray of bool, shape (n items, n labels)
        What is so, and what was said.

    Returns
    -------
    ndarray of float64, shape (n labels,)
        NaN for a label that does not occur.

    Examples
    --------
    >>> recall_by_label(np.array([[True], [True]]), np.array([[True], [False]])).tolist()
    [0.5]
    """
    return _share(truth, decided, of=truth)


def _share(truth: Decisions, decided: Decisions, *, of: Decisions) -> Scores:
    _must_match(truth, decided)
    both = (np.asarray(truth, bool) & np.asarray(decided, bool)).sum(axis=0, dtype=np.float64)
    total = np.asarray(of, bool).sum(axis=0, dtype=np.float64)
    found: Scores = np.divide(both, total, out=np.full(len(total), np.nan), where=total > 0)
    return found


def _must_match(truth: Decisions, decided: Decisions) -> None:
    if np.shape(truth) != np.shape(decided):
        raise ValueError(f"shapes {np.shape(truth)} and {np.shape(decided)}: one decision for every item and label is needed")


def f1_by_label(truth: Decisions, decided: Decisions) -> Scores:
    """F1 of every label: the harmonic mean of precision and recall.

    Parameters
    ----------
    truth, decided : ndarray of bool, shape (n items, n labels)
        What is so, and what was said.

    Returns
    -------
    ndarray of float64, shape (n labels,)
        NaN for a label that neither occurs nor was given: there is nothing to score.

    Notes
    -----
    Van Rijsbergen, C. J. (1979). Information retrieval, chapter 7.

    Examples
    --------
    >>> f1_by_label(np.array([[True, False], [True, False]]), np.array([[True, False], [False, False]])).round(3).tolist()
    [0.667, nan]
    """
    _must_match(truth, decided)
    truth, decided = np.asarray(truth, bool), np.asarray(decided, bool)
    both = (truth & decided).sum(axis=0, dtype=np.float64)
    total = truth.sum(axis=0, dtype=np.float64) + decided.sum(axis=0)
    scores: Scores = np.divide(2 * both, total, out=np.full(len(total), np.nan), where=total > 0)
    return scores


def macro_f1(truth: Decisions, decided: Decisions) -> float:
    """Mean F1 over the labels that have one; undefined when none has.

    Examples
    --------
    >>> macro_f1(np.array([[True, False], [True, True]]), np.array([[True, False], [False, True]]))
    0.8333333333333333
    """
    scores = f1_by_label(truth, decided)
    return float(np.nanmean(scores)) if np.isfinite(scores).any() else Undefined("no label occurs or was given")
