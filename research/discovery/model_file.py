"""The file of a topic model: how it is written, and how it is read without trusting it.

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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.discovery.result import Topic
from research.errors import ConfigError, DataError, ResearchError
from research.features import LsaEncoder
from research.features.lexical import LatentSpace
from research.features.representation import Projection
from research.text.analyzer import ArabicAnalyzer
from research.topics import Keyword
from research.topics.linear import LinearAssignment

if TYPE_CHECKING:
    from research.discovery.saved import TopicModel

__all__ = ["StoredModel", "digest", "is_unicode", "read_model", "write_model"]

Arrays = dict[str, npt.NDArray[Any]]
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
class StoredModel:
    """What a file holds, checked: a `TopicModel` but for the encoder, of which it says only what it was.

    Attributes
    ----------
    encoder : mapping
        Its name, version, fingerprint and dimension.
    learned : LsaEncoder or None
        The encoder itself, where it was learned from the texts; any other is to be found elsewhere.
    topics, settings, texts, analyzer, projection, centre, linear, numbers, kept
        As in the model.
    """

    encoder: Mapping[str, Any]
    learned: LsaEncoder | None
    topics: tuple[Topic, ...]
    settings: Mapping[str, Any]
    texts: int
    analyzer: ArabicAnalyzer
    projection: Projection
    centre: npt.NDArray[np.float32]
    linear: LinearAssignment | None
    numbers: npt.NDArray[np.int64]
    kept: Mapping[str, int]


def digest(text: str) -> str:
    """Give the SHA-256 of a text, by which the file knows it: in hexadecimal, and for half a character too.

    Examples
    --------
    >>> digest("خبر") == hashlib.sha256("خبر".encode()).hexdigest()
    True
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_unicode(text: str) -> bool:
    """Tell whether a text can be written as UTF-8: half of a pair of surrogates cannot.

    Examples
    --------
    >>> is_unicode("خبر"), is_unicode("\\ud800")
    (True, False)
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


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
    >>> import research
    >>> from research.corpus import Corpus, Document
    >>> from research.discovery import topic_model
    >>> corpus = Corpus("one", (Document("a", "فرضت الحكومة عقوبات جديدة على السفن"),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_model(topic_model(research.discover(corpus, encoder="lsa", with_map=False)), f"{folder}/a.topics")
    ...     zipfile.is_zipfile(f"{folder}/a.topics")
    True
    """
    plain, arrays = _plain(model), _arrays(model)
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


def read_model(path: str | Path) -> StoredModel:
    """Read what `write_model` wrote, or refuse it.

    Parameters
    ----------
    path : str or Path
        The file, from whomever.

    Returns
    -------
    StoredModel
        What it holds, checked.

    Raises
    ------
    DataError
        If the file is not there, is no such file, is damaged or cut short, or is of another version.

    Examples
    --------
    >>> import research
    >>> from research.corpus import Corpus, Document
    >>> corpus = Corpus("one", (Document("a", "فرضت الحكومة عقوبات جديدة على السفن"),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     research.discover(corpus, encoder="lsa", with_map=False).save(f"{folder}/a.topics")
    ...     read_model(f"{folder}/a.topics").encoder["name"]
    'lsa'
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            plain, arrays = _read(file)
        analyzer = ArabicAnalyzer.from_state(plain["analyzer"])
        if _analysis(analyzer) != plain["analysis"]:
            raise _UnfitError(f"words are analysed otherwise than by the package that wrote it (version {plain['package']})")
        learned = _learned(plain["encoder"], arrays)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror or error})", where=str(path), remedy=_REMEDY) from None
    except (ResearchError, _UnfitError) as error:
        raise DataError(
            error.what if isinstance(error, ResearchError) else str(error), where=str(path), remedy=_REMEDY
        ) from None
    except _UNREADABLE as error:
        raise DataError(f"damaged, or no file of topics ({_short(error)})", where=str(path), remedy=_REMEDY) from None
    return _stored(plain, arrays, analyzer, learned)


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


def _stored(plain: Mapping[str, Any], arrays: Arrays, analyzer: ArabicAnalyzer, learned: LsaEncoder | None) -> StoredModel:
    coder, latent, linear = plain["encoder"], plain["latent"], None
    if plain["sharpness"] is not None:
        centre, weights, offsets = (arrays[f"linear_{name}.npy"] for name in ("centre", "weights", "offsets"))
        linear = LinearAssignment(centre, weights, offsets, plain["sharpness"])
    space = None if latent is None else _space(latent, arrays, "latent")
    none = np.zeros(coder["dimension"], np.float32), np.zeros(0, np.float32)
    means = none if latent is None else (arrays["embedding_mean.npy"], arrays["latent_mean.npy"])
    return StoredModel(
        {name: coder[name] for name in ("name", "version", "fingerprint", "dimension")},
        learned,
        tuple(_topic(topic) for topic in plain["topics"]),
        plain["settings"],
        plain["texts"],
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
    if _ESCAPED_HALF.search(data) and not is_unicode(json.dumps(plain, ensure_ascii=False)):
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
