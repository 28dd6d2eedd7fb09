"""What discovery sees of a text: its embedding beside the latent dimensions of its words, each with equal weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from research.features.lexical import lsa
from research.features.neighbours import unit_rows
from research.text.analyzer import ArabicAnalyzer

__all__ = ["Representation", "represent"]

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Representation:
    """Texts as terms and as numbers.

    Attributes
    ----------
    terms : list of list of str
        Each text's terms, in reading order.
    analyzer : ArabicAnalyzer
        What made them, with the surface form of each.
    embedding : ndarray of float32, shape (n, d)
        The encoder's view.
    matrix : ndarray of float32, shape (n, d + l)
        Embedding and latent semantics side by side, each centred and of length 1; the embedding alone where there are none.
    """

    terms: list[list[str]]
    analyzer: ArabicAnalyzer
    embedding: Matrix
    matrix: Matrix


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
    terms = analyzer.fit_transform(texts)
    if not latent or not any(terms):
        return Representation(terms, analyzer, embedding, embedding)
    # The decomposition's last digits depend on the order of the rows: it sees them in an order of their own.
    order = sorted(range(len(texts)), key=texts.__getitem__)
    semantics = lsa(latent, n_texts=len(texts), min_df=_rarest(terms))[1:].fit_transform([terms[row] for row in order])
    semantics = semantics[np.argsort(order, kind="stable")]
    return Representation(terms, analyzer, embedding, np.hstack([unit_rows(embedding), unit_rows(semantics)]))


def _rarest(terms: Sequence[Sequence[str]]) -> int | None:
    """Keep every term where leaving rare ones out would leave none."""
    seen: set[str] = set()
    for row in terms:
        fresh = set(row)
        if fresh & seen:
            return None
        seen |= fresh
    return 1
