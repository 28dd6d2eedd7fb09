"""From texts and their embeddings to topics and their words; knows nothing of articles but which texts are of one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.errors import DataError
from research.features import Representation, represent
from research.text.script import in_several_scripts
from research.topics import (
    Choice,
    Hierarchy,
    TopicClusterer,
    class_tfidf,
    count_terms,
    log_odds_words,
    mean_rank,
    ranked_terms,
    topic_similarity,
    topic_words,
)
from research.topics.graph import by_size

if TYPE_CHECKING:
    from research.text.analyzer import ArabicAnalyzer
    from research.topics import TopicSimilarity

__all__ = ["FoundTopics", "find_guided", "find_topics"]

Labels = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

_FEW = 12  # with fewer telling texts than this, all texts take part in forming topics
_TELLING = 120  # characters from which on a text takes part
_MOST_WORDS = 60


@dataclass(frozen=True, eq=False)
class FoundTopics:
    """The topics of some texts.

    Attributes
    ----------
    labels : ndarray of int64, shape (n,)
        The topic of every text, from 0, the largest first.
    strengths : ndarray of float64, shape (n,)
        How probable a text's topic is by a linear model of all other texts, 0 to 1; NaN for a single text.
    stabilities : ndarray of float64, shape (n,)
        In which share of the partitions behind the answer a text stands among those of its topic; NaN where it took no part.
    topic_stabilities : ndarray of float64, shape (topics,)
        Mean Jaccard similarity of each topic with its likeness in those partitions; below .5 it dissolves. NaN for a theme.
    words : tuple of tuples of (str, float)
        For every topic, its terms with one over their mean rank by class-based TF-IDF and log-odds, the best first.
    representation : Representation
        The texts as terms and numbers.
    choice : Choice
        Why there are as many topics.
    hierarchy : Hierarchy
        The tree above and below the topics, texts in the order given.
    clusterer : TopicClusterer
        What places new texts.
    """

    labels: Labels
    strengths: Shares
    stabilities: Shares
    topic_stabilities: Shares
    words: tuple[tuple[tuple[str, float], ...], ...]
    representation: Representation
    choice: Choice
    hierarchy: Hierarchy
    clusterer: TopicClusterer

    def renumbered(self, sizes: Sequence[int], *, fixed: int = 0) -> FoundTopics:
        """Give the same topics numbered by other sizes than the numbers of texts, the largest first after the fixed ones."""
        order = [*range(fixed), *sorted(range(fixed, len(sizes)), key=lambda topic: (-sizes[topic], topic))]
        rank = np.argsort(order)
        return replace(
            self,
            labels=rank[self.labels],
            topic_stabilities=self.topic_stabilities[order],
            words=tuple(self.words[topic] for topic in order),
        )

    def keywords(self, topic: int, most: int = 10) -> list[str]:
        """Give a topic's first terms as people write them."""
        return [self.representation.analyzer.surface(term) for term, _ in self.words[topic][:most]]

    def similarity(self) -> TopicSimilarity:
        """How much topics resemble each other, by meaning and by words."""
        counts, _ = count_terms(self.representation.terms)
        width = len(self.words)
        centroids = np.zeros((width, self.representation.matrix.shape[1]))
        for topic in range(width):
            if (self.labels == topic).any():
                centroids[topic] = self.representation.matrix[self.labels == topic].mean(axis=0, dtype=np.float64)
        return topic_similarity(class_tfidf(counts, self.labels, width), centroids)

    def bertopic(self) -> Any:
        """Give a fitted BERTopic model of these topics, for its own methods; None where there is no word to count."""
        used = np.unique(self.labels)
        return topic_words(self.representation.terms, np.searchsorted(used, self.labels), self.representation.embedding).model


