"""Decisions on texts that the deciding model has not seen, whole articles held out together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import FeatureUnion
from threadpoolctl import threadpool_limits

from research.errors import ConfigError
from research.features import EmbeddingStore, Encoder, char_tfidf, embed, lsa, word_tfidf

__all__ = ["REPRESENTATIONS", "EmbeddingTransformer", "crossfit_decisions", "representation"]

Decisions = npt.NDArray[np.bool_]


class EmbeddingTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Texts to their embeddings, as a step of a pipeline.

    Parameters
    ----------
    encoder : Encoder
        Encodes them.
    store : EmbeddingStore, optional
        Where they are kept.
    """

    def __init__(self, encoder: Encoder, store: EmbeddingStore | None = None) -> None:
        self.encoder = encoder
        self.store = store

    def fit(self, X: Sequence[str], y: Any = None) -> EmbeddingTransformer:
        """Learn nothing: the encoder is given."""
        return self

    def transform(self, X: Sequence[str]) -> npt.NDArray[np.float32]:
        """Embed texts; a blank one becomes zeros."""
        return np.nan_to_num(embed(list(X), self.encoder, self.store))

    def __sklearn_is_fitted__(self) -> bool:
        return True


_Make = Callable[[Encoder, EmbeddingStore | None], Any]

#: The representations by name, in the order in which they are reported.
REPRESENTATIONS: dict[str, _Make] = {
    "words": lambda encoder, store: word_tfidf(),
    "characters": lambda encoder, store: char_tfidf(),
    "words + characters": lambda encoder, store: FeatureUnion([("words", word_tfidf()), ("characters", char_tfidf())]),
    "latent semantics": lambda encoder, store: lsa(100, n_texts=200),
    "embeddings": lambda encoder, store: EmbeddingTransformer(encoder, store),
    "embeddings + words": lambda encoder, store: FeatureUnion(
        [("embeddings", EmbeddingTransformer(encoder, store)), ("words", word_tfidf())]
    ),
}


def representation(name: str, encoder: Encoder, store: EmbeddingStore | None = None) -> Any:
    """Make a transformer from texts to a matrix.

    Parameters
    ----------
    name : str
        A key of `REPRESENTATIONS`.
    encoder : Encoder
        For those that embed.
    store : EmbeddingStore, optional
        Where embeddings are kept.

    Raises
    ------
    ConfigError
        If the name is unknown.

    Examples
    --------
    >>> from research.features import get_encoder
    >>> representation("words", get_encoder()).fit_transform(["نص قصير"]).shape
    (1, 2)
    """
    if name not in REPRESENTATIONS:
        raise ConfigError(f"unknown representation {name!r}", remedy=f"they are {', '.join(REPRESENTATIONS)}")
    return REPRESENTATIONS[name](encoder, store)


def crossfit_decisions(
    make: Callable[[], Any] | None,
    texts: Sequence[str],
    truth: Decisions,
    usable: Decisions,
    groups: Sequence[str],
    *,
    folds: int = 5,
    seed: int = 0,
) -> Decisions:
    """Decide every label of every text by models that saw other groups only.

    Parameters
    ----------
    make : callable or None
        Makes a fresh transformer from texts to a matrix for every fold; None decides by the label's frequency alone, the
        floor.
    texts : sequence of str, length n
        The texts.
    truth : ndarray of bool, shape (n, labels)
        What each speaks of.
    usable : ndarray of bool, shape (n, labels)
        Pairs that may be learned from; the others are disputed.
    groups : sequence of str, length n
        The article of every text.
    folds : int
        How many parts; fewer when there are fewer groups.
    seed : int
        Seed of the division into parts.

    Returns
    -------
    ndarray of bool, shape (n, labels)
        A label that the other groups never show is never given.

    Notes
    -----
    One regularised logistic regression a label, both classes with equal weight. By scikit-learn.
    """
    decided = np.zeros(truth.shape, bool)
    # Matrices this small gain nothing from threads, and lose much where another process keeps the cores busy.
    with threadpool_limits(1):
        _decide(decided, make, texts, truth, usable, groups, folds, seed)
    return decided


def _decide(
    decided: Decisions,
    make: Callable[[], Any] | None,
    texts: Sequence[str],
    truth: Decisions,
    usable: Decisions,
    groups: Sequence[str],
    folds: int,
    seed: int,
) -> None:
    split = GroupKFold(min(folds, len(set(groups))), shuffle=True, random_state=seed)
    column = np.array(texts, dtype=object)
    for train, test in split.split(column, groups=np.array(groups)):
        model = _Nothing() if make is None else make()
        seen, unseen = model.fit_transform(list(column[train])), model.transform(list(column[test]))
        for label in range(truth.shape[1]):
            known = usable[train, label]
            answers = truth[train, label][known]
            if answers.any() and not answers.all():
                head = _head(make is None).fit(seen[known], answers)
                decided[test, label] = head.predict(unseen)


def _head(floor: bool) -> Any:
    if floor:
        return DummyClassifier(strategy="prior")
    return LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)


class _Nothing(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A matrix that tells nothing."""

    def fit(self, X: Sequence[str], y: Any = None) -> _Nothing:
        return self

    def transform(self, X: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.zeros((len(X), 1), np.float32)
