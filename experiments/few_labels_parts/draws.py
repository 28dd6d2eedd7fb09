"""Random halves of the articles: texts of one may be labelled, those of the other are tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from classification_parts import Material

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Draw:
    """One draw.

    Attributes
    ----------
    pool : ndarray of int
        Texts that may be labelled, in the order in which they would be.
    test : ndarray of int
        Texts of other articles, ascending.
    """

    pool: Rows
    test: Rows


def drawn(seen: Material, number: int, *, pool: int, tested: int, seed: int) -> Draw:
    """Divide the articles by chance, copies together, and take at most so many texts of each half.

    The first halves of draws 0 and 1, 2 and 3, and so on, are each other's second.
    """
    rng = np.random.default_rng([seed, number // 2])
    names = sorted(set(seen.groups))
    half = {names[at] for at in rng.permutation(len(names))[: len(names) // 2]}
    within = np.array([(group in half) != bool(number % 2) for group in seen.groups])
    rng = np.random.default_rng([seed, number, 1])
    return Draw(rng.permutation(np.flatnonzero(within))[:pool], np.sort(rng.permutation(np.flatnonzero(~within))[:tested]))


def labelled_rows(draw: Draw, codes: Rows, size: int) -> Rows:
    """Give the first texts of each class, as many of each; fewer where there are fewer. More labels hold those of fewer."""
    found = [draw.pool[codes[draw.pool] == code][:size] for code in np.unique(codes[draw.pool])]
    return np.sort(np.concatenate(found))
