"""Intervals by drawing anew: whole articles are drawn, because passages of one article are not independent.

`bootstrap_by_group` is for what is computed from items, such as scores of decisions. What is fitted to items, such as topics,
would see copies where a bootstrap draws an article twice; there `halves` draws articles without repeats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.evaluate.undefined import Undefined
from research.messages import message

__all__ = ["Halves", "Interval", "bootstrap_by_group", "halves", "over_halves"]


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
    names, codes = group_codes(groups)
    members = [np.flatnonzero(codes == code) for code in range(names)]
    value = statistic(np.arange(len(groups)))
    rng = np.random.default_rng(seed)
    found: list[float] = []
    if names >= 2:
        for _ in range(draws):
            drawn = rng.integers(0, names, names)
            found.append(statistic(np.concatenate([members[at] for at in drawn])))
    defined = np.array([number for number in found if np.isfinite(number)])
    if len(defined) <= draws / 2:
        return Interval(value, float("nan"), float("nan"), level, len(defined))
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high), level, len(defined))


def halves(groups: Sequence[Hashable], *, draws: int = 20, seed: int = 0) -> list[npt.NDArray[np.bool_]]:
    """Draw random halves of the groups.

    Parameters
    ----------
    groups : sequence, length n
        The group of every item, an article as a rule.
    draws : int
        How many halves.
    seed : int
        Seed of the draws; a longer list begins with the shorter one's halves.

    Returns
    -------
    list of ndarray of bool, shape (n,)
        Which items are in each half; of an odd number of groups, the half is the smaller one.

    Raises
    ------
    ValueError
        If there are not two groups.

    Examples
    --------
    >>> [int(half.sum()) for half in halves(["a", "a", "b", "b"], draws=3)]
    [2, 2, 2]
    """
    names, codes = group_codes(groups)
    if names < 2:
        raise ValueError(f"{names} groups cannot be halved")
    rng = np.random.default_rng(seed)
    return [np.isin(codes, rng.permutation(names)[: names // 2]) for _ in range(draws)]


def group_codes(groups: Sequence[Hashable]) -> tuple[int, npt.NDArray[np.intp]]:
    """Number groups by their names, whatever the order of the items; give how many there are, and each item's number.

    Examples
    --------
    >>> group_codes(["b", "a", "b"])
    (2, array([1, 0, 1]))
    """
    names = sorted(set(groups), key=lambda name: (type(name).__name__, str(name)))
    at = {name: number for number, name in enumerate(names)}
    return len(names), np.array([at[group] for group in groups], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Halves:
    """A value over random halves of the articles.

    Attributes
    ----------
    mean : float
        Over the halves.
    low, high : float
        Interval by Student's t with one degree of freedom less than there are halves; its width is that of a value computed on
        all articles.
    deviation : float
        Standard deviation over the halves: the standard error of a value computed on all articles.
    p : float
        Two-sided, of a mean that differs from 0.
    detectable : float
        The smallest value different from 0 that this many articles would show in four cases of five, in a single test.
    draws : int
        On how many halves the value is defined.
    """

    mean: float
    low: float
    high: float
    deviation: float
    p: float
    detectable: float
    draws: int

    def detectable_at(self, level: float, power: float = 0.8) -> float:
        """Give the smallest value different from 0 that a test at this level would find with this power."""
        from scipy.stats import t as student

        if math.isnan(self.deviation):
            return self.deviation
        free = self.draws - 1
        return float(student.ppf(1 - level / 2, free) + student.ppf(power, free)) * self.deviation


def over_halves(values: Sequence[float], *, level: float = 0.95) -> Halves:
    """Summarise a value that was computed on random halves of the articles.

    Parameters
    ----------
    values : sequence of float
        One a half; undefined ones are left out.
    level : float
        Nominal coverage of the interval.

    Returns
    -------
    Halves
        Undefined with a reason where the value is defined on fewer than two halves, or on not more than half of them.

    Notes
    -----
    The delete-half jackknife: Shao, J. and Wu, C. F. J. (1989). A general theory for jackknife variance estimation. Annals of
    Statistics 17. With half of the groups left out its factor (n - d) / d is 1: the deviation over halves is the standard
    error at full size (of an odd number of groups the factor is a little less, and the interval cautious). It holds for
    statistics that are not smooth, where leaving out one group at a time fails.

    Examples
    --------
    >>> found = over_halves([0.1, 0.3, 0.2, 0.2])
    >>> round(found.mean, 2), round(found.deviation, 3), round(found.low, 2)
    (0.2, 0.082, -0.06)
    """
    from scipy.stats import t as student

    defined = np.array([value for value in values if math.isfinite(value)])
    if len(defined) < 2 or len(defined) <= len(values) / 2:
        why = Undefined(message("defined on {n} of {all} halves", n=len(defined), all=len(values)))
        return Halves(why, why, why, why, why, why, len(defined))
    mean, deviation = float(defined.mean()), float(defined.std(ddof=1))
    free = len(defined) - 1
    reach = float(student.ppf((1 + level) / 2, free)) * deviation
    p = 2 * float(student.sf(abs(mean) / deviation, free)) if deviation > 0 else float(mean == 0)
    detectable = reach + float(student.ppf(0.8, free)) * deviation
    return Halves(mean, mean - reach, mean + reach, deviation, p, detectable, len(defined))
