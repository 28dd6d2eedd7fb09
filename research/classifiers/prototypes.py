"""A classifier for few labels, or none: each class is the mean meaning of its texts and of what is written about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from research.classifiers.classifier import ENOUGH, sharpness_of
from research.classifiers.ridge import Matrix, Rows, Scores
from research.errors import ConfigError, DataError
from research.features import EmbeddingStore, Encoder, get_encoder, window_means
from research.features.neighbours import unit_rows

__all__ = ["SHARPNESS", "PrototypeClassifier"]

#: What cosines are multiplied by to become log odds where nothing could be held out: between what few labels gave on sentences
#: that are hard to tell apart (4) and on articles of clear sections (12).
SHARPNESS = 8.0
_DIGITS = 6
_HELD_OUT = 256  # texts left out in turn: enough for one number
_LEAST = 2  # texts that each class must have for that


class PrototypeClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Give a text the class whose prototype is nearest by the cosine: few labels, or descriptions alone, are enough.

    Parameters
    ----------
    encoder : str or Encoder
        See `research.features.get_encoder`.
    descriptions : mapping of str to sequence of str, optional
        What is written about a class: its definition, its words, sentences that state it, each a text of its own.
    weight : float
        How many labelled texts the description of a class counts for.
    store : bool
        Whether embeddings are kept on disk for the next time.

    Attributes
    ----------
    classes_ : ndarray of object, shape (k,)
        The names of the classes that have a label or a description, ascending.
    centre_ : ndarray of float32, shape (d,)
        Mean embedding of all texts seen, with a label or without; of the descriptions where there are no two such texts.
    prototypes_ : ndarray of float32, shape (k, d)
        Of length 1.
    sharpness_ : float
        What cosines are multiplied by to become log odds.
    calibrated_ : bool
        Whether that was learned by leaving labelled texts out; if not it is 8.

    Notes
    -----
    Rocchio's classifier with word counts replaced by meanings: Snell, J., Swersky, K. and Zemel, R. (2017). Prototypical
    networks for few-shot learning. NIPS; there with learned embeddings. Descriptions instead of labels: Chang, M.-W., Ratinov,
    L., Roth, D. and Srikumar, V. (2008). Importance of semantic representation: dataless classification. AAAI. Probabilities
    are the softmax of the cosines times the sharpness under which labelled texts are likeliest, each left out of its own
    prototype (256 evenly drawn ones where there are more); that takes two texts of every class. The same texts give the same
    answer in any order.

    Examples
    --------
    >>> about = {"sanctions": ["عقوبات اقتصادية وحظر"], "sport": ["كأس العالم لكرة القدم", "مباراة وفريق"]}
    >>> model = PrototypeClassifier(descriptions=about, store=False).fit([], [])
    >>> model.predict(["فرض حظر على المصارف", "فاز الفريق في المباراة"]).tolist()
    ['sanctions', 'sport']
    """

    def __init__(
        self,
        *,
        encoder: str | Encoder = "use",
        descriptions: Mapping[str, Sequence[str]] | None = None,
        weight: float = 2.0,
        store: bool = True,
    ) -> None:
        self.encoder = encoder
        self.descriptions = descriptions
        self.weight = weight
        self.store = store

    def fit(self, texts: Sequence[str], labels: Sequence[str], unlabelled: Sequence[str] | None = None) -> Self:
        """Learn from labelled texts, from descriptions, or from both.

        Parameters
        ----------
        texts : sequence of str, length n
            May be empty where there are descriptions.
        labels : sequence of str, length n
            The class of each.
        unlabelled : sequence of str, optional
            Texts like those that will be asked about: they show where the centre of such texts is.

        Returns
        -------
        PrototypeClassifier
            Itself.

        Raises
        ------
        ConfigError
            If a parameter has a value that it cannot have.
        DataError
            If there is not one label a text, no class, or a class of which nothing is written.
        """
        about = self._check()
        lines, given = list(texts), [str(label) for label in labels]
        if len(given) != len(lines):
            raise DataError(f"{len(given)} labels for {len(lines)} texts", remedy="give one each")
        order = sorted(range(len(lines)), key=lambda row: (lines[row], given[row]))
        lines, given = [lines[row] for row in order], [given[row] for row in order]
        names = sorted({*given, *about})
        _check_classes(names, lines, given, about)
        seen, other = self._embedded(lines), self._embedded(sorted(unlabelled or ()))
        written = [(name, text) for name in names for text in about.get(name, ())]
        described = self._embedded([text for _, text in written])
        every = np.concatenate([seen, other])
        told = every[~np.isnan(every).any(axis=1)]
        self.classes_ = np.array(names, dtype=object)
        self.centre_: npt.NDArray[np.float32] = _mean(told if len(told) > 1 else np.concatenate([told, described]))
        rows = self._directions(seen)
        codes = np.array([names.index(label) for label in given], dtype=np.intp)
        sums = np.zeros((len(names), rows.shape[1]))
        parts = self._directions(described)
        for column, name in enumerate(names):
            own = [at for at, (whose, _) in enumerate(written) if whose == name]
            if own:
                sums[column] = self.weight * parts[own].mean(axis=0, dtype=np.float64)
        np.add.at(sums, codes, rows)
        self.prototypes_ = unit_rows(sums.astype(np.float32), centre=False)
        shown = np.flatnonzero(rows.any(axis=1))
        counts = np.bincount(codes[shown], minlength=len(names))
        self.calibrated_ = len(names) > 1 and int(counts.min()) >= _LEAST
        self.sharpness_ = SHARPNESS
        if self.calibrated_:
            kept = shown[:: -(-len(shown) // _HELD_OUT)]
            self.sharpness_ = sharpness_of(self._left_out(rows, codes, sums, kept), codes[kept])
        return self

    def _check(self) -> dict[str, list[str]]:
        if self.encoder is None:
            raise ConfigError("prototypes need an encoder", remedy='give one, such as "use"')
        if not 0 < self.weight < np.inf:
            raise ConfigError(f"weight is {self.weight}", remedy="give more than 0")
        about: dict[str, list[str]] = {}
        for name, texts in (self.descriptions or {}).items():
            if isinstance(texts, str):
                raise ConfigError(f"the description of {name!r} is one text", remedy='give a list of texts, such as ["..."]')
            about[str(name)] = sorted(text for text in texts if text.strip())
        return about

    def _embedded(self, texts: list[str]) -> Matrix:
        coder = self._coder()
        return window_means(texts, coder, EmbeddingStore.of(coder) if self.store else None)

    def _coder(self) -> Encoder:
        """Make the encoder once: it reads its weights at the first text."""
        if not isinstance(self.encoder, str):
            return self.encoder
        made: dict[str, Encoder] = self.__dict__.setdefault("_made", {})
        if self.encoder not in made:
            made[self.encoder] = get_encoder(self.encoder)
        return made[self.encoder]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "_made"}

    def _directions(self, embedding: Matrix) -> Matrix:
        return unit_rows(np.nan_to_num(embedding - self.centre_), centre=False)

    def _left_out(self, rows: Matrix, codes: Rows, sums: Scores, kept: Rows) -> Scores:
        """Give the cosines of texts with the prototypes as they are without each; the centre, which sees no label, stays."""
        found = (rows[kept] @ self.prototypes_.T).astype(np.float64)
        without = unit_rows((sums[codes[kept]] - rows[kept]).astype(np.float32), centre=False)
        found[np.arange(len(kept)), codes[kept]] = (rows[kept] * without).sum(axis=1)
        return found

    def adapted(self, texts: Sequence[str]) -> Self:
        """Give a copy that sees meanings from the mean of other texts, without labels: for texts of another language.

        With fewer than twenty texts that mean is not known well, and the centre stays.
        """
        check_is_fitted(self)
        made = copy(self)
        if len(texts) >= ENOUGH:
            embedding = self._embedded(list(texts))
            made.centre_ = _mean(embedding[~np.isnan(embedding).any(axis=1)])
        return made

    def scores(self, texts: Sequence[str]) -> Scores:
        """Give the cosine with every class's prototype, shape (n, k), rounded; 0 for a blank text."""
        check_is_fitted(self)
        rows = self._directions(self._embedded(list(texts))).astype(np.float64)
        found: Scores = (rows @ self.prototypes_.T).round(_DIGITS)
        return found

    def predict_proba(self, texts: Sequence[str]) -> Scores:
        """Give the probability of every class, shape (n, k)."""
        check_is_fitted(self)
        found: Scores = softmax(self.sharpness_ * self.scores(texts), axis=1)
        return found

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.object_]:
        """Give every text its most probable class, an array of str."""
        check_is_fitted(self)
        found: npt.NDArray[np.object_] = self.classes_[self.scores(texts).argmax(axis=1)]
        return found


def _check_classes(names: list[str], texts: list[str], labels: list[str], about: Mapping[str, Sequence[str]]) -> None:
    if not names:
        raise DataError("there is nothing to learn from", remedy="give labelled texts, or descriptions of the classes")
    told = {label for text, label in zip(texts, labels, strict=True) if text.strip()}
    for name in names:
        if name not in told and not about.get(name):
            raise DataError(f"nothing is written of the class {name!r}", remedy="give it a labelled text or a description")


def _mean(embedding: Matrix) -> npt.NDArray[np.float32]:
    found = embedding.mean(axis=0, dtype=np.float64) if len(embedding) > 1 else np.zeros(embedding.shape[1])
    return found.astype(np.float32)
