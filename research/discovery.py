"""Discover topics: from a corpus to what it speaks of, and which passage belongs where."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from research.cleaning import CleanResult, clean
from research.corpus.documents import Corpus, Passage
from research.errors import ConfigError
from research.features import EmbeddingStore, Encoder, LsaEncoder, Representation, get_encoder, represent
from research.progress import Stages
from research.topics import GraphClusterer, Keyword, choose_keywords, project, topic_words
from research.topics.graph import by_size
from research.topics.keywords import label_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DiscoverResult", "Topic", "Unit", "discover"]

Unit = Literal["auto", "document", "passage"]

#: From this many usable articles on, ``auto`` takes whole documents.
DOCUMENTS_FROM = 200
_FEW = 12  # below this many distinct texts, clusters are a reading aid and no finding
_TELLING = 120  # characters from which on a text takes part in forming topics
_COPY = 0.7  # articles this similar count once


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic.

    Attributes
    ----------
    number : int
        From 0, the largest first.
    size : int
        How many passages (or documents) are in it.
    articles : int
        From how many articles they come.
    label : str
        Its first keywords as people write them; empty when it has none.
    keywords : tuple of Keyword
        Distinctive terms in surface form, the best first, with class-based TF-IDF and the number of texts that hold them.
    exemplars : tuple of int
        Up to three of the result's passages that stand for it, from different articles where there are several.
    """

    number: int
    size: int
    articles: int
    label: str
    keywords: tuple[Keyword, ...]
    exemplars: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class DiscoverResult:
    """The topics of a corpus.

    Attributes
    ----------
    cleaned : CleanResult
        The corpus without furniture.
    unit : {"document", "passage"}
        What was clustered.
    units : tuple of Passage
        The clustered texts in the order of the corpus; a whole document is the passage 0 that spans its news.
    topics : tuple of Topic
        The largest first.
    assigned : ndarray of int64, shape (n,)
        The topic of every unit.
    strengths : ndarray of float64, shape (n,)
        Share of a unit's nearest neighbours that are in its topic, 0 to 1; NaN where there are no others.
    places : ndarray of float64, shape (n, 2)
        Where each unit is on the map; NaN when no map was asked for.
    notes : tuple of str
        What could not be said, and why.
    settings : mapping
        Everything that the result depends on.
    model : BERTopic or None
        The fitted model behind the keywords.
    """

    cleaned: CleanResult
    unit: str
    units: tuple[Passage, ...]
    topics: tuple[Topic, ...]
    assigned: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float64]
    places: npt.NDArray[np.float64]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]
    model: Any = field(default=None, repr=False)

    @property
    def corpus(self) -> Corpus:
        """The corpus that was discovered."""
        return self.cleaned.corpus

    def table(self) -> pd.DataFrame:
        """Give one row a topic: topic, size, label, keywords."""
        import pandas as pd

        rows = [(t.number, t.size, t.label, "; ".join(keyword.term for keyword in t.keywords)) for t in self.topics]
        return pd.DataFrame(rows, columns=["topic", "size", "label", "keywords"])

    def assignments(self) -> pd.DataFrame:
        """Give one row a unit: id, passage, start, end, topic, strength."""
        import pandas as pd

        rows = [
            (unit.document, unit.number, unit.start, unit.end, int(topic), round(float(strength), 4))
            for unit, topic, strength in zip(self.units, self.assigned, self.strengths, strict=True)
        ]
        return pd.DataFrame(rows, columns=["id", "passage", "start", "end", "topic", "strength"])

    def documents(self) -> pd.DataFrame:
        """Give one row an article, every one: id, topic, strength, reason.

        The topic is the one that most of the article's characters are in, the strength their share times the mean strength
        there; an article without passages has neither, and a reason.
        """
        import pandas as pd

        weights: dict[str, Counter[int]] = defaultdict(Counter)
        strong: dict[tuple[str, int], list[float]] = defaultdict(list)
        for unit, topic, strength in zip(self.units, self.assigned, self.strengths, strict=True):
            weights[unit.document][int(topic)] += len(unit.text)
            strong[unit.document, int(topic)].append(float(strength))
        rows: list[tuple[str, int | None, float | None, str]] = []
        for document in self.corpus:
            found = weights.get(document.id)
            if found is None:
                rows.append((document.id, None, None, document.problem or "no news text left"))
            else:
                topic = min(found, key=lambda number: (-found[number], number))
                strength = found[topic] / found.total() * float(np.mean(strong[document.id, topic]))
                rows.append((document.id, topic, round(strength, 4), ""))
        table = pd.DataFrame(rows, columns=["id", "topic", "strength", "reason"])
        return table.astype({"topic": "Int64", "strength": "Float64"})

    def _repr_html_(self) -> str:
        return str(self.table().to_html(escape=True, max_rows=40, index=False))


