"""From texts and their embeddings to topics and their words; knows nothing of articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.errors import DataError
from research.features import Representation, represent
from research.topics import GraphClusterer, topic_words
from research.topics.graph import by_size

if TYPE_CHECKING:
    from research.text.analyzer import ArabicAnalyzer

__all__ = ["FoundTopics", "find_guided", "find_topics"]

_FEW = 12  # with fewer telling texts than this, all texts take part in forming topics
_TELLING = 120  # characters from which on a text takes part


@dataclass(frozen=True, eq=False)
class FoundTopics:
    """The topics of some texts.

    Attributes
    ----------
    labels : ndarray of int64, shape (n,)
        The topic of every text, from 0, the largest first.
    strengths : ndarray of float64, shape (n,)
        Share of a text's nearest neighbours that are in its topic, 0 to 1; NaN where there are no others.
    words : tuple of tuples of (str, float)
        For every topic, its terms with their class-based TF-IDF, the best first.
    representation : Representation
        The texts as terms and numbers.
    model : BERTopic or None
        The fitted model behind the words.
    """

    labels: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float64]
    words: tuple[tuple[tuple[str, float], ...], ...]
    representation: Representation
    model: Any

    def renumbered(self, sizes: Sequence[int], *, fixed: int = 0) -> FoundTopics:
        """Give the same topics numbered by other sizes than the numbers of texts, the largest first after the fixed ones."""
        order = [*range(fixed), *sorted(range(fixed, len(sizes)), key=lambda topic: (-sizes[topic], topic))]
        rank = np.argsort(order)
        return replace(self, labels=rank[self.labels], words=tuple(self.words[topic] for topic in order))

    def keywords(self, topic: int, most: int = 10) -> list[str]:
        """Give a topic's first terms as people write them."""
        return [self.representation.analyzer.surface(term) for term, _ in self.words[topic][:most]]


def find_topics(
    texts: Sequence[str],
    embeddings: npt.NDArray[np.float32],
    *,
    latent: int = 0,
    analyzer: ArabicAnalyzer | None = None,
    resolution: float = 1.0,
    min_topic_size: int | None = None,
    seed: int = 0,
) -> FoundTopics:
    """Find the topics of texts whose embeddings are ready.

    The result does not depend on the order of the texts.

    Parameters
    ----------
    texts : sequence of str, length n
        The texts; equal ones are best given once.
    embeddings : ndarray of float32, shape (n, d)
        Their embeddings, all of them defined.
    latent : int
        How many latent dimensions of the words to put beside the embeddings, with equal weight; none by default.
    analyzer : ArabicAnalyzer, optional
        Another way to terms than the default one.
    resolution : float
        Higher gives more and smaller topics.
    min_topic_size : int, optional
        Smaller groups join their neighbours.
    seed : int
        Seed of every random choice.

    Returns
    -------
    FoundTopics
        Every text has a topic.

    Raises
    ------
    DataError
        If the embeddings are not one defined row a text.

    Examples
    --------
    >>> texts = ["فرض عقوبات على السفن", "رفع العقوبات عن الشركات", "فوز الفريق بالكأس", "خسارة الفريق في المباراة"]
    >>> found = find_topics(texts, np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], dtype=np.float32), min_topic_size=1)
    >>> len(found.labels)
    4
    """
    if len(texts) != len(embeddings):
        raise DataError(f"{len(embeddings)} embeddings for {len(texts)} texts", remedy="give one row a text")
    if not np.isfinite(embeddings).all():
        row = int(np.flatnonzero(~np.isfinite(embeddings).all(axis=1))[0])
        raise DataError("the embedding is not a number", where=f"row {row}", remedy="leave texts without an embedding out")
    seen = represent(texts, np.asarray(embeddings, dtype=np.float32), latent=latent, analyzer=analyzer)
    labels, strengths = _cluster(texts, seen, GraphClusterer(resolution=resolution, min_cluster_size=min_topic_size, seed=seed))
    words = topic_words(seen.terms, labels, seen.embedding)
    return FoundTopics(labels, strengths, words.scored, seen, words.model)


def find_guided(
    texts: Sequence[str],
    embeddings: npt.NDArray[np.float32],
    given: npt.NDArray[np.int64],
    scores: npt.NDArray[np.float64],
    n_themes: int,
    *,
    latent: int = 0,
    analyzer: ArabicAnalyzer | None = None,
    resolution: float = 1.0,
    min_topic_size: int | None = None,
    seed: int = 0,
) -> FoundTopics:
    """Find topics where those of some texts are known: every theme keeps its topic, the other texts form topics beyond.

    Parameters
    ----------
    texts : sequence of str, length n
        The texts; equal ones are best given once.
    embeddings : ndarray of float32, shape (n, d)
        Their embeddings, all of them defined.
    given : ndarray of int64, shape (n,)
        The theme of every text, -1 where it has none.
    scores : ndarray of float64, shape (n,)
        How sure each is; becomes its strength.
    n_themes : int
        How many themes there are: the first topics, in this order, also those that no text has.
    latent, analyzer, resolution, min_topic_size, seed
        As in `find_topics`, for the texts without a theme.

    Returns
    -------
    FoundTopics
        Themes, then topics beyond them, the largest first.

    Examples
    --------
    >>> texts = ["فرض عقوبات على السفن", "رفع العقوبات", "فوز الفريق بالكأس", "خسارة الفريق في المباراة"]
    >>> matrix = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], dtype=np.float32)
    >>> find_guided(texts, matrix, np.array([0, 0, -1, -1]), np.ones(4), 2, min_topic_size=1).labels.tolist()[:2]
    [0, 0]
    """
    seen = represent(texts, np.asarray(embeddings, dtype=np.float32), latent=latent, analyzer=analyzer)
    labels, strengths = given.astype(np.int64), np.where(given >= 0, scores, np.nan)
    rest = np.flatnonzero(given < 0)
    beyond = 0
    if len(rest):
        part = Representation([seen.terms[row] for row in rest], seen.analyzer, seen.embedding[rest], seen.matrix[rest])
        clusterer = GraphClusterer(resolution=resolution, min_cluster_size=min_topic_size, seed=seed)
        labels[rest], strengths[rest] = _cluster([texts[int(row)] for row in rest], part, clusterer)
        beyond = int(labels[rest].max()) + 1
        labels[rest] += n_themes
    # BERTopic numbers without gaps: a theme without texts has no words, and keeps its place.
    used = np.unique(labels)
    words = topic_words(seen.terms, np.searchsorted(used, labels), seen.embedding)
    scored: list[tuple[tuple[str, float], ...]] = [()] * (n_themes + beyond)
    for number, topic in enumerate(used):
        scored[int(topic)] = words.scored[number]
    return FoundTopics(labels, strengths, tuple(scored), seen, words.model)


def _cluster(
    texts: Sequence[str], seen: Representation, clusterer: GraphClusterer
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Form topics from the passages that say something; headlines and other short lines join the topic nearest to them.

    By themselves short lines resemble each other more than what they speak of, and would make a topic of headlines.
    """
    telling = np.array([len(text) >= _TELLING for text in texts])
    if telling.all() or telling.sum() < _FEW:
        clusterer.fit(seen.matrix)
        return clusterer.labels_, clusterer.strengths_
    clusterer.fit(seen.matrix[telling])
    labels, strengths = np.empty(len(texts), np.int64), np.empty(len(texts), np.float64)
    labels[telling], strengths[telling] = clusterer.labels_, clusterer.strengths_
    labels[~telling], strengths[~telling] = clusterer.assign(seen.matrix[~telling])
    return by_size(labels), strengths
