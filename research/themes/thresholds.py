"""From scores to decisions: present, too likely to be ruled out, absent; and the surest theme of a passage."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["open_scores", "surest", "thresholds_of"]

Scores = npt.NDArray[np.float64]

# Present from the first on, from the second on too likely to be ruled out: of a codebook alone, and of what was learned.
_BY_CODEBOOK, _LEARNED = (0.5, 0.3), (0.4, 0.2)


def thresholds_of(calibrated: npt.NDArray[np.bool_]) -> tuple[Scores, Scores]:
    """Give the scores from which on themes are present, and those from which on they are not ruled out, shape (themes,) each.

    Examples
    --------
    >>> present, open_from = thresholds_of(np.array([False, True]))
    >>> present.tolist(), open_from.tolist()
    ([0.5, 0.4], [0.3, 0.2])
    """
    present, open_from = (np.where(calibrated, *pair) for pair in zip(_LEARNED, _BY_CODEBOOK, strict=True))
    return present, open_from


def open_scores(scores: Scores, present: Scores, open_from: Scores) -> npt.NDArray[np.bool_]:
    """Tell which scores, shape (n, themes), are below the threshold but too high to rule the theme out.

    Examples
    --------
    >>> open_scores(np.array([[0.5], [0.3], [0.1]]), np.array([0.4]), np.array([0.2])).ravel().tolist()
    [False, True, False]
    """
    found: npt.NDArray[np.bool_] = (scores < present) & (scores >= open_from)
    return found


def surest(scores: Scores, present: Scores) -> tuple[npt.NDArray[np.int64], Scores]:
    """Give every passage the theme with the highest score among those that are present.

    Parameters
    ----------
    scores : ndarray of float64, shape (n, themes)
        Scores, 0 to 1.
    present : ndarray of float64, shape (themes,)
        From which on a theme is present.

    Returns
    -------
    (ndarray of int64, shape (n,), ndarray of float64, shape (n,))
        The theme, of equal ones the first, -1 where none is present; its score, NaN where none is.

    Examples
    --------
    >>> numbers, sure = surest(np.array([[0.6, 0.9], [0.1, 0.2]]), np.array([0.5, 0.5]))
    >>> numbers.tolist(), sure.tolist()
    ([1, -1], [0.9, nan])
    """
    found = np.where(scores >= present, scores, -1.0)
    best, highest = found.argmax(axis=1), found.max(axis=1)
    none = highest < 0
    return np.where(none, -1, best).astype(np.int64), np.where(none, np.nan, highest)
