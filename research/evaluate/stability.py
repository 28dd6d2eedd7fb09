"""Whether topics come back: those of two runs matched one to one, and how much of each is found again."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.evaluate.undefined import Undefined

__all__ = ["Match", "match_topics", "partition_stability", "topic_stability"]


@dataclass(frozen=True, slots=True)
class Match:
    """A topic and the one of another run that it is matched with.

    Attributes
    ----------
    topic, other : int or None
        Positions in the two runs; None where a topic has no partner.
    similarity : float
        Jaccard similarity of what they hold, 0 to 1; 0 without a partner.
    """

    topic: int | None
    other: int | None
    similarity: float


def match_topics(topics: Sequence[Collection[object]], others: Sequence[Collection[object]]) -> list[Match]:
    """Match the topics of two runs one to one so that the summed similarity is largest.

    Parameters
    ----------
    topics, others : sequence of collections
        What each topic holds: its first words, or its passages.

    Returns
    -------
    list of Match
        Every topic of the first run in order, then those of the second that have no partner: none is dropped.

    Notes
    -----
    Greene, D., O'Callaghan, D. and Cunningham, P. (2014). How many topics? Stability analysis for topic models. ECML. The
    assignment is scipy's.

    Examples
    --------
    >>> found = match_topics([{"a", "b"}, {"c"}], [{"c"}, {"a", "b", "d"}, {"e"}])
    >>> [(match.topic, match.other, round(match.similarity, 2)) for match in found]
    [(0, 1, 0.67), (1, 0, 1.0), (None, 2, 0.0)]
    """
    from scipy.optimize import linear_sum_assignment

    first, second = [set(topic) for topic in topics], [set(topic) for topic in others]
    alike = np.array([[_jaccard(one, other) for other in second] for one in first]).reshape(len(first), len(second))
    rows, columns = linear_sum_assignment(-alike) if alike.size else (np.array([], int), np.array([], int))
    # A pair that shares nothing is no match.
    partner = {int(row): int(column) for row, column in zip(rows, columns, strict=True) if alike[row, column] > 0}
    found = [
        Match(topic, partner[topic], float(alike[topic, partner[topic]])) if topic in partner else Match(topic, None, 0.0)
        for topic in range(len(first))
    ]
    taken = set(partner.values())
    return found + [Match(None, other, 0.0) for other in range(len(second)) if other not in taken]


def _jaccard(one: set[object], other: set[object]) -> float:
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def topic_stability(reference: Sequence[Collection[object]], runs: Sequence[Sequence[Collection[object]]]) -> list[float]:
    """Say of every topic of one run how much of it comes back in others.

    Parameters
    ----------
    reference : sequence of collections
        What each topic holds: its first words, or its passages.
    runs : sequence of sequences of collections
        The same of other runs: other seeds, orders, or samples.

    Returns
    -------
    list of float
        One a topic, 0 to 1: the mean similarity with its partner by optimal matching; undefined without another run.

    Examples
    --------
    >>> topic_stability([{"a", "b"}, {"c"}], [[{"a", "b"}, {"c"}], [{"a", "b", "c"}]])
    [0.8333333333333333, 0.5]
    """
    if not runs:
        return [Undefined("there is no other run") for _ in reference]
    matched = [[match.similarity for match in match_topics(reference, run) if match.topic is not None] for run in runs]
    return [math.fsum(column) / len(runs) for column in zip(*matched, strict=True)]


def partition_stability(partitions: Sequence[npt.NDArray[np.int64]], *, absent: int = -1) -> float:
    """Say how alike several partitions of the same items are.

    Parameters
    ----------
    partitions : sequence of ndarray of int, shape (n,)
        The cluster of every item in each partition.
    absent : int
        Stands for an item that was not in a partition's sample: every two partitions are compared on what both hold.

    Returns
    -------
    float
        Mean adjusted Rand index over all pairs of partitions; undefined below two partitions, or where no two share two items.

    Notes
    -----
    Ben-Hur, A., Elisseeff, A. and Guyon, I. (2002). A stability based method for discovering structure in clustered data.

    Examples
    --------
    >>> partition_stability([np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])])
    1.0
    """
    from sklearn.metrics import adjusted_rand_score

    if len(partitions) < 2:
        return Undefined(f"{len(partitions)} partitions: two at least are needed")
    found = []
    for at, one in enumerate(partitions):
        for other in partitions[at + 1 :]:
            both = (np.asarray(one) != absent) & (np.asarray(other) != absent)
            if both.sum() >= 2:
                found.append(float(adjusted_rand_score(np.asarray(one)[both], np.asarray(other)[both])))
    return math.fsum(found) / len(found) if found else Undefined("no two partitions share two items")
