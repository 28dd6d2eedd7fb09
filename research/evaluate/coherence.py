"""How far the words of a topic belong together, in text that the topics were not made from and one vocabulary for all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.evaluate.undefined import Undefined

__all__ = ["Cooccurrence", "c_v", "count_cooccurrence", "diversity", "embedding_coherence", "npmi", "umass", "word_vectors"]

_EPSILON = 1e-12
_BATCH = 2000  # texts


@dataclass(frozen=True, eq=False)
class Cooccurrence:
    """In how many windows words and pairs of words occur.

    Attributes
    ----------
    words : tuple of str
        The vocabulary that was counted.
    windows : int
        How many windows there are.
    pairs : ndarray of int64, shape (n words, n words)
        Windows that hold both words; on the diagonal, windows that hold the word.
    """

    words: tuple[str, ...]
    windows: int
    pairs: npt.NDArray[np.int64]

    def of(self, topic: Iterable[str]) -> npt.NDArray[np.int64]:
        """Give the counts of a topic's distinct words, in its order; words that do not occur are left out."""
        at = {word: index for index, word in enumerate(self.words)}
        rows = [at[word] for word in dict.fromkeys(topic) if word in at]
        rows = [row for row in rows if self.pairs[row, row]]
        return np.asarray(self.pairs[np.ix_(rows, rows)])


def count_cooccurrence(texts: Iterable[Sequence[str]], vocabulary: Iterable[str], *, window: int | None = None) -> Cooccurrence:
    """Count in how many windows of text each word and each pair of words occurs.

    Parameters
    ----------
    texts : iterable of sequences of str
        Tokens of the texts, in order; held out from those that the topics were made from.
    vocabulary : iterable of str
        The words to count.
    window : int, optional
        Length of the sliding windows in tokens; a shorter text is one window. Not given, every text is one window. A text
        without tokens is none.

    Returns
    -------
    Cooccurrence
        How often a word stands in a window does not matter.

    Examples
    --------
    >>> counts = count_cooccurrence([["a", "b", "c"], ["a", "c"]], ["a", "b"])
    >>> counts.windows, counts.pairs.tolist()
    (2, [[2, 1], [1, 1]])
    """
    if window is not None and window < 1:
        raise ValueError(f"a window of {window} tokens")
    words = tuple(sorted(set(vocabulary)))
    at = {word: index for index, word in enumerate(words)}
    pairs = np.zeros((len(words), len(words)), np.int64)
    total, rows, columns, pending = 0, list[npt.NDArray[np.int64]](), list[npt.NDArray[np.int64]](), 0
    for tokens in texts:
        size = len(tokens) if window is None else min(window, len(tokens))
        here = len(tokens) - size + 1 if tokens else 0
        for position, token in enumerate(tokens):
            if token in at:
                # The windows that begin early enough to hold this position, and not too early.
                starts = np.arange(max(0, position - size + 1), min(position, here - 1) + 1)
                rows.append(pending + starts)
                columns.append(np.full(len(starts), at[token]))
        pending += here
        total += here
        if pending >= _BATCH:
            pairs += _pairs(rows, columns, pending, len(words))
            rows, columns, pending = [], [], 0
    return Cooccurrence(words, total, pairs + _pairs(rows, columns, pending, len(words)))


def _pairs(
    rows: list[npt.NDArray[np.int64]], columns: list[npt.NDArray[np.int64]], n_windows: int, n_words: int
) -> npt.NDArray[np.int64]:
    if not rows:
        return np.zeros((n_words, n_words), np.int64)
    row, column = np.concatenate(rows), np.concatenate(columns)
    holds = sparse.csr_matrix((np.ones(len(row), np.int64), (row, column)), shape=(n_windows, n_words))
    holds.data[:] = 1  # duplicates were summed
    return np.asarray((holds.T @ holds).toarray(), dtype=np.int64)


def _few(counts: npt.NDArray[np.int64]) -> Undefined:
    return Undefined(f"{len(counts)} of its words occur in the held-out text: two at least are needed")


