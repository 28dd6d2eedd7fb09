"""Discover topics: from a corpus to what it speaks of, and which passage belongs where."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from research.cleaning import CleanResult, as_cleaned
from research.corpus.documents import Corpus, Passage
from research.discovery.describe import describe_topics
from research.discovery.find import FoundTopics, find_guided, find_topics
from research.discovery.result import DiscoverResult, Topic
from research.errors import ConfigError
from research.features import EmbeddingStore, Encoder, LsaEncoder, embed, get_encoder, window_means
from research.features.encoders import is_installed
from research.messages import count, joined, message
from research.progress import Stages
from research.text.script import in_several_scripts
from research.themes import Codebook, ThemeTagger, labels_for, load_codebook
from research.themes.labelled import LabelsOption, fit_tagger
from research.topics import project

if TYPE_CHECKING:
    from research.text.analyzer import ArabicAnalyzer

__all__ = ["DOCUMENTS_FROM", "LATENT", "Unit", "discover", "originals", "whole_documents"]

Unit = Literal["auto", "document", "passage"]

#: From this many usable articles on, ``auto`` takes whole documents.
DOCUMENTS_FROM = 200
_FEW = 12  # below this many distinct texts, clusters are a reading aid and no finding
_DISSOLVES = 0.5  # Hennig (2007), see `research.topics.consensus.survival`
_COPY = 0.7  # articles this similar count once
#: Dimensions of latent semantics beside the embedding.
LATENT = 200


def discover(
    corpus: Corpus | CleanResult,
    *,
    unit: Unit = "auto",
    codebook: Codebook | str | Path | None = None,
    labels: LabelsOption = True,
    encoder: str | Encoder = "use",
    n_topics: int | None = None,
    resolution: float | None = None,
    min_topic_size: int | None = None,
    seed: int = 0,
    furniture: bool = True,
    analyzer: ArabicAnalyzer | None = None,
    with_map: bool = True,
    store: bool = True,
) -> DiscoverResult:
    """Discover the topics of a corpus.

    The same texts give the same topics, whatever the order of the articles.

    Parameters
    ----------
    corpus : Corpus or CleanResult
        What `research.load` gives, from one article on, or what `research.clean` made of it.
    unit : {"auto", "document", "passage"}
        What is clustered; ``auto`` takes documents from 200 usable articles on, passages below.
    codebook : Codebook or path, optional
        Themes that guide the topics: each is a topic, the first ones in its order, and stays one whatever its size; passages
        that state none of them form topics beyond the codebook. Takes passages as its unit.
    labels : (path, path), Labelled or bool
        What the codebook's themes are learned from, as in `research.tag`.
    encoder : str or Encoder
        See `research.features.get_encoder`; ``lsa`` needs no encoder and knows words only. It also stands in for the bundled
        encoder where that is not installed, and the result says so.
    n_topics : int, optional
        How many topics; chosen by stability when not given. With a codebook, those beyond its themes.
    resolution : float, optional
        Higher gives more and smaller topics; above 0. Chosen by stability when not given.
    min_topic_size : int, optional
        Smaller groups join their neighbours; by default about half the square root of the number of texts, and at most half of
        the mean size where a number of topics is asked for.
    seed : int
        Seed of every random choice.
    furniture : bool
        Whether the furniture of pages is taken out first.
    analyzer : ArabicAnalyzer, optional
        Another way to terms than the default one; see `research.text.analyzer`.
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
    _check(unit, n_topics, resolution, min_topic_size)
    book = None if codebook is None else codebook if isinstance(codebook, Codebook) else load_codebook(codebook)
    if book is not None and unit == "document":
        raise ConfigError("a codebook guides passages, not documents", remedy="leave the unit out, or give passage")
    lexical = encoder == "lsa" or (encoder == "use" and not is_installed("use"))
    coder = None if lexical else get_encoder(encoder) if isinstance(encoder, str) else encoder
    with Stages("discovering topics", 4) as stage:
        stage("taking page furniture out")
        cleaned = as_cleaned(corpus, furniture=furniture)
        chosen = (
            "passage"
            if book is not None
            else unit
            if unit != "auto"
            else "document"
            if len(cleaned.corpus.usable) >= DOCUMENTS_FROM
            else "passage"
        )
        units = whole_documents(cleaned) if chosen == "document" else cleaned.passages
        original = originals(cleaned, units)
        # Every computation sees the distinct texts in an order of their own, so that the order of the input cannot matter.
        distinct = sorted(
            {original[index] for index in range(len(units))}, key=lambda index: (units[index].text, units[index].document)
        )
        texts = [units[index].text for index in distinct]
        coder = coder or LsaEncoder(texts or [""])
        settings = {
            "unit": chosen,
            "encoder": coder.name,
            "encoder_version": coder.version,
            "n_topics": n_topics,
            "resolution": resolution,
            "min_topic_size": min_topic_size,
            "codebook": None if book is None else book.source,
            "codebook_version": None if book is None else book.version,
            "codebook_sha256": None if book is None else book.sha256,
            "furniture": furniture,
            "analyzer": None if analyzer is None else analyzer.get_params(),
            "seed": seed,
        }
        if not distinct:
            nothing = np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros((0, 2))
            return DiscoverResult(cleaned, chosen, (), (), *nothing, (message("No article holds any text."),), settings)
        stage(f"representing {len(texts)} texts")
        kept = EmbeddingStore.of(coder) if store and not isinstance(coder, LsaEncoder) else None
        embeddings = (window_means if chosen == "document" else embed)(texts, coder, kept)
        stage("finding topics")
        options: dict[str, Any] = {
            "latent": LATENT,
            "analyzer": analyzer,
            "groups": None if chosen == "document" else [units[index].document for index in distinct],
            "n_topics": n_topics,
            "resolution": resolution,
            "min_topic_size": min_topic_size,
            "seed": seed,
        }
        found = (
            find_topics(texts, embeddings, **options)
            if book is None
            else _guided(book, labels, texts, embeddings, None if lexical else coder, kept, options)
        )
        stage("drawing the map")
        places = project(found.representation.matrix, seed=seed) if with_map else np.full((len(texts), 2), np.nan)
    row_of = {index: row for row, index in enumerate(distinct)}
    rows = np.array([row_of[original[index]] for index in range(len(units))])
    themes = () if book is None else book.themes
    sizes = np.bincount(found.labels[rows], minlength=len(found.words)).tolist()  # copies count here
    found = found.renumbered(sizes, fixed=len(themes))
    wires = {repeat.document: repeat.of_document for repeat in cleaned.repeats if repeat.passage is None}
    topics = describe_topics(found, units, rows, wires=wires)
    topics = tuple(
        replace(topic, theme=themes[topic.number].key, label=themes[topic.number].named)
        if topic.number < len(themes)
        else topic
        for topic in topics
    )
    notes = _notes(len(cleaned.corpus.usable), len(units), len(distinct), topics)
    if len(distinct) >= _FEW and book is None:
        notes += (found.choice.sentence(len(topics)),)
    beyond = len(topics) - len(themes)
    if n_topics is not None and beyond < n_topics:
        notes += (
            count(
                "{n} topic was asked for, and only {found} were found that are large enough.",
                "{n} topics were asked for, and only {found} were found that are large enough.",
                n=n_topics,
                found=beyond,
            ),
        )
    if in_several_scripts(texts) and not lexical:
        notes += (
            message(
                "The texts are in more than one script: they were compared by meaning alone, as words of two languages never "
                "meet."
            ),
        )
    if lexical and encoder != "lsa":
        notes += (message("The bundled sentence encoder is not installed: texts were compared by their words alone (LSA)."),)
    of_units = found.labels[rows], found.strengths[rows], found.stabilities[rows], places[rows]
    return DiscoverResult(cleaned, chosen, tuple(units), topics, *of_units, notes, settings, found, rows)


