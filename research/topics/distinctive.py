"""Log-odds with an informative prior: which terms a topic uses more than all the others do, and how surely."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.errors import ConfigError, DataError
from research.topics.ctfidf import topic_counts

__all__ = ["log_odds_words", "mean_rank"]


def log_odds_words(
    counts: sparse.csr_matrix, labels: npt.NDArray[np.int64], n_topics: int, *, strength: float | None = None
) -> sparse.csr_matrix:
    """Score the terms of every topic by their log-odds against all other topics, as z-scores.

    A text counts once for each of its terms, however often it repeats it.

    Parameters
    ----------
    counts : csr_matrix, shape (n, t)
        How often each text holds each term.
    labels : ndarray of int64, shape (n,)
        The topic of every text, 0 to `n_topics` - 1.
    n_topics : int
        How many topics there are, also those without a text.
    strength : float, optional
        How many occurrences the prior counts for, on either side; by default as many as there are, so that the prior is the
        corpus itself. Less favours frequent terms, more draws every score to 0.

    Returns
    -------
    csr_matrix of float64, shape (n_topics, t)
        For the terms that a topic holds, above 0 where it uses them more than the others do; no other term is stored: it is
        below 0, being used by others only. NaN where there are no others: one topic holds all terms, or there is one term.

    Raises
    ------
    DataError
        If there is not one label a text, or a label that is no topic.
    ConfigError
        If the strength is not above 0 and finite.

    Notes
    -----
    Monroe, B. L., Colaresi, M. P. and Quinn, K. M. (2008). Fightin' words: lexical feature selection and evaluation for
    identifying the content of political conflict. Political Analysis 16, equations 15, 19, 20 and 22.

    Examples
    --------
    >>> from research.topics.ctfidf import count_terms
    >>> counts, vocabulary = count_terms([["قمه", "خبر"], ["قمه", "خبر"], ["هدف", "خبر"], ["هدف", "خبر"]])
    >>> vocabulary, np.round(log_odds_words(counts, np.array([0, 0, 1, 1]), 2).toarray(), 1).tolist()
    (['خبر', 'قمه', 'هدف'], [[0.0, 1.1, 0.0], [0.0, 0.0, 1.1]])
    """
    if strength is not None and not (strength > 0 and np.isfinite(strength)):
        raise ConfigError(f"the strength of the prior is {strength}", remedy="give a number above 0")
    held = sparse.csr_matrix(counts > 0, dtype=np.float64)
    scores = topic_counts(held, labels, n_topics)
    overall = np.asarray(scores.sum(axis=0)).ravel()
    total = overall.sum()
    prior_total = total if strength is None else strength
    here = scores.data
    here_total = np.repeat(np.asarray(scores.sum(axis=1)).ravel(), np.diff(scores.indptr))
    there, there_total = overall[scores.indices] - here, total - here_total
    with np.errstate(divide="ignore", invalid="ignore"):
        prior = prior_total * overall[scores.indices] / total
        ratio = _log_odds(here + prior, here_total + prior_total) - _log_odds(there + prior, there_total + prior_total)
        scores.data = ratio / np.sqrt(1 / (here + prior) + 1 / (there + prior))
    scores.data[(there_total == 0) | ~np.isfinite(scores.data)] = np.nan
    return scores


def _log_odds(part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    odds: npt.NDArray[np.float64] = np.log(part) - np.log(whole - part)
    return odds


def mean_rank(first: sparse.csr_matrix, second: sparse.csr_matrix) -> sparse.csr_matrix:
    """Join two ways to score terms: by the mean of the two ranks that a term has in its topic.

    What one way prefers because it is frequent and the other because it is exclusive comes after what both prefer.

    Parameters
    ----------
    first, second : csr_matrix, shape (topics, t)
        Scores with the same terms stored for every topic, as `class_tfidf` and `log_odds_words` give them; higher is better.

    Returns
    -------
    csr_matrix of float64, shape (topics, t)
        One over the mean rank, from 1 (first in both) towards 0; equal scores share the mean of their ranks, and where one is
        NaN the other decides.

    Raises
    ------
    DataError
        If the two do not score the same terms.

    Examples
    --------
    >>> one, other = sparse.csr_matrix([[3.0, 2.0, 1.0]]), sparse.csr_matrix([[1.0, 5.0, 0.5]])
    >>> mean_rank(one, other).toarray().round(2).tolist()
    [[0.67, 0.67, 0.33]]
    """
    first, second = (_sorted(scores) for scores in (first, second))
    if first.shape != second.shape or any(
        not np.array_equal(getattr(first, part), getattr(second, part)) for part in ("indptr", "indices")
    ):
        raise DataError("the two do not score the same terms", remedy="score the same counts and topics both ways")
    joined = first.astype(np.float64)
    for topic in range(first.shape[0]):
        part = slice(first.indptr[topic], first.indptr[topic + 1])
        ranks = np.stack([_ranks(scores.data[part]) for scores in (first, second)])
        defined = np.isfinite(ranks)
        with np.errstate(invalid="ignore"):
            joined.data[part] = defined.sum(axis=0) / np.where(defined, ranks, 0).sum(axis=0)
    return joined


def _sorted(scores: sparse.csr_matrix) -> sparse.csr_matrix:
    scores = scores.copy()
    scores.sort_indices()
    return scores


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    from scipy.stats import rankdata  # takes most of a second to import

    # Rounded, so that the last bit of a logarithm does not decide between equals.
    ranks: npt.NDArray[np.float64] = rankdata(-np.round(values, 12), nan_policy="omit")
    return ranks
