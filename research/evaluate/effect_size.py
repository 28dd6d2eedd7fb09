"""How large a difference is, and how large one would have to be to be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from research.evaluate.undefined import Undefined

__all__ = ["cliffs_delta", "cohens_d", "minimum_detectable_difference", "paired_differences", "too_few"]


def paired_differences(one: Sequence[float], other: Sequence[float]) -> npt.NDArray[np.float64]:
    """Give the differences of the pairs whose values are both defined."""
    if len(one) != len(other):
        raise ValueError(f"{len(one)} values and {len(other)}: they are no pairs")
    differences = np.asarray(one, dtype=float) - np.asarray(other, dtype=float)
    return np.asarray(differences[np.isfinite(differences)])


def too_few(n: int) -> Undefined:
    """Say that there are too few pairs."""
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
    differences = paired_differences(one, other)
    if len(differences) < 2:
        return too_few(len(differences))
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
