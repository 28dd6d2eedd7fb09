"""Which topics are alike: by what their texts mean, and by the words that tell them from the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TopicSimilarity", "topic_similarity"]

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TopicSimilarity:
    """How alike topics are, two ways.

    Attributes
    ----------
    meaning : ndarray of float64, shape (topics, topics)
        Cosine of their centroids after the mean of all centroids was taken off; -1 to 1. NaN for a topic without a centroid,
        and everywhere with fewer than three topics: two points around their mean are always opposite.
    words : ndarray of float64, shape (topics, topics)
        Cosine of their term scores, 0 to 1; NaN for a topic without terms.
    """

    meaning: Matrix
    words: Matrix

    def both(self) -> Matrix:
        """Give the mean of the two, of the one that is defined where only one is; shape (topics, topics)."""
        stacked = np.stack([self.meaning, self.words])
        defined = np.isfinite(stacked)
        with np.errstate(invalid="ignore"):
            mean: Matrix = np.where(defined, stacked, 0).sum(axis=0) / defined.sum(axis=0)
        return mean

    def nearest(self) -> list[int | None]:
        """Give every topic's most similar other topic by the mean of the two; the first among equals, None where there is none.

        Examples
        --------
        >>> topic_similarity(np.array([[1, 0], [1, 1], [0, 1.0]]), np.array([[1, 0], [1, 0.1], [-1, 0]])).nearest()
        [1, 0, 1]
        """
        scores = np.round(self.both(), 9)
        np.fill_diagonal(scores, np.nan)
        return [int(np.nanargmax(row)) if np.isfinite(row).any() else None for row in scores]

    def table(self) -> pd.DataFrame:
        """Give one row a pair of topics, the most similar first: topic, other, meaning, words, both."""
        import pandas as pd

        one, other = np.triu_indices(len(self.meaning), k=1)
        both = self.both()[one, other]
        columns = {"topic": one, "other": other, "meaning": self.meaning[one, other], "words": self.words[one, other]}
        table = pd.DataFrame({**columns, "both": both})
        order = np.lexsort((other, one, -np.round(both, 9)))
        return table.iloc[order].reset_index(drop=True)


def topic_similarity(topic_terms: sparse.csr_matrix | Matrix, centroids: npt.NDArray[np.floating]) -> TopicSimilarity:
    """Compare every topic with every other.

    Parameters
    ----------
    topic_terms : csr_matrix or ndarray, shape (topics, t)
        Scores of terms, none below 0, as `class_tfidf` gives them.
    centroids : ndarray of float, shape (topics, d)
        Each topic's mean embedding; a row with NaN is a topic that has none.

    Returns
    -------
    TopicSimilarity
        Symmetric; 1 between a topic and itself.

    Raises
    ------
    DataError
        If there is not one centroid a topic.

    Examples
    --------
    >>> found = topic_similarity(np.array([[1, 0], [1, 1], [0, 1.0]]), np.array([[1, 0], [1, 0.1], [-1, 0]]))
    >>> found.words.round(2).tolist()
    [[1.0, 0.71, 0.0], [0.71, 1.0, 0.71], [0.0, 0.71, 1.0]]
    """
    if topic_terms.shape[0] != len(centroids):
        raise DataError(f"{len(centroids)} centroids for {topic_terms.shape[0]} topics", remedy="give one row a topic")
    there = np.isfinite(centroids).all(axis=1)
    points = np.array(centroids, dtype=np.float64)
    points[~there] = 0
    if there.sum() >= 3:
        points[there] -= points[there].mean(axis=0)
    else:
        points[:] = 0
    return TopicSimilarity(_cosines(points), _cosines(topic_terms))


def _cosines(rows: sparse.csr_matrix | Matrix) -> Matrix:
    """Give the cosine of every pair of rows; NaN where a row is too short to have a direction."""
    rows = sparse.csr_matrix(rows)
    products = (rows @ rows.T).toarray()
    squares = np.diag(products)
    lengths = np.sqrt(np.where(squares > 1e-18, squares, np.nan))
    cosines: Matrix = np.clip(products / np.outer(lengths, lengths), -1, 1)
    return cosines
