"""From topics of texts to what a reader is shown: keywords in surface form, a label, passages that stand for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from research.corpus.documents import Passage
from research.discovery.find import FoundTopics
from research.discovery.result import Topic
from research.text.analyzer import ArabicAnalyzer
from research.text.plurals import is_plural
from research.topics import Keyword, choose_keywords
from research.topics.keywords import label_of

__all__ = ["describe_topics"]

_LONG_ENOUGH = 80  # characters of a passage that can stand for a topic
_EXEMPLARS = 3
_MOST = 10  # keywords of a topic
_ARTICLES = 4  # from so many articles on, what only one of them says is no keyword


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
    nearest = found.similarity().nearest()
    return tuple(
        replace(
            _topic(number, found, units, rows, wires),
            stability=float(found.topic_stabilities[number]),
            nearest=nearest[number],
        )
        for number in range(len(found.words))
    )


def _topic(
    number: int, found: FoundTopics, units: Sequence[Passage], rows: npt.NDArray[np.intp], wires: Mapping[str, str]
) -> Topic:
    members = [int(index) for index in np.flatnonzero(found.labels[rows] == number)]
    if not members:
        return Topic(number, 0, 0, "", (), ())
    article = {index: wires.get(units[index].document, units[index].document) for index in members}
    chosen = _keywords(number, found, {index: (int(rows[index]), article[index]) for index in members})
    surface = found.representation.analyzer.surface
    keywords = tuple(Keyword(surface(keyword.term), keyword.score, keyword.support) for keyword in chosen)
    return Topic(
        number,
        len(members),
        len({units[index].document for index in members}),
        label_of([keyword.term for keyword in keywords]),
        keywords,
        _exemplars(members, found, units, rows, article, [keyword.term for keyword in chosen]),
    )


def _keywords(number: int, found: FoundTopics, members: Mapping[int, tuple[int, str]]) -> list[Keyword]:
    """Choose a topic's keywords, given the distinct text and the article of each of its units."""
    seen = found.representation
    distinct = {row for row, _ in members.values()}
    support = Counter(term for row in distinct for term in set(seen.terms[row]))
    holders: dict[str, set[str]] = defaultdict(set)
    for row, article in members.values():
        for term in seen.terms[row]:
            holders[term].add(article)
    shared = support
    if len({article for _, article in members.values()}) >= _ARTICLES:  # what one article alone repeats is not the topic's
        shared = Counter({term: count for term, count in support.items() if len(holders[term]) > 1})
    for known in (shared, support):
        chosen: list[Keyword] = []
        for keyword in choose_keywords(found.words[number], known, n_texts=len(distinct), most=3 * _MOST):
            if len(chosen) < _MOST and not any(_alike(keyword.term, other.term, seen.analyzer) for other in chosen):
                chosen.append(keyword)
        if chosen:
            break
    return chosen


def _alike(term: str, other: str, analyzer: ArabicAnalyzer) -> bool:
    """Tell whether two terms look alike to a reader: the same written form, or singular and plural of one word."""
    one, two = analyzer.surface(term), analyzer.surface(other)
    if one == two:
        return True
    if analyzer.is_name(term) or analyzer.is_name(other):
        return False
    one, two = one.removeprefix("ال"), two.removeprefix("ال")
    return one == two or is_plural(one, two) or is_plural(two, one)


def _exemplars(
    members: Sequence[int],
    found: FoundTopics,
    units: Sequence[Passage],
    rows: npt.NDArray[np.intp],
    article: Mapping[int, str],
    keywords: Sequence[str],
) -> tuple[int, ...]:
    """Choose passages near the topic's centre that hold its keywords, of different articles first; a line says too little."""
    matrix, terms = found.representation.matrix, found.representation.terms
    centre = matrix[np.unique(rows[members])].mean(axis=0)
    steady = np.nan_to_num(found.strengths[rows[members]])
    held = np.array([len(set(keywords).intersection(terms[rows[index]])) for index in members]) / max(1, len(keywords))
    closeness = np.round((matrix[rows[members]] @ centre) * (0.5 + 0.5 * steady) * (0.5 + held), 6)
    long_enough = np.array([len(units[index].text) >= _LONG_ENOUGH for index in members])
    order = np.lexsort((rows[members], -closeness, ~long_enough))
    chosen: list[int] = []
    for new_article in (True, False):
        for index in (members[at] for at in order):
            fresh = article[index] not in {article[other] for other in chosen}
            repeated = rows[index] in {rows[other] for other in chosen}
            if len(chosen) < _EXEMPLARS and index not in chosen and not repeated and (fresh or not new_article):
                chosen.append(index)
    return tuple(chosen)
