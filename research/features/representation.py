"""What discovery sees of a text: its embedding beside the latent dimensions of its words, each with equal weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.features.embedding import embed, window_means
from research.features.encoders import Encoder
from research.features.lexical import lsa
from research.features.neighbours import unit_rows
from research.features.store import EmbeddingStore
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
        Embedding and latent semantics side by side, each centred and of length 1.
    """

    terms: list[list[str]]
    analyzer: ArabicAnalyzer
    embedding: Matrix
    matrix: Matrix


def represent(
    texts: Sequence[str],
    encoder: Encoder,
    store: EmbeddingStore | None = None,
    *,
    long: bool = False,
    embedding: Matrix | None = None,
    latent: int = 200,
) -> Representation:
    """Represent texts.

    Parameters
    ----------
    texts : sequence of str
        None of them blank.
    encoder : Encoder
        See `research.features.get_encoder`.
    store : EmbeddingStore, optional
        Where embeddings are kept.
    long : bool
        Whether the texts are whole articles, which are embedded by windows.
    embedding : ndarray of float32, shape (n, d), optional
        Ready embeddings; nothing is encoded then.
    latent : int
        At most this many latent dimensions; 0 leaves them out.

    Returns
    -------
    Representation
        Row i belongs to text i.

    Examples
    --------
    >>> from research.features import get_encoder
    >>> represent(["فرض عقوبات", "كأس العالم", "رفع العقوبات"], get_encoder()).matrix.shape
    (3, 514)
    """
    analyzer = ArabicAnalyzer()
    terms = analyzer.fit_transform(texts)
    if embedding is None:
        embedding = window_means(texts, encoder, store) if long else embed(texts, encoder, store)
    parts = [unit_rows(embedding)]
    if latent and any(terms):
        parts.append(unit_rows(lsa(latent, n_texts=len(texts), min_df=_rarest(terms))[1:].fit_transform(terms)))
    return Representation(terms, analyzer, embedding, np.hstack(parts))


def _rarest(terms: Sequence[Sequence[str]]) -> int | None:
    """Keep every term where leaving rare ones out would leave none."""
    seen: set[str] = set()
    for row in terms:
        fresh = set(row)
        if fresh & seen:
            return None
        seen |= fresh
    return 1
