"""Whether a difference is one: permutation tests, paired comparisons, correction for many of them, effect sizes, power."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from research.evaluate.resampling import Interval, bootstrap_by_group
from research.evaluate.undefined import Undefined

__all__ = [
    "Comparison",
    "SystemComparison",
    "cliffs_delta",
    "cohens_d",
    "compare_paired",
    "compare_systems",
    "holm",
    "minimum_detectable_difference",
    "permutation_test",
    "randomization_test",
]

_EXACT_UP_TO = 12  # groups: 4,096 ways of turning signs are all of them


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for their number, so that the chance of one false alarm among all of them stays below the level.

    Parameters
    ----------
    p_values : sequence of float, length m
        None of them undefined.

    Returns
    -------
    list of float, length m
        Adjusted p-values in the same order, at most 1.

    Notes
    -----
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(p_values, dtype=float)
    if np.isnan(given).any():
        raise ValueError("a p-value is undefined: leave it out of the family")
    order = np.argsort(given, kind="stable")
    factors = np.arange(len(given), 0, -1)
    adjusted = np.minimum(np.maximum.accumulate(given[order] * factors), 1.0)
    found = np.empty(len(given))
    found[order] = adjusted
    return [float(value) for value in found]


def permutation_test(
    statistic: Callable[[npt.NDArray[np.intp]], float],
    n: int,
    *,
    groups: Sequence[Hashable] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Test whether a statistic is larger than when labels are dealt anew.

    Parameters
    ----------
    statistic : callable
        From an order of the labels (indices, the first time the order as it is) to a number.
    n : int
        How many labels there are.
    groups : sequence, length n, optional
        Items with one label each for the group as a whole: labels are exchanged between groups of the same size. Not given,
        every item is a group.
    draws : int
        How many orders to draw.
    seed : int
        Seed of the draws.

    Returns
    -------
    (float, float)
        The statistic, and the share of orders, the given one included, that reach it; undefined where it is undefined.

    Notes
    -----
    Phipson, B. and Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in Genetics and
    Molecular Biology 9.

    Examples
    --------
    >>> labels, scores = np.array([0, 0, 0, 1, 1, 1]), np.array([1, 2, 3, 7, 8, 9])
    >>> value, p = permutation_test(lambda order: float(scores[labels[order] == 1].mean()), 6)
    >>> value, 0.01 < p < 0.1
    (8.0, True)
    """
    value = statistic(np.arange(n))
    if math.isnan(value):
        return value, Undefined("the statistic is undefined on the data")
    rng = np.random.default_rng(seed)
    blocks = _blocks(n, groups)
    reached = 1
    for _ in range(draws):
        order = np.arange(n)
        for members in blocks:
            dealt = rng.permutation(len(members))
            order[np.concatenate(members)] = np.concatenate([members[at] for at in dealt])
        other = statistic(order)
        reached += bool(other >= value - 1e-12)
    return value, reached / (draws + 1)


def _blocks(n: int, groups: Sequence[Hashable] | None) -> list[list[npt.NDArray[np.intp]]]:
    """Group the groups by size: only those of one size can exchange their labels."""
    names = list(range(n)) if groups is None else list(groups)
    members: dict[Hashable, list[int]] = {}
    for index, name in enumerate(names):
        members.setdefault(name, []).append(index)
    by_size: dict[int, list[npt.NDArray[np.intp]]] = {}
    for rows in members.values():
        by_size.setdefault(len(rows), []).append(np.array(rows))
    return list(by_size.values())


