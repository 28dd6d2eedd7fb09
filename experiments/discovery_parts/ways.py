"""The ways to topics: ours and its rivals, each from the same texts and embeddings to a topic for each text and words."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from research.discovery import LATENT, find_topics
from research.features import embed, get_encoder
from research.messages import word
from research.text import ArabicAnalyzer

Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float32]

OURS, DEFAULTS = "research", word("BERTopic defaults")
WORDS = 10  # a topic, that are scored


@dataclass(frozen=True, eq=False)
class Given:
    """What every way is given; terms are made when a way first asks for them, so that they are part of its time."""

    texts: list[str]
    embeddings: Matrix
    n_topics: int  # the known number of classes; only the ways of `KNOWN` look at it
    seed: int
    encoder: str = "use"

    @cached_property
    def terms(self) -> list[list[str]]:
        """Our terms of each text in their commonest surface form, blanks in a term written as an underscore."""
        analyzer = ArabicAnalyzer()
        return [[analyzer.surface(term).replace(" ", "_") for term in row] for row in analyzer.fit_transform(self.texts)]

    @property
    def joined(self) -> list[str]:
        return [" ".join(row) for row in self.terms]


@dataclass(frozen=True, eq=False)
class Found:
    """A topic for each text, -1 where it was left out, and the first words of each topic."""

    labels: Labels
    words: list[list[str]]


def ours(given: Given) -> Found:
    found = find_topics(given.texts, given.embeddings, latent=LATENT, seed=given.seed)
    return Found(found.labels, [found.keywords(topic, WORDS) for topic in range(len(found.words))])


def bertopic_defaults(given: Given) -> Found:
    return _bertopic(given.texts, given)


def bertopic_terms(given: Given) -> Found:
    return _bertopic(given.joined, given)


def bertopic_kmeans(given: Given) -> Found:
    from sklearn.cluster import KMeans

    return _bertopic(given.joined, given, hdbscan_model=KMeans(given.n_topics, random_state=given.seed))


def _bertopic(texts: list[str], given: Given, **parts: Any) -> Found:
    from bertopic import BERTopic

    model = BERTopic(language="multilingual", **parts)
    labels = np.asarray(model.fit_transform(texts, given.embeddings)[0], dtype=np.int64)
    # Where there are fewer words it fills up with empty ones.
    return Found(
        labels, [[word for word, _ in model.get_topic(topic)][:WORDS] for topic in sorted(set(labels.tolist()) - {-1})]
    )


def nmf(given: Given) -> Found:
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = _vectorizer(TfidfVectorizer, given)
    matrix = vectorizer.fit_transform(given.terms)
    model = NMF(given.n_topics, init="nndsvda", random_state=given.seed, max_iter=500)
    return _mixed(model.fit_transform(matrix), model.components_, vectorizer.get_feature_names_out())


def lda(given: Given) -> Found:
    from sklearn.decomposition import LatentDirichletAllocation
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = _vectorizer(CountVectorizer, given)
    matrix = vectorizer.fit_transform(given.terms)
    model = LatentDirichletAllocation(given.n_topics, random_state=given.seed, max_iter=20)
    return _mixed(model.fit_transform(matrix), model.components_, vectorizer.get_feature_names_out())


def kmeans(given: Given) -> Found:
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import normalize as unit_length

    model = KMeans(given.n_topics, n_init=10, random_state=given.seed)
    labels = model.fit_predict(unit_length(given.embeddings)).astype(np.int64)
    return Found(labels, class_words(given.terms, labels))


def keynmf(given: Given) -> Found:
    from turftopic import KeyNMF

    return _turftopic(KeyNMF, given)


def s3(given: Given) -> Found:
    from turftopic import SemanticSignalSeparation

    return _turftopic(SemanticSignalSeparation, given)


def topica_bertopic(given: Given) -> Found:
    import topica

    model = topica.BERTopic(seed=given.seed).fit(given.terms, given.embeddings.astype(np.float64))
    return Found(np.asarray(model.labels, dtype=np.int64), [list(row) for row in model.top_words(WORDS)])


class _Coder:
    """Our encoder as turftopic wants one."""

    def __init__(self, name: str) -> None:
        self.encoder = get_encoder(name)

    def encode(self, sentences: Any) -> Matrix:
        return embed([str(text).replace("_", " ") for text in sentences], self.encoder)


def _turftopic(kind: Any, given: Given) -> Found:
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(analyzer=str.split, min_df=2)
    model = kind(given.n_topics, encoder=_Coder(given.encoder), vectorizer=vectorizer, random_state=given.seed)
    weights = model.fit_transform(given.joined, embeddings=given.embeddings)
    return _mixed(np.asarray(weights), np.asarray(model.components_), model.get_vocab())


def _vectorizer(kind: Any, given: Given) -> Any:
    common = 0.5 if len(given.texts) >= 20 else 1.0
    return kind(analyzer=list, min_df=2, max_df=common)


def _mixed(weights: npt.NDArray[Any], components: npt.NDArray[Any], vocabulary: Sequence[str]) -> Found:
    """Give each text its strongest topic; one in which no topic has any weight is left out."""
    labels = np.where((weights > 0).any(axis=1), weights.argmax(axis=1), -1).astype(np.int64)
    best = np.argsort(-components, axis=1, kind="stable")[:, :WORDS]
    return Found(
        labels, [[str(vocabulary[at]) for at in row if line[at] > 0] for line, row in zip(components, best, strict=True)]
    )


def class_words(terms: Sequence[Sequence[str]], labels: Labels) -> list[list[str]]:
    """Give the first words of clusters by class-based TF-IDF: frequency in the cluster by log(1 + A / frequency in all).

    A is the mean number of words a cluster: Grootendorst, M. (2022). BERTopic.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(analyzer=list)
    counts = vectorizer.fit_transform(terms)
    by_class = np.vstack([np.asarray(counts[labels == topic].sum(axis=0)) for topic in range(labels.max() + 1)])
    lengths, overall = by_class.sum(axis=1, keepdims=True), by_class.sum(axis=0)
    scores = by_class / np.maximum(lengths, 1) * np.log(1 + lengths.mean() / overall)
    return _mixed(np.zeros((0, len(scores))), scores, vectorizer.get_feature_names_out()).words


WAYS: dict[str, Callable[[Given], Found]] = {
    OURS: ours,
    DEFAULTS: bertopic_defaults,
    word("BERTopic, our terms"): bertopic_terms,
    word("BERTopic, our terms, k-means"): bertopic_kmeans,
    "NMF": nmf,
    "LDA": lda,
    "k-means": kmeans,
    "KeyNMF": keynmf,
    "S3": s3,
    "topica BERTopic": topica_bertopic,
}
KNOWN = ("BERTopic, our terms, k-means", "NMF", "LDA", "k-means", "KeyNMF", "S3")
UMAP = (DEFAULTS, "BERTopic, our terms", "BERTopic, our terms, k-means")
NEEDS = {"KeyNMF": "turftopic", "S3": "turftopic", "topica BERTopic": "topica"}  # outside the default installation


def lacking(way: str) -> str:
    """Name the package that a way lacks; empty where it has all it needs."""
    package = NEEDS.get(way, "")
    return package if package and importlib.util.find_spec(package) is None else ""
