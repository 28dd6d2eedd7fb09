"""What texts say on the surface: words, pairs of words and the characters inside words, as TF-IDF that can be saved.

Topics look at stems without stop words. What tells classes apart is often a form or a function word: nothing is taken out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.text.normalize import normalize
from research.text.term_lists import TermLists
from research.text.tokens import words

__all__ = ["Grams", "SurfaceSpace", "learn_surface"]

_LENGTHS = (3, 5)  # of the pieces of a word, with a blank at its borders
_FEW = 200  # texts below which a gram of one text counts


@dataclass(frozen=True, eq=False)
class Grams:
    """One kind of gram: which ones count, and how much.

    Attributes
    ----------
    vocabulary : tuple of str
        Ascending.
    weights : ndarray of float32, shape (grams,)
        Inverse document frequency of each, smoothed.
    """

    vocabulary: tuple[str, ...]
    weights: npt.NDArray[np.float32]

    def rows(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Weigh counts, shape (n, grams): tf as 1 + log, rows of length 1; zeros for a text without a known gram."""
        values = (1 + np.log(counts.data)) * self.weights[counts.indices]
        of_row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        values /= np.sqrt(np.bincount(of_row, values**2, minlength=counts.shape[0]))[of_row]
        return sparse.csr_matrix((values.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape)


@dataclass(frozen=True, eq=False)
class SurfaceSpace:
    """Two views of a text: its words and pairs of words, and the pieces of its words.

    Attributes
    ----------
    words : Grams
        Words, and pairs of words that follow each other, with a blank between them.
    characters : Grams
        Three to five characters inside a word, its borders blank.

    Examples
    --------
    >>> space, one, other = learn_surface(["فرض عقوبات", "رفع العقوبات"])
    >>> space.words.vocabulary
    ('العقوبات', 'رفع', 'رفع العقوبات', 'عقوبات', 'فرض', 'فرض عقوبات')
    >>> one.shape == (2, 6), bool((one[0] @ one[1].T).nnz), bool((other[0] @ other[1].T).nnz)
    (True, False, True)
    """

    words: Grams
    characters: Grams

    def rows(self, texts: Sequence[str]) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Give texts their rows in both views, of length 1. A row depends on its own text alone.

        Parameters
        ----------
        texts : sequence of str, length n
            As they were read: they are normalised here.

        Returns
        -------
        (scipy.sparse.csr_matrix, scipy.sparse.csr_matrix)
            Shapes (n, words) and (n, characters).
        """
        terms = _terms(texts)
        return (
            self.words.rows(_known(*_word_counts(terms), self.words.vocabulary)),
            self.characters.rows(_piece_counts(terms, self.characters.vocabulary)[1]),
        )


def learn_surface(
    texts: Sequence[str], *, least: int | None = None
) -> tuple[SurfaceSpace, sparse.csr_matrix, sparse.csr_matrix]:
    """Learn which grams count.

    Parameters
    ----------
    texts : sequence of str, length n
        As they were read.
    least : int, optional
        Grams of fewer texts are left out; 1 below 200 texts, else 2.

    Returns
    -------
    SurfaceSpace
        The same for the same texts in any order.
    (scipy.sparse.csr_matrix, scipy.sparse.csr_matrix)
        The rows of these texts.

    Notes
    -----
    The pieces are those of scikit-learn's ``char_wb``, counted once for every different word.
    """
    least = (1 if len(texts) < _FEW else 2) if least is None else least
    terms = _terms(texts)
    found = []
    for names, counts in (_word_counts(terms), _piece_counts(terms, None)):
        held = np.bincount(counts.indices, minlength=counts.shape[1])
        kept = np.flatnonzero(held >= least)
        kept = kept[np.argsort(np.array(names, dtype=object)[kept], kind="stable")] if len(kept) else kept
        weights = np.log((1 + len(texts)) / (1 + held[kept])) + 1
        grams = Grams(tuple(names[place] for place in kept.tolist()), weights.astype(np.float32))
        chosen = counts[:, kept].tocsr()
        chosen.sort_indices()
        found.append((grams, grams.rows(chosen)))
    (one, word_rows), (other, piece_rows) = found
    return SurfaceSpace(one, other), word_rows, piece_rows


def _terms(texts: Sequence[str]) -> TermLists:
    return TermLists.of(words(normalize(text)) for text in texts)


def _word_counts(terms: TermLists) -> tuple[list[str], sparse.csr_matrix]:
    """Count words and pairs: their names, and a matrix of counts."""
    n, width, codes = len(terms), max(1, len(terms.vocabulary)), terms.codes.astype(np.int64)
    row_of = np.repeat(np.arange(n), np.diff(terms.offsets))
    inside = row_of[1:] == row_of[:-1]
    pairs, of_pair = np.unique(codes[:-1][inside] * width + codes[1:][inside], return_inverse=True)
    names = [*terms.vocabulary]
    names += [f"{terms.vocabulary[one]} {terms.vocabulary[two]}" for one, two in zip(*np.divmod(pairs, width), strict=True)]
    columns = np.concatenate([codes, len(terms.vocabulary) + of_pair])
    rows = np.concatenate([row_of, row_of[:-1][inside]])
    return names, _counted(rows, columns, (n, len(names)))


def _piece_counts(terms: TermLists, vocabulary: Sequence[str] | None) -> tuple[list[str], sparse.csr_matrix]:
    """Count the pieces of words, each different word looked at once: their names, and a matrix of counts."""
    from sklearn.feature_extraction.text import CountVectorizer

    shape = (len(terms), len(terms.vocabulary))
    row_of = np.repeat(np.arange(shape[0]), np.diff(terms.offsets))
    held = _counted(row_of, terms.codes.astype(np.int64), shape)
    if not shape[1] or (vocabulary is not None and not len(vocabulary)):
        return [], sparse.csr_matrix((shape[0], 0 if vocabulary is None else len(vocabulary)), dtype=np.float32)
    counter = CountVectorizer(
        analyzer="char_wb", lowercase=False, ngram_range=_LENGTHS, vocabulary=None if vocabulary is None else list(vocabulary),
        dtype=np.float32,
    )  # fmt: skip
    pieces = counter.transform(terms.vocabulary) if vocabulary is not None else counter.fit_transform(terms.vocabulary)
    counts = (held @ pieces).tocsr()
    counts.sort_indices()
    return counter.get_feature_names_out().tolist(), counts


def _counted(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], shape: tuple[int, int]) -> sparse.csr_matrix:
    counts = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    counts.sum_duplicates()
    return counts


def _known(names: Sequence[str], counts: sparse.csr_matrix, vocabulary: Sequence[str]) -> sparse.csr_matrix:
    """Put the counts of grams into the columns of a vocabulary; others are left out."""
    place = {gram: column for column, gram in enumerate(vocabulary)}
    columns = np.array([place.get(name, -1) for name in names], dtype=np.int64)
    kept = np.flatnonzero(columns >= 0)
    move = sparse.csr_matrix((np.ones(len(kept), np.float32), (kept, columns[kept])), shape=(counts.shape[1], len(vocabulary)))
    found = (counts @ move).tocsr()
    found.sort_indices()
    return found
