"""Tests by dealing anew: labels among items or groups of items, outputs between two systems."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from research.evaluate.resampling import group_codes
from research.evaluate.undefined import Undefined

__all__ = ["NEAR", "permutation_test", "randomization_test", "share_reaching"]

#: Of a value: sums in another order differ by less.
NEAR = 1e-9


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
    return value, share_reaching(found, value)


def share_reaching(found: Sequence[float], value: float) -> float:
    """Give the share of draws, the data themselves among them, that reach a value; draws without a value do not count."""
    defined = np.array([number for number in found if not math.isnan(number)])
    if len(defined) <= len(found) / 2:
        return Undefined(f"the statistic is undefined on {len(found) - len(defined)} of {len(found)} draws")
    return float((1 + (defined >= value - NEAR * abs(value)).sum()) / (1 + len(defined)))


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
    return difference, share_reaching(found, abs(difference))