def randomization_test(
    statistic: Callable[[Any], float],
    one: npt.NDArray[Any],
    other: npt.NDArray[Any],
    groups: Sequence[Hashable],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Test whether two systems differ in a score that is no mean, such as macro-F1.

    For whole groups the outputs of the two systems are exchanged at random: if the systems were alike, the difference of
    their scores would be as large as it is by this chance.

    Parameters
    ----------
    statistic : callable
        From the outputs for all items to the score.
    one, other : ndarray, shape (n, ...)
        The outputs of the two systems.
    groups : sequence, length n
        The article of every item.
    draws : int
        How many exchanges to draw.
    seed : int
        Seed of the draws.

    Returns
    -------
    (float, float)
        Score of the first less that of the second, and the two-sided p-value.

    Notes
    -----
    Noreen, E. W. (1989). Computer-intensive methods for testing hypotheses; Yeh, A. (2000). More accurate tests for the
    statistical significance of result differences. COLING. Groups as in `bootstrap_by_group`.

    Examples
    --------
    >>> truth = np.array([1, 0] * 8)
    >>> right, wrong = truth, 1 - truth
    >>> difference, p = randomization_test(lambda said: float((said == truth).mean()), right, wrong, range(16))
    >>> difference, p < 0.01
    (1.0, True)
    """
    first, second = np.asarray(one), np.asarray(other)
    difference = statistic(first) - statistic(second)
    if math.isnan(difference):
        return difference, Undefined("the score is undefined for one of the two")
    codes = np.unique([str(group) for group in groups], return_inverse=True)[1]
    rng = np.random.default_rng(seed)
    reached = 1
    for _ in range(draws):
        turned = (rng.random(codes.max() + 1) < 0.5)[codes].reshape(-1, *[1] * (first.ndim - 1))
        found = statistic(np.where(turned, second, first)) - statistic(np.where(turned, first, second))
        reached += bool(abs(found) >= abs(difference) - 1e-12)
    return difference, reached / (draws + 1)


@dataclass(frozen=True, slots=True)
class SystemComparison:
    """The best system and another one.

    Attributes
    ----------
    best, other : str
        Which.
    difference, low, high : float
        Score of the best less that of the other, with its bootstrap interval (not adjusted for the number of comparisons).
    p : float
        Two-sided, adjusted by Holm's method over all comparisons with the best.
    detectable : float
        The smallest difference that such a sample would show in four cases of five, by the width of the interval.
    """

    best: str
    other: str
    difference: float
    low: float
    high: float
    p: float
    detectable: float


def compare_systems(
    score: Callable[[Any, npt.NDArray[np.intp]], float],
    outputs: Mapping[str, npt.NDArray[Any]],
    groups: Sequence[Hashable],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> list[SystemComparison]:
    """Compare the best of several systems with each other one, on the same items.

    Parameters
    ----------
    score : callable
        From outputs for some items, and the positions of these items, to a score; higher is better.
    outputs : mapping of str to ndarray, shape (n, ...)
        Every system's outputs for all items, all of one shape.
    groups : sequence, length n
        The article of every item.
    draws : int
        How many draws for each test and interval.
    seed : int
        Seed of the draws.

    Returns
    -------
    list of SystemComparison
        In the order of the systems, the best one left out; of equals the first is the best.

    Examples
    --------
    >>> truth = np.array([1, 0] * 8)
    >>> systems = {"right": truth, "wrong": 1 - truth}
    >>> found = compare_systems(lambda said, rows: float((said == truth[rows]).mean()), systems, range(16))
    >>> [(row.best, row.other, row.difference, row.p < 0.01) for row in found]
    [('right', 'wrong', 1.0, True)]
    """
    rows = np.arange(len(groups))
    best = max(outputs, key=lambda name: score(outputs[name], rows))
    found = []
    for name, other in outputs.items():
        if name == best:
            continue
        difference, p = randomization_test(lambda said: score(said, rows), outputs[best], other, groups, draws=draws, seed=seed)
        interval = bootstrap_by_group(
            lambda drawn, other=other: score(outputs[best][drawn], drawn) - score(other[drawn], drawn),  # type: ignore[misc]
            groups,
            draws=draws,
            seed=seed,
        )
        found.append((name, difference, interval, p))
    adjusted = holm([p for *_, p in found])
    return [
        SystemComparison(best, name, difference, interval.low, interval.high, p, _seen(interval))
        for (name, difference, interval, _), p in zip(found, adjusted, strict=True)
    ]


def _seen(interval: Interval) -> float:
    half = NormalDist().inv_cdf((1 + interval.level) / 2)
    return (half + NormalDist().inv_cdf(0.8)) * (interval.high - interval.low) / (2 * half)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two conditions on the same units.

    Attributes
    ----------
    difference : float
        Mean of the first less the second.
    low, high : float
        Its 95 % interval.
    p : float
        Two-sided, by turning the signs of the differences.
    effect : float
        Cohen's d of the differences: their mean in standard deviations.
    detectable : float
        The smallest difference that this many units would show in four cases of five.
    n : int
        How many units.
    """

    difference: float
    low: float
    high: float
    p: float
    effect: float
    detectable: float
    n: int


def compare_paired(
    one: Sequence[float], other: Sequence[float], *, draws: int = 10_000, level: float = 0.95, seed: int = 0
) -> Comparison:
    """Compare two conditions that were measured on the same independent units.

    Parameters
    ----------
    one, other : sequence of float, length n
        A value a unit: an article, not a passage. A pair with an undefined value is left out.
    draws : int
        How many draws for interval and test; up to twelve units all ways of turning signs are counted.
    level : float
        Nominal coverage of the interval.
    seed : int
        Seed of the draws.

    Returns
    -------
    Comparison
        Undefined with a reason below two pairs.

    Notes
    -----
    Sign-flip permutation test: Fisher, R. A. (1935). The design of experiments. Interval: percentile bootstrap over units.

    Examples
    --------
    >>> found = compare_paired([0.5, 0.6, 0.7, 0.8], [0.4, 0.5, 0.5, 0.7])
    >>> round(found.difference, 3), found.p, found.n
    (0.125, 0.125, 4)
    """
    differences = np.asarray(one, dtype=float) - np.asarray(other, dtype=float)
    differences = differences[np.isfinite(differences)]
    n = len(differences)
    if n < 2:
        why = Undefined(f"{n} pairs: two at least are needed")
        return Comparison(float(differences[0]) if n else why, why, why, why, why, why, n)
    mean = float(differences.mean())
    rng = np.random.default_rng(seed)
    if n <= _EXACT_UP_TO:
        signs = np.array(list(product([-1.0, 1.0], repeat=n)))
        p = float((np.abs(signs @ differences) / n >= abs(mean) - 1e-12).mean())
    else:
        signs = rng.choice([-1.0, 1.0], (draws, n))
        p = (1 + int((np.abs(signs @ differences) / n >= abs(mean) - 1e-12).sum())) / (draws + 1)
    means = differences[rng.integers(0, n, (draws, n))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    deviation = float(differences.std(ddof=1))
    return Comparison(mean, float(low), float(high), p, cohens_d(one, other), minimum_detectable_difference(deviation, n), n)


def cohens_d(one: Sequence[float], other: Sequence[float]) -> float:
    """Effect size of a paired difference: its mean in units of its standard deviation.

    Undefined below two pairs, and where all differences are the same and not zero.

    Notes
    -----
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences; the paired form is also called d_z.

    Examples
    --------
    >>> cohens_d([3.0, 4.0, 5.0], [2.0, 2.0, 2.0])
    2.0
    """
    differences = np.asarray(one, dtype=float) - np.asarray(other, dtype=float)
    differences = differences[np.isfinite(differences)]
    if len(differences) < 2:
        return Undefined(f"{len(differences)} pairs: two at least are needed")
    deviation = float(differences.std(ddof=1))
    if deviation < 1e-12:
        return 0.0 if abs(differences[0]) < 1e-12 else Undefined("all differences are the same")
    return float(differences.mean()) / deviation


def cliffs_delta(one: Sequence[float], other: Sequence[float]) -> float:
    """Effect size of two independent samples: how much oftener a value of the first is above one of the second than below.

    Returns
    -------
    float
        From -1 to 1; undefined where a sample is empty.

    Notes
    -----
    Cliff, N. (1993). Dominance statistics: ordinal analyses to answer ordinal questions. Psychological Bulletin 114.

    Examples
    --------
    >>> cliffs_delta([3, 4], [1, 2]), cliffs_delta([1, 2], [1, 2])
    (1.0, 0.0)
    """
    first, second = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    if not len(first) or not len(second):
        return Undefined("a sample is empty")
    return float(np.sign(first[:, None] - second[None, :]).mean())


def minimum_detectable_difference(deviation: float, n: int, *, power: float = 0.8, level: float = 0.05) -> float:
    """Give the smallest mean difference that a two-sided paired t test on n units finds with a given power.

    Parameters
    ----------
    deviation : float
        Standard deviation of the differences between units.
    n : int
        How many units.
    power : float
        How often such a difference should be found.
    level : float
        The test's level.

    Returns
    -------
    float
        In the units of ``deviation``; undefined below two units.

    Notes
    -----
    Cohen, J. (1988), chapter 2. Exact, by the noncentral t distribution of scipy.

    Examples
    --------
    >>> round(minimum_detectable_difference(1.0, 34), 3)
    0.495
    """
    from scipy.optimize import brentq
    from scipy.stats import nct, t

    if n < 2:
        return Undefined(f"{n} units: two at least are needed")
    if deviation == 0:
        return 0.0
    critical = t.ppf(1 - level / 2, n - 1)

    def lack(shift: float) -> float:
        found = nct.sf(critical, n - 1, shift) + nct.cdf(-critical, n - 1, shift)
        return float(found) - power

    high = 1.0
    while lack(high) < 0 and high < 1e6:
        high *= 2
    return float(brentq(lack, 0.0, high)) * deviation / math.sqrt(n)
