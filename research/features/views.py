"""What a classifier sees of a text: its words, the pieces of its words, and its meaning, each a matrix of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.features.neighbours import unit_rows
from research.features.surface import SurfaceSpace, learn_surface

__all__ = ["ViewSpace", "Views", "learn_views"]

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Views:
    """Three views of n texts; every row has length 1, or is zero where a view shows nothing of a text.

    Attributes
    ----------
    words : scipy.sparse.csr_matrix, shape (n, words)
        Words and pairs of words.
    characters : scipy.sparse.csr_matrix, shape (n, pieces)
        Pieces of words.
    meaning : ndarray of float32, shape (n, d)
        Centred embeddings; of no columns where there is no encoder.
    """

    words: sparse.csr_matrix
    characters: sparse.csr_matrix
    meaning: Matrix

    def __len__(self) -> int:
        return len(self.meaning)

    def take(self, rows: npt.NDArray[np.intp]) -> Views:
        """Give the views of some of the texts."""
        return Views(self.words[rows], self.characters[rows], self.meaning[rows])


@dataclass(frozen=True, eq=False)
class ViewSpace:
    """What was learned of texts to see others in the same way.

    Attributes
    ----------
    surface : SurfaceSpace
        The words and pieces that count.
    centre : ndarray of float32, shape (d,)
        Mean of the embeddings.
    """

    surface: SurfaceSpace
    centre: npt.NDArray[np.float32]

    def centred_at(self, embedding: Matrix) -> ViewSpace:
        """Give the space that sees meanings from the mean of other texts: of another language, whose embeddings lie elsewhere.

        Examples
        --------
        >>> space = learn_views(["فرض عقوبات", "كأس العالم"], np.eye(2, dtype=np.float32))[0]
        >>> space.centred_at(np.array([[1, 0], [0, 3]], np.float32)).centre.tolist()
        [0.5, 1.5]
        """
        return ViewSpace(self.surface, _centre(embedding))

    def views(self, texts: Sequence[str], embedding: Matrix) -> Views:
        """Give texts their views. A row depends on its own text alone.

        Parameters
        ----------
        texts : sequence of str, length n
            As they were read.
        embedding : ndarray of float32, shape (n, d)
            Their embeddings; a blank text may have NaN, which shows nothing.

        Examples
        --------
        >>> texts, embedding = ["فرض عقوبات", "كأس العالم"], np.eye(2, dtype=np.float32)
        >>> space, seen = learn_views(texts, embedding)
        >>> bool((space.views(texts[1:], embedding[1:]).meaning[0] == seen.meaning[1]).all())
        True
        """
        return Views(*self.surface.rows(texts), self._meaning(embedding))

    def _meaning(self, embedding: Matrix) -> Matrix:
        if not embedding.shape[1]:
            return np.zeros((len(embedding), 0), np.float32)
        shifted = np.nan_to_num(np.asarray(embedding, np.float32) - self.centre)
        return unit_rows(np.ascontiguousarray(shifted), centre=False)


def learn_views(texts: Sequence[str], embedding: Matrix) -> tuple[ViewSpace, Views]:
    """Learn how to see texts, and give the views of these.

    Parameters
    ----------
    texts : sequence of str, length n
        As they were read; in another order what is learned differs in its last digits.
    embedding : ndarray of float32, shape (n, d)
        Their embeddings, with no columns where there is no encoder.

    Returns
    -------
    (ViewSpace, Views)

    Examples
    --------
    >>> learn_views(["فرض عقوبات", "كأس العالم"], np.eye(2, dtype=np.float32))[1].words.shape
    (2, 6)
    """
    surface, words, characters = learn_surface(texts)
    space = ViewSpace(surface, _centre(embedding))
    return space, Views(words, characters, space._meaning(embedding))


def _centre(embedding: Matrix) -> npt.NDArray[np.float32]:
    told = embedding[~np.isnan(embedding).any(axis=1)]
    centre = told.mean(axis=0, dtype=np.float64) if len(told) > 1 else np.zeros(embedding.shape[1])
    found: npt.NDArray[np.float32] = centre.astype(np.float32)
    return found