def discover(
    corpus: Corpus,
    *,
    unit: Unit = "auto",
    encoder: str | Encoder = "use",
    resolution: float = 1.0,
    min_topic_size: int | None = None,
    seed: int = 0,
    with_map: bool = True,
    store: bool = True,
) -> DiscoverResult:
    """Discover the topics of a corpus.

    The same texts give the same topics, whatever the order of the articles.

    Parameters
    ----------
    corpus : Corpus
        What `research.load` gives; from one article on.
    unit : {"auto", "document", "passage"}
        What is clustered; ``auto`` takes documents from 200 usable articles on, passages below.
    encoder : str or Encoder
        See `research.features.get_encoder`.
    resolution : float
        Higher gives more and smaller topics; above 0.
    min_topic_size : int, optional
        Smaller groups join their neighbours; by default about half the square root of the number of texts.
    seed : int
        Seed of every random choice.
    with_map : bool
        Whether to lay the texts out on a map, which takes some seconds.
    store : bool
        Whether embeddings are kept on disk for the next time.

    Returns
    -------
    DiscoverResult
        Nothing is left out: every passage has a topic, every article a row.

    Raises
    ------
    ConfigError
        If an option has a value that it cannot have.

    Examples
    --------
    >>> import research
    >>> result = research.discover(research.load("seeds/articles"), with_map=False)
    >>> len(result.topics) > 1 and len(result.assignments()) == len(result.units)
    True
    """
    _check(unit, resolution, min_topic_size)
    coder = get_encoder(encoder) if isinstance(encoder, str) else encoder
    with Stages("discovering topics", 5) as stage:
        stage("taking page furniture out")
        cleaned = clean(corpus)
        chosen = unit if unit != "auto" else "document" if len(corpus.usable) >= DOCUMENTS_FROM else "passage"
        units = _whole_documents(cleaned) if chosen == "document" else cleaned.passages
        original = _originals(cleaned, units)
        # Every computation sees the distinct texts in an order of their own, so that the order of the input cannot matter.
        distinct = sorted(
            {original[index] for index in range(len(units))}, key=lambda index: (units[index].text, units[index].document)
        )
        settings = {
            "unit": chosen,
            "encoder": coder.name,
            "encoder_version": coder.version,
            "resolution": resolution,
            "min_topic_size": min_topic_size,
            "seed": seed,
        }
        if not distinct:
            nothing = np.zeros(0, np.int64), np.zeros(0, np.float64), np.zeros((0, 2), np.float64)
            return DiscoverResult(cleaned, chosen, (), (), *nothing, ("No article holds any text.",), settings)
        texts = [units[index].text for index in distinct]
        stage(f"representing {len(texts)} texts")
        kept = (
            EmbeddingStore(f"{coder.name}-{coder.version}", coder.dimension)
            if store and not isinstance(coder, LsaEncoder)
            else None
        )
        seen = represent(texts, coder, kept, long=chosen == "document")
        stage("finding communities")
        labels, own_strengths = _cluster(
            texts, seen, GraphClusterer(resolution=resolution, min_cluster_size=min_topic_size, seed=seed)
        )
        stage("naming topics")
        words = topic_words(seen.terms, labels, seen.embedding)
        stage("drawing the map")
        places = project(seen.matrix, seed=seed) if with_map else np.full((len(texts), 2), np.nan)
    row_of = {index: row for row, index in enumerate(distinct)}
    rows = np.array([row_of[original[index]] for index in range(len(units))])
    assigned, strengths = labels[rows], own_strengths[rows]
    wires = {repeat.document: repeat.of_document for repeat in cleaned.repeats if repeat.passage is None}
    topics = tuple(
        _topic(number, units, assigned, strengths, rows, seen, scored, wires) for number, scored in enumerate(words.scored)
    )
    notes = _notes(len(corpus.usable), len(units), len(distinct), topics)
    return DiscoverResult(
        cleaned, chosen, tuple(units), topics, assigned, strengths, places[rows], notes, settings, words.model
    )


def _check(unit: str, resolution: float, min_topic_size: int | None) -> None:
    if unit not in get_args(Unit):
        raise ConfigError(f"unknown unit {unit!r}", remedy=f"units are {', '.join(get_args(Unit))}")
    if not resolution > 0:
        raise ConfigError(f"resolution is {resolution}", remedy="give a number above 0; 1 is the default")
    if min_topic_size is not None and min_topic_size < 1:
        raise ConfigError(f"min_topic_size is {min_topic_size}", remedy="give at least 1")


def _whole_documents(cleaned: CleanResult) -> tuple[Passage, ...]:
    parts: dict[str, list[Passage]] = defaultdict(list)
    for passage in cleaned.passages:
        parts[passage.document].append(passage)
    return tuple(
        Passage(id, 0, passages[0].start, passages[-1].end, "\n".join(passage.text for passage in passages))
        for id, passages in parts.items()
    )


