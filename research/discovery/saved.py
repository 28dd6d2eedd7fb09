"""Topics that are kept: saved, loaded in any later process, and given to texts, old and new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from research.cleaning import clean
from research.discovery.model_file import digest, is_unicode, read_model, write_model
from research.discovery.pipeline import _originals, _whole_documents
from research.discovery.result import AssignResult, DiscoverResult, Topic, topic_table
from research.errors import ConfigError, DataError
from research.features import EmbeddingStore, Encoder, LsaEncoder, embed, get_encoder, window_means
from research.features.encoders import ENCODERS
from research.features.neighbours import unit_rows
from research.features.representation import Projection
from research.text.analyzer import ArabicAnalyzer
from research.topics.linear import LinearAssignment

if TYPE_CHECKING:
    import pandas as pd

    from research.corpus.documents import Corpus, Passage

__all__ = ["TopicModel", "load_topics", "topic_model"]

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
        >>> corpus = Corpus("two", (Document("a", "فرضت الحكومة عقوبات جديدة"), Document("b", "فاز الفريق بالكأس")))
        >>> model = topic_model(research.discover(corpus, encoder="lsa", with_map=False))
        >>> model.assign(["عقوبات على السفن", " "])["reason"].tolist()
        ['', 'no text']
        """
        import pandas as pd

        topics, strengths, reasons = self._placed(texts, store)
        table = pd.DataFrame({"topic": pd.array(topics, dtype="Int64"), "strength": strengths, "reason": reasons})
        return table.astype({"strength": "Float64"})

    def assign_corpus(self, corpus: Corpus, *, store: bool = True) -> AssignResult:
        """Give a corpus the topics, cleaned and divided as the one that they were formed from.

        What is page furniture depends on the corpus that a page is in: a page by itself may keep a line that it loses among
        others of its site.

        Parameters
        ----------
        corpus : Corpus
            What `research.load` gives.
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
        >>> corpus = Corpus("two", (Document("a", "فرضت الحكومة عقوبات جديدة"), Document("b", "فاز الفريق بالكأس")))
        >>> result = research.discover(corpus, encoder="lsa", with_map=False)
        >>> topic_model(result).assign_corpus(corpus).documents()["topic"].equals(result.documents()["topic"])
        True
        """
        cleaned = clean(corpus, furniture=self.settings["furniture"])
        units = _whole_documents(cleaned) if self.unit == "document" else cleaned.passages
        topics, strengths, reasons = self._placed([unit.text for unit in units], store)
        return AssignResult(cleaned, self.unit, tuple(units), self.topics, tuple(topics), strengths, tuple(reasons))

    def table(self) -> pd.DataFrame:
        """Give one row a topic: topic, size, label, keywords, stability, nearest, as they were in the result."""
        return topic_table(self.topics)

    def save(self, path: str | Path) -> None:
        """Write the model to one file, see `DiscoverResult.save`."""
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
        with threadpool_limits(1, user_api="blas"):
            scores = self.linear.scores(unit_rows(rows - self.centre, centre=False))
        clusters = scores.argmax(axis=1).astype(np.int64)
        cluster_of = np.argsort(self.numbers)
        for row, topic in enumerate(kept):
            if topic is not None:
                clusters[row] = cluster_of[topic]
        return self.numbers[clusters], self.linear.probabilities(scores)[np.arange(len(rows)), clusters]


# -- from a result ------------------------------------------------------------------------------------------------------


def topic_model(result: DiscoverResult, *, encoder: str | Encoder | None = None) -> TopicModel:
    """Make the model of a result's topics.

    Parameters
    ----------
    result : DiscoverResult
        What `research.discover` gave, without a codebook.
    encoder : str or Encoder, optional
        What ``discover`` was given, where it is none of ``use``, ``e5`` and ``lsa``.

    Returns
    -------
    TopicModel
        What gives the topics to texts.

    Raises
    ------
    ConfigError
        If the result has no topics, is guided by a codebook, or was made by another encoder or a class of one's own.

    Examples
    --------
    >>> import research
    >>> from research.corpus import Corpus, Document
    >>> corpus = Corpus("one", (Document("a", "فرضت الحكومة عقوبات جديدة على السفن"),))
    >>> topic_model(research.discover(corpus, encoder="lsa", with_map=False)).texts
    1
    """
    found = result.found
    if found is None:
        raise ConfigError("there are no topics to save", remedy="discover a corpus that holds text")
    if result.settings["codebook_sha256"] is not None:
        raise ConfigError("topics that a codebook guides cannot be saved yet", remedy="discover without the codebook")
    seen = found.representation
    if type(seen.analyzer) is not ArabicAnalyzer:
        raise ConfigError(
            f"the analyser is a {type(seen.analyzer).__name__}, which cannot be saved", remedy="discover with an ArabicAnalyzer"
        )
    originals = _originals(result.cleaned, result.units)
    distinct = [result.units[index] for index in set(originals)]
    numbers, strays = _numbers(found.clusterer.predict(seen.matrix), found.labels)
    return TopicModel(
        tuple(replace(topic, exemplars=()) for topic in result.topics),
        result.settings,
        len(seen.terms),
        _encoder_of(result.settings, distinct, encoder),
        seen.analyzer,
        seen.projection,
        found.clusterer.centre_,
        found.clusterer.model_,
        numbers,
        _kept(result, originals, strays),
    )


