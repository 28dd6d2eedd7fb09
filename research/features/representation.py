"""What discovery sees of a text: its embedding beside the latent dimensions of its words, each with equal weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from research.features.lexical import LatentSpace, learn_latent
from research.features.neighbours import unit_rows
from research.text.analyzer import ArabicAnalyzer
from research.text.term_lists import TermLists

__all__ = ["Projection", "Representation", "represent"]

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Projection:
    """From the terms and the embedding of texts to their rows: what was learned of the texts that were represented first.

    Attributes
    ----------
    embedding_mean : ndarray of float32, shape (d,)
        What embeddings are centred at.
    latent : LatentSpace or None
        The latent dimensions of the words; without them a row is the embedding as it is.
    latent_mean : ndarray of float32, shape (l,)
        What latent semantics are centred at.
    """

    embedding_mean: npt.NDArray[np.float32]
    latent: LatentSpace | None
    latent_mean: npt.NDArray[np.float32]

    def rows(self, terms: Sequence[Sequence[str]], embedding: Matrix) -> Matrix:
        """Give texts their rows, shape (n, d + l).

        A row depends on its own text alone, to the last bit: texts that were learned from get the rows that they have.

        Parameters
        ----------
        terms : sequence of sequences of str, length n
            What the analyser gives for each.
        embedding : ndarray of float32, shape (n, d)
            Their embeddings.

        Examples
        --------
        >>> texts, embedding = ["فرض عقوبات", "كأس العالم", "رفع العقوبات"], np.eye(3, dtype=np.float32)
        >>> seen = represent(texts, embedding)
        >>> bool((seen.projection.rows(seen.terms[2:], embedding[2:])[0] == seen.matrix[2]).all())
        True
        """
        embedding = np.ascontiguousarray(embedding, dtype=np.float32)
        if self.latent is None:
            return embedding
        return self._beside(embedding, self.latent.rows(terms))

    def _beside(self, embedding: Matrix, semantics: Matrix) -> Matrix:
        parts = embedding - self.embedding_mean, semantics - self.latent_mean
        return np.hstack([unit_rows(part, centre=False, out=part) for part in parts])


@dataclass(frozen=True, eq=False)
class Representation:
    """Texts as terms and as numbers.

    Attributes
    ----------
    terms : TermLists
        Each text's terms, in reading order: a sequence of lists of str.
    analyzer : ArabicAnalyzer
        What made them, with the surface form of each.
    embedding : ndarray of float32, shape (n, d)
        The encoder's view.
    matrix : ndarray of float32, shape (n, d + l)
        Embedding and latent semantics side by side, each centred and of length 1; the embedding alone where there are none.
    projection : Projection
        What gives the rows of the matrix, and those of further texts.
    """

    terms: TermLists
    analyzer: ArabicAnalyzer
    embedding: Matrix
    matrix: Matrix
    projection: Projection


def represent(
    texts: Sequence[str], embedding: Matrix, *, latent: int = 200, analyzer: ArabicAnalyzer | None = None
) -> Representation:
    """Represent texts whose embeddings are known.

    Parameters
    ----------
    texts : sequence of str
        The texts.
    embedding : ndarray of float32, shape (n, d)
        Their embeddings.
    latent : int
        At most this many latent dimensions; 0 leaves them out.
    analyzer : ArabicAnalyzer, optional
        Another way to terms than the default one; a copy of it is fitted.

    Returns
    -------
    Representation
        Row i belongs to text i.

    Examples
    --------
    >>> represent(["فرض عقوبات", "كأس العالم", "رفع العقوبات"], np.eye(3, dtype=np.float32)).matrix.shape
    (3, 5)
    """
    analyzer = ArabicAnalyzer() if analyzer is None else clone(analyzer)
    terms = analyzer.learn(texts)
    d = embedding.shape[1]
    if not latent or not any(terms):
        plain = Projection(np.zeros(d, np.float32), None, np.zeros(0, np.float32))
        return Representation(terms, analyzer, embedding, plain.rows(terms, embedding), plain)
    # The decomposition's last digits depend on the order of the rows: it sees them in an order of their own.
    order = sorted(range(len(texts)), key=texts.__getitem__)
    space = learn_latent(terms.take(order), latent)
    semantics = space.rows(terms)
    projection = Projection(_mean(embedding[order]), space, _mean(semantics[order]))
    return Representation(terms, analyzer, embedding, projection._beside(embedding, semantics), projection)


def _mean(rows: Matrix) -> npt.NDArray[np.float32]:
    """Give the mean row; of a single row zeros, which leave it as it is."""
    if len(rows) < 2:
        return np.zeros(rows.shape[1], np.float32)
    mean: npt.NDArray[np.float32] = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean
