"""From topics of texts to what a reader is shown: keywords in surface form, a label, passages that stand for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from research.corpus.documents import Passage
from research.discovery.find import FoundTopics
from research.discovery.result import Topic
from research.topics import Keyword, choose_keywords
from research.topics.keywords import label_of

__all__ = ["describe_topics"]

_LONG_ENOUGH = 80  # characters of a passage that can stand for a topic
_EXEMPLARS = 3


def describe_topics(
    found: FoundTopics, units: Sequence[Passage], rows: npt.NDArray[np.intp], *, wires: Mapping[str, str]
) -> tuple[Topic, ...]:
    """Describe every topic.

    Parameters
    ----------
    found : FoundTopics
        Topics of the distinct texts.
    units : sequence of Passage, length n
        All passages or documents, copies included.
    rows : ndarray of int, shape (n,)
        The distinct text of every unit.
    wires : mapping of str to str
        Articles that share a wire with an earlier one, to that one: both count as one when passages are chosen.

    Returns
    -------
    tuple of Topic
        In the order of their numbers.
    """
    return tuple(_topic(number, found, units, rows, wires) for number in range(len(found.words)))


def _topic(
    number: int, found: FoundTopics, units: Sequence[Passage], rows: npt.NDArray[np.intp], wires: Mapping[str, str]
) -> Topic:
    members = [int(index) for index in np.flatnonzero(found.labels[rows] == number)]
    if not members:
        return Topic(number, 0, 0, "", (), ())
    distinct = np.unique(rows[members])
    seen = found.representation
    support = Counter(term for row in distinct for term in set(seen.terms[row]))
    keywords: list[Keyword] = []
    for keyword in choose_keywords(found.words[number], support, n_texts=len(distinct)):
        surface = seen.analyzer.surface(keyword.term)
        if surface not in {known.term for known in keywords}:
            keywords.append(Keyword(surface, keyword.score, keyword.support))
    return Topic(
        number,
        len(members),
        len({units[index].document for index in members}),
        label_of([keyword.term for keyword in keywords]),
        tuple(keywords),
        _exemplars(members, found, units, rows, wires),
    )


def _exemplars(
    members: Sequence[int], found: FoundTopics, units: Sequence[Passage], rows: npt.NDArray[np.intp], wires: Mapping[str, str]
) -> tuple[int, ...]:
    """Choose passages near the topic's centre, of different articles first; a line or two says too little."""
    matrix = found.representation.matrix
    centre = matrix[np.unique(rows[members])].mean(axis=0)
    steady = np.nan_to_num(found.strengths[rows[members]])
    closeness = np.round((matrix[rows[members]] @ centre) * (0.5 + 0.5 * steady), 6)
    long_enough = np.array([len(units[index].text) >= _LONG_ENOUGH for index in members])
    order = np.lexsort((rows[members], -closeness, ~long_enough))
    article = {index: wires.get(units[index].document, units[index].document) for index in members}
    chosen: list[int] = []
    for new_article in (True, False):
        for index in (members[at] for at in order):
            fresh = article[index] not in {article[other] for other in chosen}
            repeated = rows[index] in {rows[other] for other in chosen}
            if len(chosen) < _EXEMPLARS and index not in chosen and not repeated and (fresh or not new_article):
                chosen.append(index)
    return tuple(chosen)