def npmi(topics: Sequence[Sequence[str]], counts: Cooccurrence) -> list[float]:
    """Coherence by normalised pointwise mutual information.

    Parameters
    ----------
    topics : sequence of sequences of str
        Each topic's first words, in surface form.
    counts : Cooccurrence
        Of held-out text.

    Returns
    -------
    list of float
        One a topic, -1 (never together) to 1 (always together), 0 for independent words: the mean over the pairs of those of
        its words that occur; undefined below two of them.

    Notes
    -----
    Bouma, G. (2009). Normalized (pointwise) mutual information in collocation extraction; Lau, J. H., Newman, D. and Baldwin,
    T. (2014). Machine reading tea leaves. EACL. A pair that is never together counts as -1, the limit.

    Examples
    --------
    >>> counts = count_cooccurrence([["a", "b"], ["a", "b"], ["c"], ["c"]], "abc")
    >>> npmi([["a", "b"], ["a", "c"], ["x"]], counts)
    [1.0, -1.0, Undefined('0 of its words occur in the held-out text: two at least are needed')]
    """
    found: list[float] = []
    for topic in topics:
        here = counts.of(topic)
        if len(here) < 2:
            found.append(_few(here))
            continue
        matrix = _npmi(here, counts.windows)
        found.append(float(np.mean([matrix[pair] for pair in combinations(range(len(here)), 2)])))
    return found


def _npmi(here: npt.NDArray[np.int64], windows: int, epsilon: float = 0.0) -> npt.NDArray[np.float64]:
    single = np.diag(here) / windows
    both = here / windows + epsilon
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(both / np.outer(single, single)) / -np.log(both)
    found[both <= 0] = -1.0
    found[here == windows] = 1.0  # in every window: always together, where the formula is 0 by 0
    return np.asarray(found)


def umass(topics: Sequence[Sequence[str]], counts: Cooccurrence, *, smoothing: float = 1.0) -> list[float]:
    """Coherence by conditional probabilities in documents.

    Parameters
    ----------
    topics : sequence of sequences of str
        Each topic's first words, the most probable first.
    counts : Cooccurrence
        Of whole texts.
    smoothing : float
        Added to the number of texts that hold both words; above 0.

    Returns
    -------
    list of float
        One a topic, at most log(1 + smoothing), higher is better: the mean over pairs of log((texts with both + smoothing) /
        texts with the earlier word). Undefined below two words that occur.

    Notes
    -----
    Mimno, D. and others (2011). Optimizing semantic coherence in topic models. EMNLP. They sum over the pairs; the mean is
    comparable between topics with fewer words.

    Examples
    --------
    >>> counts = count_cooccurrence([["a", "b"], ["a"], ["b"], ["c"]], "abc")
    >>> [round(value, 3) for value in umass([["a", "b"]], counts)]
    [0.0]
    """
    if smoothing <= 0:
        raise ValueError(f"smoothing of {smoothing}: the logarithm of 0 is no number")
    found: list[float] = []
    for topic in topics:
        here = counts.of(topic)
        if len(here) < 2:
            found.append(_few(here))
            continue
        pairs = combinations(range(len(here)), 2)
        found.append(float(np.mean([math.log((here[early, late] + smoothing) / here[early, early]) for early, late in pairs])))
    return found


def c_v(topics: Sequence[Sequence[str]], counts: Cooccurrence) -> list[float]:
    """Coherence by how alike the words' associations are.

    Parameters
    ----------
    topics : sequence of sequences of str
        Each topic's first words.
    counts : Cooccurrence
        Of sliding windows of 110 tokens, as the source has it.

    Returns
    -------
    list of float
        One a topic, 0 to 1 as a rule: the mean cosine between each word's vector of NPMI with all of the topic's words and
        the sum of these vectors. Undefined below two words that occur.

    Notes
    -----
    Röder, M., Both, A. and Hinneburg, A. (2015). Exploring the space of topic coherence measures. WSDM. It rewards words that
    are all rare together: read it beside NPMI.

    Examples
    --------
    >>> counts = count_cooccurrence([["a", "b"], ["a", "b"], ["c"], ["d"]], "abc", window=110)
    >>> [round(value, 2) for value in c_v([["a", "b"]], counts)]
    [1.0]
    """
    found: list[float] = []
    for topic in topics:
        here = counts.of(topic)
        if len(here) < 2:
            found.append(_few(here))
            continue
        vectors = _npmi(here, counts.windows, _EPSILON)
        total = vectors.sum(axis=0)
        lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(total)
        found.append(float(np.mean(vectors @ total / lengths)) if lengths.all() else Undefined("no word tells of another"))
    return found


