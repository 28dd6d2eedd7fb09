"""What a codebook's words say of a passage without any label: scores that order passages, and the log odds of a prior."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import logit

__all__ = ["NOTHING", "codebook_scores", "odds", "prior_odds", "resemblance"]

Matrix = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]

# A seed, two hints, one hint. They order passages; they are no probabilities.
_SEED, _SEED_STEP, _MOST, _HINTS, _HINT = 0.8, 0.05, 0.95, 0.6, 0.4
#: The score of a passage with none of the codebook's words, at most.
NOTHING = 0.25
_PRIOR_NOTHING = 0.12  # what the codebook's prior gives such a passage


def codebook_scores(counts: Scores, otherwise: Scores) -> Scores:
    """Score passages for one theme by the codebook's words.

    Parameters
    ----------
    counts : ndarray of float64, shape (n, 3)
        How many different seeds, words that meet, and hints of the theme each passage holds.
    otherwise : ndarray of float64, shape (n,)
        The scores of passages without any; no hint lowers them.

    Returns
    -------
    ndarray of float64, shape (n,)
        0 to 1.

    Examples
    --------
    >>> counts = np.array([[2.0, 0, 0], [0, 0, 2], [0, 0, 1], [0, 0, 0]])
    >>> codebook_scores(counts, np.full(4, NOTHING)).round(2).tolist()
    [0.85, 0.6, 0.4, 0.25]
    """
    seeds, hints = counts[:, :2].sum(axis=1), counts[:, 2]
    found = np.where(hints == 1, np.maximum(otherwise, _HINT), otherwise)
    found = np.where(hints >= 2, np.maximum(found, _HINTS), found)
    return np.where(seeds > 0, np.minimum(_SEED + _SEED_STEP * (seeds - 1), _MOST), found)


def prior_odds(counts: Scores) -> Scores:
    """Give the log odds that the codebook alone gives one theme, counts as in `codebook_scores`.

    Examples
    --------
    >>> prior_odds(np.array([[1.0, 0, 0], [0, 0, 0]])).round(2).tolist()
    [1.39, -1.99]
    """
    result: Scores = odds(codebook_scores(counts, np.full(len(counts), _PRIOR_NOTHING)))
    return result


def resemblance(embeddings: Matrix, examples: Matrix, *, has_words: bool) -> Scores:
    """Score passages by how much they resemble a theme's examples and definition.

    Parameters
    ----------
    embeddings : ndarray of float32, shape (n, d)
        Of the passages; zeros for a blank one.
    examples : ndarray of float32, shape (m, d)
        Of the theme; where there are none, or embeddings were not asked for, every score is 0.
    has_words : bool
        Whether the theme has words: resemblance decides only where there is nothing else to go by.

    Returns
    -------
    ndarray of float64, shape (n,)
        The cosine with the nearest example, 0 to 1; with words at most `NOTHING`.

    Examples
    --------
    >>> passages, examples = np.eye(2, dtype=np.float32), np.array([[0.6, 0.8]], np.float32)
    >>> [round(float(score), 2) for score in resemblance(passages, examples, has_words=False)]
    [0.6, 0.8]
    """
    if not len(examples) or embeddings.shape[1] != examples.shape[1]:
        return np.zeros(len(embeddings))
    nearest = (embeddings @ examples.T).max(axis=1, initial=0.0)
    found: Scores = np.clip(nearest, 0, 1) * (NOTHING if has_words else 1.0)
    return found


def odds(score: Scores | float) -> Any:
    """Log odds of scores, finite.

    Examples
    --------
    >>> float(odds(0.5)), float(odds(1.0)) < 20
    (0.0, True)
    """
    return logit(np.clip(score, 1e-6, 1 - 1e-6))