def _guided(
    book: Codebook,
    labels: LabelsOption,
    texts: Sequence[str],
    embeddings: npt.NDArray[np.float32],
    coder: Encoder | None,
    kept: EmbeddingStore | None,
    options: Mapping[str, Any],
) -> FoundTopics:
    """Give the texts that state a theme to that theme, each to its surest one, and find topics among the others."""
    tagger: ThemeTagger = fit_tagger(book, labels_for(book, labels), coder, kept, seed=options["seed"])
    given, sure = tagger.primary(texts, embeddings if coder is not None else None)
    return find_guided(texts, embeddings, given, sure, len(book.themes), **options)


def _check(unit: str, n_topics: int | None, resolution: float | None, min_topic_size: int | None) -> None:
    if unit not in get_args(Unit):
        raise ConfigError(f"unknown unit {unit!r}", remedy=f"units are {', '.join(get_args(Unit))}")
    if n_topics is not None and n_topics < 1:
        raise ConfigError(f"n_topics is {n_topics}", remedy="give at least 1, or leave it out: stability chooses")
    if resolution is not None and not 0 < resolution < math.inf:
        raise ConfigError(f"resolution is {resolution}", remedy="give a number above 0, or leave it out: stability chooses")
    if n_topics is not None and resolution is not None:
        raise ConfigError("n_topics and resolution are both given", remedy="give one of them")
    if min_topic_size is not None and min_topic_size < 1:
        raise ConfigError(f"min_topic_size is {min_topic_size}", remedy="give at least 1")


