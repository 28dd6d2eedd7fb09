"""Class-based TF-IDF on counts: which terms tell a topic from the others, without a model to fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.errors import DataError

__all__ = ["class_tfidf", "count_terms", "ranked_terms", "topic_counts"]

_MANY = 500  # texts from which on a term of only one text is left out


def count_terms(terms: Sequence[Sequence[str]], *, least: int | None = None) -> tuple[sparse.csr_matrix, list[str]]:
    """Count the terms of every text.

    Parameters
    ----------
    terms : sequence of sequences of str, length n
        Each text's terms, repeated as often as they occur; terms that are kept as numbers, with `codes`, `vocabulary` and
        `offsets`, are counted without being made strings.
    least : int, optional
        In how many texts a term must be; by default 1 below 500 texts, else 2: what one text alone holds names no topic, and
        is most of the vocabulary.

    Returns
    -------
    (csr_matrix of float64, shape (n, t); list of str, length t)
        How often each text holds each term, and the terms, in the order of their characters.

    Examples
    --------
    >>> counts, vocabulary = count_terms([["قمه", "وفد", "قمه"], []])
    >>> counts.toarray().tolist(), vocabulary
    ([[2.0, 1.0], [0.0, 0.0]], ['قمه', 'وفد'])
    """
    least = least if least is not None else 2 if len(terms) >= _MANY else 1
    columns, known, ends = _coded(terms)
    counts = sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(terms), len(known)))
    counts.sum_duplicates()
    holders = np.bincount(counts.indices, minlength=len(known))
    kept = sorted(np.flatnonzero(holders >= max(1, least)).tolist(), key=known.__getitem__)
    return counts[:, np.array(kept, np.int64)], [known[column] for column in kept]


@runtime_checkable
class _Coded(Protocol):
    """Terms of many texts that are kept as numbers: places in a vocabulary, and where each text begins and ends."""

    codes: npt.NDArray[np.int32]
    vocabulary: Sequence[str]
    offsets: npt.NDArray[np.int64]


def _coded(terms: Sequence[Sequence[str]]) -> tuple[npt.NDArray[np.integer[Any]], Sequence[str], npt.NDArray[np.int64]]:
    """Give the terms of all texts as numbers, in arrays of their own; the terms; and where each text ends."""
    if isinstance(terms, _Coded):
        return terms.codes.copy(), terms.vocabulary, terms.offsets.copy()
    number: defaultdict[str, int] = defaultdict()
    number.default_factory = number.__len__
    columns = np.fromiter((number[term] for row in terms for term in row), np.int64)
    return columns, list(number), np.cumsum([0, *(len(row) for row in terms)])


def topic_counts(counts: sparse.csr_matrix, labels: npt.NDArray[np.int64], n_topics: int) -> sparse.csr_matrix:
    """Add the counts of each topic's texts.

    Parameters
    ----------
    counts : csr_matrix, shape (n, t)
        Counts by text.
    labels : ndarray of int64, shape (n,)
        The topic of every text, 0 to `n_topics` - 1.
    n_topics : int
        How many topics there are, also those without a text.

    Returns
    -------
    csr_matrix of float64, shape (n_topics, t)
        Only what is above 0 is stored.

    Raises
    ------
    DataError
        If there is not one label a text, or a label that is no topic.

    Examples
    --------
    >>> topic_counts(sparse.csr_matrix([[1, 0], [2, 1], [0, 3]]), np.array([0, 0, 2]), 3).toarray().tolist()
    [[3.0, 1.0], [0.0, 0.0], [0.0, 3.0]]
    """
    if counts.shape[0] != len(labels):
        raise DataError(f"{len(labels)} labels for {counts.shape[0]} texts", remedy="give one topic a text")
    if len(labels) and not 0 <= labels.min() <= labels.max() < n_topics:
        wrong = int(np.flatnonzero((labels < 0) | (labels >= n_topics))[0])
        raise DataError(f"there is no topic {labels[wrong]}", where=f"text {wrong}", remedy=f"topics are 0 to {n_topics - 1}")
    members = sparse.csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(n_topics, len(labels)))
    summed = sparse.csr_matrix(members @ counts, dtype=np.float64)
    summed.eliminate_zeros()
    summed.sort_indices()
    return summed


def class_tfidf(counts: sparse.csr_matrix, labels: npt.NDArray[np.int64], n_topics: int) -> sparse.csr_matrix:
    """Score the terms of every topic by class-based TF-IDF.

    Parameters
    ----------
    counts : csr_matrix, shape (n, t)
        How often each text holds each term.
    labels : ndarray of int64, shape (n,)
        The topic of every text, 0 to `n_topics` - 1.
    n_topics : int
        How many topics there are; one without a text has no scores, and does not change those of the others.

    Returns
    -------
    csr_matrix of float64, shape (n_topics, t)
        Above 0 for the terms that a topic holds, and stored for no other.

    Raises
    ------
    DataError
        If there is not one label a text, or a label that is no topic.

    Notes
    -----
    Grootendorst, M. (2022). BERTopic: Neural topic modeling with a class-based TF-IDF procedure, equation 2, with the square
    root of the share of a term in its topic, as the library's ``ClassTfidfTransformer(reduce_frequent_words=True)`` has it:
    ``sqrt(f_tc / n_c) * log(1 + a / f_t)``, where a is the mean number of terms a topic, cut to a whole one. Where there is
    less than one term a topic, the library has only zeros; here a is 1 then.

    Examples
    --------
    >>> counts, vocabulary = count_terms([["قمه", "وفد"], ["وفد", "حوار"], ["هدف", "وفد"]])
    >>> scores = class_tfidf(counts, np.array([0, 0, 1]), 2)
    >>> vocabulary[scores[1].toarray().argmax()]
    'هدف'
    """
    summed = topic_counts(counts, labels, n_topics)
    if not summed.nnz:
        return summed
    sizes = np.asarray(summed.sum(axis=1)).ravel()
    overall = np.asarray(summed.sum(axis=0)).ravel()
    average = max(1, int(sizes.sum() / len(np.unique(labels))))
    share = summed.data / np.repeat(sizes, np.diff(summed.indptr))
    summed.data = np.sqrt(share) * np.log1p(average / overall[summed.indices])
    return summed


def ranked_terms(
    scores: sparse.csr_matrix, vocabulary: Sequence[str], *, most: int = 60
) -> tuple[tuple[tuple[str, float], ...], ...]:
    """List every topic's terms, the best first.

    Parameters
    ----------
    scores : csr_matrix, shape (topics, t)
        Scores by topic and term; only what is stored counts, and of that what is above 0.
    vocabulary : sequence of str, length t
        The terms.
    most : int
        How many terms a topic to give.

    Returns
    -------
    tuple of tuples of (str, float)
        For every topic, terms with their scores; equal scores in the order of the vocabulary.

    Examples
    --------
    >>> ranked_terms(sparse.csr_matrix([[0.2, 0.5, 0], [0, 0, 0]]), ["a", "b", "c"])
    ((('b', 0.5), ('a', 0.2)), ())
    """
    ranked = []
    for topic in range(scores.shape[0]):
        part = slice(scores.indptr[topic], scores.indptr[topic + 1])
        terms, values = scores.indices[part], scores.data[part]
        # Rounded, so that the last bit of a logarithm does not decide between equals.
        order = np.lexsort((terms, -np.round(values, 12)))[:most]
        ranked.append(tuple((vocabulary[terms[at]], float(values[at])) for at in order if values[at] > 0))
    return tuple(ranked)