def _numbers(clusters: Labels, labels: Labels) -> tuple[Labels, frozenset[int]]:
    """Give the topic that each cluster is, and the rows whose topic is another one (none, unless two topics tie)."""
    numbers = np.array([int(np.bincount(labels[clusters == own]).argmax()) for own in range(int(clusters.max()) + 1)])
    return numbers, frozenset(np.flatnonzero(numbers[clusters] != labels).tolist())


def _kept(result: DiscoverResult, originals: Sequence[int], strays: frozenset[int]) -> dict[str, int]:
    """Give the topics of the texts that the linear model alone would not place: near copies have that of their original."""
    return {
        digest(unit.text): int(result.assigned[index])
        for index, (unit, original) in enumerate(zip(result.units, originals, strict=True))
        if unit.text != result.units[original].text or int(result.rows[index]) in strays
    }


def _encoder_of(settings: Mapping[str, Any], distinct: Sequence[Passage], given: str | Encoder | None) -> Encoder:
    name, version = settings["encoder"], settings["encoder_version"]
    if name != LsaEncoder.name or isinstance(given, LsaEncoder):
        return _encoder(name, version, given, "")
    # It was learned from these texts in this order, and is learned again: the result keeps what it said, not the encoder.
    learned = LsaEncoder([unit.text for unit in sorted(distinct, key=lambda unit: (unit.text, unit.document))])
    _must_be(learned, name, version, "")
    return learned


def _encoder(name: str, version: str, given: str | Encoder | None, where: str) -> Encoder:
    """Make the encoder of this name and version, or take the given one if it is that."""
    if given is None:
        given = next((known for known, (make, _, _) in ENCODERS.items() if getattr(make, "name", None) == name), None)
        if given is None:
            raise ConfigError(
                f"the encoder {name!r} is not one that comes with the package", where=where, remedy="give it as well (encoder)"
            )
    encoder = get_encoder(given) if isinstance(given, str) else given
    _must_be(encoder, name, version, where)
    return encoder


def _must_be(encoder: Encoder, name: str, version: str, where: str) -> None:
    if (encoder.name, encoder.version) != (name, version):
        raise ConfigError(
            f"the topics were made with the encoder {name} {version}, and this is {encoder.name} {encoder.version}",
            where=where,
            remedy="use that one, or discover and save the topics again with this one",
        )


# -- from a file --------------------------------------------------------------------------------------------------------


def load_topics(path: str | Path, *, encoder: str | Encoder | None = None) -> TopicModel:
    """Load topics that were saved.

    Parameters
    ----------
    path : str or Path
        What `DiscoverResult.save` or ``research discover --save`` wrote.
    encoder : str or Encoder, optional
        What the topics were made with, where it is none of ``use``, ``e5`` and ``lsa``.

    Returns
    -------
    TopicModel
        Gives texts the topics that the saved result has.

    Raises
    ------
    DataError
        If the file is not there, is no such file, is damaged or cut short, or is of another version.
    ConfigError
        If the encoder is not here, or is not the one that the topics were made with.

    Examples
    --------
    >>> import tempfile, research
    >>> from research.corpus import Corpus, Document
    >>> corpus = Corpus("two", (Document("a", "فرضت الحكومة عقوبات جديدة"), Document("b", "فاز الفريق بالكأس")))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     research.discover(corpus, encoder="lsa", with_map=False).save(f"{folder}/a.topics")
    ...     load_topics(f"{folder}/a.topics").settings["encoder"]
    'lsa'
    """
    path = Path(path)
    stored = read_model(path)
    coder = stored.encoder
    made = stored.learned or _encoder(coder["name"], coder["version"], encoder, str(path))
    _must_be(made, coder["name"], coder["version"], str(path))
    if (made.fingerprint(), made.dimension) != (coder["fingerprint"], coder["dimension"]):
        raise ConfigError(
            f"the weights of the encoder {made.name} {made.version} are not those that the topics were made with",
            where=str(path),
            remedy="install the encoder anew, or discover and save the topics again",
        )
    return TopicModel(
        stored.topics,
        stored.settings,
        stored.texts,
        made,
        stored.analyzer,
        stored.projection,
        stored.centre,
        stored.linear,
        stored.numbers,
        stored.kept,
    )
