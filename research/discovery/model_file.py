"""What is in the file of a topic model: its fields, their shapes, and what must hold between them.

How the file is written, and read without trusting it, is `research.storage`'s; which fields a model has, `TopicModel`'s.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from research.discovery.model import TopicModel, digest
from research.discovery.result import Topic
from research.features import Encoder, LsaEncoder
from research.features.lexical import LatentSpace
from research.features.representation import Projection
from research.storage import Arrays, Check, Format, Specs, UnfitError, open_archive, write_archive
from research.storage.checks import count_from, is_distinct_texts, is_number, is_text, must_have, none_or, of_type
from research.text.analyzer import ArabicAnalyzer
from research.topics import Keyword
from research.topics.linear import LinearAssignment

__all__ = ["StoredEncoder", "read_model", "write_model"]

_REMEDY = "give a file that DiscoverResult.save or research discover --save wrote, or save the topics again"
_TOPICS = Format("research topics", 1, "topics", _REMEDY)
_PROBE = 2000  # words by which the analysis of a later version is compared


@dataclass(frozen=True, eq=False)
class StoredEncoder:
    """What a file says of the encoder that the topics were made with.

    Attributes
    ----------
    name, version, fingerprint : str
        Which one it was, and of which weights.
    dimension : int
        The length of its embeddings.
    learned : LsaEncoder or None
        The encoder itself, where it was learned from the texts; any other is to be found elsewhere.
    """

    name: str
    version: str
    fingerprint: str
    dimension: int
    learned: LsaEncoder | None


# -- to a file ----------------------------------------------------------------------------------------------------------


def write_model(model: TopicModel, path: str | Path) -> None:
    """Write a model to one file, which takes the place of what was there when all of it is written.

    Parameters
    ----------
    model : TopicModel
        The same model gives the same bytes.
    path : str or Path
        The file; its folder is made where it is missing.

    Raises
    ------
    ConfigError
        If the model is larger than what is read again, or the file cannot be written.

    Examples
    --------
    >>> import research, tempfile, zipfile
    >>> from research.corpus import Corpus, Document
    >>> from research.discovery import topic_model
    >>> corpus = Corpus("one", (Document("a", "فرضت الحكومة عقوبات جديدة على السفن"),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_model(topic_model(research.discover(corpus, encoder="lsa", with_map=False)), f"{folder}/a.topics")
    ...     zipfile.is_zipfile(f"{folder}/a.topics")
    True
    """
    plain = _plain(model)
    write_archive(path, _TOPICS, plain, _specs(plain), _arrays(model))


def _plain(model: TopicModel) -> dict[str, Any]:
    coder = model.encoder
    learned = None
    if isinstance(coder, LsaEncoder):
        learned = {"analyzer": coder.analyzer.state(), "latent": _latent_plain(coder.latent)}
    return {
        "settings": dict(model.settings),
        "texts": model.texts,
        "topics": [_topic_plain(topic) for topic in model.topics],
        "encoder": {
            "name": coder.name,
            "version": coder.version,
            "fingerprint": coder.fingerprint(),
            "dimension": coder.dimension,
            "learned": learned,
        },
        "analyzer": model.analyzer.state(),
        "analysis": _analysis(model.analyzer),
        "latent": _latent_plain(model.projection.latent),
        "sharpness": None if model.linear is None else float(model.linear.sharpness),
        "kept": dict(model.kept),
    }


def _topic_plain(topic: Topic) -> dict[str, Any]:
    return {
        "number": topic.number,
        "size": topic.size,
        "articles": topic.articles,
        "label": topic.label,
        "keywords": [[keyword.term, keyword.score, keyword.support] for keyword in topic.keywords],
        "stability": None if math.isnan(topic.stability) else float(topic.stability),
        "nearest": topic.nearest,
    }


def _latent_plain(space: LatentSpace | None) -> dict[str, Any] | None:
    return None if space is None else {"vocabulary": list(space.vocabulary), "dimensions": len(space.components)}


def _analysis(analyzer: ArabicAnalyzer) -> str:
    """Hash what becomes of the commonest words, so that another version's analysis is not taken for the one that was saved."""
    commonest = sorted(analyzer.counts_, key=lambda word: (-analyzer.counts_[word], word))[:_PROBE]
    return digest("\n".join(analyzer.analyze(" ".join(commonest))))


def _arrays(model: TopicModel) -> Arrays:
    projection, linear = model.projection, model.linear
    found: Arrays = {"centre.npy": model.centre, "numbers.npy": model.numbers}
    if linear is not None:
        found |= {
            "linear_centre.npy": linear.centre,
            "linear_weights.npy": linear.weights,
            "linear_offsets.npy": linear.offsets,
        }
    if projection.latent is not None:
        found |= {"embedding_mean.npy": projection.embedding_mean, "latent_mean.npy": projection.latent_mean}
        found |= {"latent_weights.npy": projection.latent.weights, "latent_components.npy": projection.latent.components}
    if isinstance(model.encoder, LsaEncoder) and model.encoder.latent is not None:
        latent = model.encoder.latent
        found |= {"encoder_weights.npy": latent.weights, "encoder_components.npy": latent.components}
    return found


def _specs(plain: Mapping[str, Any]) -> Specs:
    """Give the type and shape of every array that belongs to this JSON."""
    dimension, clusters, latent = plain["encoder"]["dimension"], len(plain["topics"]), plain["latent"]
    wide = dimension + (0 if latent is None else latent["dimensions"])
    specs: Specs = {"centre.npy": ("<f4", (wide,)), "numbers.npy": ("<i8", (clusters,))}
    if plain["sharpness"] is not None:
        specs["linear_centre.npy"] = ("<f8", (wide,))
        specs["linear_weights.npy"] = ("<f8", (wide, clusters))
        specs["linear_offsets.npy"] = ("<f8", (clusters,))
    if latent is not None:
        terms = len(latent["vocabulary"])
        specs["embedding_mean.npy"], specs["latent_mean.npy"] = ("<f4", (dimension,)), ("<f4", (latent["dimensions"],))
        specs["latent_weights.npy"] = ("<f4", (terms,))
        specs["latent_components.npy"] = ("<f4", (latent["dimensions"], terms))
    learned = plain["encoder"]["learned"]
    if learned is not None and learned["latent"] is not None:
        terms = len(learned["latent"]["vocabulary"])
        specs["encoder_weights.npy"] = ("<f4", (terms,))
        specs["encoder_components.npy"] = ("<f4", (learned["latent"]["dimensions"], terms))
    return specs


# -- from a file --------------------------------------------------------------------------------------------------------


def read_model(path: str | Path, encoder_of: Callable[[StoredEncoder], Encoder]) -> TopicModel:
    """Read what `write_model` wrote, or refuse it.

    Parameters
    ----------
    path : str or Path
        The file, from whomever.
    encoder_of : callable
        Gives the encoder that the file tells of, or raises what says why there is none.

    Returns
    -------
    TopicModel
        What it holds, checked.

    Raises
    ------
    DataError
        If the file is not there, is no such file, is damaged or cut short, or is of another version.

    Examples
    --------
    >>> import research, tempfile
    >>> from research.corpus import Corpus, Document
    >>> corpus = Corpus("one", (Document("a", "فرضت الحكومة عقوبات جديدة على السفن"),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     research.discover(corpus, encoder="lsa", with_map=False).save(f"{folder}/a.topics")
    ...     read_model(f"{folder}/a.topics", lambda told: told.learned).encoder.name
    'lsa'
    """
    with open_archive(path, _TOPICS) as archive:
        plain = archive.read_json(_FIELDS)
        _check(plain)
        arrays = archive.read_arrays(_specs(plain))
        numbers = arrays["numbers.npy"]
        if sorted(numbers.tolist()) != list(range(len(numbers))):
            raise UnfitError("the clusters are not numbered as the topics")
        analyzer = ArabicAnalyzer.from_state(plain["analyzer"])
        if _analysis(analyzer) != plain["analysis"]:
            raise UnfitError(f"words are analysed otherwise than by the package that wrote it (version {plain['package']})")
        learned = _learned(plain["encoder"], arrays)
    told = plain["encoder"]
    return TopicModel(
        topics=tuple(_topic(topic) for topic in plain["topics"]),
        settings=plain["settings"],
        texts=plain["texts"],
        encoder=encoder_of(StoredEncoder(told["name"], told["version"], told["fingerprint"], told["dimension"], learned)),
        analyzer=analyzer,
        projection=_projection(plain, arrays),
        centre=arrays["centre.npy"],
        linear=_linear(plain["sharpness"], arrays),
        numbers=numbers,
        kept=plain["kept"],
    )


def _linear(sharpness: float | None, arrays: Arrays) -> LinearAssignment | None:
    if sharpness is None:
        return None
    centre, weights, offsets = (arrays[f"linear_{name}.npy"] for name in ("centre", "weights", "offsets"))
    return LinearAssignment(centre, weights, offsets, sharpness)


def _projection(plain: Mapping[str, Any], arrays: Arrays) -> Projection:
    latent = plain["latent"]
    if latent is None:
        return Projection(np.zeros(plain["encoder"]["dimension"], np.float32), None, np.zeros(0, np.float32))
    return Projection(arrays["embedding_mean.npy"], _space(latent, arrays, "latent"), arrays["latent_mean.npy"])


def _space(plain: Mapping[str, Any], arrays: Arrays, name: str) -> LatentSpace:
    return LatentSpace(tuple(plain["vocabulary"]), arrays[f"{name}_weights.npy"], arrays[f"{name}_components.npy"])


def _learned(plain: Mapping[str, Any], arrays: Arrays) -> LsaEncoder | None:
    learned = plain["learned"]
    if learned is None:
        return None
    space = None if learned["latent"] is None else _space(learned["latent"], arrays, "encoder")
    return LsaEncoder.from_parts(ArabicAnalyzer.from_state(learned["analyzer"]), space)


def _topic(plain: Mapping[str, Any]) -> Topic:
    keywords = tuple(Keyword(*keyword) for keyword in plain["keywords"])
    stability = math.nan if plain["stability"] is None else plain["stability"]
    return Topic(plain["number"], plain["size"], plain["articles"], plain["label"], keywords, (), stability, plain["nearest"])


# -- is it what it should be --------------------------------------------------------------------------------------------


def _check(plain: Mapping[str, Any]) -> None:
    """Check what is inside the fields, and between them, so that what comes after can rely on it."""
    must_have(
        plain["settings"],
        {"unit": lambda value: value in ("document", "passage"), "furniture": of_type(bool)},
        "settings",
        more=True,
    )
    must_have(plain["encoder"], _ENCODER, "encoder")
    for number, topic in enumerate(plain["topics"]):
        must_have(topic, _TOPIC, f"topics, {number}")
        if topic["number"] != number or not (topic["nearest"] is None or topic["nearest"] < len(plain["topics"])):
            raise UnfitError(f"topics, {number}: not numbered in order")
    if (plain["sharpness"] is None and len(plain["topics"]) > 1) or max(plain["kept"].values(), default=0) >= len(
        plain["topics"]
    ):
        raise UnfitError("it has more topics than it can tell apart")
    learned, latents = plain["encoder"]["learned"], [plain["latent"]]
    if (plain["encoder"]["name"] == LsaEncoder.name) != (learned is not None):
        raise UnfitError("encoder: not as its name says")
    if learned is not None:
        must_have(learned, {"analyzer": of_type(dict), "latent": none_or(of_type(dict))}, "encoder, learned")
        latents.append(learned["latent"])
    for latent in latents:
        if latent is not None:
            must_have(latent, {"vocabulary": is_distinct_texts, "dimensions": count_from(1)}, "latent")
    if learned is not None and plain["encoder"]["dimension"] != (learned["latent"] or {"dimensions": 1})["dimensions"]:
        raise UnfitError("encoder: not of the dimension that it says")


def _is_keywords(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(word, list) and len(word) == 3 and is_text(word[0]) and is_number(word[1]) and count_from(0)(word[2])
        for word in value
    )


def _is_kept(value: Any) -> bool:
    return isinstance(value, dict) and all(map(count_from(0), value.values()))


_FIELDS: dict[str, Check] = {
    "settings": of_type(dict),
    "texts": count_from(1),
    "topics": lambda value: isinstance(value, list) and len(value) > 0,
    "encoder": of_type(dict),
    "analyzer": of_type(dict),
    "analysis": is_text,
    "latent": none_or(of_type(dict)),
    "sharpness": none_or(is_number),
    "kept": _is_kept,
}
_ENCODER: dict[str, Check] = {
    "name": is_text,
    "version": is_text,
    "fingerprint": is_text,
    "dimension": count_from(1),
    "learned": none_or(of_type(dict)),
}
_TOPIC: dict[str, Check] = {
    "number": count_from(0),
    "size": count_from(0),
    "articles": count_from(0),
    "label": is_text,
    "keywords": _is_keywords,
    "stability": none_or(is_number),
    "nearest": none_or(count_from(0)),
}
