"""What a discovery gives: plain data that gives tables; it does not plot, print or write."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.cleaning import CleanResult
from research.corpus.documents import Corpus, Passage
from research.topics import Keyword

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DiscoverResult", "Topic"]


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
    theme : str
        The theme of the codebook that it is; empty for a topic beyond the codebook.
    """

    number: int
    size: int
    articles: int
    label: str
    keywords: tuple[Keyword, ...]
    exemplars: tuple[int, ...]
    theme: str = ""


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
        Share of a unit's nearest neighbours that are in its topic, 0 to 1; NaN where there are no others. In a topic that is
        a theme of a codebook, the theme's score.
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
        """Give one row a topic: topic, size, label, keywords; and, where a codebook guided, the theme that it is."""
        import pandas as pd

        rows = [(t.number, t.size, t.label, "; ".join(keyword.term for keyword in t.keywords)) for t in self.topics]
        table = pd.DataFrame(rows, columns=["topic", "size", "label", "keywords"])
        if any(topic.theme for topic in self.topics):
            table["theme"] = [topic.theme for topic in self.topics]
        return table

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
