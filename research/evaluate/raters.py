"""How far readers agree beyond chance."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from research.evaluate.undefined import Undefined

__all__ = ["Level", "cohens_kappa", "krippendorffs_alpha"]

Level = Literal["nominal", "ordinal", "interval", "ratio"]


def cohens_kappa(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """Agreement of two readers on the same items, beyond chance.

    Parameters
    ----------
    one, other : sequence, length n
        The label that each gave.

    Returns
    -------
    float
        At most 1, 0 for chance; undefined without items, and where both gave one label throughout.

    Notes
    -----
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20.

    Examples
    --------
    >>> cohens_kappa([1, 1, 0, 0], [1, 0, 0, 0])
    0.5
    """
    if len(one) != len(other):
        raise ValueError(f"{len(one)} labels of one reader, {len(other)} of the other")
    if not len(one):
        return Undefined("there is no item")
    names = {name: code for code, name in enumerate(dict.fromkeys([*one, *other]))}
    first, second = (np.array([names[label] for label in labels]) for labels in (one, other))
    shares = [np.bincount(codes, minlength=len(names)) / len(first) for codes in (first, second)]
    chance = float(shares[0] @ shares[1])
    if chance >= 1:
        return Undefined("both readers gave one label throughout")
    return (float((first == second).mean()) - chance) / (1 - chance)


def krippendorffs_alpha(ratings: Sequence[Sequence[Any]], *, level: Level = "nominal") -> float:
    """Agreement of any number of readers, not all of whom need have read everything.

    Parameters
    ----------
    ratings : sequence of sequences, one a reader, each of length n
        What each reader gave each item; None or NaN where a reader did not read it.
    level : {"nominal", "ordinal", "interval", "ratio"}
        What distances between values mean; all but nominal need numbers.

    Returns
    -------
    float
        At most 1, 0 for chance; undefined where no item has two ratings, or all ratings are the same.

    Notes
    -----
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.

    Examples
    --------
    >>> krippendorffs_alpha([[1, 2, 3, None], [1, 2, 2, 3]])
    0.5454545454545454
    """
    if level not in get_args(Level):
        raise ValueError(f"unknown level {level!r}: levels are {', '.join(get_args(Level))}")
    if len({len(row) for row in ratings}) > 1:
        raise ValueError("readers have rated different numbers of items")
    items = [[value for value in column if not _blank(value)] for column in zip(*ratings, strict=True)]
    items = [item for item in items if len(item) >= 2]
    values = sorted({value for item in items for value in item}, key=lambda value: value if level != "nominal" else str(value))
    if not items:
        return Undefined("no item has two ratings")
    if len(values) == 1:
        return Undefined("all ratings are the same")
    at = {value: index for index, value in enumerate(values)}
    coincidences = np.zeros((len(values), len(values)))
    for item in items:
        counts = np.bincount([at[value] for value in item], minlength=len(values)).astype(float)
        coincidences += (np.outer(counts, counts) - np.diag(counts)) / (len(item) - 1)
    totals = coincidences.sum(axis=1)
    distances = _DISTANCES[level](values, totals)
    n = totals.sum()
    observed = float((coincidences * distances).sum()) / n
    expected = float((np.outer(totals, totals) * distances).sum()) / (n * (n - 1))
    return float(1 - observed / expected)


def _blank(value: Any) -> bool:
    return value is None or bool(value != value)  # NaN of any type is not itself


Matrix = npt.NDArray[np.float64]


def _nominal(values: Sequence[Any], _: Matrix) -> Matrix:
    return 1 - np.eye(len(values))


def _ordinal(_: Sequence[Any], totals: Matrix) -> Matrix:
    # Ratings between two ranks, each rank itself counting half.
    middle = np.cumsum(totals) - totals / 2
    return np.asarray((middle[:, None] - middle[None, :]) ** 2)


def _interval(values: Sequence[Any], _: Matrix) -> Matrix:
    numbers = np.array(values, dtype=float)
    return np.asarray((numbers[:, None] - numbers[None, :]) ** 2)


def _ratio(values: Sequence[Any], _: Matrix) -> Matrix:
    numbers = np.array(values, dtype=float)
    if (numbers < 0).any():
        raise ValueError("a ratio scale has no values below 0")
    total = numbers[:, None] + numbers[None, :]
    away = numbers[:, None] - numbers[None, :]
    return np.asarray(np.divide(away, total, out=np.zeros_like(away), where=total != 0) ** 2)


_DISTANCES: dict[str, Callable[[Sequence[Any], Matrix], Matrix]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}
