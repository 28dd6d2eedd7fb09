"""Whether a text is like those that a classifier has learned from: if not, its answer says little."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.cores import one_blas_thread
from research.features.views import Views

__all__ = ["Familiar", "learn_familiar"]

_SHARE = 0.01  # of the texts that were learned from, so many are as far from the others as one that is called unlike them
_MOST = 4_000  # texts that are compared with
_BLOCK = 2_048


@dataclass(frozen=True, eq=False)
class Familiar:
    """The texts that were learned from, as far as needed to tell whether another is like them.

    Attributes
    ----------
    rows : ndarray of float32, shape (m, d)
        Their meanings, at most 4,000 evenly drawn ones; of no columns where words alone are seen.
    least : float
        A text is unlike them when its nearest one is less similar than this.
    """

    rows: npt.NDArray[np.float32]
    least: float

    def nearness(self, seen: Views) -> npt.NDArray[np.float64]:
        """Give the cosine of each text's nearest one, shape (n,); NaN where meanings are not seen."""
        if not self.rows.size:
            return np.full(len(seen), np.nan)
        parts = [seen.meaning[start : start + _BLOCK] @ self.rows.T for start in range(0, len(seen), _BLOCK)]
        return np.concatenate([part.max(axis=1) for part in parts]).astype(np.float64) if parts else np.zeros(0)

    def unlike(self, seen: Views) -> npt.NDArray[np.bool_]:
        """Tell of each text whether it is unlike what was learned from; a text of which nothing is seen is."""
        blank = ~seen.meaning.any(axis=1) if seen.meaning.shape[1] else np.diff(seen.words.indptr) == 0
        found: npt.NDArray[np.bool_] = (np.round(self.nearness(seen), 4) < self.least) | blank
        return found


def learn_familiar(seen: Views, owners: Sequence[Hashable]) -> Familiar:
    """Learn how near the texts of different articles are to each other.

    Parameters
    ----------
    seen : Views
        Of n texts.
    owners : sequence, length n
        The article of each: a text is not compared with its own.

    Returns
    -------
    Familiar

    Examples
    --------
    >>> from research.features.views import learn_views
    >>> texts, embedding = ["فرض عقوبات", "عقوبات جديدة", "كأس العالم"], np.array([[1, 0], [0.9, 0.1], [0, 1]], np.float32)
    >>> space, seen = learn_views(texts, embedding)
    >>> learn_familiar(seen, [0, 1, 2]).unlike(space.views(["فرض عقوبات"], embedding[:1])).tolist()
    [False]
    """
    if not seen.meaning.shape[1] or len(set(owners)) < 2:
        return Familiar(np.zeros((0, 0), np.float32), -1.0)
    step = -(-len(seen) // _MOST)
    rows = np.ascontiguousarray(seen.meaning[::step])
    numbers: dict[Hashable, int] = {}
    codes = np.array([numbers.setdefault(owner, len(numbers)) for owner in owners])[::step]
    nearest = np.empty(len(rows))
    with one_blas_thread():
        for start in range(0, len(rows), _BLOCK):
            close = rows[start : start + _BLOCK] @ rows.T
            close[codes[start : start + _BLOCK, None] == codes[None]] = -1
            nearest[start : start + _BLOCK] = close.max(axis=1)
    return Familiar(rows, float(np.round(np.quantile(nearest, _SHARE), 4)))
