"""Topics in one file: saved, loaded in any later process, and given to texts, old and new.

The file is a zip of plain JSON and of arrays in numpy's format. Reading it runs nothing that is in it: no pickle, no name of
a function or class, and every size, name, shape and type is checked before it is used.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from research.cleaning import clean
from research.discovery.pipeline import _originals, _whole_documents
from research.discovery.result import AssignResult, DiscoverResult, Topic, topic_table
from research.errors import ConfigError, DataError, ResearchError
from research.features import EmbeddingStore, Encoder, LsaEncoder, embed, get_encoder, window_means
from research.features.encoders import ENCODERS
from research.features.lexical import LatentSpace
from research.features.neighbours import unit_rows
from research.features.representation import Projection
from research.text.analyzer import ArabicAnalyzer
from research.topics import Keyword
from research.topics.linear import LinearAssignment

if TYPE_CHECKING:
    import pandas as pd

    from research.corpus.documents import Corpus, Passage

__all__ = ["TopicModel", "load_topics", "topic_model"]

Arrays = dict[str, npt.NDArray[Any]]
Labels = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]
Specs = dict[str, tuple[str, tuple[int, ...]]]

# By name: an import statement would tie this module to all that the package names for type checkers.
_VERSION: str = import_module("research").__version__
_KIND, _FORMAT = "research topics", 1
_JSON = "topics.json"
_MOST_JSON, _MOST_ARRAY, _MOST_TOTAL = 256 << 20, 1 << 30, 2 << 30  # bytes, unpacked
_PIECE = 1 << 20
_PROBE = 2000  # words by which the analysis of a later version is compared
_REMEDY = "give a file that DiscoverResult.save or research discover --save wrote, or save the topics again"
_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # of a pair of surrogates: only an escape can bring it into valid UTF-8
# What zipfile and json raise on bytes that are damaged; a RecursionError and what is not implemented are RuntimeErrors.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, LookupError, RuntimeError, OverflowError)


class _UnfitError(Exception):
    """What is wrong with a file, in a few words."""


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
        plain, arrays = _plain(self), _arrays(self)
        members = {_JSON: json.dumps(plain, ensure_ascii=False, allow_nan=False, default=_as_json).encode("utf-8")}
        for name, (kind, shape) in _specs(plain).items():
            members[name] = _header(kind, shape) + np.ascontiguousarray(arrays[name], dtype=kind).tobytes()
        try:
            _check_sizes({name: len(data) for name, data in members.items()})
        except _UnfitError as unfit:
            raise ConfigError(f"the topics are too large to be saved: {unfit}", where=str(path)) from None
        with _new_file(Path(path)) as file, zipfile.ZipFile(file, "w") as archive:
            for name, data in members.items():
                # No time of day: the same topics are the same file. Arrays are stored as they are, so that none is larger
                # unpacked than packed.
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED if name == _JSON else zipfile.ZIP_STORED
                archive.writestr(entry, data)

    def _placed(self, texts: Sequence[str], store: bool) -> tuple[list[int | None], Shares, list[str]]:
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise DataError("these are no texts", remedy="give a list of strings")
        reasons = ["" if text.strip() else "no text" for text in texts]
        reasons = [
            reason or ("" if _is_unicode(text) else "no valid Unicode") for text, reason in zip(texts, reasons, strict=True)
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
        return self._chosen(self.projection.rows(terms, embeddings), [self.kept.get(_digest(text)) for text in texts])

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
        _digest(unit.text): int(result.assigned[index])
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


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a pair of surrogates
        return False
    return True


# -- to plain data ------------------------------------------------------------------------------------------------------


def _plain(model: TopicModel) -> dict[str, Any]:
    coder = model.encoder
    learned = None
    if isinstance(coder, LsaEncoder):
        learned = {"analyzer": coder.analyzer.state(), "latent": _latent_plain(coder.latent)}
    return {
        "format": _KIND,
        "version": _FORMAT,
        "package": _VERSION,
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


def _as_json(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return str(value)


def _analysis(analyzer: ArabicAnalyzer) -> str:
    """Hash what becomes of the commonest words, so that another version's analysis is not taken for the one that was saved."""
    commonest = sorted(analyzer.counts_, key=lambda word: (-analyzer.counts_[word], word))[:_PROBE]
    return _digest("\n".join(analyzer.analyze(" ".join(commonest))))


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


