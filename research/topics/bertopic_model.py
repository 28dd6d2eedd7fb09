"""BERTopic behind our own parts: the only module that imports it.

BERTopic is given the embeddings, a reducer that does nothing, a cluster model and terms that are analysed already; it orders
the topics and scores their words by class-based TF-IDF. It is never asked to embed, to reduce or to tokenise: on Arabic its
own tokeniser deletes every letter, and its reducer raises on a handful of texts.
"""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from research.errors import ConfigError

__all__ = ["TopicWords", "topic_words"]


@dataclass(frozen=True, eq=False)
class TopicWords:
    """What BERTopic says of given clusters.

    Attributes
    ----------
    scored : tuple of tuples of (str, float)
        For every cluster, in its order, terms with their class-based TF-IDF, the best first.
    model : BERTopic or None
        The fitted model, for its own methods; None when there was no word to count.
    """

    scored: tuple[tuple[tuple[str, float], ...], ...]
    model: Any


_MANY = 500  # texts


class _Given(BaseEstimator):  # type: ignore[misc]
    """A cluster model for labels that are known."""

    def __init__(self, labels: npt.NDArray[np.int64] | None = None) -> None:
        self.labels = labels

    def fit(self, X: Any, y: Any = None) -> Self:
        self.labels_ = self.labels
        return self


class _Unused(BaseEstimator):  # type: ignore[misc]
    """A reducer where no reduction is wanted: the labels are known, so nobody looks at what it gives."""

    def fit(self, X: npt.NDArray[np.float32], y: Any = None) -> Self:
        return self

    def transform(self, X: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return X[:, :1]


def _split(text: str) -> list[str]:
    return text.split(" ")


def topic_words(
    terms: Sequence[Sequence[str]],
    labels: npt.NDArray[np.int64],
    embeddings: npt.NDArray[np.float32],
    *,
    most: int = 60,
) -> TopicWords:
    """Score the words of clusters with BERTopic.

    Parameters
    ----------
    terms : sequence of sequences of str
        The terms of every text; a term holds no blank.
    labels : ndarray of int64, shape (n,)
        The cluster of every text, from 0 without gaps.
    embeddings : ndarray of float32, shape (n, d)
        The texts' embeddings; BERTopic derives the topics' embeddings from them.
    most : int
        How many terms a cluster to give.

    Returns
    -------
    TopicWords
        A cluster without any term has an empty list.

    Raises
    ------
    ConfigError
        If BERTopic is not installed.

    Notes
    -----
    Grootendorst, M. (2022). BERTopic: Neural topic modeling with a class-based TF-IDF procedure. By the library bertopic.

    Examples
    --------
    >>> words = topic_words([["قمه"], ["قمه"], ["كره"]], np.array([0, 0, 1]), np.eye(3, dtype=np.float32))
    >>> [scored[0][0] for scored in words.scored]
    ['قمه', 'كره']
    """
    n_clusters = int(labels.max()) + 1 if len(labels) else 0
    if not any(terms):
        return TopicWords(((),) * n_clusters, None)
    known = {term for row in terms for term in row}
    if len(known) == 1:  # BERTopic's weights are a number then, where it wants a list
        holding = {int(label) for label, row in zip(labels, terms, strict=True) if row}
        only = tuple((term, 1.0) for term in known)
        return TopicWords(tuple(only if cluster in holding else () for cluster in range(n_clusters)), None)
    model = _fit(_joined(terms), labels, embeddings, most)
    # BERTopic numbers topics anew by size; the first text of a cluster tells which of its numbers is which of ours.
    theirs = [model.topics_[int(np.flatnonzero(labels == cluster)[0])] for cluster in range(n_clusters)]
    # It fills the words up with empty ones, and calls a text without words by a word of its own.
    scored = (tuple((str(term), float(score)) for term, score in model.get_topic(topic) if term in known) for topic in theirs)
    return TopicWords(tuple(scored), model)


def _joined(terms: Sequence[Sequence[str]]) -> list[str]:
    """Write every text's terms with blanks between; where there are many texts, without the terms that only one text has.

    Those name no topic and are most of the vocabulary.
    """
    if len(terms) < _MANY:
        return [" ".join(row) for row in terms]
    holders = Counter(term for row in terms for term in set(row))
    return [" ".join([term for term in row if holders[term] > 1]) for row in terms]


def _fit(texts: list[str], labels: npt.NDArray[np.int64], embeddings: npt.NDArray[np.float32], most: int) -> Any:
    try:
        with warnings.catch_warnings():  # it changes the process's warning filters when it is imported
            from bertopic import BERTopic
            from bertopic.backend import BaseEmbedder
            from bertopic.vectorizers import ClassTfidfTransformer
    except ImportError:
        raise ConfigError("BERTopic is not installed", remedy="pip install --no-deps 'bertopic>=0.17.4,<0.18'") from None
    from sklearn.feature_extraction.text import CountVectorizer

    logging.getLogger("BERTopic").setLevel(logging.ERROR)
    model = BERTopic(
        language="multilingual",
        top_n_words=most,
        min_topic_size=2,
        embedding_model=BaseEmbedder(),
        umap_model=_Unused(),
        hdbscan_model=_Given(labels),
        vectorizer_model=CountVectorizer(analyzer=_split),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
    )
    model.fit(texts, embeddings)
    return model