def whole_documents(cleaned: CleanResult) -> tuple[Passage, ...]:
    """Join the passages of each article to one unit, without what was left out between them."""
    parts: dict[str, list[Passage]] = defaultdict(list)
    for passage in cleaned.passages:
        parts[passage.document].append(passage)
    return tuple(
        Passage(id, 0, passages[0].start, passages[-1].end, "\n".join(passage.text for passage in passages))
        for id, passages in parts.items()
    )


def originals(cleaned: CleanResult, units: Sequence[Passage]) -> list[int]:
    """Give for every unit the unit that it repeats, itself when it repeats none: copies do not count twice."""
    whole = len(units) != len(cleaned.passages) or any(u is not p for u, p in zip(units, cleaned.passages, strict=True))
    at = {(unit.document, None if whole else unit.number): index for index, unit in enumerate(units)}
    original = list(range(len(units)))
    for repeat in cleaned.repeats:
        copy, of = (repeat.document, repeat.passage), (repeat.of_document, repeat.of_passage)
        if repeat.similarity >= _COPY and copy in at and of in at:
            original[at[copy]] = at[of]
    return original


def _notes(n_articles: int, n_units: int, n_distinct: int, topics: Sequence[Topic]) -> tuple[str, ...]:
    notes: list[str] = []
    if n_articles == 1:
        notes.append(message("There is one article: topics are parts of it, and nothing can be said about outlets or time."))
    if n_distinct < n_units:
        notes.append(
            count(
                "{k} of {n} text repeats another: they share its topic and count once when topics form.",
                "{k} of {n} texts repeat another: they share its topic and count once when topics form.",
                n=n_units,
                k=n_units - n_distinct,
            )
        )
    if n_distinct == 1:
        notes.append(
            message("There is one distinct text: its words describe it, but there is nothing to tell it from, and no strength.")
        )
    elif n_distinct < _FEW:
        notes.append(
            count(
                "There is only {n} distinct text: the grouping helps to read it, but is no evidence of topics.",
                "There are only {n} distinct texts: the grouping helps to read them, but is no evidence of topics.",
                n=n_distinct,
            )
        )
    elif len(topics) == 1:
        notes.append(message("The texts do not fall apart into groups: there is one topic."))
    return (*notes, *_notes_on_topics(topics))


def _notes_on_topics(topics: Sequence[Topic]) -> list[str]:
    """Say which topics to be careful with."""
    notes: list[str] = []
    weak = [str(topic.number) for topic in topics if topic.stability < _DISSOLVES]
    if weak:
        notes.append(
            count(
                "Topic {topics} does not survive when other articles are drawn: take it for a reading aid.",
                "Topics {topics} do not survive when other articles are drawn: take them for reading aids.",
                n=len(weak),
                topics=joined(weak),
            )
        )
    missing = [topic.theme for topic in topics if topic.theme and not topic.size]
    if missing:
        notes.append(
            count(
                "No passage states this theme of the codebook: {themes}. It keeps its topic, with none in it.",
                "No passage states these themes of the codebook: {themes}. They keep their topics, with none in them.",
                n=len(missing),
                themes=joined(missing),
            )
        )
    unnamed = [str(topic.number) for topic in topics if not topic.keywords and topic.size]
    if unnamed:
        notes.append(
            count(
                "Topic {topics} has no keyword: its texts share no content word.",
                "Topics {topics} have no keyword: their texts share no content word.",
                n=len(unnamed),
                topics=joined(unnamed),
            )
        )
    return notes