def _header(kind: str, shape: tuple[int, ...]) -> bytes:
    """Give the first bytes of a .npy file, version 1.0: of a known type and shape there is one spelling, nothing to parse."""
    words = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape!r}, }}".encode("ascii")
    words += b" " * (-(len(words) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(words)) + words


@contextmanager
def _new_file(path: Path) -> Iterator[Any]:
    """Give a new file to write; when all went well it takes its place, otherwise nothing changes."""
    final = Path(os.path.realpath(path))
    new = None
    try:
        if final.exists() and not final.is_file():
            raise ConfigError("this is no file", where=str(path), remedy="name a file")
        final.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=f".{final.name}-", dir=final.parent, delete=False) as file:
            new = Path(file.name)
            yield file
        new.chmod(0o644)
        os.replace(new, final)
    except OSError as error:
        raise ConfigError(
            f"cannot be written ({error.strerror or error})", where=str(path), remedy="name another file"
        ) from None
    finally:
        if new is not None:
            new.unlink(missing_ok=True)


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
    >>> import research
    >>> from research.corpus import Corpus, Document
    >>> corpus = Corpus("two", (Document("a", "فرضت الحكومة عقوبات جديدة"), Document("b", "فاز الفريق بالكأس")))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     research.discover(corpus, encoder="lsa", with_map=False).save(f"{folder}/a.topics")
    ...     load_topics(f"{folder}/a.topics").settings["encoder"]
    'lsa'
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            plain, arrays = _read(file)
        coder = plain["encoder"]
        analyzer = ArabicAnalyzer.from_state(plain["analyzer"])
        if _analysis(analyzer) != plain["analysis"]:
            raise _UnfitError(f"words are analysed otherwise than by the package that wrote it (version {plain['package']})")
        learned = _learned(coder, arrays)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror or error})", where=str(path), remedy=_REMEDY) from None
    except (ResearchError, _UnfitError) as error:
        raise DataError(
            error.what if isinstance(error, ResearchError) else str(error), where=str(path), remedy=_REMEDY
        ) from None
    except _UNREADABLE as error:
        raise DataError(f"damaged, or no file of topics ({_short(error)})", where=str(path), remedy=_REMEDY) from None
    made = learned or _encoder(coder["name"], coder["version"], encoder, str(path))
    _must_be(made, coder["name"], coder["version"], str(path))
    if (made.fingerprint(), made.dimension) != (coder["fingerprint"], coder["dimension"]):
        raise ConfigError(
            f"the weights of the encoder {made.name} {made.version} are not those that the topics were made with",
            where=str(path),
            remedy="install the encoder anew, or discover and save the topics again",
        )
    return _model(plain, arrays, made, analyzer)


def _short(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:120]


def _read(file: Any) -> tuple[dict[str, Any], Arrays]:
    size = os.fstat(file.fileno()).st_size
    if size > _MOST_TOTAL:
        raise _UnfitError(f"of {size} bytes, and at most {_MOST_TOTAL} are read")
    with zipfile.ZipFile(file) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        if _JSON not in entries or len(entries) != len(archive.infolist()):
            raise _UnfitError("no file of topics")
        _check_sizes({name: entry.file_size for name, entry in entries.items()})
        plain = _parsed(_unpacked(archive, entries[_JSON]))
        specs = _specs(plain)
        if entries.keys() != {_JSON, *specs}:
            raise _UnfitError(f"{min(entries.keys() ^ {_JSON, *specs})!r} is missing, or is no part of it")
        arrays = {name: _array(archive, entries[name], *spec) for name, spec in specs.items()}
    numbers = arrays["numbers.npy"]
    if sorted(numbers.tolist()) != list(range(len(numbers))):
        raise _UnfitError("the clusters are not numbered as the topics")
    return plain, arrays