def _originals(cleaned: CleanResult, units: Sequence[Passage]) -> list[int]:
    """Give for every unit the unit that it repeats, itself when it repeats none: copies do not count twice."""
    whole = len(units) != len(cleaned.passages) or any(u is not p for u, p in zip(units, cleaned.passages, strict=True))
    at = {(unit.document, None if whole else unit.number): index for index, unit in enumerate(units)}
    original = list(range(len(units)))
    for repeat in cleaned.repeats:
        copy, of = (repeat.document, repeat.passage), (repeat.of_document, repeat.of_passage)
        if repeat.similarity >= _COPY and copy in at and of in at:
            original[at[copy]] = at[of]
    return original


def _cluster(
    texts: Sequence[str], seen: Representation, clusterer: GraphClusterer
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Form topics from the passages that say something; headlines and other short lines join the topic nearest to them.

    By themselves short lines resemble each other more than what they speak of, and would make a topic of headlines.
    """
    telling = np.array([len(text) >= _TELLING for text in texts])
    if telling.sum() < _FEW:
        telling[:] = True
    clusterer.fit(seen.matrix[telling])
    labels, strengths = np.empty(len(texts), np.int64), np.empty(len(texts), np.float64)
    labels[telling], strengths[telling] = clusterer.labels_, clusterer.strengths_
    if not telling.all():
        labels[~telling], strengths[~telling] = clusterer.assign(seen.matrix[~telling])
    return by_size(labels), strengths


def _topic(
    number: int,
    units: Sequence[Passage],
    assigned: npt.NDArray[np.int64],
    strengths: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    seen: Representation,
    scored: Sequence[tuple[str, float]],
    wires: Mapping[str, str],
) -> Topic:
    members = [int(index) for index in np.flatnonzero(assigned == number)]
    distinct = np.unique(rows[members])
    support = Counter(term for row in distinct for term in set(seen.terms[row]))
    keywords: list[Keyword] = []
    for keyword in choose_keywords(scored, support, n_texts=len(distinct)):
        surface = seen.analyzer.surface(keyword.term)
        if surface not in {known.term for known in keywords}:
            keywords.append(Keyword(surface, keyword.score, keyword.support))
    return Topic(
        number,
        len(members),
        len({units[index].document for index in members}),
        label_of([keyword.term for keyword in keywords]),
        tuple(keywords),
        _exemplars(members, units, strengths, rows, seen, wires),
    )


def _exemplars(
    members: Sequence[int],
    units: Sequence[Passage],
    strengths: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    seen: Representation,
    wires: Mapping[str, str],
) -> tuple[int, ...]:
    """Choose up to three passages near the topic's centre, of different articles first; a line or two says too little.

    Two articles from one wire (``wires`` tells) count as one article.
    """
    centre = seen.matrix[np.unique(rows[members])].mean(axis=0)
    closeness = seen.matrix[rows[members]] @ centre
    long_enough = np.array([len(units[index].text) >= 80 for index in members])
    steady = np.nan_to_num(strengths[members])
    order = np.lexsort((rows[members], -np.round(closeness * (0.5 + 0.5 * steady), 6), ~long_enough))
    article = {index: wires.get(units[index].document, units[index].document) for index in members}
    chosen: list[int] = []
    for new_article in (True, False):
        for index in (members[at] for at in order):
            fresh = article[index] not in {article[other] for other in chosen}
            repeated = rows[index] in {rows[other] for other in chosen}
            if len(chosen) < 3 and index not in chosen and not repeated and (fresh or not new_article):
                chosen.append(index)
    return tuple(chosen)


def _notes(n_articles: int, n_units: int, n_distinct: int, topics: Sequence[Topic]) -> tuple[str, ...]:
    notes = []
    if n_articles == 1:
        notes.append("There is one article: topics are parts of it, and nothing can be said about outlets or time.")
    if n_distinct < n_units:
        notes.append(
            f"{n_units - n_distinct} of {n_units} texts repeat another one: they share its topic, and count once where topics are formed."
        )
    if n_distinct == 1:
        notes.append(
            "There is one distinct text: its words describe it, but there is nothing to tell it from, and no strength."
        )
    elif n_distinct < _FEW:
        notes.append(
            f"There are only {n_distinct} distinct texts: the grouping helps to read them, but is no evidence of topics."
        )
    elif len(topics) == 1:
        notes.append("The texts do not fall apart into groups at this resolution: there is one topic.")
    unnamed = [str(topic.number) for topic in topics if not topic.keywords]
    if unnamed:
        notes.append(f"Topic {', '.join(unnamed)} has no keyword: its texts share no content word.")
    return tuple(notes)
