"""What is in the file of a classifier: its fields, their shapes, and what must hold between them.

How the file is written, and read without trusting it, is `research.storage`'s; how texts get scores, `TextClassifier`'s.
No text that was learned from is in the file: all its text is names of classes, settings, and the words, pairs of words and
pieces of words that count. But the embeddings of texts that were learned from are, as numbers, and an embedding can tell what
its text was about: who must not know that must not be given the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from research.classification.stored_encoder import ENCODER_FIELDS, encoder_of, encoder_of_dimension, told_of
from research.classifiers.classifier import TextClassifier
from research.classifiers.ridge import RidgeModel, Scores
from research.classifiers.unlike import Familiar
from research.errors import ConfigError
from research.features import Encoder
from research.features.surface import Grams, SurfaceSpace
from research.features.views import ViewSpace
from research.storage import Arrays, Check, Format, Specs, UnfitError, open_archive, write_archive
from research.storage.checks import count_from, is_number, is_text, must_have, none_or, of_type
from research.text.normalize import normalize
from research.text.tokens import words

__all__ = ["LoadedClassifier", "load_classifier", "write_classifier"]

_REMEDY = "give a file that a classifier was saved to, or save the classifier again"
_CLASSIFIER = Format("research classifier", 2, "classifiers", _REMEDY)
_MOST_NAMES = 1 << 24  # characters of all names, each as long as the longest: so much an array of them takes
# By these words, in all the ways in which letters are written, the analysis of a later version is compared; and by known ones.
_PROBE = "إِنَّ أُسْرَةً آمنــة؛ ﻻ شيء في ١٢٫٥٪ من #مدينة_كبيرة، على-الأقل (S-400) Kim's été ى ک گ ۴ ؟"
_PROBED, _PROBED_LENGTH = 2000, 30
_PARTS = "words", "characters", "meaning", "offsets"  # arrays of the model; what meanings are compared with is kept once
_HEAVIEST = 100.0  # of a gram of one text among more than there are


@dataclass(frozen=True, eq=False)
class LoadedClassifier:
    """A classifier from a file.

    Attributes
    ----------
    classifier : TextClassifier
        Fitted: it gives texts the scores that the saved one gives. What it tried and held out, and its terms, are not kept.
    settings, thresholds : mapping
        How it was made, and limits of classes, as they were given when it was saved.
    """

    classifier: TextClassifier
    settings: Mapping[str, Any]
    thresholds: Mapping[str, float | None]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, ascending: of the columns of what is below."""
        return tuple(self.classifier.classes_.tolist())

    def scores(self, texts: Sequence[str]) -> Scores:
        """Give the score of every class, shape (n, k)."""
        return self.classifier.scores(texts)

    def predict_proba(self, texts: Sequence[str]) -> Scores:
        """Give the probability of every class, shape (n, k)."""
        return self.classifier.predict_proba(texts)

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.object_]:
        """Give every text its most probable class."""
        return self.classifier.predict(texts)


# -- to a file ----------------------------------------------------------------------------------------------------------


def write_classifier(
    classifier: TextClassifier,
    path: str | Path,
    *,
    settings: Mapping[str, Any] | None = None,
    thresholds: Mapping[str, float | None] | None = None,
    encoder: str | Encoder | None = None,
) -> None:
    """Write a fitted classifier to one file, which takes the place of what was there when all of it is written.

    Parameters
    ----------
    classifier : TextClassifier
        The same classifier gives the same bytes.
    path : str or Path
        The file; its folder is made where it is missing.
    settings : mapping, optional
        How it was made, for whoever loads it: what JSON can hold, and what it cannot as a string.
    thresholds : mapping of str to float or None, optional
        Of some of the classes.
    encoder : str or Encoder, optional
        What the classifier was fitted with, where its own parameter does not say so any more.

    Raises
    ------
    ConfigError
        If the classifier is not fitted, its encoder is another one by now, or what it holds cannot be written and read again.

    Examples
    --------
    >>> import tempfile, zipfile
    >>> texts = ["فرض عقوبات على السفن", "فاز الفريق بالكأس"]
    >>> model = TextClassifier(encoder=None).fit(texts, ["sanctions", "sport"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_classifier(model, f"{folder}/a.classifier")
    ...     zipfile.is_zipfile(f"{folder}/a.classifier")
    True
    """
    if not hasattr(classifier, "model_"):
        raise ConfigError("the classifier has learned nothing yet", where=str(path), remedy="fit it first")
    coder = encoder_of_dimension(len(classifier.space_.centre), classifier.encoder if encoder is None else encoder, str(path))
    try:
        plain = _plain(classifier, settings or {}, thresholds or {}, coder)
        must_have(plain, _FIELDS, "")  # what would be refused when it is read is not written
        _check(plain)
        write_archive(path, _CLASSIFIER, plain, _specs(plain), _arrays(classifier))
    except (UnfitError, ValueError, TypeError) as error:
        raise ConfigError(f"the classifier cannot be saved: {error}", where=str(path), remedy="give plain values") from None


