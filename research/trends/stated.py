"""What a discovery and a tagging have in common: which text states what, as plain arrays."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.cleaning import CleanResult
from research.corpus.documents import Document, Passage
from research.discovery import DiscoverResult
from research.tagging import TagResult
from research.text.analyzer import ArabicAnalyzer

__all__ = ["MOST_READ", "Stated", "stated_in"]

#: Words are compared in at most so many articles, drawn by their ids; shares and sightings are of all articles.
MOST_READ = 3_000

_Indices = npt.NDArray[np.intp]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stated:
    """Which text of which article states which topic or theme.

    Attributes
    ----------
    kind : {"topic", "theme"}
        What is stated.
    names : tuple of int or str
        Numbers of topics, or keys of themes.
    labels : tuple of str
        What people call them.
    documents : tuple of Document
        Every article that has text, in the order of their ids.
    origins : ndarray of intp, shape (articles,)
        The article that each one repeats, itself where it repeats none: an article and its copies are one report.
    units : tuple of Passage
        Their texts.
    article : ndarray of intp, shape (units,)
        The article of every text.
    states : csr_array of float64, shape (units, names)
        1 where a text states a name.
    without : tuple of Document
        The articles that have no text.
    """

    kind: str
    names: tuple[int | str, ...]
    labels: tuple[str, ...]
    documents: tuple[Document, ...]
    origins: _Indices
    units: tuple[Passage, ...]
    article: _Indices
    states: sparse.csr_array
    without: tuple[Document, ...] = ()

    @cached_property
    def characters(self) -> sparse.csr_array:
        """How many characters of every article state every name, shape (articles, names)."""
        shape = (len(self.documents), len(self.units))
        sizes = np.array([len(unit.text) for unit in self.units], dtype=float)
        return (sparse.csr_array((sizes, (self.article, np.arange(shape[1]))), shape=shape) @ self.states).tocsr()

    @cached_property
    def totals(self) -> _Floats:
        """How many characters every article has, shape (articles,)."""
        sizes = [len(unit.text) for unit in self.units]
        return np.bincount(self.article, sizes, minlength=len(self.documents)).astype(float)

    @cached_property
    def read(self) -> npt.NDArray[np.bool_]:
        """Which articles' words are compared, shape (articles,): all, or `MOST_READ` of those that repeat no other."""
        own = self.origins == np.arange(len(self.documents))
        if own.sum() <= MOST_READ:
            return np.ones(len(own), dtype=bool)
        # By a hash of the id: a sample that neither the order of rows nor a seed can change.
        drawn = sorted(np.flatnonzero(own), key=lambda at: zlib.crc32(self.documents[at].id.encode("utf-8", "replace")))
        chosen = np.zeros(len(own), dtype=bool)
        chosen[drawn[:MOST_READ]] = True
        return chosen

    @cached_property
    def terms(self) -> tuple[ArabicAnalyzer, dict[int, frozenset[str]]]:
        """The analyser of the texts, and the terms of every text that states something and is read, by the text's number."""
        telling = np.flatnonzero((np.diff(self.states.indptr) > 0) & self.read[self.article])
        analyzer = ArabicAnalyzer()
        found = analyzer.fit_transform([self.units[at].text for at in telling])
        return analyzer, {int(at): frozenset(terms) for at, terms in zip(telling, found, strict=True)}


def stated_in(result: DiscoverResult | TagResult) -> Stated:
    """Give what a discovery or a tagging found, as plain arrays.

    Parameters
    ----------
    result : DiscoverResult or TagResult
        A text has one topic; it may state several themes, or none.

    Returns
    -------
    Stated
        Whatever the order of the corpus, the same.

    Raises
    ------
    TypeError
        If the result is of no such kind.

    Examples
    --------
    >>> import research
    >>> found = research.discover(research.load("seeds/articles"), encoder="lsa", with_map=False)
    >>> stated = stated_in(found)
    >>> stated.kind, stated.states.shape == (len(found.units), len(found.topics))
    ('topic', True)
    """
    if isinstance(result, DiscoverResult):
        numbers = tuple(topic.number for topic in result.topics)
        shape = (len(result.units), len(numbers))
        cells = (np.ones(shape[0]), (np.arange(shape[0]), result.assigned))
        labels = tuple(topic.label for topic in result.topics)
        return _in_order("topic", numbers, labels, result.cleaned, result.units, sparse.csr_array(cells, shape=shape))
    if isinstance(result, TagResult):
        labels = tuple(theme.named for theme in result.codebook.themes)
        present = sparse.csr_array(result.present.astype(float))
        return _in_order("theme", tuple(result.codebook.keys), labels, result.cleaned, result.passages, present)
    raise TypeError(f"a {type(result).__name__} has neither topics nor themes")


def _in_order(
    kind: str,
    names: tuple[int | str, ...],
    labels: tuple[str, ...],
    cleaned: CleanResult,
    units: Sequence[Passage],
    states: sparse.csr_array,
) -> Stated:
    told = [row for row, unit in enumerate(units) if unit.text]
    told.sort(key=lambda row: (units[row].document, units[row].number))
    held = {units[row].document for row in told}
    documents = tuple(sorted((one for one in cleaned.corpus if one.id in held), key=lambda one: one.id))
    at = {document.id: number for number, document in enumerate(documents)}
    article = np.array([at[units[row].document] for row in told], dtype=np.intp)
    without = tuple(one for one in cleaned.corpus if one.id not in held)
    kept = tuple(units[row] for row in told)
    return Stated(kind, names, labels, documents, _origins(cleaned, at), kept, article, states[told].tocsr(), without)


def _origins(cleaned: CleanResult, at: dict[str, int]) -> _Indices:
    first = {repeat.document: repeat.of_document for repeat in cleaned.repeats if repeat.passage is None}
    origins = np.arange(len(at))
    for id, number in at.items():
        seen, of = {id}, id
        while of in first and first[of] not in seen:  # a copy of a copy
            of = first[of]
            seen.add(of)
        origins[number] = at.get(of, number)
    return origins