def find_topics(
    texts: Sequence[str],
    embeddings: npt.NDArray[np.float32],
    *,
    groups: Sequence[Hashable] | None = None,
    latent: int = 0,
    analyzer: ArabicAnalyzer | None = None,
    n_topics: int | None = None,
    resolution: float | None = None,
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
    groups : sequence, length n, optional
        The article of every text: those of one article count as one article's evidence. Each its own when not given.
    latent : int
        How many latent dimensions of the words to put beside the embeddings, with equal weight; none by default, and none where
        texts are written in several scripts.
    analyzer : ArabicAnalyzer, optional
        Another way to terms than the default one.
    n_topics : int, optional
        How many topics; chosen by stability when not given.
    resolution : float, optional
        Higher gives more and smaller topics; chosen by stability when not given.
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
    matrix, latent = _checked(texts, embeddings, latent)
    clusterer = TopicClusterer(n_clusters=n_topics, resolution=resolution, min_cluster_size=min_topic_size, seed=seed)
    seen = represent(texts, matrix, latent=latent, analyzer=analyzer)
    part = _cluster(texts, seen.matrix, groups, clusterer)
    return FoundTopics(
        part.labels,
        part.strengths,
        part.stabilities,
        clusterer.cluster_stabilities_[part.order],
        _words(seen, part.labels, len(part.order)),
        seen,
        clusterer.choice_,
        part.hierarchy,
        clusterer,
    )


def find_guided(
    texts: Sequence[str],
    embeddings: npt.NDArray[np.float32],
    given: Labels,
    scores: Shares,
    n_themes: int,
    *,
    groups: Sequence[Hashable] | None = None,
    latent: int = 0,
    analyzer: ArabicAnalyzer | None = None,
    n_topics: int | None = None,
    resolution: float | None = None,
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
    groups, latent, analyzer, n_topics, resolution, min_topic_size, seed
        As in `find_topics`, for the texts without a theme.

    Returns
    -------
    FoundTopics
        Themes, then topics beyond them, the largest first. The tree is cut between themes and topics only.

    Examples
    --------
    >>> texts = ["فرض عقوبات على السفن", "رفع العقوبات", "فوز الفريق بالكأس", "خسارة الفريق في المباراة"]
    >>> matrix = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], dtype=np.float32)
    >>> find_guided(texts, matrix, np.array([0, 0, -1, -1]), np.ones(4), 2, min_topic_size=1).labels.tolist()[:2]
    [0, 0]
    """
    matrix, latent = _checked(texts, embeddings, latent)
    seen = represent(texts, matrix, latent=latent, analyzer=analyzer)
    labels, strengths = given.astype(np.int64), np.where(given >= 0, scores, np.nan)
    stabilities, known = np.full(len(texts), np.nan), np.full(n_themes, np.nan)
    clusterer = TopicClusterer(n_clusters=n_topics, resolution=resolution, min_cluster_size=min_topic_size, seed=seed)
    rest = np.flatnonzero(given < 0)
    if len(rest):
        own = None if groups is None else [groups[int(row)] for row in rest]
        part = _cluster([texts[int(row)] for row in rest], seen.matrix[rest], own, clusterer)
        labels[rest], strengths[rest], stabilities[rest] = part.labels + n_themes, part.strengths, part.stabilities
        known = np.append(known, clusterer.cluster_stabilities_[part.order])
    else:
        clusterer.fit(seen.matrix[:1])  # nothing is left to divide
    whole = Hierarchy(np.unique(labels, return_inverse=True)[1].astype(np.int64), (), len(np.unique(labels)))
    return FoundTopics(
        labels, strengths, stabilities, known, _words(seen, labels, len(known)), seen, clusterer.choice_, whole, clusterer
    )


def _checked(texts: Sequence[str], embeddings: npt.NDArray[np.float32], latent: int) -> tuple[npt.NDArray[np.float32], int]:
    """Give usable embeddings, and how many latent dimensions these texts can have."""
    if len(texts) != len(embeddings):
        raise DataError(f"{len(embeddings)} embeddings for {len(texts)} texts", remedy="give one row a text")
    if not np.isfinite(embeddings).all():
        row = int(np.flatnonzero(~np.isfinite(embeddings).all(axis=1))[0])
        raise DataError("the embedding is not a number", where=f"row {row}", remedy="leave texts without an embedding out")
    # Words of two languages never meet: their latent dimensions would sort the texts by language.
    return np.asarray(embeddings, dtype=np.float32), 0 if latent and in_several_scripts(texts) else latent


def _words(seen: Representation, labels: Labels, n_topics: int) -> tuple[tuple[tuple[str, float], ...], ...]:
    """Rank each topic's terms by class-based TF-IDF, which likes the frequent, and log-odds, which likes the peculiar."""
    counts, vocabulary = count_terms(seen.terms)
    scores = mean_rank(class_tfidf(counts, labels, n_topics), log_odds_words(counts, labels, n_topics))
    return ranked_terms(scores, vocabulary, most=_MOST_WORDS)


@dataclass(frozen=True, eq=False)
class _Part:
    """Clusters of all texts; ``order`` gives for each topic the number that it has in the clusterer."""

    labels: Labels
    strengths: Shares
    stabilities: Shares
    order: npt.NDArray[np.int64]
    hierarchy: Hierarchy


def _cluster(
    texts: Sequence[str], matrix: npt.NDArray[np.float32], groups: Sequence[Hashable] | None, clusterer: TopicClusterer
) -> _Part:
    """Form topics from the passages that say something; headlines and other short lines join the topic nearest to them.

    By themselves short lines resemble each other more than what they speak of, and would make a topic of headlines.
    """
    telling = np.array([len(text) >= _TELLING for text in texts])
    if telling.all() or telling.sum() < _FEW:
        clusterer.fit(matrix, groups=groups)
        own = np.arange(int(clusterer.labels_.max()) + 1)
        return _Part(clusterer.labels_, clusterer.strengths_, clusterer.stabilities_, own, clusterer.hierarchy_)
    clusterer.fit(matrix[telling], groups=None if groups is None else [groups[int(row)] for row in np.flatnonzero(telling)])
    found, strengths = np.empty(len(texts), np.int64), np.empty(len(texts), np.float64)
    stabilities = np.full(len(texts), np.nan)
    found[telling], strengths[telling] = clusterer.labels_, clusterer.strengths_
    stabilities[telling] = clusterer.stabilities_
    found[~telling], strengths[~telling] = clusterer.assign(matrix[~telling])
    labels = by_size(found)
    order = np.array([int(found[np.flatnonzero(labels == topic)[0]]) for topic in range(int(labels.max()) + 1)])
    tree = clusterer.hierarchy_
    # A short line goes with the largest group of its topic.
    leaves = np.empty(len(texts), np.int64)
    leaves[telling] = tree.leaves
    largest = {topic: int(np.bincount(tree.leaves[clusterer.labels_ == topic]).argmax()) for topic in np.unique(found).tolist()}
    leaves[~telling] = [largest[topic] for topic in found[~telling].tolist()]
    return _Part(labels, strengths, stabilities, order, Hierarchy(leaves, tree.merges, tree.topics))