def _plain(
    classifier: TextClassifier, settings: Mapping[str, Any], thresholds: Mapping[str, float | None], coder: Encoder | None
) -> dict[str, Any]:
    surface, model = classifier.space_.surface, classifier.model_
    used = {name: len(getattr(model, name)) > 0 for name in ("words", "characters", "meaning")}
    support = _support(classifier)
    return {
        "settings": dict(settings),
        "classes": classifier.classes_.tolist(),
        "thresholds": {name: None if value is None else float(value) for name, value in thresholds.items()},
        "encoder": None if coder is None else told_of(coder),
        "store": bool(classifier.store),
        "words": list(surface.words.vocabulary),
        "characters": list(surface.characters.vocabulary),
        "analysis": _analysis(surface),
        "model": {"width": float(model.width), **used, "support": len(support)},
        "familiar": {"rows": len(classifier.familiar_.rows), "least": float(classifier.familiar_.least)},
        "sharpness": float(classifier.sharpness_),
        "calibrated": bool(classifier.calibrated_),
        "by_meaning": None if classifier.by_meaning_ is None else float(classifier.meaning_sharpness_),
    }


def _support(classifier: TextClassifier) -> npt.NDArray[np.float32]:
    """Give the meanings that others are compared with, the same in both models."""
    model, alone = classifier.model_, classifier.by_meaning_
    if alone is None:
        return model.support
    if len(model.support) and not np.array_equal(model.support, alone.support):
        raise UnfitError("its two models compare with different texts")
    return alone.support


