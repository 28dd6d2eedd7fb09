"""Labelled passages: from articles and the labels of their lines to texts, answers and groups, and to a tagger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from research.corpus import load
from research.corpus.documents import Corpus
from research.corpus.duplicates import near_duplicates
from research.corpus.labels import load_labels
from research.errors import ConfigError
from research.features import EmbeddingStore, Encoder
from research.text.tokens import is_arabic
from research.themes.codebook import Codebook
from research.themes.tagger import ThemeTagger

__all__ = ["Labelled", "LabelsOption", "fit_tagger", "group_copies", "labels_for", "load_labelled"]

_REWRITTEN, _RUN = 0.08, 5  # share of runs of five words that a wire and its rewritten copy have in common


@dataclass(frozen=True, eq=False)
class Labelled:
    """Passages with what each states.

    Attributes
    ----------
    texts : list of str
        The lines that are news.
    articles : list of str
        The article of each.
    groups : list of str
        The article of each, copies of one wire under one name: what must not be on both sides of a division.
    truth : ndarray of float64, shape (n, themes)
        1 where a theme is stated, 0 where not, NaN where two readers differ.
    """

    texts: list[str]
    articles: list[str]
    groups: list[str]
    truth: npt.NDArray[np.float64]

    @property
    def digest(self) -> str:
        """Hash all that can be learned from."""
        told = hashlib.sha256(json.dumps([self.texts, self.articles, self.groups]).encode())
        told.update(np.ascontiguousarray(self.truth, dtype="<f8").tobytes())
        return told.hexdigest()

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """The pairs of passage and theme that are not disputed."""
        known: npt.NDArray[np.bool_] = ~np.isnan(self.truth)
        return known

    @property
    def stated(self) -> npt.NDArray[np.bool_]:
        """The pairs where the theme is stated."""
        found: npt.NDArray[np.bool_] = self.truth == 1
        return found

    @property
    def arabic(self) -> npt.NDArray[np.bool_]:
        """The passages in Arabic letters."""
        return np.array([is_arabic(text) for text in self.texts], dtype=bool)

    def __getitem__(self, rows: npt.NDArray[np.intp]) -> Labelled:
        return Labelled(
            [self.texts[row] for row in rows],
            [self.articles[row] for row in rows],
            [self.groups[row] for row in rows],
            self.truth[rows],
        )


def load_labelled(articles: str | Path, labels: str | Path, themes: Sequence[str], *, partial: bool = False) -> Labelled:
    """Read labelled articles.

    Parameters
    ----------
    articles : str or Path
        A corpus.
    labels : str or Path
        The labels of its lines, see `research.corpus.labels.load_labels`.
    themes : sequence of str
        The themes, in the order of the columns.
    partial : bool
        Whether only some lines are labelled; the others are left out.

    Returns
    -------
    Labelled
        Furniture is left out, disputed pairs are open.

    Examples
    --------
    >>> found = load_labelled("seeds/articles", "seeds/labels.csv", ["arms_transfers", "sanctions", "diplomacy",
    ...     "nuclear_missile", "military_posture"])
    >>> len(set(found.groups)) < len(set(found.articles))
    True
    """
    corpus = load(articles)
    lines = [line for line in load_labels(labels, corpus, themes, partial=partial) if not line.furniture]
    truth = np.array(
        [[np.nan if theme in line.disputed else float(theme in line.themes) for theme in themes] for line in lines]
    ).reshape(len(lines), len(themes))
    held = {line.document for line in lines}
    of = group_copies(Corpus(corpus.name, tuple(document for document in corpus if document.id in held)))
    return Labelled(
        [line.text for line in lines], [line.document for line in lines], [of[line.document] for line in lines], truth
    )


def group_copies(corpus: Corpus) -> dict[str, str]:
    """Give every article the earliest article of its wire, itself when it is no copy.

    A rewritten wire counts from a lower similarity on than where copies are marked: here a miss would put the same sentences
    on both sides of a division.
    """
    ordered = sorted(corpus.usable, key=lambda document: (document.date.isoformat() if document.date else "9999", document.id))
    of = {document.id: document.id for document in corpus}
    for copy in near_duplicates([document.text for document in ordered], threshold=_REWRITTEN, ngram=_RUN):
        of[ordered[copy.index].id] = ordered[copy.of].id
    return of


LabelsOption = tuple[str | Path, str | Path] | Labelled | bool


def labels_for(book: Codebook, labels: LabelsOption) -> Labelled | None:
    """Read the labels that a user chose.

    Parameters
    ----------
    book : Codebook
        Whose themes are labelled.
    labels : (path, path), Labelled or bool
        A corpus and the labels of its lines; True takes those that the codebook names, if it names any; False takes none.

    Returns
    -------
    Labelled or None
        None where there are none to learn from.

    Raises
    ------
    ConfigError
        If the codebook names what is not there.
    """
    if isinstance(labels, Labelled):
        return labels
    if labels is False or (labels is True and book.labels is None):
        return None
    if isinstance(labels, bool):
        assert book.labels is not None
        labels = (book.labels.articles, book.labels.file)
        for key, place in zip(("articles", "file"), labels, strict=True):
            if not Path(place).exists():
                raise ConfigError(
                    f"{Path(place).name!r} is not there",
                    where=f"{book.source}, table labels, key {key}",
                    remedy="correct it, take the table out, or tag without labels",
                )
    articles, file = labels
    return load_labelled(articles, file, book.keys)


def fit_tagger(
    book: Codebook, learned: Labelled | None, encoder: Encoder | None, store: EmbeddingStore | None = None, *, seed: int = 0
) -> ThemeTagger:
    """Fit a tagger on labelled passages, or on none; their order does not matter."""
    parts = ("codebook", "embeddings", "words") if encoder is not None else ("codebook", "words")
    tagger = ThemeTagger(book, encoder, store, parts, seed=seed)
    if learned is None:
        return tagger.fit([])
    order = sorted(range(len(learned.texts)), key=lambda row: (learned.groups[row], learned.texts[row]))
    ordered = learned[np.array(order, dtype=np.intp)]
    return tagger.fit(ordered.texts, ordered.truth, ordered.groups)
