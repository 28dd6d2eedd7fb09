"""Whether a difference is one: two conditions on the same units, several systems on the same items, and their number."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from research.evaluate.effect_size import cohens_d, minimum_detectable_difference, paired_differences, too_few
from research.evaluate.permutation import NEAR, randomization_test, share_reaching
from research.evaluate.resampling import Interval, bootstrap_by_group
from research.evaluate.undefined import Undefined

__all__ = ["Comparison", "SystemComparison", "compare_paired", "compare_systems", "holm"]

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
        The smallest difference that such a sample would show in four cases of five at the first step of Holm's method, by
        the width of the interval.
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
            best,
            name,
            difference,
            interval.low,
            interval.high,
            p if math.isnan(p) else next(adjusted),
            _seen(interval, len(found)),
        )
        for name, difference, interval, p in found
    ]


def _seen(interval: Interval, comparisons: int) -> float:
    normal = NormalDist()
    error = (interval.high - interval.low) / (2 * normal.inv_cdf((1 + interval.level) / 2))
    return (normal.inv_cdf(1 - 0.05 / (2 * comparisons)) + normal.inv_cdf(0.8)) * error


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

    differences = paired_differences(one, other)
    n = len(differences)
    if n < 2:
        why = too_few(n)
        return Comparison(float(differences[0]) if n else why, why, why, why, why, why, n)
    mean, deviation = float(differences.mean()), float(differences.std(ddof=1))
    if n <= _EXACT_UP_TO:
        signs = np.array(list(product([-1.0, 1.0], repeat=n)))
        p = float((np.abs(signs @ differences) / n >= abs(mean) * (1 - NEAR)).mean())
    else:
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], (draws, n))
        p = share_reaching((np.abs(signs @ differences) / n).tolist(), abs(mean))
    reach = float(student.ppf((1 + level) / 2, n - 1)) * deviation / math.sqrt(n)
    detectable = minimum_detectable_difference(deviation, n) if n >= 6 else Undefined(f"{n} units: six at least are needed")
    return Comparison(mean, mean - reach, mean + reach, p, cohens_d(one, other), detectable, n)