def _analysis(surface: SurfaceSpace) -> str:
    """Hash what is seen of some words, so that another version's analysis is not taken for the one that was saved."""
    known = [word for word in surface.words.vocabulary if len(word) <= _PROBED_LENGTH]
    text = " ".join([_PROBE, *known[:: -(-len(known) // _PROBED) or 1]])
    seen = [rows.indices.tolist() for rows in surface.rows([text])]
    return hashlib.sha256(f"{words(normalize(text))} {seen}".encode("utf-8", "surrogatepass")).hexdigest()


def _arrays(classifier: TextClassifier) -> Arrays:
    space, familiar, alone = classifier.space_, classifier.familiar_.rows, classifier.by_meaning_
    k = len(classifier.classes_)
    return {
        "word_weights.npy": space.surface.words.weights,
        "character_weights.npy": space.surface.characters.weights,
        "centre.npy": space.centre,
        "familiar.npy": familiar.reshape(len(familiar), len(space.centre)),
        "support.npy": _support(classifier),
        "by_meaning.npy": np.zeros((0, k), np.float32) if alone is None else alone.meaning,
        "by_meaning_offsets.npy": np.zeros(k) if alone is None else alone.offsets,
        **{f"{name}.npy": getattr(classifier.model_, name) for name in _PARTS},
    }


def _specs(plain: Mapping[str, Any]) -> Specs:
    """Give the type and shape of every array that belongs to this JSON."""
    model, k = plain["model"], len(plain["classes"])
    grams, pieces = len(plain["words"]), len(plain["characters"])
    dimension = 0 if plain["encoder"] is None else plain["encoder"]["dimension"]
    return {
        "word_weights.npy": ("<f4", (grams,)),
        "character_weights.npy": ("<f4", (pieces,)),
        "centre.npy": ("<f4", (dimension,)),
        "familiar.npy": ("<f4", (plain["familiar"]["rows"], dimension)),
        "words.npy": ("<f4", (grams if model["words"] else 0, k)),
        "characters.npy": ("<f4", (pieces if model["characters"] else 0, k)),
        "support.npy": ("<f4", (model["support"], dimension)),
        "meaning.npy": ("<f4", (model["support"] if model["meaning"] else 0, k)),
        "offsets.npy": ("<f8", (k,)),
        "by_meaning.npy": ("<f4", (0 if plain["by_meaning"] is None else model["support"], k)),
        "by_meaning_offsets.npy": ("<f8", (k,)),
    }


# -- from a file --------------------------------------------------------------------------------------------------------


def load_classifier(path: str | Path, *, encoder: str | Encoder | None = None) -> LoadedClassifier:
    """Load a classifier that was saved.

    Parameters
    ----------
    path : str or Path
        What `write_classifier` wrote; a file from anybody, nothing of which is run.
    encoder : str or Encoder, optional
        What the classifier was fitted with, where it is neither ``use`` nor ``e5``.

    Returns
    -------
    LoadedClassifier
        Gives texts the scores that the saved one gives.

    Raises
    ------
    DataError
        If the file is not there, is no such file, is damaged or cut short, or is of another version.
    ConfigError
        If the encoder is not here, or is not the one that the classifier was fitted with.

    Examples
    --------
    >>> import tempfile
    >>> texts = ["فرض عقوبات على السفن", "فاز الفريق بالكأس"]
    >>> model = TextClassifier(encoder=None).fit(texts, ["sanctions", "sport"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_classifier(model, f"{folder}/a.classifier", thresholds={"sport": 0.7})
    ...     loaded = load_classifier(f"{folder}/a.classifier")
    >>> loaded.classes, loaded.thresholds, loaded.predict(["عقوبات جديدة"]).tolist()
    (('sanctions', 'sport'), {'sport': 0.7}, ['sanctions'])
    """
    with open_archive(path, _CLASSIFIER) as archive:
        plain = archive.read_json(_FIELDS)
        _check(plain)
        arrays = archive.read_arrays(_specs(plain))
        surface = SurfaceSpace(
            words=_grams(plain["words"], arrays["word_weights.npy"]),
            characters=_grams(plain["characters"], arrays["character_weights.npy"]),
        )
        if _analysis(surface) != plain["analysis"]:
            raise UnfitError(f"words are analysed otherwise than by the package that wrote it (version {plain['package']})")
    made = TextClassifier(encoder=encoder_of(plain["encoder"], encoder, str(path)), store=plain["store"])
    made.classes_ = np.array(plain["classes"], dtype=object)
    made.space_ = ViewSpace(surface, arrays["centre.npy"])
    width, support, none = (
        float(plain["model"]["width"]),
        arrays["support.npy"],
        np.zeros((0, len(plain["classes"])), np.float32),
    )
    compared = support if plain["model"]["meaning"] else support[:0]
    made.model_ = RidgeModel(width, support=compared, **{name: arrays[f"{name}.npy"] for name in _PARTS})
    made.by_meaning_, made.meaning_sharpness_ = None, float(plain["sharpness"])
    if plain["by_meaning"] is not None:
        meaning, offsets = arrays["by_meaning.npy"], arrays["by_meaning_offsets.npy"]
        made.by_meaning_ = RidgeModel(width, none, none, support, meaning, offsets)
        made.meaning_sharpness_ = float(plain["by_meaning"])
    made.familiar_ = Familiar(arrays["familiar.npy"], float(plain["familiar"]["least"]))
    made.sharpness_, made.calibrated_ = float(plain["sharpness"]), plain["calibrated"]
    return LoadedClassifier(made, plain["settings"], plain["thresholds"])


def _grams(vocabulary: list[str], weights: npt.NDArray[np.float32]) -> Grams:
    if not ((weights > 0) & (weights < _HEAVIEST)).all():  # rows are divided by their length
        raise UnfitError("a gram has a weight that none can have")
    return Grams(tuple(vocabulary), weights)


# -- is it what it should be --------------------------------------------------------------------------------------------


def _check(plain: Mapping[str, Any]) -> None:
    """Check what is inside the fields, and between them, so that what comes after can rely on it."""
    must_have(plain["model"], _MODEL, "model")
    must_have(plain["familiar"], _FAMILIAR, "familiar")
    if plain["encoder"] is not None:
        must_have(plain["encoder"], ENCODER_FIELDS, "encoder")
    elif plain["model"]["support"] or plain["familiar"]["rows"] or plain["by_meaning"] is not None:
        raise UnfitError("it compares meanings, and names no encoder")
    classes = set(plain["classes"])
    for name, value in plain["thresholds"].items():
        if name not in classes or not (value is None or is_number(value)):
            raise UnfitError(f"thresholds, {name[:60]!r}: no number, or of no class that it has")


def _is_ascending(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_text, value)) and all(one < other for one, other in pairwise(value))


def _is_classes(value: Any) -> bool:
    if not value or not _is_ascending(value):
        return False
    # An array of strings gives each the room of the longest, and drops zeros at their ends.
    return len(value) * max(map(len, value)) <= _MOST_NAMES and not any(name.endswith("\0") for name in value)


def _is_above_zero(value: Any) -> bool:
    return is_number(value) and value > 0


_FIELDS: dict[str, Check] = {
    "settings": of_type(dict),
    "classes": _is_classes,
    "thresholds": of_type(dict),
    "encoder": none_or(of_type(dict)),
    "store": of_type(bool),
    "words": _is_ascending,
    "characters": _is_ascending,
    "analysis": is_text,
    "model": of_type(dict),
    "familiar": of_type(dict),
    "sharpness": _is_above_zero,
    "calibrated": of_type(bool),
    "by_meaning": none_or(_is_above_zero),
}
_USED = {name: of_type(bool) for name in ("words", "characters", "meaning")}
_MODEL: dict[str, Check] = {"width": _is_above_zero, **_USED, "support": count_from(0)}
_FAMILIAR: dict[str, Check] = {"rows": count_from(0), "least": is_number}
