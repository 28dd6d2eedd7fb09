"""Which words a class goes with: those whose texts get it, by models that have not seen them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from research.classifiers.ridge import Scores

__all__ = ["Term", "class_terms"]

_LEAST = 3  # texts with a gram, where there are so many in the class


@dataclass(frozen=True)
class Term:
    """A word, or a pair of words, of a class.

    Attributes
    ----------
    text : str
        As it is written, normalised.
    score : float
        How far the class's probability in its texts lies above the mean, in standard errors.
    texts : int
        In how many texts it is.
    """

    text: str
    score: float
    texts: int


def class_terms(
    words: sparse.csr_matrix, vocabulary: Sequence[str], probabilities: Scores, *, most: int = 15
) -> tuple[tuple[Term, ...], ...]:
    """Find the terms that go with each class.

    Parameters
    ----------
    words : scipy.sparse.csr_matrix, shape (n, terms)
        Which text holds which term; above 0 where it does.
    vocabulary : sequence of str
        The terms.
    probabilities : ndarray of float64, shape (n, k)
        Of every class; rows with NaN are left out.
    most : int
        At most so many terms a class.

    Returns
    -------
    tuple of tuple of Term
        For each class, the strongest first. A term that stands inside a stronger one, or holds it, is left out.

    Notes
    -----
    It asks what the classifier does, whatever it looks at: a classifier of meanings has no weights of words.

    Examples
    --------
    >>> held = sparse.csr_matrix(np.array([[1, 0], [1, 0], [1, 1], [0, 1], [0, 1], [0, 1]]))
    >>> sure = np.array([[0.9, 0.1]] * 3 + [[0.1, 0.9]] * 3)
    >>> [[term.text for term in terms] for terms in class_terms(held, ["عقوبات", "كأس"], sure)]
    [['عقوبات'], ['كأس']]
    """
    told = ~np.isnan(probabilities).any(axis=1)
    held, sure = words[told].astype(bool).astype(np.float64), probabilities[told]
    counts = np.asarray(held.sum(axis=0)).ravel()
    n = len(sure)
    found: list[tuple[Term, ...]] = []
    for column in range(sure.shape[1]):
        spread = float(sure[:, column].std()) if n else 0.0
        if spread < 1e-9:  # the mean of equal numbers may differ from them in the last digit
            found.append(())
            continue
        above = held.T @ (sure[:, column] - sure[:, column].mean())
        error = spread * np.sqrt(np.maximum(counts * (1 - counts / n), 1e-12))
        scores = np.where(counts >= min(_LEAST, max(1, n // 10)), above / error, 0.0)
        ranked = np.argsort(-scores, kind="stable")[: 10 * most]
        found.append(
            _apart([Term(vocabulary[at], float(scores[at]), int(counts[at])) for at in ranked if scores[at] > 1], most)
        )
    return tuple(found)


def _apart(terms: Sequence[Term], most: int) -> tuple[Term, ...]:
    kept: list[Term] = []
    for term in terms:
        padded = f" {term.text} "
        if not any(padded in f" {other.text} " or f" {other.text} " in padded for other in kept):
            kept.append(term)
        if len(kept) == most:
            break
    return tuple(kept)