def diversity(topics: Sequence[Sequence[str]]) -> float:
    """Share of distinct words among the words of all topics.

    Parameters
    ----------
    topics : sequence of sequences of str
        Each topic's first words.

    Returns
    -------
    float
        0 to 1, 1 when no word is in two topics. It means nothing alone: random words are diverse. Undefined without words.

    Notes
    -----
    Dieng, A. B., Ruiz, F. J. R. and Blei, D. M. (2020). Topic modeling in embedding spaces. TACL 8.

    Examples
    --------
    >>> diversity([["a", "b"], ["b", "c"]])
    0.75
    """
    words = [word for topic in topics for word in dict.fromkeys(topic)]
    return len(set(words)) / len(words) if words else Undefined("no topic has a word")


def word_vectors(
    texts: Iterable[Sequence[str]], vocabulary: Iterable[str], *, dimension: int = 100, window: int = 10
) -> dict[str, npt.NDArray[np.float64]]:
    """Make word vectors from held-out text: the singular vectors of positive pointwise mutual information.

    Parameters
    ----------
    texts : iterable of sequences of str
        Tokens.
    vocabulary : iterable of str
        The words to give vectors of.
    dimension : int
        At most this many dimensions.
    window : int
        Length of the sliding windows in which words count as together; the nearer, the more windows hold both.

    Returns
    -------
    dict of str to ndarray of float64
        Only words that occur.

    Notes
    -----
    Levy, O., Goldberg, Y. and Dagan, I. (2015). Improving distributional similarity with lessons learned from word embeddings.
    TACL 3: singular values to the power of one half, no smoothing.

    Examples
    --------
    >>> vectors = word_vectors([["a", "b", "c"], ["a", "b", "d"]] * 3, "abcdx")
    >>> sorted(vectors)
    ['a', 'b', 'c', 'd']
    """
    counts = count_cooccurrence(texts, vocabulary, window=window)
    present = np.flatnonzero(np.diag(counts.pairs))
    if not len(present):
        return {}
    here = counts.pairs[np.ix_(present, present)].astype(np.float64)
    single = np.diag(here).copy()
    with np.errstate(divide="ignore"):
        found = np.maximum(np.log(here * counts.windows / np.outer(single, single)), 0)
    # Symmetric: its eigenvectors are its singular vectors, and need no random start.
    values, axes = np.linalg.eigh(found)
    # What the matrix does not span is rounding: a word that tells of no other has no direction.
    spanned = np.abs(values) > 1e-9 * max(np.abs(values).max(), 1e-300)
    order = [at for at in np.argsort(-np.abs(values), kind="stable") if spanned[at]][:dimension]
    vectors = axes[:, order] * np.sqrt(np.abs(values[order]))
    vectors[np.abs(vectors) < 1e-9 * max(np.abs(vectors).max(initial=0.0), 1e-300)] = 0.0
    return {counts.words[row]: vectors[place] for place, row in enumerate(present)}


def embedding_coherence(topics: Sequence[Sequence[str]], vectors: Mapping[str, npt.NDArray[np.float64]]) -> list[float]:
    """Coherence by the likeness of word vectors.

    Parameters
    ----------
    topics : sequence of sequences of str
        Each topic's first words.
    vectors : mapping of str to ndarray
        Word vectors that had no part in choosing the words, such as `word_vectors` of held-out text.

    Returns
    -------
    list of float
        One a topic, -1 to 1: the mean cosine over the pairs of its words that have a vector; undefined below two of them.

    Notes
    -----
    Fang, A. and others (2016). Using word embedding to evaluate the coherence of topics from Twitter data. SIGIR.

    Examples
    --------
    >>> embedding_coherence([["a", "b"]], {"a": np.array([1.0, 0.0]), "b": np.array([1.0, 1.0])})
    [0.7071067811865475]
    """
    found: list[float] = []
    for topic in topics:
        rows = [vectors[word] for word in dict.fromkeys(topic) if word in vectors and np.any(vectors[word])]
        if len(rows) < 2:
            found.append(Undefined(f"{len(rows)} of its words have a vector: two at least are needed"))
            continue
        units = np.stack([row / np.linalg.norm(row) for row in rows])
        alike = units @ units.T
        found.append(float(np.mean([alike[pair] for pair in combinations(range(len(rows)), 2)])))
    return found
