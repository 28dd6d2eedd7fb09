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

from research.evaluate.resampling import Interval, bootstrap_by_group, group_codes
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

_NEAR = 1e-9  # of a value: sums in another order differ by less
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
    if groups is not None and len(groups) != n:
        raise ValueError(f"{len(groups)} groups for {n} labels")
    value = statistic(np.arange(n))
    if math.isnan(value):
        return value, Undefined("the statistic is undefined on the data")
    rng = np.random.default_rng(seed)
    blocks = _blocks(n, groups)
    found = []
    for _ in range(draws):
        order = np.arange(n)
        for members in blocks:
            dealt = rng.permutation(len(members))
            order[np.concatenate(members)] = np.concatenate([members[at] for at in dealt])
        found.append(statistic(order))
    return value, _share_reaching(found, value)


def _share_reaching(found: Sequence[float], value: float) -> float:
    """Give the share of draws, the data themselves among them, that reach a value; draws without a value do not count."""
    defined = np.array([number for number in found if not math.isnan(number)])
    if len(defined) <= len(found) / 2:
        return Undefined(f"the statistic is undefined on {len(found) - len(defined)} of {len(found)} draws")
    return float((1 + (defined >= value - _NEAR * abs(value)).sum()) / (1 + len(defined)))


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
    if not len(first) == len(second) == len(groups):
        raise ValueError(f"{len(first)} and {len(second)} outputs for {len(groups)} groups")
    names, codes = group_codes(groups)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        turned = (rng.random(names) < 0.5)[codes].reshape(-1, *[1] * (first.ndim - 1))
        found.append(abs(statistic(np.where(turned, second, first)) - statistic(np.where(turned, first, second))))
    return difference, _share_reaching(found, abs(difference))


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
    scores = {name: score(output, rows) for name, output in outputs.items()}
    best = max(scores, key=lambda name: -math.inf if math.isnan(scores[name]) else scores[name])
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
    adjusted = iter(holm([p for *_, p in found if not math.isnan(p)]))
    return [
        SystemComparison(
            best, name, difference, interval.low, interval.high, p if math.isnan(p) else next(adjusted), _seen(interval)
        )
        for name, difference, interval, p in found
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
        Its interval.
    p : float
        Two-sided, by turning the signs of the differences.
    effect : float
        Cohen's d of the differences: their mean in standard deviations.
    detectable : float
        The smallest difference that a t test on this many units would find in four cases of five; undefined below six units,
        where turning signs cannot reach the 5 % level whatever the difference.
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
        How many draws for the test; up to twelve units all ways of turning signs are counted.
    level : float
        Nominal coverage of the interval.
    seed : int
        Seed of the draws.

    Returns
    -------
    Comparison
        Undefined with a reason below two pairs, but for the difference of a single one.

    Notes
    -----
    Sign-flip permutation test: Fisher, R. A. (1935). The design of experiments. The interval is Student's: the percentile
    bootstrap is too narrow for few units.

    Examples
    --------
    >>> found = compare_paired([0.5, 0.6, 0.7, 0.8], [0.4, 0.5, 0.5, 0.7])
    >>> round(found.difference, 3), found.p, found.n
    (0.125, 0.125, 4)
    """
    from scipy.stats import t as student

    differences = _differences(one, other)
    n = len(differences)
    if n < 2:
        why = _too_few(n)
        return Comparison(float(differences[0]) if n else why, why, why, why, why, why, n)
    mean, deviation = float(differences.mean()), float(differences.std(ddof=1))
    if n <= _EXACT_UP_TO:
        signs = np.array(list(product([-1.0, 1.0], repeat=n)))
        p = float((np.abs(signs @ differences) / n >= abs(mean) * (1 - _NEAR)).mean())
    else:
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], (draws, n))
        p = _share_reaching((np.abs(signs @ differences) / n).tolist(), abs(mean))
    reach = float(student.ppf((1 + level) / 2, n - 1)) * deviation / math.sqrt(n)
    detectable = minimum_detectable_difference(deviation, n) if n >= 6 else Undefined(f"{n} units: six at least are needed")
    return Comparison(mean, mean - reach, mean + reach, p, cohens_d(one, other), detectable, n)


def _differences(one: Sequence[float], other: Sequence[float]) -> npt.NDArray[np.float64]:
    if len(one) != len(other):
        raise ValueError(f"{len(one)} values and {len(other)}: they are no pairs")
    differences = np.asarray(one, dtype=float) - np.asarray(other, dtype=float)
    return np.asarray(differences[np.isfinite(differences)])


def _too_few(n: int) -> Undefined:
    return Undefined(f"{n} pairs: two at least are needed")


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
    differences = _differences(one, other)
    if len(differences) < 2:
        return _too_few(len(differences))
    # Differences of large numbers carry the rounding of these.
    sizes = np.abs([*one, *other])
    rounding = 1e-12 * float(sizes[np.isfinite(sizes)].max())
    deviation = float(differences.std(ddof=1))
    if deviation <= rounding:
        return 0.0 if abs(differences[0]) <= rounding else Undefined("all differences are the same")
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
    if not 0 < level < power < 1:
        raise ValueError(f"power {power} and level {level}: 0 < level < power < 1 is needed")
    if deviation < 0:
        raise ValueError(f"a standard deviation of {deviation}")
    critical = t.ppf(1 - level / 2, n - 1)

    def lack(shift: float) -> float:
        # Far from the other tail scipy gives no number for what is 0.
        return float(nct.sf(critical, n - 1, shift) + np.nan_to_num(nct.cdf(-critical, n - 1, shift))) - power

    high = 1.0
    while lack(high) < 0 and high < 1e6:
        high *= 2
    return float(brentq(lack, 0.0, high)) * deviation / math.sqrt(n)