def _check_sizes(sizes: Mapping[str, int]) -> None:
    for name, size in sizes.items():
        most = _MOST_JSON if name == _JSON else _MOST_ARRAY
        if size > most:
            raise _UnfitError(f"{name[:60]!r} is of {size} bytes, and at most {most} are read")
    if sum(sizes.values()) > _MOST_TOTAL:
        raise _UnfitError(f"of {sum(sizes.values())} bytes unpacked, and at most {_MOST_TOTAL} are read")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read a member in pieces: however much its packed bytes would become, no more comes than it says and is allowed."""
    with archive.open(entry) as member:
        data = b"".join(iter(lambda: member.read(_PIECE), b""))
    if len(data) != entry.file_size:
        raise _UnfitError(f"{entry.filename!r} is cut short")
    return data


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, kind: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    header = _header(kind, shape)
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != len(header) + math.prod(shape) * int(kind[-1]):
        raise _UnfitError(f"{entry.filename!r} is not of shape {shape}")
    data = _unpacked(archive, entry)
    if not data.startswith(header):
        raise _UnfitError(f"{entry.filename!r} is not of shape {shape} and type {kind}")
    found = np.frombuffer(data, dtype=kind, offset=len(header)).reshape(shape)
    if not np.isfinite(found).all():
        raise _UnfitError(f"{entry.filename!r} holds what is no number")
    return found


def _model(plain: Mapping[str, Any], arrays: Arrays, encoder: Encoder, analyzer: ArabicAnalyzer) -> TopicModel:
    latent, linear = plain["latent"], None
    if plain["sharpness"] is not None:
        centre, weights, offsets = (arrays[f"linear_{name}.npy"] for name in ("centre", "weights", "offsets"))
        linear = LinearAssignment(centre, weights, offsets, plain["sharpness"])
    space = None if latent is None else _space(latent, arrays, "latent")
    none = np.zeros(encoder.dimension, np.float32), np.zeros(0, np.float32)
    means = none if latent is None else (arrays["embedding_mean.npy"], arrays["latent_mean.npy"])
    return TopicModel(
        tuple(_topic(topic) for topic in plain["topics"]),
        plain["settings"],
        plain["texts"],
        encoder,
        analyzer,
        Projection(means[0], space, means[1]),
        arrays["centre.npy"],
        linear,
        arrays["numbers.npy"],
        plain["kept"],
    )


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

_Check = Callable[[Any], bool]


def _parsed(data: bytes) -> dict[str, Any]:
    """Read the JSON and check every field, so that what comes after can rely on them."""
    plain = json.loads(data.decode("utf-8"), parse_float=_finite, parse_constant=_finite)
    if _ESCAPED_HALF.search(data) and not _is_unicode(json.dumps(plain, ensure_ascii=False)):
        raise _UnfitError("it holds half a character")
    if not isinstance(plain, dict) or plain.get("format") != _KIND:
        raise _UnfitError("no file of topics")
    if plain.get("version") != _FORMAT:
        raise _UnfitError(f"of format {plain.get('version')!r:.20}, and this package ({_VERSION}) reads format {_FORMAT}")
    _must_have(plain, _FIELDS, "")
    _must_have(
        plain["settings"],
        {"unit": lambda value: value in ("document", "passage"), "furniture": _a(bool)},
        "settings",
        more=True,
    )
    _must_have(plain["encoder"], _ENCODER, "encoder")
    for number, topic in enumerate(plain["topics"]):
        _must_have(topic, _TOPIC, f"topics, {number}")
        if topic["number"] != number or not (topic["nearest"] is None or topic["nearest"] < len(plain["topics"])):
            raise _UnfitError(f"topics, {number}: not numbered in order")
    if (plain["sharpness"] is None and len(plain["topics"]) > 1) or max(plain["kept"].values(), default=0) >= len(
        plain["topics"]
    ):
        raise _UnfitError("it has more topics than it can tell apart")
    learned, latents = plain["encoder"]["learned"], [plain["latent"]]
    if (plain["encoder"]["name"] == LsaEncoder.name) != (learned is not None):
        raise _UnfitError("encoder: not as its name says")
    if learned is not None:
        _must_have(learned, {"analyzer": _a(dict), "latent": _none_or(_a(dict))}, "encoder, learned")
        latents.append(learned["latent"])
    for latent in latents:
        if latent is not None:
            _must_have(latent, {"vocabulary": _texts, "dimensions": _count(1)}, "latent")
    if learned is not None and plain["encoder"]["dimension"] != (learned["latent"] or {"dimensions": 1})["dimensions"]:
        raise _UnfitError("encoder: not of the dimension that it says")
    return plain


def _must_have(value: Any, fields: Mapping[str, _Check], where: str, *, more: bool = False) -> None:
    prefix = f"{where}, " if where else ""
    if not isinstance(value, dict) or not (fields.keys() <= value.keys() if more else fields.keys() == value.keys()):
        raise _UnfitError(f"{prefix or 'it '}has other fields than {', '.join(fields)}")
    for name, holds in fields.items():
        if not holds(value[name]):
            raise _UnfitError(f"{prefix}{name}: not what it must be")


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise _UnfitError(f"{number[:20]} is no number that it can hold")
    return value


def _a(kind: type) -> _Check:
    return lambda value: type(value) is kind


def _none_or(check: _Check) -> _Check:
    return lambda value: value is None or check(value)


def _count(least: int) -> _Check:
    return lambda value: type(value) is int and least <= value < 1 << 53


def _number(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) < 1 << 53)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value)) and len(set(value)) == len(value)


def _keywords(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(word, list) and len(word) == 3 and _text(word[0]) and _number(word[1]) and _count(0)(word[2])
        for word in value
    )


def _topics_of_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_count(0), value.values()))


_FIELDS: dict[str, _Check] = {
    "format": _text,
    "version": _count(1),
    "package": _text,
    "settings": _a(dict),
    "texts": _count(1),
    "topics": lambda value: isinstance(value, list) and len(value) > 0,
    "encoder": _a(dict),
    "analyzer": _a(dict),
    "analysis": _text,
    "latent": _none_or(_a(dict)),
    "sharpness": _none_or(_number),
    "kept": _topics_of_texts,
}
_ENCODER: dict[str, _Check] = {
    "name": _text,
    "version": _text,
    "fingerprint": _text,
    "dimension": _count(1),
    "learned": _none_or(_a(dict)),
}
_TOPIC: dict[str, _Check] = {
    "number": _count(0),
    "size": _count(0),
    "articles": _count(0),
    "label": _text,
    "keywords": _keywords,
    "stability": _none_or(_number),
    "nearest": _none_or(_count(0)),
}
