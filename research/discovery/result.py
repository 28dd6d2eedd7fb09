"""What a discovery gives: plain data that gives tables; `shown` shows it, and only `saved` writes it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.cleaning import CleanResult
from research.corpus.documents import Corpus, Passage
from research.shown import Plotted
from research.topics import Keyword

if TYPE_CHECKING:
    import pandas as pd

    from research.discovery.find import FoundTopics
    from research.features import Encoder
    from research.topics import Choice

__all__ = ["AssignResult", "DiscoverResult", "Topic"]


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
    stability : float
        Mean Jaccard similarity with its likeness in many partitions, each of other articles: .75 and more is stable, below .5
        it dissolves; NaN for a theme and where nothing was divided.
    nearest : int or None
        The topic that resembles it most; None without another.
    theme : str
        The theme of the codebook that it is; empty for a topic beyond the codebook.
    """

    number: int
    size: int
    articles: int
    label: str
    keywords: tuple[Keyword, ...]
    exemplars: tuple[int, ...]
    stability: float = math.nan
    nearest: int | None = None
    theme: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class DiscoverResult(Plotted):
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
        How probable a unit's topic is by a linear model of all other units, 0 to 1; NaN for a single one. In a topic that is a
        theme of a codebook, the theme's score.
    stabilities : ndarray of float64, shape (n,)
        In which share of many partitions, each of other articles, a unit stands among those of its topic; NaN where it took
        no part in forming topics: a theme's, a headline, too few texts.
    places : ndarray of float64, shape (n, 2)
        Where each unit is on the map; NaN when no map was asked for.
    notes : tuple of str
        What could not be said, and why.
    settings : mapping
        Everything that the result depends on.
    found : FoundTopics or None
        What was computed of the distinct texts: terms, numbers, the tree, why there are as many topics; None without any text.
    rows : ndarray of int64, shape (n,)
        The distinct text of every unit.
    """

    cleaned: CleanResult
    unit: str
    units: tuple[Passage, ...]
    topics: tuple[Topic, ...]
    assigned: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float64]
    stabilities: npt.NDArray[np.float64]
    places: npt.NDArray[np.float64]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]
    found: FoundTopics | None = field(default=None, repr=False)
    rows: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)

    @cached_property
    def model(self) -> Any:
        """A fitted BERTopic model of these topics, made when it is asked for; None where there is no word to count."""
        return None if self.found is None else self.found.bertopic()

    @property
    def choice(self) -> Choice | None:
        """Why there are as many topics; None without any text."""
        return None if self.found is None else self.found.choice

    def cut(self, topics: int) -> npt.NDArray[np.int64]:
        """Cut the tree of topics elsewhere: give every unit one of that many groups, the largest first, shape (n,).

        Raises
        ------
        ConfigError
            If the tree has no such cut.
        """
        if self.found is None:
            return np.zeros(0, np.int64)
        result: npt.NDArray[np.int64] = self.found.hierarchy.cut(topics)[self.rows]
        return result

    @property
    def corpus(self) -> Corpus:
        """The corpus that was discovered."""
        return self.cleaned.corpus

    def table(self) -> pd.DataFrame:
        """Give one row a topic: topic, size, label, keywords, stability, nearest; and, where a codebook guided, its theme."""
        return topic_table(self.topics)

    def assignments(self) -> pd.DataFrame:
        """Give one row a unit: id, passage, start, end, topic, strength, stability."""
        import pandas as pd

        rows = [
            (unit.document, unit.number, unit.start, unit.end, int(topic), round(float(strength), 4), round(float(stable), 4))
            for unit, topic, strength, stable in zip(self.units, self.assigned, self.strengths, self.stabilities, strict=True)
        ]
        return pd.DataFrame(rows, columns=["id", "passage", "start", "end", "topic", "strength", "stability"])

    def thresholds(self, values: Sequence[float] = (0.5, 0.6, 0.7, 0.8, 0.9)) -> pd.DataFrame:
        """Give one row a threshold on the strength: what leaving out the texts below it would cost.

        Columns: threshold; left out (units) and their share; articles without any unit left; stability, the mean of the
        units that stay, NaN without any.
        """
        import pandas as pd

        rows = []
        articles = [unit.document for unit in self.units]
        for value in values:
            kept = ~(self.strengths < value)
            rest = {article for article, stays in zip(articles, kept, strict=True) if stays}
            stable = self.stabilities[kept & np.isfinite(self.stabilities)]
            rows.append((
                value, int((~kept).sum()), float((~kept).mean()) if len(kept) else math.nan,
                len(set(articles) - rest), float(stable.mean()) if len(stable) else math.nan,
            ))  # fmt: skip
        return pd.DataFrame(rows, columns=["threshold", "left out", "share", "articles without any", "stability of the others"])

    def documents(self) -> pd.DataFrame:
        """Give one row an article, every one: id, topic, strength, reason.

        The topic is the one that most of the article's characters are in, the strength their share times the mean strength
        there; an article without passages has neither, and a reason.
        """
        return _document_table(self.corpus, self.units, self.assigned.tolist(), self.strengths)

    def save(self, path: str | Path, *, encoder: str | Encoder | None = None) -> None:
        """Write the topics to one file, from which `research.load_topics` gives them to further texts.

        The file holds words, numbers and settings, no texts; the same result is the same file.

        Parameters
        ----------
        path : str or Path
            The file; one that is there is replaced, at once or not at all.
        encoder : str or Encoder, optional
            What ``discover`` was given, where it is none of ``use``, ``e5`` and ``lsa``.

        Raises
        ------
        ConfigError
            If there are no topics, a codebook guides them, or the file cannot be written.

        Examples
        --------
        >>> import tempfile, research
        >>> from research.corpus import Document
        >>> corpus = Corpus("one", (Document("a", "فرضت الحكومة عقوبات جديدة على السفن"),))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     research.discover(corpus, encoder="lsa", with_map=False).save(f"{folder}/a.topics")
        ...     research.load_topics(f"{folder}/a.topics").assign(["عقوبات"])["topic"].tolist()
        [0]
        """
        from research.discovery.saved import topic_model

        topic_model(self, encoder=encoder).save(path)


@dataclass(frozen=True, eq=False, repr=False)
class AssignResult(Plotted):
    """A corpus in topics that were found before, in another corpus or in this one.

    Attributes
    ----------
    cleaned : CleanResult
        The corpus without furniture.
    unit : {"document", "passage"}
        What has a topic.
    units : tuple of Passage
        In the order of the corpus.
    topics : tuple of Topic
        As they were saved: their sizes are those of the corpus that they were found in.
    assigned : tuple of int or None
        The topic of every unit; None with a reason.
    strengths : ndarray of float64, shape (n,)
        How probable a unit's topic is by the linear model, 0 to 1; NaN where there is no topic, or nothing to tell it from.
    reasons : tuple of str
        Why a unit has no topic; empty where it has one.
    """

    cleaned: CleanResult
    unit: str
    units: tuple[Passage, ...]
    topics: tuple[Topic, ...]
    assigned: tuple[int | None, ...]
    strengths: npt.NDArray[np.float64]
    reasons: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """Give one row a topic: topic, size (in this corpus), label, keywords."""
        sizes = Counter(self.assigned)
        table = topic_table(self.topics)[["topic", "size", "label", "keywords"]]
        return table.assign(size=[sizes[topic.number] for topic in self.topics])

    def assignments(self) -> pd.DataFrame:
        """Give one row a unit: id, passage, start, end, topic, strength."""
        import pandas as pd

        rows = [
            (unit.document, unit.number, unit.start, unit.end, topic, round(float(strength), 4))
            for unit, topic, strength in zip(self.units, self.assigned, self.strengths, strict=True)
        ]
        table = pd.DataFrame(rows, columns=["id", "passage", "start", "end", "topic", "strength"])
        return table.astype({"topic": "Int64"})

    def documents(self) -> pd.DataFrame:
        """Give one row an article, every one: id, topic, strength, reason; as `DiscoverResult.documents` does."""
        whys = {unit.document: reason for unit, reason in zip(self.units, self.reasons, strict=True) if reason}
        return _document_table(self.cleaned.corpus, self.units, self.assigned, self.strengths, whys)


def topic_table(topics: Sequence[Topic]) -> pd.DataFrame:
    """Give one row a topic: topic, size, label, keywords, stability, nearest; and, where a codebook guided, its theme.

    Examples
    --------
    >>> topic_table([Topic(0, 3, 2, "السفن", (), ())])["label"].tolist()
    ['السفن']
    """
    import pandas as pd

    rows = [
        (t.number, t.size, t.label, "; ".join(k.term for k in t.keywords), round(t.stability, 4), t.nearest) for t in topics
    ]
    table = pd.DataFrame(rows, columns=["topic", "size", "label", "keywords", "stability", "nearest"])
    table["nearest"] = table["nearest"].astype("Int64")
    if any(topic.theme for topic in topics):
        table["theme"] = [topic.theme for topic in topics]
    return table


def _document_table(
    corpus: Corpus,
    units: Sequence[Passage],
    topics: Iterable[int | None],
    strengths: npt.NDArray[np.float64],
    whys: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    import pandas as pd

    weights: dict[str, Counter[int]] = defaultdict(Counter)
    strong: dict[tuple[str, int], list[float]] = defaultdict(list)
    for unit, topic, strength in zip(units, topics, strengths, strict=True):
        if topic is not None:
            weights[unit.document][topic] += len(unit.text)
            strong[unit.document, topic].append(float(strength))
    rows: list[tuple[str, int | None, float | None, str]] = []
    for document in corpus:
        found = weights.get(document.id)
        if found is None:
            why = document.problem or (whys or {}).get(document.id) or "no news text left"
            rows.append((document.id, None, None, why))
        else:
            first = min(found, key=lambda number: (-found[number], number))
            strength = found[first] / found.total() * float(np.mean(strong[document.id, first]))
            rows.append((document.id, first, round(strength, 4), ""))
    table = pd.DataFrame(rows, columns=["id", "topic", "strength", "reason"])
    return table.astype({"topic": "Int64", "strength": "Float64"})
