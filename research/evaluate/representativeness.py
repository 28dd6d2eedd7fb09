"""How far a sample is from what it was drawn from, beside how far random samples are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

__all__ = ["Representativeness", "representativeness"]

_DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Representativeness:
    """The distance of a sample from the whole.

    Attributes
    ----------
    categories : int
        Into how many the whole is divided.
    distance : float
        Total variation: the share of the sample that would have to change its category; NaN without a sample.
    usual : float
        Below it are 95 of 100 random samples of this size; NaN without a sample.
    """

    categories: int
    distance: float
    usual: float


def representativeness(whole: Mapping[str, int], sample: Mapping[str, int], *, seed: int = 0) -> Representativeness:
    """Hold the categories of a sample against those of the whole.

    Parameters
    ----------
    whole, sample : mapping of str to int
        How many are in each category; the sample was drawn from the whole without putting back.
    seed : int
        Of the random samples.

    Returns
    -------
    Representativeness

    Notes
    -----
    Total variation is half of the sum of absolute differences of shares; the random samples are drawn from the multivariate
    hypergeometric distribution.

    Examples
    --------
    >>> representativeness({"a": 50, "b": 50}, {"a": 10, "b": 10}).distance
    0.0
    """
    names = sorted({*whole, *sample})
    counts = np.array([whole.get(name, 0) for name in names], np.int64)
    drawn = np.array([sample.get(name, 0) for name in names], np.int64)
    size = int(drawn.sum())
    if not size or not counts.sum():
        return Representativeness(len(names), float("nan"), float("nan"))
    shares = counts / counts.sum()
    if size >= counts.sum():
        usual = 0.0
    else:
        draws = np.random.default_rng(seed).multivariate_hypergeometric(counts, size, size=_DRAWS, method="marginals")
        usual = float(np.quantile(np.abs(draws / size - shares).sum(axis=1) / 2, 0.95))
    return Representativeness(len(names), float(np.abs(drawn / size - shares).sum() / 2), usual)
