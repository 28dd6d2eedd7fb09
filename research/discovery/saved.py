"""Topics that are kept: the model of a result, and one that was saved, with the encoder that it was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from research.corpus.documents import Passage
from research.discovery.model import TopicModel, digest
from research.discovery.model_file import StoredEncoder, read_model
from research.discovery.pipeline import originals
from research.discovery.result import DiscoverResult
from research.errors import ConfigError
from research.features import Encoder, LsaEncoder, get_encoder
from research.features.encoders import ENCODERS
from research.text.analyzer import ArabicAnalyzer

__all__ = ["TopicModel", "load_topics", "topic_model"]

Labels = npt.NDArray[np.int64]

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
    first = originals(result.cleaned, result.units)
    distinct = [result.units[index] for index in set(first)]
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
        _kept(result, first, strays),
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
    return read_model(path, lambda told: _encoder_as(told, encoder, str(path)))


def _encoder_as(told: StoredEncoder, given: str | Encoder | None, where: str) -> Encoder:
    """Give the encoder that the file tells of, with the very weights."""
    made = told.learned or _encoder(told.name, told.version, given, where)
    _must_be(made, told.name, told.version, where)
    if (made.fingerprint(), made.dimension) != (told.fingerprint, told.dimension):
        raise ConfigError(
            f"the weights of the encoder {made.name} {made.version} are not those that the topics were made with",
            where=where,
            remedy="install the encoder anew, or discover and save the topics again",
        )
    return made
