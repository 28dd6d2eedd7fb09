"""Intervals by drawing anew: whole articles are drawn, because passages of one article are not independent."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Interval", "bootstrap_by_group"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its percentile interval.

    Attributes
    ----------
    value : float
        On the whole sample.
    low, high : float
        NaN when there are fewer than two groups, or the statistic is undefined on most draws.
    level : float
        Nominal coverage.
    draws : int
        On how many draws the statistic was defined.
    """

    value: float
    low: float
    high: float
    level: float
    draws: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap_by_group(
    statistic: Callable[[npt.NDArray[np.intp]], float],
    groups: Sequence[Hashable],
    *,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Bootstrap a statistic by drawing groups with replacement.

    Parameters
    ----------
    statistic : callable
        From the indices of the drawn items (with repeats) to a number; NaN where it is undefined.
    groups : sequence, length n
        The group of every item, an article as a rule.
    draws : int
        How many samples to draw.
    level : float
        Nominal coverage of the interval.
    seed : int
        Seed of the draws.

    Returns
    -------
    Interval
        Percentile interval.

    Notes
    -----
    Davison, A. C. and Hinkley, D. V. (1997). Bootstrap methods and their application, chapter 3.8 (clustered data).

    Examples
    --------
    >>> values = np.array([1.0, 1.0, 3.0, 3.0])
    >>> found = bootstrap_by_group(lambda drawn: float(values[drawn].mean()), ["a", "a", "b", "b"])
    >>> found.value, found.low, found.high
    (2.0, 1.0, 3.0)
    """
    names = sorted(set(groups), key=str)
    members = {name: np.flatnonzero([group == name for group in groups]) for name in names}
    value = statistic(np.arange(len(groups)))
    rng = np.random.default_rng(seed)
    found: list[float] = []
    if len(names) >= 2:
        for _ in range(draws):
            drawn = rng.integers(0, len(names), len(names))
            found.append(statistic(np.concatenate([members[names[at]] for at in drawn])))
    defined = np.array([number for number in found if np.isfinite(number)])
    if len(defined) <= draws / 2:
        return Interval(value, float("nan"), float("nan"), level, len(defined))
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high), level, len(defined))
