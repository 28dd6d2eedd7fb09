"""Topics that were discovered once, and how they are given to texts, old and new."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.cleaning import CleanResult, as_cleaned
from research.cores import one_blas_thread
from research.discovery.pipeline import whole_documents
from research.discovery.result import AssignResult, Topic, topic_table
from research.errors import DataError
from research.features import EmbeddingStore, Encoder, LsaEncoder, embed, window_means
from research.features.neighbours import unit_rows
from research.features.representation import Projection
from research.storage.checks import is_unicode
from research.text.analyzer import ArabicAnalyzer
from research.topics.linear import LinearAssignment

if TYPE_CHECKING:
    import pandas as pd

    from research.corpus.documents import Corpus

__all__ = ["TopicModel", "digest"]

Labels = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TopicModel:
    """Topics that were discovered once, and what gives them to texts.

    Attributes
    ----------
    topics : tuple of Topic
        As in the result that was saved, without exemplars: the texts are not kept.
    settings : mapping
        Everything that the result depended on.
    texts : int
        From how many distinct texts the topics were formed.
    encoder : Encoder
        What embeds texts.
    analyzer : ArabicAnalyzer
        What turns texts into terms.
    projection : Projection
        What turns terms and embeddings into rows.
    centre : ndarray of float32, shape (d,)
        Where the rows of the clustered texts are centred.
    linear : LinearAssignment or None
        What gives rows their cluster; None where there is one.
    numbers : ndarray of int64, shape (topics,)
        The topic that each cluster is.
    kept : mapping of str to int
        The topics of texts that take another's, by their SHA-256: near copies of a text that the topics were formed from.
    """

    topics: tuple[Topic, ...]
    settings: Mapping[str, Any]
    texts: int
    encoder: Encoder = field(repr=False)
    analyzer: ArabicAnalyzer = field(repr=False)
    projection: Projection = field(repr=False)
    centre: npt.NDArray[np.float32] = field(repr=False)
    linear: LinearAssignment | None = field(repr=False)
    numbers: Labels = field(repr=False)
    kept: Mapping[str, int] = field(repr=False)

    @property
    def unit(self) -> str:
        """What was clustered, and what `assign` takes a text for: document or passage."""
        return str(self.settings["unit"])

    def assign(self, texts: Sequence[str], *, store: bool = True) -> pd.DataFrame:
        """Give texts their topics.

        A text that the topics were formed from has the topic that it has in the result, whatever stands beside it.

        Parameters
        ----------
        texts : sequence of str, length n
            Passages, or whole articles where the unit is the document.
        store : bool
            Whether embeddings are kept on disk for the next time.

        Returns
        -------
        pandas.DataFrame
            One row a text: topic, strength, reason. The strength is how probable the topic is by the linear model, 0 to 1; for
            a text that the model has seen it is higher than in the result, which asks the model of all others. A text without
            content has neither, and a reason.

        Raises
        ------
        DataError
            If these are no texts.

        Examples
        --------
        >>> import research
        >>> from research.corpus import Corpus, Document
        >>> from research.discovery import topic_model
        >>> corpus = Corpus("two", (Document("a", "فرضت الحكومة عقوبات جديدة"), Document("b", "فاز الفريق بالكأس")))
        >>> model = topic_model(research.discover(corpus, encoder="lsa", with_map=False))
        >>> model.assign(["عقوبات على السفن", " "])["reason"].tolist()
        ['', 'no text']
        """
        import pandas as pd

        topics, strengths, reasons = self._placed(texts, store)
        table = pd.DataFrame({"topic": pd.array(topics, dtype="Int64"), "strength": strengths, "reason": reasons})
        return table.astype({"strength": "Float64"})

    def assign_corpus(self, corpus: Corpus | CleanResult, *, store: bool = True) -> AssignResult:
        """Give a corpus the topics, cleaned and divided as the one that they were formed from.

        What is page furniture depends on the corpus that a page is in: a page by itself may keep a line that it loses among
        others of its site.

        Parameters
        ----------
        corpus : Corpus or CleanResult
            What `research.load` gives, or what `research.clean` made of it.
        store : bool
            Whether embeddings are kept on disk for the next time.

        Returns
        -------
        AssignResult
            Every passage or document with its topic, every article in a row.

        Examples
        --------
        >>> import research
        >>> from research.corpus import Corpus, Document
        >>> from research.discovery import topic_model
        >>> corpus = Corpus("two", (Document("a", "فرضت الحكومة عقوبات جديدة"), Document("b", "فاز الفريق بالكأس")))
        >>> result = research.discover(corpus, encoder="lsa", with_map=False)
        >>> topic_model(result).assign_corpus(corpus).documents()["topic"].equals(result.documents()["topic"])
        True
        """
        cleaned = as_cleaned(corpus, furniture=self.settings["furniture"])
        units = whole_documents(cleaned) if self.unit == "document" else cleaned.passages
        topics, strengths, reasons = self._placed([unit.text for unit in units], store)
        return AssignResult(cleaned, self.unit, tuple(units), self.topics, tuple(topics), strengths, tuple(reasons))

    def table(self) -> pd.DataFrame:
        """Give one row a topic: topic, size, label, keywords, stability, nearest, as they were in the result."""
        return topic_table(self.topics)

    def save(self, path: str | Path) -> None:
        """Write the model to one file, see `DiscoverResult.save`."""
        from research.discovery.model_file import write_model

        write_model(self, path)

    def _placed(self, texts: Sequence[str], store: bool) -> tuple[list[int | None], Shares, list[str]]:
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise DataError("these are no texts", remedy="give a list of strings")
        reasons = ["" if text.strip() else "no text" for text in texts]
        reasons = [
            reason or ("" if is_unicode(text) else "no valid Unicode") for text, reason in zip(texts, reasons, strict=True)
        ]
        told = [index for index, reason in enumerate(reasons) if not reason]
        topics: list[int | None] = [None] * len(texts)
        strengths = np.full(len(texts), np.nan)
        if told:
            found, strengths[told] = self._place([texts[index] for index in told], store)
            for index, topic in zip(told, found.tolist(), strict=True):
                topics[index] = topic
        return topics, strengths, reasons

    def _place(self, texts: Sequence[str], store: bool) -> tuple[Labels, Shares]:
        coder = self.encoder
        kept = EmbeddingStore.of(coder) if store and not isinstance(coder, LsaEncoder) else None
        embeddings = (window_means if self.unit == "document" else embed)(texts, coder, kept)
        terms = [] if self.projection.latent is None else self.analyzer.transform(texts)
        return self._chosen(self.projection.rows(terms, embeddings), [self.kept.get(digest(text)) for text in texts])

    def _chosen(self, rows: npt.NDArray[np.float32], kept: Sequence[int | None]) -> tuple[Labels, Shares]:
        if self.linear is None:
            return np.repeat(self.numbers, len(rows)), np.full(len(rows), 1.0 if self.texts > 1 else np.nan)
        with one_blas_thread():
            scores = self.linear.scores(unit_rows(rows - self.centre, centre=False))
        clusters = scores.argmax(axis=1).astype(np.int64)
        cluster_of = np.argsort(self.numbers)
        for row, topic in enumerate(kept):
            if topic is not None:
                clusters[row] = cluster_of[topic]
        return self.numbers[clusters], self.linear.probabilities(scores)[np.arange(len(rows)), clusters]


def digest(text: str) -> str:
    """Give the SHA-256 of a text, by which a model knows it: in hexadecimal, and for half a character too.

    Examples
    --------
    >>> digest("خبر") == hashlib.sha256("خبر".encode()).hexdigest()
    True
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
